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

# cases N: a pair for each of so many cases, whose question tells which it is.
cases() {
	seq "$1" | sed 's|.*|{"user_id":"u","context":[{"role":"user","content":"<case &>"}],"chosen":"a","rejected":"b"}|'
}

# scripted: the replies on standard input, each to its case.
scripted() {
	jq -c '{expect: {contains: ["<case \(input_line_number)>"]}} + .' >script.jsonl
	mock_start --script script.jsonl
}

# A line of a script with that text as the reply.
said() {
	jq -nc '$ARGS.positional[] | {reply: {content: .}}' --args -- "$@"
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

@test "-m with a file of which nothing was learned, as the pairs themselves, is remarked upon" {
	mock_start --decide longer
	pair >in.jsonl
	run --separate-stderr sm-judge --order forward -m in.jsonl in.jsonl
	[ "$status" -eq 0 ]
	[ "$stderr" = "sm-judge: in.jsonl holds no persona and no examples of any user: the judge is the default one; give what sm-fit wrote" ]
	run --separate-stderr sm-judge --order forward --no-persona --no-demos -m in.jsonl in.jsonl
	[ -z "$stderr" ]
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
	said '**Preference:** second' 'Reasoning: x. Preference: "Second"' '{"reasoning": "x", "preference": "SECOND"} Done.' \
		$'```json\n{"reasoning": "x", "preference": "Second"}\n```' 'Second.' '<think>preference: first</think>{"preference": "Second"}' >replies.jsonl
	scripted <replies.jsonl
	cases 6 | sm-judge -q --only --order reverse >out.jsonl
	holds out.jsonl 'map(select(.type == "verdict") | [.preference, .status]) == [range(6) | ["Second", "ok"]]'
}

@test "replies in the manner of many models: each has the verdict that it states, or none" {
	local table=$top/tests/golden/replies.jsonl
	jq -c '{expect: {contains: ["<case \(input_line_number)>"]}, reply: {content: .reply, finish_reason: (.finish_reason // "stop")}}' "$table" >script.jsonl
	jq -c '{user_id: "u", context: [{role: "user", content: "<case \(input_line_number)>"}], chosen: "a", rejected: "b"}' "$table" >in.jsonl
	mock_start --script script.jsonl
	sm-judge -q --only --order forward in.jsonl 2>message.txt >out.jsonl
	jq -r '"\(.manner): \(.right // "Tie")"' "$table" >right.txt
	paste -d ' ' <(jq -r '"\(.manner):"' "$table") <(jq -r 'select(.type == "verdict").preference' out.jsonl) | diff right.txt -
	[ "$(jq -r 'select(.type == "verdict" and .preference == "Tie").status' out.jsonl | sort | uniq -c | sort -n | awk '{print $2}' | paste -sd ' ')" = "truncated unparsed" ]
	# a program of one's own is asked for `reply` alone; what the built-in one reads at once is no different
	mkdir own
	{ sm-prompt --show judge && echo 'def quick: {reasoning: "", preference: "First"};'; } >own/judge.jq
	sm-judge -q --only --order forward --replay --prompts own in.jsonl 2>message.txt | jq -c 'select(.type == "verdict")' >own.jsonl
	jq -c 'select(.type == "verdict")' out.jsonl | cmp own.jsonl
}

@test "a long reply is read in little time, whatever it repeats" {
	jq -nc '$ARGS.positional[] | . * (100000 / length | floor) | {reply: {content: .}}' --args -- \
		' ' '{' '{}' '{"a":' '"' 'preference ' 'preference: first, ' 'the first reply wins. ' $'a\n' '<think>' '<a>' '* ' >replies.jsonl
	scripted <replies.jsonl
	cases 12 | (ulimit -t 15; sm-judge -q --only --order forward) >out.jsonl 2>message.txt
	holds out.jsonl 'map(select(.type == "verdict").index) == [range(12)]'
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

@test "ties that no model chose are told in one line, -q or not, with the commonest kind and a sample" {
	cat >script.jsonl <<'END'
{"expect":{"contains":["<a>"]},"reply":{"content":"I like\n\u001b[31m both\u202e, \u0085really."}}
{"expect":{"contains":["<b>"]},"reply":{"content":"Neither, and I will tell you why at some length: it is because of the tone, which is off in both, and the form."}}
{"expect":{"contains":["<c>"]},"reply":{"content":"{\"reasoning\": \"cut","finish_reason":"length"}}
{"expect":{"contains":["<d>"]},"reply":{"content":null,"finish_reason":"content_filter"}}
END
	printf '{"user_id":"u","context":[{"role":"user","content":"<%s>"}],"chosen":"x","rejected":"y"}\n' a b c d e f >in.jsonl
	mock_start --decide first --script script.jsonl
	sm-judge -q -j 1 --only --order forward in.jsonl 2>message.txt >out.jsonl
	[ "$(wc -l <message.txt)" -eq 1 ]
	[[ $(<message.txt) == "sm-judge: 4 of 6 questions ended without an answer, and a verdict without one is a tie: 2 unparsed, 1 truncated, 1 refused; an unparsed reply: \"I like [31m both , really.\"; "*"sm-prompts(5)"* ]]
	sm-judge -q -j 1 --only --order forward --replay in.jsonl 2>&1 >again.jsonl | cmp - message.txt
	grep '<[cef]>' in.jsonl | sm-judge -q --replay --only --order forward 2>&1 >/dev/null | grep -q '1 of 3 .*: 1 truncated; a truncated reply: "{"reasoning": "cut"; raise --max-tokens$'
	grep '<[def]>' in.jsonl | sm-judge -q --replay --only --order forward 2>&1 >/dev/null | grep -q '1 of 3 .*: 1 refused; a refused reply: "content_filter"; '
	grep '<[bef]>' in.jsonl | sm-judge -q --replay --only --order forward 2>&1 >/dev/null | grep -q 'off in both, .*[.][.][.]"; '
	[ -z "$(grep '<[ef]>' in.jsonl | sm-judge -q --replay --only --order forward 2>&1 >/dev/null)" ]
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

# A reply whose tokens are given with their probabilities: the word's token is `token`, the others
# of the list `top` (token=logprob ...).
soft() { # WORD TOKEN LOGPROB [TOKEN=LOGPROB ...]
	jq -nc --arg w "$1" --arg t "$2" --argjson p "$3" '{reply: {content: {reasoning: "First or Second?", preference: $w}, logprobs: {content: [
		{token: "{\"reasoning\":\"First or Second?\",\"preference\":\"", logprob: -0.1, top_logprobs: []},
		{token: $t, logprob: $p, top_logprobs: [$ARGS.positional[] | capture("(?<token>.*)=(?<logprob>.*)") | .logprob |= tonumber]},
		{token: ($w[($t | length):] + "\"}"), logprob: 0, top_logprobs: []}]}}}' --args "${@:4}"
}

