load helper

# Inputs and answers that are made, or happen, to be bad: none takes the machine, none is passed on as something else.

pair='{"user_id":"u","context":[{"role":"user","content":"q"}],"chosen":"a","rejected":"bb"}'

# A pair with another member, for each.
with() { # MEMBER ...
	printf "${pair%\}},\"x\":%s}\n" "$@"
}

# The answer to a line of a batch, of $content.
answered='{id: "x", custom_id, error: null, response: {status_code: 200, body: {object: "chat.completion", model: "mock",
	choices: [{index: 0, message: {role: "assistant", $content}, finish_reason: "stop"}], usage: {prompt_tokens: 9, completion_tokens: 9}}}}'

# Has the store answer what a program asks first with CONTENT.
answer() { # CONTENT-FILE PROGRAM ...
	rm -f batch.jsonl
	"${@:2}" -q --batch batch.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
	jq -c --rawfile content "$1" "$answered" batch.jsonl | sm-cache import -q
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
	sm-split -q two.jsonl | holds - '.[:-1] | map([.context[0].content, .chosen, .rejected]) == [["q", "a", "bb"], ["q", "a", "bb"]]'
	printf '\357\273\277\357\273\277%s\n' "$pair" >twice.jsonl
	run --separate-stderr sm-split -q twice.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"twice.jsonl:1: "* ]]
}

@test "what is copied is JSON: numbers that libjq would take are told" {
	local n numbers=(01 -01 .5 1. +1 Infinity -Infinity NaN nan -nan)
	with "${numbers[@]}" >bad.jsonl
	for program in sm-split "sm-judge --dry-run"; do
		# shellcheck disable=SC2086 # program and option
		run --separate-stderr $program -q bad.jsonl
		[ "$status" -eq 1 ]
		[[ $output == '{"type":"run",'* && $output != *$'\n'* ]]
		for n in "${!numbers[@]}"; do
			[[ $stderr == *"bad.jsonl:$((n + 1)): not valid JSON"* ]] || { echo "$program: ${numbers[n]}: $stderr"; false; }
		done
	done
	numbers=(0 -0 1 -1.5 2e6 2E-6 1e999 '[0.10,null]' '"01"' '"Infinity +1"')
	with "${numbers[@]}" | sm-split -q >out.jsonl
	mapfile -t lines <out.jsonl
	for n in "${!numbers[@]}"; do
		[[ ${lines[n]} == *"\"x\":${numbers[n]}"[,\}]* ]] || { echo "${numbers[n]}: ${lines[n]}"; false; }
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
		grep -q '"type":"error"' out.jsonl
	done
}

@test "votes that come in another order than they were asked in tell the same" {
	jq -nc '(["Second", "first", 0], ["First", "slow", 500], ["First", "fast", 0]) as [$preference, $reasoning, $latency_ms]
		| {times: 1, reply: {content: {$reasoning, $preference}, $latency_ms}}' >script.jsonl
	mock_start --script script.jsonl
	jq -nc --arg e "$SM_BASE_URL" '{type: "endpoint", endpoint: $e, model: "mock", name: "n", value: "refused"}' | sm-cache import -q
	sm-judge -q --only --order forward --votes 3 -j 3 in.jsonl >paid.jsonl
	sm-judge -q --only --order forward --votes 3 --replay in.jsonl >again.jsonl
	cmp <(grep '"type":"verdict"' paid.jsonl) <(grep '"type":"verdict"' again.jsonl)
	holds paid.jsonl 'map(select(.type == "verdict").reasoning) == ["slow"]'
}

