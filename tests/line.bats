# A judge that stays: --line answers each line as it comes.
load helper

learned() {
	cat <<'END'
{"type":"persona","user_id":"a","stage":"persona","persona":"Likes owls.","reasoning":""}
{"type":"persona","user_id":"b","stage":"persona","persona":"Likes newts.","reasoning":""}
END
}

# question USER TEXT: a pair of which the mock prefers the first reply.
question() {
	echo "{\"user_id\":\"$1\",\"context\":[{\"role\":\"user\",\"content\":\"$2\"}],\"first\":\"a long long reply\",\"second\":\"short\"}"
}

# Starts the co-process; its input is descriptor 5, its output 6. At teardown it is ended.
stay() {
	coproc "$@" 3>&- 4>&-
	stays=$COPROC_PID
	exec 5>&"${COPROC[1]}" 6<&"${COPROC[0]}"
	eval "exec ${COPROC[1]}>&- ${COPROC[0]}<&-"
}

# answers N: the next N lines, which must be there while the input stays open.
answers() {
	local i line
	for ((i = 0; i < $1; i++)); do
		IFS= read -r -t 60 line <&6 || return 1
		printf '%s\n' "$line"
	done
}

# Closes its input; what it writes yet is rest.jsonl, how it ended is $ended.
leave() {
	exec 5>&-
	cat <&6 >rest.jsonl
	ended=0
	wait "$stays" || ended=$?
	stays=
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	learned >users.jsonl
	stays=
}

teardown() {
	[ -z "$stays" ] || kill "$stays"
	mock_stop
}

