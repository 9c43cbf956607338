# sm-bootstrap, and what all programs that ask a model do alike.
load helper

# one USER: the split pairs of one sample user.
one() {
	jq -c --arg u "$1" 'select(.user_id == $u)' "$prefs" | sm-split -q
}

@test "lines pass byte for byte, what is added stands behind the user's" {
	mock_start --decide longer
	sm-split -q <"$prefs" >in.jsonl
	sm-bootstrap -q <in.jsonl >out.jsonl
	jq -c 'select(.type == "pair")' out.jsonl | wc -l | grep -qx "$(wc -l <"$prefs")"
	grep -F '"type":"pair"' out.jsonl | cmp - <(grep -F '"type":"pair"' in.jsonl)
	# users in input order, the demos record last of each
	[ "$(jq -r 'select(.type == "demos").user_id' out.jsonl | paste -sd ' ')" = "brief warm careful" ]
	run jq -rs 'map(.user_id) | . as $u | [range(1; length) | select($u[.] != $u[. - 1])] | length' out.jsonl
	[ "$output" -eq 3 ] # brief -> warm -> careful -> null (the run records)
	[ "$(tail -n 1 out.jsonl | jq -r '.type + " " + .program')" = "run sm-bootstrap" ]
}

@test "--only leaves out what was read" {
	mock_start --decide longer
	one brief | sm-bootstrap -q --only >out.jsonl
	[ "$(jq -r .type out.jsonl | sort -u | paste -sd ' ')" = "demos run score trace" ]
}

@test "every decision is in the stream: traces with their examples, scores, winner" {
	mock_start --decide longer
	one warm | sm-bootstrap -q --stop-at 101 --only >out.jsonl
	jq -es 'map(select(.type == "trace")) | length > 0
		and all(.[]; has("seed") and has("index") and has("preference") and has("label")
		and (.correct == (.preference == .label)) and has("reasoning") and (.shown | type == "array")
		and .status == "ok" and .tokens.in > 0 and has("ms"))' out.jsonl
	jq -es '(map(select(.type == "demos"))[0]) as $won
		| (map(select(.type == "score" and .seed == $won.seed))[0]) as $score
		| $won.score == $score.score
		and ([$won.demos[] | {index, kind}] == $score.demos)
		and $won.score == (map(select(.type == "score").score // 0) | max)' out.jsonl
}

@test "a teacher never sees the row it is asked" {
	mock_start --decide first
	one careful | sm-bootstrap -q --stop-at 101 --only >out.jsonl
	jq -es 'map(select(.type == "trace" and .phase == "teach")) | length > 0
		and all(.[]; .index as $i | .shown | index($i) == null)' out.jsonl
}

@test "--seeds, --max-labeled and --max-bootstrapped bound the search" {
	mock_start --decide longer
	one brief | sm-bootstrap -q --only --stop-at 101 --seeds=-1..1 --max-labeled 2 --max-bootstrapped 3 >out.jsonl
	[ "$(jq -r 'select(.type == "score").seed' out.jsonl | paste -sd ' ')" = "-1 0 1" ]
	jq -es 'map(select(.type == "score").demos) | all(.[]; length <= 3
		and (map(select(.kind == "labeled")) | length) <= 2)' out.jsonl
	run sm-bootstrap --seeds 3..1 </dev/null
	[ "$status" -eq 2 ]
	[[ $output == *"not a range"* ]]
}

@test "--stop-at ends the search at the first set that is good enough" {
	mock_start --decide first
	one brief | sm-bootstrap -q --only --stop-at 0 >out.jsonl
	[ "$(jq -r 'select(.type == "score" and (.pruned | not)).seed' out.jsonl)" = -2 ]
	[ "$(jq -r 'select(.type == "score" and .pruned).pruned.reason' out.jsonl | sort -u)" = stop ]
}

@test "a set that can no longer win is dropped, and its bound says so" {
	mock_start --decide longer
	one warm | sm-bootstrap -q --only --stop-at 101 >out.jsonl
	jq -es 'map(select(.type == "score" and .pruned.reason == "bound"))
		| all(.[]; .score == null and .pruned.bound <= .pruned.best)' out.jsonl
}

@test "a user with too few pairs becomes an error record, the others are done" {
	mock_start --decide longer
	{
		head -n 1 "$prefs" | jq -c '.user_id = "single"'
		jq -c 'select(.user_id == "warm")' "$prefs"
	} | sm-split -q >in.jsonl
	run --separate-stderr sm-bootstrap -q in.jsonl
	[ "$status" -eq 1 ]
	[ "$(jq -r 'select(.type == "error").user_id' <<<"$output")" = single ]
	[ "$(jq -r 'select(.type == "demos").user_id' <<<"$output")" = warm ]
	[[ $stderr == *"user single: 0 train and 1 val rows"*"run sm-split first"* ]]
}

@test "a user with an error record passes untouched" {
	mock_start --decide longer
	{ one brief; echo '{"type":"error","user_id":"brief","stage":"x","message":"m"}'; } >in.jsonl
	sm-bootstrap -q in.jsonl >out.jsonl
	head -n "$(wc -l <in.jsonl)" out.jsonl | cmp - in.jsonl
	[ "$(mock_calls)" -eq 0 ]
}

@test "users that are not contiguous are said, and not learned from in part" {
	mock_start --decide longer
	one brief | head -n 14 >a.jsonl
	one warm | head -n 14 >b.jsonl
	run --separate-stderr sm-bootstrap -q a.jsonl b.jsonl a.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"a.jsonl:1: user brief came before"*"sm-split"* ]]
	[ "$(jq -r 'select(.type == "demos").user_id' <<<"$output" | paste -sd ' ')" = "brief warm" ]
	[ "$(jq -r 'select(.type == "error").user_id' <<<"$output")" = brief ]
}

