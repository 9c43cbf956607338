load helper

# Inputs and answers that are made, or happen, to be bad: none takes the machine, none is passed on as something else.

pair='{"user_id":"u","context":[{"role":"user","content":"q"}],"chosen":"a","rejected":"bb"}'

# A pair with another member.
with() { # MEMBER
	printf '%s\n' "${pair%\}},\"x\":$1}"
}

# Has the store answer what a program asks first with CONTENT.
answer() { # CONTENT-FILE PROGRAM ...
	rm -f batch.jsonl
	"${@:2}" -q --batch batch.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
	jq -c --rawfile content "$1" '{id: "x", custom_id, error: null, response: {status_code: 200, body: {object: "chat.completion", model: "mock",
		choices: [{index: 0, message: {role: "assistant", $content}, finish_reason: "stop"}], usage: {prompt_tokens: 9, completion_tokens: 9}}}}' batch.jsonl |
		sm-cache import -q
}

# A script for the mock: its one reply.
reply() { jq -nc "{reply: $1}" >script.jsonl; }

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export SM_MODEL=mock SM_BASE_URL=http://127.0.0.1:1/v1
	echo "$pair" >in.jsonl
}

@test "byte order marks, of files that were joined or marked twice, hide no member" {
	{
		printf '\357\273\277%s\n' "$pair"
		printf '\357\273\277%s\n' "$pair"
	} >two.jsonl
	[ "$(sm-split -q two.jsonl | jq -c 'select(.type == "pair") | [.context[0].content, .chosen, .rejected]')" = '["q","a","bb"]
["q","a","bb"]' ]
	printf '\357\273\277\357\273\277%s\n' "$pair" >twice.jsonl
	run --separate-stderr sm-split -q twice.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"twice.jsonl:1: "* ]]
}

@test "what is copied is JSON: numbers that libjq would take are told" {
	for number in 01 -01 .5 1. +1 Infinity -Infinity NaN nan -nan; do
		with "$number" >bad.jsonl
		run --separate-stderr sm-split -q bad.jsonl
		[ "$status" -eq 1 ]
		[[ $stderr == *"bad.jsonl:1: not valid JSON"* ]]
		[ "$(jq -r .type <<<"$output")" = run ]
		run sm-judge -q --dry-run bad.jsonl
		[ "$status" -eq 1 ]
	done
	for number in 0 -0 1 -1.5 2e6 2E-6 1e999 '[0.10,null]' '"01"' '"Infinity +1"'; do
		with "$number" | sm-split -q | grep -qF "\"x\":$number"
	done
}

@test "a number that no double holds is no number: it is neither written as inf nor taken" {
	jq -nc '{type: "answer", key: ("0" * 64), endpoint: "e", model: "m", sample: 0, created: 1,
		response: {choices: [{message: {role: "assistant", content: "x"}, finish_reason: "stop"}]}}' |
		sed 's/,"response"/,"ms":1e999&/' >answer.jsonl
	[ -s answer.jsonl ]
	sm-cache import -q answer.jsonl || [ $? -eq 1 ]
	! sm-cache export | grep -q inf || false
	echo '{"messages":[{"role":"user","content":"hi"}],"temperature":1e999}' >request.jsonl
	run --separate-stderr sm-llm -q --batch batch.jsonl request.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"request.jsonl:1: a number that is out of range: skipped"* ]]
	[ ! -s batch.jsonl ]
}

@test "an error record is UTF-8, wherever its message is cut" {
	mkdir prompts
	for n in 0 1 2; do
		printf 'def system: error("%*s" + "é" * 400); def demo: .; def question: .; def reply: .; def schema: null; def examples: [];\n' "$n" '' >prompts/judge.jq
		sm-judge -q --replay --prompts prompts in.jsonl >out.jsonl 2>/dev/null || true
		iconv -f UTF-8 -t UTF-8 out.jsonl >/dev/null
		jq -se 'any(.[]; .type == "error")' out.jsonl
	done
}

@test "votes that come in another order than they were asked in tell the same" {
	jq -nc '(["Second", "first", 0], ["First", "slow", 500], ["First", "fast", 0]) as [$preference, $reasoning, $latency_ms]
		| {times: 1, reply: {content: {$reasoning, $preference}, $latency_ms}}' >script.jsonl
	mock_start --script script.jsonl
	jq -nc --arg e "$SM_BASE_URL" '{type: "endpoint", endpoint: $e, model: "mock", name: "n", value: "refused"}' | sm-cache import -q
	sm-judge -q --only --order forward --votes 3 -j 3 in.jsonl >paid.jsonl
	sm-judge -q --only --order forward --votes 3 --replay in.jsonl >again.jsonl
	cmp <(jq -c 'select(.type == "verdict")' paid.jsonl) <(jq -c 'select(.type == "verdict")' again.jsonl)
	[ "$(jq -r 'select(.type == "verdict").reasoning' paid.jsonl)" = slow ]
}

