load helper

# A trained user, by hand.
learned() {
	cat <<'END'
{"type":"persona","user_id":"a","stage":"persona","persona":"Old persona.","reasoning":""}
{"type":"persona","user_id":"a","stage":"persona","persona":"Likes owls.","reasoning":""}
{"type":"demos","user_id":"a","stage":"bootstrap","seed":0,"score":1,"demos":[{"index":9,"kind":"labeled","context":[],"first":"history only","second":"y","preference":"First"}]}
{"type":"demos","user_id":"a","stage":"demosearch","seed":0,"score":1,"demos":[{"index":1,"kind":"bootstrapped","context":[{"role":"user","content":"Demo question"}],"first":{"role":"assistant","content":"demo one"},"second":"demo two","preference":"Second","reasoning":"because demo"}]}
END
}

pair() {
	echo '{"user_id":"a","context":[{"role":"user","content":"Which?"}],"chosen":{"role":"assistant","content":"a long long reply"},"rejected":"short","split":"test","index":4}'
}

asked() {
	jq -r '.body.messages[].content' "$BATS_TEST_TMPDIR/mock.log"
}

@test "a verdict for each test pair and order, with prediction whatever the order" {
	mock_start --decide longer
	pair | sm-judge -q --only >out.jsonl
	[ "$(jq -c 'select(.type == "verdict") | [.user_id, .index, .order, .preference, .prediction, .label, .correct, .status]' out.jsonl)" = \
'["a",4,"forward","First",1,"First",true,"ok"]
["a",4,"reverse","Second",1,"Second",true,"ok"]' ]
	[ "$(jq -c 'select(.type == "verdict") | [.stage, .model, .uses, (.reasoning | type), .tokens.out > 0]' out.jsonl | sort -u)" = \
		'["judge","mock",{"persona":false,"demos":0},"string",true]' ]
}

@test "position bias shows: always the first is right in one order and wrong in the other" {
	mock_start --decide first
	pair | sm-judge -q --only >out.jsonl
	[ "$(jq -c 'select(.type == "verdict") | [.order, .prediction, .correct]' out.jsonl | paste -sd ' ')" = \
		'["forward",1,true] ["reverse",-1,false]' ]
}

@test "the last persona and demosearch's last demos are used, bootstrap's are not" {
	mock_start --decide longer
	{ pair; learned; } | sm-judge -q --only >out.jsonl
	asked >asked.txt
	grep -q 'Likes owls' asked.txt
	grep -q 'because demo' asked.txt
	grep -q 'demo two' asked.txt
	run grep -E 'Old persona|history only' asked.txt
	[ "$status" -eq 1 ]
	[ "$(jq -c 'select(.type == "verdict").uses' out.jsonl | sort -u)" = '{"persona":true,"demos":1}' ]
}

@test "--no-persona and --no-demos leave them out" {
	mock_start --decide longer
	{ pair; learned; } | sm-judge -q --only --no-persona --no-demos >out.jsonl
	run grep -E 'Likes owls|because demo' <(asked)
	[ "$status" -eq 1 ]
	[ "$(jq -c 'select(.type == "verdict").uses' out.jsonl | sort -u)" = '{"persona":false,"demos":0}' ]
}

@test "train and val rows are not judged, rows without a split are" {
	mock_start --decide longer
	{
		pair | jq -c '.split = "train" | .index = 0'
		pair | jq -c '.split = "val" | .index = 1'
		pair | jq -c 'del(.split) | .index = 2'
	} | sm-judge -q --only --order forward >out.jsonl
	[ "$(jq 'select(.type == "verdict").index' out.jsonl)" = 2 ]
}

@test "a pair that nobody has chosen from gets a prediction and no label" {
	mock_start --decide longer
	echo '{"user_id":"a","context":[{"role":"user","content":"Q"}],"first":"tiny","second":"much longer text"}' |
		sm-judge -q --only --order forward >out.jsonl
	[ "$(jq -c 'select(.type == "verdict") | [.index, .preference, .prediction, .label, .correct]' out.jsonl)" = '[0,"Second",-1,null,null]' ]
}

@test "-m FILE takes what was learned from a file, in any order of users" {
	mock_start --decide longer
	{ learned | sed 's/"user_id":"a"/"user_id":"b"/; s/owls/bees/'; learned; } >users.jsonl
	{ pair; pair | jq -c '.user_id = "b"'; } | sm-judge -q --only --order forward -m users.jsonl >out.jsonl
	[ "$(jq -c 'select(.type == "verdict") | [.user_id, .uses.persona, .uses.demos]' out.jsonl | paste -sd ' ')" = '["a",true,1] ["b",true,1]' ]
	grep -q 'Likes owls' <(asked)
	grep -q 'Likes bees' <(asked)
}

@test "a user missing in -m FILE, or with an error there, is an error" {
	mock_start --decide longer
	{ learned; echo '{"type":"error","user_id":"c","stage":"persona","message":"m"}'; } >users.jsonl
	{ pair; pair | jq -c '.user_id = "b"'; pair | jq -c '.user_id = "c"'; } >in.jsonl
	run --separate-stderr sm-judge -q --order forward -m users.jsonl in.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"user b: users.jsonl holds nothing of this user"* ]]
	[[ $stderr == *"user c: users.jsonl holds an error record"* ]]
	[ "$(jq -r 'select(.type == "error") | .user_id + .stage' <<<"$output" | paste -sd ' ')" = "bjudge cjudge" ]
	[ "$(jq -r 'select(.type == "verdict").user_id' <<<"$output")" = a ]
	run sm-judge -q -m nowhere.jsonl in.jsonl
	[ "$status" -eq 3 ]
	[[ $output == *"nowhere.jsonl: No such file"* ]]
}