@test "bad lines are named with file and line, and the rest is handled" {
	mock_start --decide longer
	{
		echo 'not json'
		one brief
		printf '{"user_id":"brief","context":[],"chosen":"a"}\n'
		printf '{"user_id":"brief","x":"\xff"}\n'
		printf '{"user_id":"brief","x":"a\0b"}\n'
		printf '[1]\n{"type":"demos","user_id":"brief","stage":"bootstrap"}\n\n'
	} >in.jsonl
	run --separate-stderr sm-bootstrap -q in.jsonl
	[ "$status" -eq 1 ]
	[ "$(grep -c 'in.jsonl:[0-9]' <<<"$stderr")" -eq 6 ]
	[[ $stderr == *"in.jsonl:1: not a JSON object"* ]]
	[[ $stderr == *"\`rejected\` is missing"* ]]
	[[ $stderr == *"invalid UTF-8"* ]]
	[[ $stderr == *"NUL byte"* ]]
	[[ $stderr == *"not a JSON object"* ]]
	[[ $stderr == *"needs a string"* ]]
	[ "$(jq -r 'select(.type == "demos").user_id' <<<"$output")" = brief ]
}

@test "an empty stream gives the run record alone" {
	mock_start --decide longer
	run sm-bootstrap -q </dev/null
	[ "$status" -eq 0 ]
	[ "$(jq -r '.type, .users, .calls' <<<"$output" | paste -sd ' ')" = "run 0 0" ]
}

@test "a second run asks nothing and writes the same bytes but for the run record" {
	mock_start --decide longer
	sm-split -q <"$prefs" >in.jsonl
	sm-bootstrap -q in.jsonl >first.jsonl
	calls=$(mock_calls)
	sm-bootstrap -q in.jsonl >second.jsonl
	[ "$(mock_calls)" -eq "$calls" ]
	cmp <(head -n -1 first.jsonl) <(head -n -1 second.jsonl)
	[ "$(tail -n 1 second.jsonl | jq .calls)" -eq 0 ]
	# with nobody to ask, --replay gives the same
	mock_stop
	sm-bootstrap -q --replay in.jsonl >third.jsonl
	cmp <(head -n -1 first.jsonl) <(head -n -1 third.jsonl)
}