p_first() { jq -r 'select(.type == "verdict").p_first | if . == null then "none" else . * 1000 | round / 1000 end' "$1"; }

@test "--logprobs asks for them; without, or where none come, there is no p_first" {
	mock_start --decide longer
	pair | sm-judge -q --order forward --logprobs >out.jsonl
	[ "$(jq -c '.body | [.logprobs, .top_logprobs]' "$BATS_TEST_TMPDIR/mock.log")" = "[true,5]" ]
	[ "$(p_first out.jsonl)" = none ]
	pair | sm-judge -q --order forward >/dev/null
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/mock.log" | jq '.body | has("logprobs")')" = false ]
}

@test "p_first is the share of First among the alternatives at the verdict's token" {
	while read -r expected args; do
		echo "$expected" >>expected.txt
		# shellcheck disable=SC2086 # words
		soft $args >>replies.jsonl
	done <<'END'
0.75 First First -0.4055 First=-0.4055 Second=-1.5041
0.75 First F -0.4055 F=-0.4055 S=-1.5041 X=-3
0.75 First first -0.4055 first=-0.4055 second=-1.5041
0.824 First First -0.6931 First=-0.6931 "First=-1.6094 Second=-1.8971
0.5 First First -0.6931 First=-0.6931 Second=-0.6931
0.607 First First -0.5 First=-0.5 The=-2
0.393 Second Second -0.5 Second=-0.5
0.2 Second Second -0.2231 Second=-0.2231 First=-1.6094
END
	scripted <replies.jsonl
	cases 8 | sm-judge -q --only --order forward --logprobs >out.jsonl
	p_first out.jsonl | diff expected.txt -
}

@test "the probability decides the preference, not the word alone" {
	soft First First -1.2 First=-1.2 Second=-0.4 >script.jsonl
	mock_start --script script.jsonl
	pair | sm-judge -q --only --order forward --logprobs >out.jsonl
	[ "$(jq -c 'select(.type == "verdict") | [.preference, .prediction, .correct, .p_first < 0.5]' out.jsonl)" = '["Second",-1,false,true]' ]
}

@test "logprobs in the form without alternatives are read too" {
	jq -nc '{reply: {content: {reasoning: "r", preference: "Second"}, logprobs: {tokens: ["{\"reasoning\":\"r\",\"preference\":\"", "Second", "\"}"],
		token_logprobs: [-1, -0.2231, 0]}}}' >script.jsonl
	mock_start --script script.jsonl
	pair | sm-judge -q --only --order forward --logprobs >out.jsonl
	[ "$(p_first out.jsonl)" = 0.2 ]
}

