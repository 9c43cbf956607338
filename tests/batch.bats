# Dry runs and batches: what would be asked, told or written to a file instead of being sent.
load helper

setup() {
	prefs=$top/examples/prefs.jsonl
	cd "$BATS_TEST_TMPDIR" || return 1
	sm-split -q --test 2 "$prefs" >in.jsonl
}

run_record() { jq -c "select(.type == \"run\" and .program == \"$1\") | $2" "$3"; }

# Records without what differs from run to run.
records() { jq -c 'select(.type != "run") | del(.ms)' "$1"; }

@test "--dry-run asks nothing, tells what it would ask, and lines pass" {
	mock_start --decide longer
	run --separate-stderr sm-judge -n in.jsonl
	[ "$status" -eq 0 ]
	[ "$(mock_calls)" -eq 0 ]
	[[ $stderr == *"sm-judge: would make 12 calls, at an unknown price (see --prices)"* ]]
	echo "$output" >out.jsonl
	jq -c 'select(.type == "pair" or .program == "sm-split")' out.jsonl | cmp - <(jq -c . in.jsonl)
	[ "$(jq -r 'select(.type == "pending") | "\(.user_id) \(.stage) \(.waiting)"' out.jsonl)" = "brief judge 4
warm judge 4
careful judge 4" ]
	run_record sm-judge '.plan | .calls == {least: 12, most: 12} and .exact and .cost.most == null
		and .tokens.in.least > 500 and .tokens.in.most > .tokens.in.least and .tokens.out == {least: 12, most: 12288}' out.jsonl | jq -e .
}

@test "a dry run is exact where the store has the answers" {
	mock_start --decide longer
	sm-judge -q --order forward in.jsonl >/dev/null
	sm-judge -q -n in.jsonl >half.jsonl
	run_record sm-judge '.plan.calls == {least: 6, most: 6} and .hits == 6' half.jsonl | jq -e .
	sm-judge -q in.jsonl >paid.jsonl
	run --separate-stderr sm-judge -n in.jsonl
	[[ $stderr == *"would make 0 calls, all is recorded"* ]]
	echo "$output" >all.jsonl
	cmp <(records paid.jsonl) <(records all.jsonl)
	[ "$(mock_calls)" -eq 12 ]
}

@test "a dry run of the whole pipe: later stages bound theirs, and what is paid lies between" {
	echo '{"model":"mock","in":2,"out":10}' >prices.jsonl
	mock_start --decide longer
	sm-fit -n --test 2 --prices prices.jsonl "$prefs" 2>err | sm-judge -n --prices prices.jsonl >plan.jsonl 2>>err
	[ "$(mock_calls)" -eq 0 ]
	sm-fit -q --test 2 --prices prices.jsonl "$prefs" | sm-judge -q --prices prices.jsonl >paid.jsonl
	for program in sm-bootstrap sm-persona sm-demosearch sm-judge; do
		plan=$(run_record "$program" .plan plan.jsonl)
		run_record "$program" "$plan as \$p | [.calls, .tokens.in, .tokens.out, .cost] as \$r
			| [\$p.calls, \$p.tokens.in, \$p.tokens.out, \$p.cost] | to_entries
			| all(.[]; .value.least <= \$r[.key] and \$r[.key] <= .value.most)" paid.jsonl | jq -e .
	done
	run_record sm-judge .plan_so_far plan.jsonl >sum.json
	jq -es --slurpfile sum sum.json 'map(select(.plan).plan.calls.most) | add == $sum[0].calls.most' plan.jsonl
	[ "$(grep -c 'would make' err)" -eq 4 ]
	[[ $(tail -n 1 err) == "sm-judge: with the programs before it "*" to "*" calls, "*" US dollars" ]]
	# with the answers at hand all is known
	sm-fit -q -n --test 2 "$prefs" | sm-judge -q -n >known.jsonl
	cmp <(records known.jsonl | jq -c 'del(.cost)') <(records paid.jsonl | jq -c 'del(.cost)')
}

@test "a dry run in the middle of a search: what was asked is exact, the rest bounded" {
	mock_start --decide longer
	SM_RUN=a sm-bootstrap -q -j 4 --max-calls 20 in.jsonl >/dev/null || [ $? -eq 6 ]
	sm-bootstrap -q -n in.jsonl >plan.jsonl
	sm-bootstrap -q in.jsonl >paid.jsonl
	run_record sm-bootstrap '.calls' paid.jsonl >calls
	run_record sm-bootstrap ".plan.calls | .least > 0 and .least <= $(<calls) and $(<calls) <= .most" plan.jsonl | jq -e .
}

# An executor: answers the lines of a batch, as a provider would, in another order.
execute() { sm-llm -q --no-cache "$1" | tac; }

@test "--batch: a fit in five rounds, the same as one that is asked directly" {
	mock_start --decide longer
	sm-fit -q --speculate --test 2 --cache direct.db "$prefs" >direct.jsonl
	: >"$BATS_TEST_TMPDIR/mock.log"
	for round in 1 2 3 4 5 6; do
		status=0
		sm-fit -q --test 2 --batch calls.jsonl "$prefs" >out.jsonl || status=$?
		[ "$status" -eq 5 ] || break
		[ "$(mock_calls)" -eq "${answered:-0}" ] # nothing was sent
		answered=$((${answered:-0} + $(wc -l <calls.jsonl)))
		execute calls.jsonl >answers.jsonl
		sm-cache import -q answers.jsonl
	done
	[ "$status" -eq 0 ]
	[ "$round" -eq 6 ]
	[ ! -s calls.jsonl ]
	cmp <(records direct.jsonl) <(records out.jsonl)
	# nobody was asked twice
	[ "$(jq -c .body "$BATS_TEST_TMPDIR/mock.log" | sort | uniq -d | wc -l)" -eq 0 ]
}

@test "a batch line has custom_id, method, url and the body that would be sent" {
	mock_start --decide longer
	sm-judge -q --batch calls.jsonl in.jsonl >out.jsonl || [ $? -eq 5 ]
	jq -es 'length == 12 and all(.[]; keys == ["body", "custom_id", "method", "url"] and .method == "POST"
		and .url == "/v1/chat/completions" and (.custom_id | test("^[0-9a-f]{64}$")))' calls.jsonl
	sm-judge -q --cache direct.db in.jsonl >/dev/null
	cmp <(jq -c .body calls.jsonl | sort) <(jq -c .body "$BATS_TEST_TMPDIR/mock.log" | sort)
	[ "$(stat -c %a calls.jsonl)" = 600 ]
	[ "$(run_record sm-judge .pending out.jsonl)" -eq 12 ]
}