@test "the order of answers does not show" {
	mock_start --decide longer --jitter 20
	sm-split -q <"$prefs" >in.jsonl
	sm-bootstrap -q in.jsonl | jq -c 'del(.ms)' | head -n -1 >many.jsonl
	mock_stop
	mock_start --decide longer
	SM_CACHE=$BATS_TEST_TMPDIR/other.db sm-bootstrap -q -j 1 in.jsonl | jq -c 'del(.ms)' | head -n -1 >single.jsonl
	cmp many.jsonl single.jsonl
}

@test "a request in flight is asked once, however many wait for it" {
	mock_start --decide longer --latency 50
	one brief >in.jsonl
	jq -c '.user_id = "twin"' in.jsonl | grep -v '"run"' >twin.jsonl
	sm-bootstrap -q in.jsonl >/dev/null
	alone=$(mock_calls)
	SM_CACHE=$BATS_TEST_TMPDIR/other.db sm-bootstrap -q in.jsonl twin.jsonl >out.jsonl
	[ "$(mock_calls)" -eq $((2 * alone)) ]
	[ "$(tail -n 1 out.jsonl | jq '.calls == .hits + .shared')" = true ]
}

@test "no more than -j requests are in flight" {
	mock_start --decide longer --latency 20
	sm-split -q <"$prefs" | sm-bootstrap -q -j 3 >/dev/null
	[ "$(curl -s "${SM_BASE_URL%/v1}/stats" | jq .peak_in_flight)" -eq 3 ]
}

@test "a closed pipe ends the program with 141, and keeps what was paid" {
	mock_start --decide longer
	sm-split -q <"$prefs" >in.jsonl
	set +e
	sm-bootstrap -q in.jsonl | head -c 1 >/dev/null
	status=${PIPESTATUS[0]}
	set -e
	[ "$status" -eq 141 ] || [ "$status" -eq 0 ] # all may be written before the reader goes
	(trap '' PIPE; sm-bootstrap -q in.jsonl >&-) 2>err || [ $? -eq 3 ]
}

@test "a full disk is said, with exit status 3" {
	mock_start --decide longer
	sm-split -q <"$prefs" >in.jsonl
	run sm-bootstrap -q in.jsonl >/dev/full
	run bash -c 'sm-bootstrap -q in.jsonl >/dev/full'
	[ "$status" -eq 3 ]
	[[ $output == *"cannot write output: No space left"* ]]
}

@test "SIGINT starts nothing new, keeps the answers, and exits with 130" {
	mock_start --decide longer --latency 100
	sm-split -q <"$prefs" >in.jsonl
	sm-bootstrap -q -j 2 in.jsonl >out.jsonl 3>&- &
	pid=$!
	for ((i = 0; i < 300; i++)); do
		[ "$(mock_calls)" -eq 0 ] || break
		sleep 0.05
	done
	kill -INT "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 130 ]
	paid=$(mock_calls)
	[ "$paid" -gt 0 ]
	[ "$(sqlite3 "$SM_CACHE" 'select count(*) from answer')" -eq "$paid" ]
}

@test "--help, --version and an unknown option" {
	run sm-bootstrap --help
	[ "$status" -eq 0 ]
	[[ $output == *"Usage: sm-bootstrap"*"--stop-at PERCENT"* ]]
	run sm-bootstrap --version
	[ "$status" -eq 0 ]
	[[ $output == "sm-bootstrap (synthesizeme) "* ]]
	run sm-bootstrap --nonsense
	[ "$status" -eq 2 ]
	[[ $output == *"unknown option --nonsense"* ]]
	run sm-bootstrap --stop-at 200
	[ "$status" -eq 2 ]
	[[ $output == *"from 0 to 101"* ]]
}
