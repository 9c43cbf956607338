# sm-fit: the four stages as one command.
load helper

learned() {
	grep -v '"type":"run"' "$1"
}

@test "writes what the four programs in a pipe write" {
	mock_start --decide longer
	sm-split -q "$prefs" | sm-bootstrap -q | sm-persona -q | sm-demosearch -q >pipe.jsonl
	sm-fit -q "$prefs" >fit.jsonl
	cmp <(learned pipe.jsonl) <(learned fit.jsonl)
	[ "$(jq -r 'select(.type == "run").program' fit.jsonl | paste -sd ' ')" = \
		"sm-split sm-bootstrap sm-persona sm-demosearch" ]
}

@test "reads standard input, and files whose names are not plain" {
	mock_start --decide longer
	sm-fit -q <"$prefs" >a.jsonl
	head -n 12 "$prefs" >"it's a \"file\" \$HOME.jsonl"
	tail -n +13 "$prefs" >-b.jsonl
	sm-fit -q "it's a \"file\" \$HOME.jsonl" -- -b.jsonl >b.jsonl
	cmp <(learned a.jsonl) <(learned b.jsonl)
	sm-fit -q - <"$prefs" >c.jsonl
	cmp <(learned a.jsonl) <(learned c.jsonl)
}

@test "options reach the programs that they concern" {
	mock_start --decide longer
	sm-fit -q --test 2 --ratio=0.5 --candidates 1 --max-labeled=2 --max-bootstrapped 3 --stop-at 101 \
		--max-history 5000 -j3 --temperature=0.5 --max-tokens 99 --user x "$prefs" >fit.jsonl
	# of: the options of that program's run
	of='def of($program): .[] | select(.type == "run" and .program == $program).options; '
	holds fit.jsonl "$of"'of("sm-split") | .test == 2 and .ratio == 0.5 and .user == "x"' \
		"$of"'[of("sm-bootstrap", "sm-demosearch") | [.candidates, ."max-labeled", ."max-bootstrapped", ."stop-at"]] == [[1, 2, 3, 101], [1, 2, 3, 101]]' \
		"$of"'of("sm-persona")."max-history" == 5000' \
		"$of"'[of("sm-bootstrap", "sm-persona", "sm-demosearch") | [.jobs, .temperature, ."max-tokens"] | select(. == [3, 0.5, 99])] | length == 3'
	[ "$(jq -r .body.max_tokens "$BATS_TEST_TMPDIR/mock.log" | sort -u)" = 99 ]
}

@test "--by likelihood is how the last stage searches; the others ask for verdicts" {
	mock_start --decide longer --likelihood echo
	sm-split -q "$prefs" | sm-bootstrap -q | sm-persona -q | sm-demosearch -q --by likelihood >pipe.jsonl
	sm-fit -q --by likelihood "$prefs" >fit.jsonl
	cmp <(learned pipe.jsonl) <(learned fit.jsonl)
	holds fit.jsonl '[.[] | select(.type == "run").options.by] == [null, null, null, "likelihood"]' \
		'[.[] | select(.type == "trace" and .by).stage] | unique == ["demosearch"]'
	[ "$(sm-fit --by nothing "$prefs" 2>&1 >/dev/null | grep -c 'sm-demosearch: .*--by')" -eq 1 ]
}

@test "the exit status is the highest of the four" {
	mock_start --decide longer
	{ echo 'not json'; cat "$prefs"; } >in.jsonl
	run --separate-stderr sm-fit -q in.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"sm-split: in.jsonl:1: not a JSON object"* ]]
	[ "$(jq -r 'select(.type == "persona").user_id' <<<"$output" | paste -sd ' ')" = "brief warm careful" ]
	run sm-fit -q nowhere.jsonl
	[ "$status" -eq 3 ]
	run sm-fit -q --replay --cache empty.db "$prefs"
	[ "$status" -eq 8 ]
}

@test "--help names the options, a wrong one is usage" {
	run sm-fit --help
	[ "$status" -eq 0 ]
	[[ $output == *"--candidates N"* ]]
	run sm-fit --version
	[ "$status" -eq 0 ]
	[[ $output == "sm-fit (synthesizeme) "[0-9]* ]]
	for wrong in --nonsense --nonsense=1 -x --order; do
		run sm-fit $wrong 1 "$prefs"
		[ "$status" -eq 2 ]
		[[ $output == *"unknown option ${wrong%=*}"* ]]
	done
	run sm-fit --candidates
	[ "$status" -eq 2 ]
	[[ $output == *"needs an argument"* ]]
}