@test "answers out of order, with errors and with lines missing: what lacks is asked again, and alone" {
	mock_start --decide longer
	run --separate-stderr sm-judge --batch calls.jsonl in.jsonl
	[ "$status" -eq 5 ]
	[[ $stderr == *"12 requests wait in calls.jsonl; have them answered, take the answers in with sm-cache import"* ]]
	execute calls.jsonl | jq -c 'if input_line_number == 2 then .response = {status_code: 500, body: {error: {message: "Overloaded."}}}
		elif input_line_number == 3 then .response = null | .error = {code: "batch_expired", message: "Too late."}
		elif input_line_number == 4 then .response.body = {} else . end' | sed '7d;9d' >answers.jsonl
	echo '{"id":"x","custom_id":"'"$(printf 'a%.0s' {1..64})"'","response":{"status_code":200,"body":{}},"error":null}' >>answers.jsonl
	run --separate-stderr sm-cache import answers.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"answers.jsonl:2: request "*": HTTP 500: Overloaded.; run the command that wrote the batch again"* ]]
	[[ $stderr == *"answers.jsonl:3: request "*": Too late."* ]]
	[[ $stderr == *"answers.jsonl:4: request "*"no chat completion"* ]]
	[[ $stderr == *"answers.jsonl:11: the answer to a request that this store did not ask"* ]]
	[[ $stderr == *"7 lines imported"* ]]
	sm-judge -q --batch calls.jsonl in.jsonl >out.jsonl || [ $? -eq 5 ]
	[ "$(wc -l <calls.jsonl)" -eq 5 ]
	[ "$(jq -s 'map(select(.type == "verdict")) | length' out.jsonl)" -eq 7 ]
	execute calls.jsonl | sm-cache import -q
	sm-judge -q --batch calls.jsonl in.jsonl >out.jsonl
	sm-judge -q --cache direct.db in.jsonl >direct.jsonl
	cmp <(records direct.jsonl) <(records out.jsonl)
	# the same answers once more do no harm
	sm-cache import -q <(head -n 1 answers.jsonl)
}