@test "a reply of a megabyte is read at once, whatever it consists of" {
	local units=(' ' $'\n' '{' '[' '<' '"' 'a.' 'First ' '{"a":' '```json'$'\n' $'persona:\n' $'preference: First\n' \\ '<think>' 'wait, ' $' \n ')
	# a user for each, who asks something of their own
	jq -nc '$ARGS.positional | range(length) | [{role: "user", content: "q\(.)"}] as $context
		| {user_id: "u\(.)", $context, chosen: "a", rejected: "bb"}, {type: "demos", user_id: "u\(.)", stage: "bootstrap",
			demos: [{index: 0, kind: "bootstrapped", $context, first: "a", second: "bb", preference: "First", reasoning: "r"}]}' --args "${units[@]}" >in.jsonl
	for program in "sm-judge --order forward" sm-persona; do
		rm -f batch.jsonl
		# shellcheck disable=SC2086 # program and options
		$program -q --batch batch.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
		[ "$(wc -l <batch.jsonl)" -eq ${#units[@]} ]
		jq -c "(\$ARGS.positional | .[input_line_number % length] | . * (1048576 / length | floor)) as \$content | $answered" batch.jsonl --args "${units[@]}" |
			sm-cache import -q
		# shellcheck disable=SC2086 # program and options
		timeout 60 $program -q --replay in.jsonl >out.jsonl 2>/dev/null || [ $? -ne 124 ]
		[ "$(grep -cE '"type":"(verdict|persona|error)"' out.jsonl)" -eq ${#units[@]} ]
	done
}

@test "a row whose text is all escapes is read at once" {
	jq -c '.context[0].content = "\\" * 2000000' <<<"$pair" >rows.jsonl
	timeout 20 sm-import -q rows rows.jsonl | holds - '.[0].context[0].content == "\\" * 2000000'
}

@test "a text of many lines, or turns, goes into a prompt at once" {
	# long lines, as what takes the square of them takes it of their bytes
	jq -c '.context[0].content = "a]" + ("\nline" + " " * 195) * 20000 | .context += [range(20000) | {role: "user", content: "x"}]' <<<"$pair" |
		timeout 20 sm-prompt request -q -M m --no-cache >out.jsonl
	holds out.jsonl '.[0].messages[-1].content | length > 4000000'
}

@test "an answer with too many values, or of too many bytes, is told and not asked for again" {
	printf '{"reply":{"body":"{\\"a\\":[%s1],\\"choices\\":[]}"}}\n' "$(yes '[],' | head -n 500001 | tr -d '\n')" >script.jsonl
	mock_start --script script.jsonl
	run --separate-stderr sm-judge -q --order forward in.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"the endpoint's answer has more than 500000 JSON values; ask for fewer tokens (--max-tokens), or without logprobs"* ]]
	[ "$(mock_calls)" -eq 1 ]
	printf '{"reply":{"body":"%s"}}\n' "$(head -c 17000000 /dev/zero | tr '\0' x)" >script.jsonl
	mock_start --script script.jsonl
	run --separate-stderr sm-judge -q --order forward in.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"the endpoint's answer is longer than 16 MiB; ask for fewer tokens"* ]]
	[ "$(mock_calls)" -eq 1 ]
}

@test "a line with more than a million values is told and passed over" {
	{
		with "[$(seq -s , 0 1000000)]"
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
	sm-prompt request -q in.jsonl | holds - '.[0].messages[0].content | contains("owls.")'
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
		# shellcheck disable=SC2086 # program and options
		timeout 20 $program -q in.jsonl >out.txt 2>&- || [ $? -eq 1 ]
		if [ "$program" = "sm-prompt judge" ]; then
			[[ $(<out.txt) == "# user u"*"[system]"* ]]
		else
			holds out.txt '.[-1].type == "run"'
		fi
	done
	sm-judge -q --only in.jsonl 2>&- | tail -n 1 | grep '^{"type":"run"'
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
	told whole.jsonl >expected
	for round in 1 2 3 4 5; do
		setsid bash -c 'all cut.db >cut.jsonl' 2>/dev/null 3>&- &
		pid=$!
		sleep "0.$((RANDOM % 40 + 10))"
		kill -KILL -- "-$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
		all cut.db >resumed.jsonl
		told resumed.jsonl | cmp - expected || { echo "round $round"; false; }
		rm -f cut.db*
	done
}
