# A whole fit with judging, while the endpoint fails and the programs are killed: the output is that
# of a run in which nothing happened.
load helper

# What every run must give but for times and the `run` records.
learned() {
	grep -v '"type":"run"' "$1" | sed 's/,"ms":[0-9.]*//'
}

whole() {
	sm-fit -q --test 2 "$@" "$prefs" | sm-judge -q "$@"
}

@test "one request in five fails, in turn in each way: the output is the faultless one" {
	mock_start --decide longer
	whole >faultless.jsonl
	calls=$(mock_calls)
	mock_stop
	mock_start --decide longer \
		--fault 429:every=40:value=ms=3 --fault 429:every=41:value=1 --fault 429:every=43:value=date+1 \
		--fault 500:every=37:value=ms=2 --fault 503:every=44:value=ms=2 --fault cut:every=46 --fault html:every=47 \
		--fault close:every=49 --fault error200:every=51 --fault errorarray:every=53 --fault empty:every=55 \
		--fault stall:every=57:value=2
	whole --cache other.db --timeout 0.5 >out.jsonl
	cmp <(learned faultless.jsonl) <(learned out.jsonl)
	holds mock.log "map(select(.fault)) | length > $((calls / 6))" "map(select(.fault | not)) | length == $calls"
	holds out.jsonl 'map(select(.type == "run").failed // 0) | add == 0'
}

@test "replies that are cut short now and then are asked for again: the same decisions, more tokens" {
	mock_start --decide longer
	whole >faultless.jsonl
	mock_start --decide longer --fault length:every=5
	whole --cache other.db >out.jsonl
	cmp <(learned faultless.jsonl | jq -c 'del(.tokens)') <(learned out.jsonl | jq -c 'del(.tokens)')
	jq -es --slurpfile faultless faultless.jsonl 'def spent: map(.tokens.in // 0) | add; spent > ($faultless | spent)' out.jsonl
}

@test "killed at 20 random points and run again: the same output, nothing that was recorded is paid twice" {
	mock_start --decide longer
	whole --cache whole.db >faultless.jsonl
	calls=$(mock_calls)
	mock_stop
	mock_start --decide longer --latency 5 --jitter 10
	RANDOM=20 # the points, and the same ones each time
	jobs=4 kills=0
	while [ "$kills" -lt 20 ]; do
		setsid bash -c "$(declare -f whole); prefs=$prefs; whole -j $jobs" >cut.jsonl 2>/dev/null 3>&- &
		pid=$!
		sleep "0.$((RANDOM % 20 + 10))"
		kill -KILL -- "-$pid" 2>/dev/null || break # it was through
		wait "$pid" 2>/dev/null || true
		kills=$((kills + 1))
	done
	whole >out.jsonl
	cmp <(learned faultless.jsonl) <(learned out.jsonl)
	[ "$kills" -gt 3 ]
	# four programs were killed with at most -j calls in flight and one turn not yet written
	echo "$kills kills, $calls calls, $(mock_calls) made"
	[ "$(mock_calls)" -le $((calls + kills * 4 * jobs * 2)) ]
	[ "$(sqlite3 "$SM_CACHE" 'select count(*) from answer')" -eq "$calls" ]
}

@test "two pipes at once on one store: both whole, and nothing is asked twice" {
	mock_start --decide longer --latency 5
	whole -j 4 >a.jsonl &
	whole -j 4 >b.jsonl
	wait $!
	cmp <(learned a.jsonl) <(learned b.jsonl)
	[ "$(sqlite3 "$SM_CACHE" 'pragma integrity_check')" = ok ]
	[ "$(jq -c .body mock.log | sort | uniq -d | wc -l)" -eq 0 ]
	calls=$(mock_calls)
	mock_start --decide longer
	whole --cache alone.db >alone.jsonl
	cmp <(learned a.jsonl) <(learned alone.jsonl)
	[ "$(mock_calls)" -eq "$calls" ]
}

@test "what a killed program had under way is not waited for" {
	mock_start --decide longer --latency 2000
	sm-split -q --test 2 "$prefs" >in.jsonl
	sm-judge -q -j 12 in.jsonl >cut.jsonl 3>&- &
	pid=$!
	for ((i = 0; i < 500 && $(mock_calls) < 1; i++)); do sleep 0.02; done
	kill -KILL "$pid"
	wait "$pid" || [ $? -eq 137 ]
	mock_start --decide longer --port "$(port=${SM_BASE_URL##*:}; echo "${port%/v1}")"
	timeout 20 sm-judge -q in.jsonl | tail -n 1 | jq -e '.calls == 12'
}

@test "a key is found nowhere: not in output, messages, store, batch file, nor in what the system shows of a process" {
	export SM_API_KEY=sk-known-0123456789-abcdef
	printf 'X-Gateway: gate-known-4711\n' >headers.txt
	mock_start --decide longer --latency 60
	whole -j 2 -v -H @headers.txt >out.jsonl 2>err 3>&- &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		# our own programs' alone, behind an emulator or not: other tests give their mocks such words
		grep -ahP '^(?:qemu[^ \0]*\0)?[^ \0]*sm-' /proc/[0-9]*/cmdline >>cmdlines 2>/dev/null || true
		sleep 0.1
	done
	wait "$pid"
	grep -q sm-bootstrap cmdlines
	SM_CACHE=batch.db sm-fit -q -H @headers.txt --batch calls.jsonl "$prefs" >>out.jsonl 2>>err || [ $? -eq 5 ]
	sm-cache export >>out.jsonl
	mock_start --decide longer --fault "badkey:value=Key sk-known-0123456789-abcdef by gate-known-4711 is wrong."
	sm-fit -v --no-cache -H @headers.txt "$prefs" >>out.jsonl 2>>err || [ $? -eq 4 ]
	sm-llm --check -H @headers.txt >>out.jsonl 2>>err || [ $? -eq 4 ]
	grep -q 'Key \*\*\*' err
	[ "$(grep -c '"type":"run"' out.jsonl)" -gt 4 ]
	# it was sent
	[ "$(jq -r .authorization mock.log | sort -u)" = "Bearer $SM_API_KEY" ]
	run grep -lE -- '-known-' out.jsonl err cmdlines calls.jsonl "$SM_CACHE"* batch.db*
	[ "$status" -eq 1 ]
	[ -z "$output" ]
}