@test "an endpoint that refuses logprobs is asked without, at the price of one call" {
	mock_start --decide longer --fault refuse=logprobs
	pair | sm-judge -q --only --logprobs >out.jsonl
	[ "$(p_first out.jsonl | paste -sd ' ')" = "none none" ]
	[ "$(mock_calls)" -eq 3 ]
	tail -n 1 out.jsonl | jq -e '.refused == ["logprobs"]'
}

# The mock's script answers a request once: no votes in a bundle.
singly() {
	jq -nc --arg e "$SM_BASE_URL" '{type: "endpoint", endpoint: $e, model: "mock", name: "n", value: "refused"}' | sm-cache import -q
}

@test "--votes: as many samples, at temperature 0.7, whose share decides" {
	printf '{"times":1,"reply":{"content":{"reasoning":"%s","preference":"%s"}}}\n' \
		no Second no Second yes First yes First yes First >script.jsonl
	mock_start --script script.jsonl
	singly
	pair | sm-judge -q --only --order forward --votes 5 >out.jsonl
	holds out.jsonl '.[0] | .preference == "First" and .prediction == 1 and .p_first == 0.6 and .votes == {first: 3, second: 2, tie: 0}
			and .status == "ok" and .reasoning == "yes"' '.[0].tokens | .in > 0 and .out > 0'
	[ "$(jq -c '.body.temperature' "$BATS_TEST_TMPDIR/mock.log" | sort -u)" = 0.7 ]
	[ "$(mock_calls)" -eq 5 ]
	[ "$(sm-cache list | jq -c 'select(.type == "answer").sample' | sort -n | paste -sd ' ')" = "0 4 8 12 16" ]
	# again nothing is asked; more votes ask for the new ones alone
	pair | sm-judge -q --only --order forward --votes 5 | cmp <(grep verdict out.jsonl) <(grep verdict)
	[ "$(mock_calls)" -eq 5 ]
	soft First First 0 >script.jsonl
	mock_start --script script.jsonl --port "$(port=${SM_BASE_URL##*:}; echo "${port%/v1}")"
	pair | sm-judge -q --only --order forward --votes 7 >out.jsonl
	jq -es '.[0].votes == {first: 5, second: 2, tie: 0}' out.jsonl
	[ "$(mock_calls)" -eq 2 ]
	pair | sm-judge -q --order forward --votes 2 --temperature 0.3 >/dev/null
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/mock.log" | jq .body.temperature)" = 0.3 ]
}

@test "votes that are even are a tie, and a vote that cannot be had makes the verdict an error" {
	printf '{"times":1,"reply":{"content":{"reasoning":"r","preference":"%s"}}}\n' First Second >script.jsonl
	mock_start --script script.jsonl
	singly
	pair | sm-judge -q --only --order forward --votes 2 >out.jsonl
	jq -es '.[0] | .preference == "Tie" and .prediction == 0 and .p_first == 0.5 and .status == "ok"' out.jsonl
	mock_start --decide longer --fault 400:every=3
	singly
	SM_STORE_AS=anew run --separate-stderr sm-judge -q -j 1 --only --order forward --votes 3 <<<"$(pair)"
	[ "$status" -eq 1 ]
	[ "$(jq -r .type <<<"$output" | paste -sd ' ')" = "error run" ]
	[[ $stderr == *"1 of 1 verdicts failed: HTTP 400"* ]]
}

# The `n` of each chat that the mock was asked for, in order.
asked_n() { jq -r '.body.n // 1' mock.log | sort -n | paste -sd ' '; }

@test "--votes: once the model is known, the votes on a question are one request with n" {
	mock_start --decide longer
	pair | sm-judge -q --only --order forward >one.jsonl
	: >mock.log
	pair | sm-judge -q --only --votes 5 --temperature 1 >votes.jsonl
	[ "$(asked_n)" = "5 5" ]
	jq -es 'map(select(.type == "verdict")) | length == 2 and all(.[]; .votes | .first + .second == 5 and .tie == 0)' votes.jsonl
	# each is an answer of its own: one more vote asks one, none asks none
	: >mock.log
	pair | sm-judge -q --only --votes 6 --temperature 1 | tail -n 1 | grep '"calls":2,"hits":10,'
	[ "$(asked_n)" = "1 1" ]
	pair | sm-judge -q --only --votes 3 --temperature 1 | tail -n 1 | grep '"calls":0,"hits":6,'
	# the tokens of the prompt are paid for once, and kept with the first of the answers
	[ "$(jq -s '.[0].tokens.in' votes.jsonl)" -eq "$(jq -s '.[0].tokens.in' one.jsonl)" ]
	[ "$(sqlite3 "$SM_CACHE" "select count(distinct sample), sum(response like '%\"index\":0%'), count(*) from answer")" = "6|13|13" ]
	# at temperature 0, where all would be alike, each is asked for; the first is there
	: >mock.log
	pair | sm-judge -q --only --votes 3 --order forward --temperature 0 >/dev/null
	[ "$(asked_n)" = "1 1" ]
}