@test "a reply of a megabyte is read at once, whatever it consists of" {
	local unit
	echo '{"type":"demos","user_id":"u","stage":"bootstrap","demos":[]}' >>in.jsonl
	for unit in ' ' $'\n' '{' '[' '<' '"' 'a.' 'First ' '{"a":' '```json'$'\n' $'persona:\n' $'preference: First\n' \\ '<think>' 'wait, ' $' \n '; do
		jq -nj --arg unit "$unit" '$unit * (1048576 / ($unit | length) | floor)' >content
		answer content sm-judge --order forward
		timeout 20 sm-judge -q --order forward --replay in.jsonl >/dev/null 2>&1 || [ $? -ne 124 ]
		answer content sm-persona
		timeout 20 sm-persona -q --replay in.jsonl >/dev/null 2>&1 || [ $? -ne 124 ]
		rm "$SM_CACHE"
	done
}

@test "a row whose text is all escapes is read at once" {
	jq -c '.context[0].content = "\\" * 2000000' <<<"$pair" >rows.jsonl
	timeout 20 sm-import -q rows rows.jsonl | jq -es '.[0].context[0].content | length == 2000000'
}

@test "a text of many lines, or turns, goes into a prompt at once" {
	jq -c '.context[0].content = "a]" + "\nline" * 200000 | .context += [range(20000) | {role: "user", content: "x"}]' <<<"$pair" |
		timeout 60 sm-prompt request -q -M m --no-cache | jq -e '.messages[-1].content | length > 1000000'
}

@test "an answer with too many values, or of too many bytes, is told and not asked for again" {
	reply '{body: ("{\"a\":[" + "[]," * 500001 + "1],\"choices\":[]}")}'
	mock_start --script script.jsonl
	run --separate-stderr sm-judge -q --order forward in.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"the endpoint's answer has more than 500000 JSON values; ask for fewer tokens (--max-tokens), or without logprobs"* ]]
	[ "$(mock_calls)" -eq 1 ]
	reply '{body: ("x" * 17000000)}'
	mock_start --script script.jsonl
	run --separate-stderr sm-judge -q --order forward in.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"the endpoint's answer is longer than 16 MiB; ask for fewer tokens"* ]]
	[ "$(mock_calls)" -eq 1 ]
}

@test "a line with more than a million values is told and passed over" {
	{
		jq -c '. + {x: [range(1000001)]}' in.jsonl
		echo "$pair"
	} >bomb.jsonl
	run --separate-stderr sm-judge -q --dry-run bomb.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"bomb.jsonl:1: more than 1000000 JSON values in one text; leave out what is not needed of it, or split it" ]]
}

@test "libjq out of memory ends as all else does" {
	[[ $B != *asan* ]] || skip "the sanitizer reserves more"
	echo 'def pairs: [range(1e9)] | length;' >map.jq
	run bash -c 'ulimit -v 400000; sm-import -q --map map.jq in.jsonl'
	[ "$status" -eq 3 ]
	[[ $output == *"out of memory"* ]]
}

@test "a jq program that asks for the text of no time gets an error for the row" {
	for time in 'infinite | todate' '1e300 | strftime("%A")' 'nan | date' 'infinite | strflocaltime("%A")'; do
		echo "def pairs: {user_id: \"u\", context: [], chosen: ($time), rejected: \"b\"};" >map.jq
		run --separate-stderr sm-import -q --map map.jq in.jsonl
		[ "$status" -eq 1 ]
		[[ $stderr == *"in.jsonl:1: no time: "* ]]
	done
	echo 'def pairs: {user_id: "u", context: [], chosen: (0 | todate), rejected: "b"};' >map.jq
	[ "$(sm-import -q --map map.jq in.jsonl | jq -r '.chosen // empty')" = 1970-01-01T00:00:00Z ]
}

@test "cached tokens above those of the prompt make no cost below nothing" {
	reply '{content: {reasoning: "r", preference: "First"},
		usage: {prompt_tokens: 10, completion_tokens: 0, prompt_tokens_details: {cached_tokens: 90000}}}'
	mock_start --script script.jsonl
	echo '{"model":"mock","in":2,"cached":1,"out":10}' >prices.jsonl
	sm-judge -q --only --prices prices.jsonl in.jsonl >out.jsonl
	jq -se 'map(select(.type == "verdict")) | length == 2 and all(.[]; .cost >= 0 and .tokens.cached <= .tokens.in)' out.jsonl
}