@test "each line is answered before there is another, whoever it is of, by as many records" {
	mock_start --decide longer
	stay sm-judge --line -m users.jsonl
	for user in a b a a b; do
		question $user "Which $user?" >&5
		answers 2 >>out.jsonl
	done
	[ "$(jq -c '[.line, .type, .user_id, .order, .prediction, .uses.persona]' out.jsonl | sed -n '1,3p;9,10p')" = \
'[1,"verdict","a","forward",1,true]
[1,"verdict","a","reverse",1,true]
[2,"verdict","b","forward",1,true]
[5,"verdict","b","forward",1,true]
[5,"verdict","b","reverse",1,true]' ]
	# what the store knows is not asked again
	[ "$(mock_calls)" -eq 4 ]
	grep -q 'Likes newts' mock.log
	leave
	[ "$ended" -eq 0 ]
	[ "$(jq -c '[.type, .users, .failed_users, .calls, .hits, .complete, .options.only]' rest.jsonl)" = '["run",5,0,4,6,true,true]' ]
}

@test "a line that cannot be answered has its error records in its place" {
	mock_start --decide longer
	{
		question a Which?
		echo 'not json'
		echo
		echo '['
		question nobody Which?
		learned | head -n 1
		question a Which? | sed 's/}$/,"split":"train"}/'
		question a Which? | sed 's/,"second":"[a-z]*"//'
		head -c 67200000 /dev/zero | tr '\0' x
		echo
		question a 'Which is it?' | tr -d '\n'
	} >in.jsonl
	run -1 --separate-stderr sm-judge --line -m users.jsonl in.jsonl
	printf '%s\n' "${lines[@]}" | grep -v '"run"' >out.jsonl
	[ "$(jq -c '[.line, .type, .user_id, .message // .prediction]' out.jsonl | uniq -c | sed 's/^ *//')" = \
'2 [1,"verdict","a",1]
2 [2,"error",null,"not a JSON object"]
2 [3,"error",null,"not valid JSON: Expected JSON value"]
2 [4,"error",null,"not a JSON object"]
2 [5,"error","nobody","users.jsonl holds nothing of this user"]
2 [6,"error","a","not a pair of a user"]
2 [7,"error","a","a pair to learn from, which is not judged"]
2 [8,"error",null,"`second` is missing from this pair"]
2 [9,"error",null,"line is longer than 64 MiB: skipped"]
2 [10,"verdict","a",1]' ]
	# each is told once
	[ "$(wc -l <<<"$stderr")" -eq 8 ]
	[[ $stderr == *"sm-judge: in.jsonl:2: not a JSON object"* ]]
}

@test "of very many lines that fail only the first are told: who does not read messages is not held up" {
	mock_start --decide longer
	yes "$(question nobody Which?)" | head -n 300 >in.jsonl
	sm-judge --line --order forward -m users.jsonl in.jsonl >out.jsonl 2>err || [ $? -eq 1 ]
	[ "$(grep -c '"error"' out.jsonl)" -eq 300 ]
	[ "$(wc -l <err)" -eq 101 ]
	grep -q '^sm-judge: 200 more problems' err
}

@test "several lines at once are worked on side by side and answered in their order" {
	cat >slow.jsonl <<'END'
{"expect": {"contains": ["Slow"]}, "reply": {"content": {"reasoning": "r", "preference": "Second"}, "latency_ms": 1500}}
END
	mock_start --decide longer --script slow.jsonl --latency 200
	stay sm-judge --line --order forward -m users.jsonl
	question a 'Known to work?' >&5
	answers 1 >/dev/null
	{
		question a 'Slow?'
		for ((i = 0; i < 6; i++)); do question b "Fast $i?"; done
	} >&5
	answers 7 >out.jsonl
	[ "$(jq -c '[.line, .user_id, .preference]' out.jsonl | head -n 3 | paste -sd ' ')" = \
		'[2,"a","Second"] [3,"b","First"] [4,"b","First"]' ]
	[ "$(jq -s 'map(.line) == [2, 3, 4, 5, 6, 7, 8]' out.jsonl)" = true ]
	[ "$(curl -s "${SM_BASE_URL%/v1}/stats" | jq .peak_in_flight)" -ge 4 ]
}

@test "while it waits others may write the store, and its input may stay open" {
	mock_start --decide longer
	stay sm-judge --line --order forward -m users.jsonl
	question a Which? >&5
	answers 1 >/dev/null
	sm-cache prune --older 0
	question b Which? | sm-judge -q --only --order forward >other.jsonl
	[ "$(sm-cache export | grep -c '"type":"answer"')" -eq 1 ]
	question a Which? >&5
	[ "$(answers 1 | jq .line)" -eq 2 ]
	[ "$(mock_calls)" -eq 3 ]
	leave
	[ "$ended" -eq 0 ]
}

@test "a server that cannot be reached is an error of the line, and the next line tries it again" {
	mock_start --decide longer
	port=${SM_BASE_URL##*:} port=${port%/v1}
	mock_stop
	stay sm-judge --line --order forward -m users.jsonl 2>err
	question a Which? >&5
	[ "$(answers 1 | jq -c '[.line, .type, (.message | startswith("cannot reach"))]')" = '[1,"error",true]' ]
	mock_start --decide longer --port "$port"
	question a Which? >&5
	[ "$(answers 1 | jq -c '[.line, .type]')" = '[2,"verdict"]' ]
	leave
	[ "$ended" -eq 1 ]
	grep -q '^sm-judge: user a: 1 of 1 verdicts failed: cannot reach' err
}

@test "a call that fails is an error of its line alone" {
	mock_start --decide longer --fault 400:times=1
	stay sm-judge --line --order forward -m users.jsonl 2>err
	question a Which? >&5
	[ "$(answers 1 | jq -c '[.line, .type, .order]')" = '[1,"error","forward"]' ]
	question b Which? >&5
	[ "$(answers 1 | jq -c '[.line, .type]')" = '[2,"verdict"]' ]
}

@test "a key that is refused, and a cap, end it as ever" {
	mock_start --decide longer --fault badkey
	stay sm-judge --line --order forward -m users.jsonl 2>err
	question a Which? >&5
	[ "$(answers 1 | jq -c '[.type, .complete]')" = '["run",false]' ]
	leave
	[ "$ended" -eq 4 ]
	mock_start --decide longer
	stay sm-judge --line --order forward --max-calls 1 -m users.jsonl 2>err
	question a Which? >&5
	[ "$(answers 1 | jq -c .type)" = '"verdict"' ]
	question b Which? >&5
	leave
	[ "$ended" -eq 6 ]
}

@test "SIGTERM ends it while it waits" {
	mock_start --decide longer
	stay sm-judge --line --order forward -m users.jsonl 2>err
	question a Which? >&5
	answers 1 >/dev/null
	kill "$stays"
	leave
	[ "$ended" -eq 143 ]
}

@test "by likelihood each line has one record" {
	mock_start --likelihood echo
	question a Which? >in.jsonl
	{ cat in.jsonl; echo '{}'; cat in.jsonl; } >three.jsonl
	sm-judge --line --by likelihood -m users.jsonl three.jsonl >out.jsonl 2>err || [ $? -eq 1 ]
	[ "$(jq -c 'select(.type != "run") | [.line, .type, .rewards != null]' out.jsonl | paste -sd ' ')" = \
		'[1,"verdict",true] [2,"error",false] [3,"verdict",true]' ]
}

@test "sm-rank has it too: a ranking for each line" {
	mock_start --decide longer
	stay sm-rank --line -m users.jsonl 2>err
	for replies in '["one","three","x"]' '["a"]' '["four","a"]'; do
		echo "{\"user_id\":\"b\",\"context\":[{\"role\":\"user\",\"content\":\"Which?\"}],\"candidates\":$replies}" >&5
		answers 1 >>out.jsonl
	done
	question a Which? >&5
	answers 1 >>out.jsonl
	[ "$(jq -c '[.line, .type, .best]' out.jsonl | paste -sd ' ')" = \
		'[1,"ranking",1] [2,"error",null] [3,"ranking",0] [4,"error",null]' ]
	jq -r .message out.jsonl | tail -n 1 | grep -qx 'not candidates of a user'
}

@test "what needs more than the line is refused" {
	for option in --dry-run '--shard 1/2' '--batch b.jsonl' '--by likelihood --history 2'; do
		# shellcheck disable=SC2086 # an option and its value
		run -2 --separate-stderr sm-judge --line $option -m users.jsonl
		option=${option#--by likelihood }
		[[ $stderr == "sm-judge: ${option%% *}: with --line each line is answered by itself"* ]]
	done
}