@test "--votes: an endpoint that refuses n, or gives one reply, is asked singly, and nothing is lost" {
	for way in "--fault refuse=n" "--script one.jsonl"; do
		jq -nc '{reply: {body: {object: "chat.completion", model: "mock", choices: [{index: 0, finish_reason: "stop", message: {role: "assistant",
			content: "{\"reasoning\":\"r\",\"preference\":\"First\"}"}}], usage: {prompt_tokens: 100, completion_tokens: 10}}}}' >one.jsonl
		rm -f "$SM_CACHE"*
		# shellcheck disable=SC2086 # words
		mock_start --decide first $way
		pair | sm-judge -q --only --order forward >/dev/null
		pair | sm-judge --only --votes 5 --temperature 1 --order forward >out.jsonl 2>err
		grep -q "takes no n for model mock: each vote is asked for singly" err
		jq -es '.[-1] | .calls == 5 and .failed == 0 and .refused == ["n"]' out.jsonl
		: >mock.log
		pair | sm-judge -q --only --votes 5 --temperature 1 --order reverse >/dev/null
		[ "$(asked_n)" = "1 1 1 1 1" ]
	done
	# what is wrong with the request itself is told as ever
	mock_start --decide longer --fault 400
	rm -f "$SM_CACHE"*
	run --separate-stderr bash -c 'printf %s "$1" | sm-judge --only --votes 3 --temperature 1 --order forward' _ "$(pair)"
	[ "$status" -eq 1 ]
}

@test "--votes: an output that fails while bundles are in flight is a clear end" {
	mock_start --decide longer --latency 150 --jitter 140
	for n in {1..12}; do pair | sed "s/\"a\"/\"$n\"/; s/Which?/&$n/"; done >in.jsonl
	head -n 1 in.jsonl | sm-judge -q --only --order forward >/dev/null
	run --separate-stderr bash -c 'sm-judge -q --only --votes 8 -j 6 in.jsonl >/dev/full'
	[ "$status" -eq 3 ]
	[[ $stderr == *"No space left on device"* ]]
	# and so is a store that fails meanwhile
	calls=$(mock_calls)
	sm-judge -q --only --votes 8 -j 6 --temperature 1 in.jsonl >out.jsonl 2>err &
	for ((i = 0; i < 200 && $(mock_calls) < calls + 1; i++)); do sleep 0.02; done
	sqlite3 -cmd ".timeout 10000" "$SM_CACHE" "drop table answer"
	status=0
	wait $! || status=$?
	[ "$status" -eq 3 ]
	[[ $(<err) == *"sm-judge: store "*": cannot "* ]]
}

@test "--votes: caps and rates count each vote" {
	mock_start --decide longer
	pair | sm-judge -q --only --order forward >/dev/null
	run --separate-stderr bash -c 'printf %s "$1" | SM_RUN=caps sm-judge --only --votes 8 --temperature 1 --max-calls 5 --order forward' _ "$(pair)"
	[ "$status" -eq 6 ]
	pair | sm-judge -q --only --votes 8 --temperature 1 --order forward | jq -es '.[-1] | .hits == 5 and .calls == 3'
}

@test "both orders together: the mean of their probabilities, so that a lean to a place cancels out" {
	mock_start --decide first
	pair | sm-judge -q --only >out.jsonl
	[ "$(jq -c 'select(.type == "verdict") | [.order, .debiased]' out.jsonl)" = \
'["forward",null]
["reverse",{"p_chosen":0.5,"prediction":0,"correct":false}]' ]
	mock_start --decide longer
	export SM_STORE_AS=longer
	pair | sm-judge -q --only | jq -es '.[1].debiased == {p_chosen: 1, prediction: 1, correct: true}'
	pair | sm-judge -q --only --order reverse | jq -es '.[0] | has("debiased") | not'
	# probabilities tell more than words: 0.9 for the chosen one first, 0.6 for the other one first
	soft First First -0.1054 First=-0.1054 Second=-2.3026 | jq -c '.times = 1' >script.jsonl
	soft First First -0.5108 First=-0.5108 Second=-0.9163 >>script.jsonl
	mock_start --script script.jsonl
	pair | sm-judge -q -j 1 --only --logprobs >out.jsonl
	jq -es '.[1] | .prediction == -1 and .debiased.prediction == 1 and (.debiased.p_chosen * 1000 | round) == 650' out.jsonl
	# where nobody has chosen there is nothing to be right about
	pair | jq -c '{user_id, context, first: .chosen, second: .rejected}' | sm-judge -q --only --no-cache |
		jq -es '.[1].debiased | .correct == null and (.prediction | type) == "number"'
}