@test "--help shows the pipe that the command line is, which gives what sm-fit gives" {
	mock_start --decide longer
	cp "$prefs" "it's mine.jsonl"
	line=(-q --shuffle 3 --candidates=2 --max-history 9000 -j4 "it's mine.jsonl")
	sm-fit "${line[@]}" --help >help
	grep -qx '      sm-persona -q --max-history 9000 -j4 |' help
	sed -n '/^    sm-split/,/^$/p' help >pipe
	[ "$(wc -l <pipe)" -eq 5 ]
	cmp <(bash pipe | jq -c 'select(.type != "run") | del(.ms)') <(sm-fit "${line[@]}" | jq -c 'select(.type != "run") | del(.ms)')
	# without options and files it can be read as it stands
	sm-fit --help | grep -qxF '    sm-split [FILE ...] |'
	sm-fit - --help </dev/null | grep -qxF "    sm-split '-' |"
}

# entries PROGRAM ...: what it says of each option in these words, an entry a line, without --only.
entries() {
	"$@" | awk '/^(\.It |  -., --|      --)/ { printf "%s", sep; sep = "\n" } /^(\.El|$)/ { out = 0 }
		/^(\.It |  -., --|      --)/ { out = 1 } out { printf "%s|", $0 } END { print "" }' | grep -v -- '-only' | sort -u
}

@test "--help and the page say of each option what the programs say, and there are no others" {
	for form in --help "--manual options"; do
		for program in sm-split sm-bootstrap sm-persona sm-demosearch; do
			# shellcheck disable=SC2086 # words
			entries "$program" $form | if [ "$program" = sm-persona ]; then grep -vE 'candidates (Ar )?K'; else cat; fi
		done | sort -u >theirs
		# shellcheck disable=SC2086 # words
		entries sm-fit $form >ours
		[ "$(wc -l <ours)" -gt 30 ]
		diff theirs ours
	done
	grep -A 2 '^To$' "$B/man/sm-fit.1" | grep -q '^.Xr sm-bootstrap 1$'
	sed '/^.Sh EXIT/,$d' "$B/man/sm-fit.1" >page
	grep -qF 'Keep pairs with the same value of FIELD in one split' page
}

@test "every option goes to the programs that have it, short or long, apart or attached, flags together" {
	mock_start --decide longer
	sm-fit -q --sorted --max-history=9000 --stop-at 70 -j3 "$prefs" >one.jsonl
	sm-fit -qv -j 3 "$prefs" >two.jsonl
	takers='def takers($option): [.[] | select(.type == "run" and .options[$option]).program] | join(" "); '
	holds one.jsonl "$takers"'takers("sorted") == "sm-split"' \
		"$takers"'takers("max-history") == "sm-persona"' \
		"$takers"'takers("stop-at") == "sm-bootstrap sm-demosearch"' \
		"$takers"'takers("jobs") == "sm-bootstrap sm-persona sm-demosearch"'
	holds two.jsonl "$takers"'takers("jobs") == "sm-bootstrap sm-persona sm-demosearch"' \
		"$takers"'takers("verbose") == "sm-split sm-bootstrap sm-persona sm-demosearch"'
}

@test "its siblings come first: it needs no PATH to them" {
	mock_start --decide longer
	mkdir other
	printf '#!/bin/sh\nexit 9\n' >other/sm-split
	chmod +x other/sm-split
	PATH=$PWD/other:/usr/bin:/bin "$BIN/sm-fit" -q "$prefs" | grep -q '"type":"persona"'
}

@test "killed in the middle and run again, it pays only for what is missing" {
	mock_start --decide longer
	sm-fit -q "$prefs" >whole.jsonl
	whole=$(mock_calls)
	mock_stop
	mock_start --decide longer --latency 30
	export SM_CACHE=$BATS_TEST_TMPDIR/other.db
	setsid sm-fit -q -j 4 "$prefs" >cut.jsonl 3>&- &
	pid=$!
	while [ "$(mock_calls)" -lt 20 ]; do sleep 0.05; done
	kill -KILL -- "-$pid"
	wait "$pid" || true
	paid=$(sqlite3 "$SM_CACHE" 'select count(*) from answer')
	[ "$paid" -gt 0 ]
	[ "$paid" -lt "$whole" ]
	sleep 0.2
	before=$(mock_calls)
	sm-fit -q "$prefs" >again.jsonl
	[ $(($(mock_calls) - before + paid)) -eq "$whole" ]
	cmp <(learned whole.jsonl | jq -c 'del(.ms)') <(learned again.jsonl | jq -c 'del(.ms)')
}

@test "an interrupt ends all four in order: 130, and what was paid is kept" {
	mock_start --decide longer --latency 50
	# a shell's background jobs ignore the interrupt unless they are said not to
	setsid env --default-signal=INT sm-fit -q -j 4 "$prefs" >cut.jsonl 3>&- &
	pid=$!
	while [ "$(mock_calls)" -lt 12 ]; do sleep 0.05; done
	kill -INT -- "-$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 130 ]
	[ "$(sqlite3 "$SM_CACHE" 'select count(*) from answer')" -eq "$(mock_calls)" ]
	# nothing is left running
	run pgrep -g "$pid"
	[ "$status" -eq 1 ]
}