@test "without test pairs the user is told how to get some" {
	mock_start --decide longer
	run --separate-stderr sm-judge < <(pair | jq -c '.split = "train"')
	[ "$status" -eq 0 ]
	[[ $stderr == *"user a has no test pairs to judge"*"sm-split --test"* ]]
}

@test "four replies without a verdict are a tie, with its status" {
	echo '{"reply":{"content":"I like both."}}' >script.jsonl
	mock_start --script script.jsonl
	pair | sm-judge -q --only --order forward >out.jsonl
	[ "$(jq -c 'select(.type == "verdict") | [.preference, .prediction, .correct, .status]' out.jsonl)" = '["Tie",0,false,"unparsed"]' ]
	[ "$(jq -c '.body.temperature' "$BATS_TEST_TMPDIR/mock.log" | paste -sd ' ')" = "0 0.3 0.6 0.9" ]
}

@test "replies in text are read too" {
	for reply in '**Preference:** second' 'Reasoning: x. Preference: "Second"' '{"reasoning": "x", "preference": "SECOND"} Done.' \
		'```json
{"reasoning": "x", "preference": "Second"}
```' 'Second.' '<think>preference: first</think>{"preference": "Second"}'; do
		jq -cn --arg c "$reply" '{reply: {content: $c}}' >script.jsonl
		mock_start --script script.jsonl
		pair | SM_CACHE=$BATS_TEST_TMPDIR/$RANDOM.db sm-judge -q --only --order reverse >out.jsonl
		mock_stop
		[ "$(jq -c 'select(.type == "verdict") | [.preference, .status]' out.jsonl)" = '["Second","ok"]' ] || { echo "$reply"; false; }
	done
}

@test "a truncated or refused reply is called that" {
	echo '{"reply":{"content":"{\"reasoning\": \"and so on and","finish_reason":"length"}}' >script.jsonl
	mock_start --script script.jsonl
	pair | sm-judge -q --only --order forward >out.jsonl
	[ "$(jq -r 'select(.type == "verdict").status' out.jsonl)" = truncated ]
	mock_stop
	echo '{"reply":{"content":"","finish_reason":"content_filter"}}' >script.jsonl
	mock_start --script script.jsonl
	pair | SM_CACHE=$BATS_TEST_TMPDIR/new.db sm-judge -q --only --order forward >out.jsonl
	[ "$(jq -r 'select(.type == "verdict").status' out.jsonl)" = refused ]
}

@test "a call given up is an error record with its place, never a verdict" {
	cat >script.jsonl <<'END'
{"expect":{"contains":["Which?"]},"reply":{"status":400,"body":{"error":{"message":"no such thing"}}}}
END
	mock_start --decide longer --script script.jsonl
	{ pair; pair | jq -c '.index = 5 | .context[0].content = "What?"'; } >in.jsonl
	run --separate-stderr sm-judge -q --only --order forward in.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"user a: 1 of 2 verdicts failed: HTTP 400: no such thing"* ]]
	[ "$(jq -c 'select(.type == "error") | [.stage, .index, .order]' <<<"$output")" = '["judge",4,"forward"]' ]
	[ "$(jq -c 'select(.type == "verdict").index' <<<"$output")" = 5 ]
}

@test "--prompts replaces a prompt program, a wrong one is named" {
	mock_start --decide longer
	mkdir prompts
	sm-prompt --show judge | sed 's/You predict/OWN WORDS: you predict/' >prompts/judge.jq
	pair | sm-judge -q --prompts prompts --only --order forward >out.jsonl
	grep -q 'OWN WORDS' <(asked)
	own=$(tail -n 1 out.jsonl | jq -r .prompts.judge)
	[ "$own" != "$(sm-prompt --list | jq -r .judge)" ]
	echo 'def system: {' >prompts/judge.jq
	run sm-judge -q --prompts prompts </dev/null
	[ "$status" -eq 3 ]
	[[ $output == *"prompts/judge.jq: "*"sm-prompts(5)"* ]]
	run sm-judge -q --prompts nowhere </dev/null
	[ "$status" -eq 3 ]
}

@test "a prompt program sees no key and no other input" {
	mkdir prompts
	sm-prompt --show judge | sed 's/content: (/content: ("\\(env)\\($ENV)\\([inputs])" + /' >prompts/judge.jq
	mock_start --decide longer
	pair | SM_API_KEY=secret-key-123 sm-judge -q --prompts prompts --only --order forward >out.jsonl
	jq -r '.body.messages[0].content' "$BATS_TEST_TMPDIR/mock.log" | grep -q '^{}{}\[\]'
	[ "$(jq -r .authorization "$BATS_TEST_TMPDIR/mock.log")" = "Bearer secret-key-123" ]
	run grep -rF secret-key-123 out.jsonl "$SM_CACHE"
	[ "$status" -eq 1 ]
}

@test "examples of another stage are not used, wherever they come from" {
	mock_start --decide longer
	learned | sed 's/"stage":"demosearch"/"stage":"other"/' >users.jsonl
	{ pair; cat users.jsonl; } | sm-judge -q --only >stream.jsonl
	pair | sm-judge -q --only -m users.jsonl >file.jsonl
	[ "$(jq -c 'select(.type == "verdict").uses' stream.jsonl file.jsonl | sort -u)" = '{"persona":true,"demos":0}' ]
}