@test "a NUL character in a persona cuts nothing" {
	{
		echo "$pair"
		printf '%s\n' '{"type":"persona","user_id":"u","persona":"Likes\u0000owls."}'
	} >in.jsonl
	[ "$(sm-prompt persona -q -s u in.jsonl)" = $'Likes\xef\xbf\xbdowls.' ]
	sm-prompt judge -q -s u in.jsonl | grep -q $'^Likes\xef\xbf\xbdowls\\.'
	sm-prompt request -q in.jsonl | jq -e '.messages[0].content | contains("owls.")'
	sm-prompt persona -q -s u --trained in.jsonl in.jsonl | grep -q owls
	printf '%s' '{"reasoning":"r","persona":"Likes\u0000newts."}' >content
	echo '{"type":"demos","user_id":"u","stage":"bootstrap","demos":[]}' >>in.jsonl
	answer content sm-persona
	sm-persona -q --replay in.jsonl | jq -se 'map(select(.type == "persona"))[-1].persona == "Likes\ufffdnewts."'
}

@test "a standard descriptor that is closed is told; nothing else takes its place" {
	mock_start --decide longer
	local program
	for program in sm-split "sm-prompt judge" sm-llm sm-judge sm-persona sm-rank sm-bootstrap sm-demosearch sm-neighbors sm-eval "sm-export trl" "sm-import rows" \
		sm-report "sm-cache import" sm-plan sm-fit; do
		# shellcheck disable=SC2086 # program and options
		run timeout 20 bash -c "$program -q <&- >/dev/null"
		echo "$program: $status $output"
		[ "$status" -eq 3 ]
		[[ $output == *"cannot read"* ]]
	done
	for program in sm-split sm-judge sm-bootstrap sm-demosearch "sm-prompt judge" sm-fit; do
		run timeout 20 bash -c "$program -q in.jsonl >&-"
		echo "$program: $status $output"
		[ "$status" -eq 3 ]
		[[ $output == *"cannot write output"* ]]
		run timeout 20 bash -c "$program -q in.jsonl 2>&- | jq -es 'length > 0 and (.[-1].type == \"run\" or (.[0] | type) == \"string\")'" || true
	done
	sm-judge -q --only in.jsonl 2>&- | jq -es '.[-1].type == "run"'
	echo '[{"role":"user","content":"hi"}]' | sm-llm -q 2>&- | jq -e .response
	run timeout 20 bash -c "echo '[{\"role\":\"user\",\"content\":\"hi\"}]' | sm-llm -q >&-"
	[ "$status" -eq 3 ]
}

@test "an answer over many lines is one line in what is written, and plants nothing elsewhere" {
	jq -nc '{type: "answer", user_id: null, key: ("a" * 64), endpoint: "elsewhere", model: "m", sample: 0, created: 1, ms: 1, tokens: {in: 1, out: 1},
		response: {choices: [{message: {role: "assistant", content: "planted"}}]}}' >planted.json
	jq -nc --rawfile planted planted.json '{reply: {body: ("{\"x\":\n" + $planted + "\n,\"choices\":[{\"index\":0,\r\n\"finish_reason\":\"stop\",\"message\":{\"role\":\"assistant\",\"content\":\"hi\"}}]}")}}' >script.jsonl
	mock_start --script script.jsonl
	echo '[{"role":"user","content":"hi"}]' | sm-llm -q >out.jsonl
	[ "$(wc -l <out.jsonl)" -eq 1 ]
	jq -e '.response.body.choices[0].message.content == "hi"' out.jsonl
	sm-cache export >export.jsonl
	[ "$(jq -c 'select(.type == "answer").endpoint' export.jsonl)" = "\"$SM_BASE_URL\"" ]
	[ "$(wc -l <export.jsonl)" -eq "$(jq -c . export.jsonl | wc -l)" ]
	sm-cache import -q --cache other.db export.jsonl
	[ "$(sm-cache list --cache other.db | jq -r 'select(.type == "answer").endpoint')" = "$SM_BASE_URL" ]
}

# What a run tells apart from time and calls, which differ between a run that was cut and one that was not.
told() { jq -c 'if .type == "run" then {type, program, users} else del(.ms, .tokens) end' "$1"; }

@test "killed at random moments while it learns what the endpoint takes: the run that resumes gives what an undisturbed one gives" {
	sm-split -q --test 2 "$top/examples/prefs.jsonl" >split.jsonl
	all() { sm-bootstrap -q --cache "$1" split.jsonl | sm-persona -q --cache "$1" | sm-demosearch -q --cache "$1" | sm-judge -q --cache "$1"; }
	export -f all
	mock_start --decide digest --latency 5 --jitter 5 --fault refuse=response_format
	all whole.db >whole.jsonl
	for round in 1 2 3 4 5; do
		setsid bash -c 'all cut.db >cut.jsonl' 2>/dev/null 3>&- &
		pid=$!
		sleep "0.$((RANDOM % 40 + 10))"
		kill -KILL -- "-$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
		all cut.db >resumed.jsonl
		cmp <(told whole.jsonl) <(told resumed.jsonl) || { echo "round $round"; false; }
		rm -f cut.db*
	done
}