@test "what a batch's endpoint refuses is learned from its errors, and the next batch is without" {
	mock_start --decide longer
	sm-judge -q --batch calls.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
	jq -c '{id: "x", custom_id, response: {status_code: 400, body: {error: {message: "Not supported.", param: "temperature"}}}, error: null}' calls.jsonl >answers.jsonl
	sm-cache import -q answers.jsonl 2>/dev/null || [ $? -eq 1 ]
	sm-judge -q --batch again.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
	jq -es 'length == 12 and all(.[]; .body | has("temperature") | not)' again.jsonl
}

@test "one FILE serves every program of a pipe, and a line that waits stays until it is answered" {
	mock_start --decide longer
	sm-judge -q --order forward --batch calls.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
	sm-judge -q --order reverse --batch calls.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
	[ "$(jq -r .custom_id calls.jsonl | sort -u | wc -l)" -eq 12 ]
	sm-judge -q --batch calls.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
	[ "$(wc -l <calls.jsonl)" -eq 12 ]
	head -n 4 calls.jsonl >part.jsonl
	execute part.jsonl | sm-cache import -q
	sm-judge -q --batch calls.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
	[ "$(wc -l <calls.jsonl)" -eq 8 ]
}

@test "--batch never touches a file of something else, nor works without the store" {
	mock_start --decide longer
	cp "$prefs" mine.jsonl
	run --separate-stderr sm-judge -q --batch mine.jsonl in.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *"mine.jsonl holds something else than requests of --batch; give another --batch FILE"* ]]
	cmp "$prefs" mine.jsonl
	run --separate-stderr sm-judge -q --batch calls.jsonl --no-cache in.jsonl
	[ "$status" -eq 2 ]
	run --separate-stderr sm-judge -q --batch calls.jsonl --dry-run in.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == *"exclude each other"* ]]
}

@test "users who wait pass later stages, and sm-eval says that they are not counted: 5" {
	mock_start --decide longer
	run --separate-stderr bash -c "sm-judge -q --batch calls.jsonl in.jsonl | sm-eval"
	[ "$status" -eq 5 ]
	[[ $stderr == *"sm-eval: 3 users wait for answers, and are not counted; "* ]]
	sm-bootstrap -q --batch calls.jsonl in.jsonl >out.jsonl || [ $? -eq 5 ]
	[ "$(sm-persona -q out.jsonl | grep -c '"type":"pending"')" -eq 3 ]
	[ "$(mock_calls)" -eq 0 ]
}

@test "--speculate: more calls, the same examples and personas" {
	mock_start --decide longer
	sm-fit -q --test 2 --cache a.db "$prefs" >plain.jsonl
	sm-fit -q --test 2 --cache b.db --speculate "$prefs" >eager.jsonl
	for type in demos persona; do
		cmp <(records plain.jsonl | grep "\"type\":\"$type\"" | jq -c 'del(.tied)') <(records eager.jsonl | grep "\"type\":\"$type\"" | jq -c 'del(.tied)')
	done
	[ "$(jq -s 'map(select(.type == "run").calls // 0) | add' eager.jsonl)" -gt "$(jq -s 'map(select(.type == "run").calls // 0) | add' plain.jsonl)" ]
}

@test "without a model named, the endpoint's only one is taken, round after round" {
	mock_start --models mock
	unset SM_MODEL
	sm-split -q --test 1 "$top/examples/prefs.jsonl" >pairs.jsonl
	for round in 1 2; do
		run --separate-stderr sm-judge -q --order forward --batch calls.jsonl pairs.jsonl
		[ "$status" -eq 5 ]
		[ "$(jq -r .body.model calls.jsonl | sort -u)" = mock ]
		[ "$(wc -l <calls.jsonl)" -eq 3 ]
	done
}
