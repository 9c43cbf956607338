# Limits and caps hold for every process that shares the store; prices, tokens and cost are told.
load helper

setup() {
	prefs=$top/examples/prefs.jsonl
	cd "$BATS_TEST_TMPDIR" || return 1
	sm-split -q --test 2 "$prefs" >in.jsonl
	echo '{"model":"mock","in":2,"cached":1,"out":10}' >prices.jsonl
}

# Waits until the mock was asked N times, then a second more.
settle() {
	for ((i = 0; i < 100 && $(mock_calls) < $1; i++)); do sleep 0.1; done
	sleep 1
}

# All that was sent is made as old as that: 60 seconds leave the last minute.
age() { store_sql "update sent set at_ms = at_ms - $1 * 1000"; }

# bats test_tags=store
@test "--rpm: so many requests in a minute and no more, of two programs on one store together" {
	mock_start --decide longer
	sm-judge -q --rpm 5 --order forward in.jsonl >a.jsonl 3>&- &
	a=$!
	sm-judge -q --rpm 5 --order reverse in.jsonl >b.jsonl 3>&- &
	b=$!
	settle 5
	[ "$(mock_calls)" -eq 5 ]
	age 60
	settle 10
	[ "$(mock_calls)" -eq 10 ]
	age 60
	wait "$a"
	wait "$b"
	[ "$(mock_calls)" -eq 12 ]
	[ "$(cat a.jsonl b.jsonl | jq -r 'select(.type == "verdict").status' | grep -c ok)" -eq 12 ]
}

# bats test_tags=store
@test "--rpm counts attempts that failed too" {
	mock_start --decide longer --fault 500:first=2:value=ms=1
	sm-judge -q --rpm 4 in.jsonl >a.jsonl 3>&- &
	a=$!
	settle 4
	[ "$(mock_calls)" -eq 4 ]
	for ((i = 0; i < 20; i++)); do age 60; sleep 0.2; done
	wait "$a"
	tail -n 1 a.jsonl | jq -e '.calls == 12 and .retries == 2'
}

# bats test_tags=store
@test "--tpm: so many tokens in a minute, of prompts and replies" {
	mock_start --decide longer
	sm-judge -q --tpm 3000 --max-tokens 100 in.jsonl >a.jsonl 3>&- &
	a=$!
	settle 3
	calls=$(mock_calls)
	[ "$calls" -ge 3 ]
	[ "$calls" -lt 12 ]
	[ "$(store_sql 'select case when sum(tokens) <= 3000 and sum(tokens) > 500 then 1 end from sent')" -eq 1 ]
	[ "$(store_sql 'select sum(tokens) from sent')" -eq "$(store_sql 'select sum(tokens_in + tokens_out) from answer')" ]
	for ((i = 0; i < 20; i++)); do age 60; sleep 0.2; done
	wait "$a"
	[ "$(mock_calls)" -eq 12 ]
}

@test "a request that is larger than --tpm goes alone" {
	mock_start --decide longer
	sm-judge -q --tpm 10 --order forward in.jsonl >a.jsonl 3>&- &
	a=$!
	settle 1
	[ "$(mock_calls)" -eq 1 ]
	age 60
	settle 2
	[ "$(mock_calls)" -eq 2 ]
	kill "$a"
	wait "$a" || true
}

@test "recorded answers cost no rate, and another model has its own" {
	mock_start --decide longer
	sm-judge -q in.jsonl >/dev/null
	sm-judge -q --rpm 1 in.jsonl >/dev/null
	[ "$(mock_calls)" -eq 12 ]
	head -n 12 in.jsonl | jq -c 'if .index == 11 then .split = "train" else . end' >one.jsonl
	for model in x y z; do sm-judge -q --rpm 1 --order forward -M "$model" one.jsonl >/dev/null; done
	[ "$(mock_calls)" -eq 15 ]
}

# bats test_tags=store
@test "--max-calls ends it after so many: 6, what is answered is kept" {
	mock_start --decide longer
	run --separate-stderr sm-judge -q --max-calls 5 in.jsonl
	[ "$status" -eq 6 ]
	[[ $stderr == "sm-judge: the cap of 5 calls is reached; raise --max-calls and run the same command again"* ]]
	[ "$(grep -c . <<<"$stderr")" -eq 1 ]
	[ "$(mock_calls)" -eq 5 ]
	[ "$(tail -n 1 <<<"$output" | jq -c '[.calls, .complete]')" = "[5,false]" ]
	SM_RUN=next sm-judge -q --max-calls 7 in.jsonl | tail -n 1 | jq -e '.calls == 7 and .hits == 5'
}

# bats test_tags=store
@test "retries and what was recorded are no further calls" {
	mock_start --decide longer --fault 500:every=2:value=ms=1
	SM_RUN=a sm-judge -q --max-calls 12 in.jsonl >/dev/null
	SM_RUN=b sm-judge -q --max-calls 1 in.jsonl | tail -n 1 | jq -e '.hits == 12'
}

# bats test_tags=store
@test "the cap is that of the whole pipe, and of all programs with the same SM_RUN" {
	mock_start --decide longer
	run --separate-stderr sm-fit -q --max-calls 40 "$prefs"
	[ "$status" -eq 6 ]
	[ "$(mock_calls)" -eq 40 ]
	mock_start --decide longer
	export SM_RUN=two
	sm-judge -q --max-calls 7 --order forward --cache "$other" in.jsonl >/dev/null &
	sm-judge -q --max-calls 7 --order reverse --cache "$other" in.jsonl >/dev/null || [ $? -eq 6 ]
	wait $! || [ $? -eq 6 ]
	[ "$(mock_calls)" -eq 7 ]
}

# bats test_tags=store
@test "--max-cost is never passed: 6" {
	mock_start --decide longer
	run --separate-stderr sm-judge -q -j 4 --prices prices.jsonl --max-cost 0.01 --max-tokens 100 in.jsonl
	[ "$status" -eq 6 ]
	[[ $stderr == *"the cap of 0.01 US dollars is reached: "*"raise --max-cost"* ]]
	tail -n 1 <<<"$output" | jq -e '.cost > 0.002 and .cost <= 0.01 and .calls < 12'
	[ "$(store_sql 'select case when abs(sum(tokens_in * 2 + tokens_out * 10) / 1e6 - (select sum(cost) from run)) < 1e-9 then 1 end from answer')" -eq 1 ]
}

# bats test_tags=store
@test "--max-cost waits for what is in flight, which takes less than was reserved for it" {
	mock_start --decide longer --latency 50
	run --separate-stderr sm-judge -q -j 8 --prices prices.jsonl --max-cost 0.03 --max-tokens 1000 in.jsonl
	[ "$status" -eq 0 ]
	tail -n 1 <<<"$output" | jq -e '.calls == 12 and .cost < 0.03'
	# each call may take some 0.011 dollars
	[ "$(curl -s "${SM_BASE_URL%/v1}/stats" | jq .peak_in_flight)" -eq 2 ]
	# nothing in flight: then it is over
	SM_RUN=b run --separate-stderr sm-judge -q -j 8 --no-cache --prices prices.jsonl --max-cost 0.015 --max-tokens 1000 in.jsonl
	[ "$status" -eq 6 ]
	[ "$(grep -c 'the cap of 0.015' <<<"$stderr")" -eq 1 ]
	tail -n 1 <<<"$output" | jq -e '.calls > 2 and .cost <= 0.015'
}

@test "--max-cost without a price: 2, and how to give one" {
	mock_start --decide longer
	run --separate-stderr sm-judge -q --max-cost 1 in.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == *"the price of mock is not known; give it with --prices FILE"* ]]
	echo '{"model":"mock","in":"cheap"}' >bad.jsonl
	run --separate-stderr sm-judge -q --prices bad.jsonl in.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == *"bad.jsonl:1: not a price; write "* ]]
	run --separate-stderr sm-judge -q --prices missing.jsonl in.jsonl
	[ "$status" -eq 3 ]
}

@test "tokens and cost are told by call, user and run: cached ones cheaper, thoughts among the replies" {
	jq -nc '{reply: {content: {reasoning: "r", preference: "First"}, usage: {prompt_tokens: 1000, completion_tokens: 50,
		prompt_tokens_details: {cached_tokens: 400}, completion_tokens_details: {reasoning_tokens: 20}}}}' >script.jsonl
	mock_start --script script.jsonl
	sm-judge -q --prices prices.jsonl in.jsonl >out.jsonl
	holds out.jsonl 'map(select(.type == "verdict")) | length == 12 and all(.[]; .tokens == {in: 1000, out: 50, cached: 400, reasoning: 20}
			and .cost == 0.0021)' \
		'.[-1] | .tokens == {in: 12000, out: 600, cached: 4800, reasoning: 240} and (.cost * 1e6 | round) == 25200'
	sm-eval out.jsonl | jq -es 'map(select(.type == "result")) | map([.tokens.in, .cost]) == [[4000, 0.0084], [4000, 0.0084], [4000, 0.0084], [12000, 0.0252]]'
	run --separate-stderr sm-judge -v --prices prices.jsonl --temperature 1 in.jsonl
	[[ $stderr == *"0.0252 US dollars"* ]]
	# a price that is not known is no price of nothing
	sm-judge -q in.jsonl >out.jsonl
	holds out.jsonl 'all(.[]; .type != "verdict" or (has("cost") | not))' '.[-1].cost == null'
	sm-eval out.jsonl | tail -n 2 | head -n 1 | jq -e '.cost == null and .tokens.in == 12000'
}

@test "what was learned counts in a user's tokens and cost" {
	mock_start --decide longer
	sm-fit -q --test 2 --prices prices.jsonl "$prefs" | sm-judge -q --prices prices.jsonl >out.jsonl
	sm-eval out.jsonl | jq -es --slurpfile r out.jsonl '
		(map(select(.type == "result" and .user_id) | {(.user_id): .tokens.in}) | add) as $tokens
		| ($r | map(select(.tokens and .user_id)) | group_by(.user_id) | map({(.[0].user_id): (map(.tokens.in) | add)}) | add) as $want
		| map(select(.type == "result" and .user_id == null))[0].cost as $c
		| ($r | map(select(.type != "run" and .cost).cost) | add) as $sum
		| ($tokens | length) == 3 and $tokens == $want and ($c - $sum | fabs) < 1e-8'
}

@test "prices are built in for models of known providers, and their dated versions; a file goes before" {
	mock_start --decide longer
	export OPENAI_API_KEY=sk-x
	cost() { sm-judge -q --no-cache --order forward -M "$@" in.jsonl | tail -n 1 | jq '.cost as $c | .tokens | if $c then ($c * 1e6 - .in * 0.15 - .out * 0.6 | fabs) < 1e-6 else null end'; }
	[ "$(cost openai/gpt-4o-mini)" = true ]
	[ "$(cost openai/gpt-4o-mini-2024-07-18)" = true ]
	[ "$(cost openai/gpt-4o-mini-audio)" = null ]
	echo '{"model":"openai/gpt-4o-mini","in":9,"out":9}' >own.jsonl
	[ "$(cost openai/gpt-4o-mini --prices own.jsonl)" = false ]
}

# A good answer without `usage`, as some servers send it.
untold() {
	jq -nc --argjson more "${1:-null}" '{reply: ({body: {id: "x", object: "chat.completion", model: "mock", choices: [{index: 0,
		message: {role: "assistant", content: "{\"reasoning\":\"short\",\"preference\":\"First\"}"}, finish_reason: "stop"}]}} + $more)}'
}

@test "tokens that are not told count as the most that they can be: caps and rates hold" {
	untold >script.jsonl
	mock_start --script script.jsonl
	run --separate-stderr sm-judge -j 1 -v --prices prices.jsonl --max-cost 0.03 --max-tokens 1000 in.jsonl
	[ "$status" -eq 6 ]
	[[ $stderr == *"at most 0.02"*" US dollars"* ]]
	tail -n 1 <<<"$output" | jq -e '.calls == 2 and .tokens.untold == 2 and .tokens.in == 0 and .cost > 0.02 and .cost <= 0.03'
	sm-judge -q --prices prices.jsonl --max-tokens 1000 in.jsonl >out.jsonl
	jq -es 'map(select(.type == "verdict")) | length == 12 and all(.[]; .tokens.untold == 1 and (has("cost") | not))' out.jsonl
	sm-eval out.jsonl | jq -es 'map(select(.type == "result"))[-1] | .cost == null and .tokens.untold == 12'
	# two calls take some 2,400 tokens of the minute's 3,000: a third has to wait
	calls=$(mock_calls)
	timeout 2 sm-judge -q -j 1 --tpm 3000 --max-tokens 1000 --cache tpm.db in.jsonl >/dev/null || [ $? -eq 124 ]
	run mock_calls
	[ "$output" -eq $((calls + 2)) ]
}

# told_by PROGRAM [OPTION ...]: a run for each line of cases.txt, in which the mock answers with the answer above as PROGRAM
# makes it of $line; it knows the run by `user`. The run records are runs.jsonl.
told_by() {
	local i count
	jq -Rc --slurpfile untold <(untold) '. as $line | $untold[0] | .expect = {user: "line \(input_line_number)"} | '"$1" cases.txt >script.jsonl
	mock_start --script script.jsonl
	count=$(wc -l <script.jsonl)
	for ((i = 1; i <= count; i++)); do
		sm-judge -q --no-cache --set user="line $i" "${@:2}" in.jsonl | tail -n 1
	done >runs.jsonl
}

@test "tokens of which a half is not told, or cannot be, are not told; a total tells the other half" {
	cat >cases.txt <<'END'
{"prompt_tokens":100}|[0,0,0,12]
{"completion_tokens":20}|[0,0,0,12]
{"prompt_tokens":0,"completion_tokens":20}|[0,0,0,12]
{"prompt_tokens":-5,"completion_tokens":20}|[0,0,0,12]
{"prompt_tokens":1e30,"completion_tokens":20}|[0,0,0,12]
{"prompt_tokens":100,"completion_tokens":"20"}|[0,0,0,12]
{"total_tokens":120}|[0,0,0,12]
{"prompt_tokens":100,"total_tokens":120}|[1200,240,0,null]
{"completion_tokens":20,"total_tokens":120}|[1200,240,0,null]
{"prompt_tokens":100,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":500}}|[1200,240,1200,null]
{"input_tokens":100,"output_tokens":20}|[1200,240,0,null]
{"prompt_tokens":100,"completion_tokens":20,"total_tokens":520}|[1200,5040,0,null]
{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120}|[1200,240,0,null]
{"prompt_tokens":100,"completion_tokens":20,"total_tokens":0}|[1200,240,0,null]
END
	told_by '.reply.body.usage = ($line | split("|")[0] | fromjson)' --prices prices.jsonl
	jq -c '.tokens | [.in, .out, .cached, .untold]' runs.jsonl | diff <(cut -d '|' -f 2 cases.txt) -
	holds runs.jsonl 'length == 14 and all(.[]; .cost > 0 and (if .tokens.untold then .cost > 0.03 else true end))'
}

@test "without a price, untold tokens make no cost of 0" {
	untold >script.jsonl
	mock_start --script script.jsonl
	sm-judge -q in.jsonl | tail -n 1 | jq -e '.cost == null and .tokens.untold == 12'
}

@test "what a gateway says that a call has cost is taken" {
	untold '{"headers": {"x-litellm-response-cost": "2.5e-05"}}' >script.jsonl
	mock_start --script script.jsonl
	sm-judge -q in.jsonl | tail -n 1 | jq -e '(.cost * 1e6 | round) == 300'
	# and what is no cost is not
	printf '%s\n' None -1 nan 1e99 "" "1 USD" 2.5e-05 >cases.txt
	told_by '.reply.headers = {"x-litellm-response-cost": $line}'
	holds runs.jsonl 'map(.cost | if . then . * 1e6 | round else . end) == [null, null, null, null, null, null, 300]'
}

# LINE PRICES: what one line of sm-llm costs.
line_cost() {
	sm-llm -v --no-cache --prices "$2" <<<"$1" 2>&1 >/dev/null | sed -n 's/.*tokens, \(at most \)\{0,1\}\([0-9.]*\) US dollars.*/\2/p'
}

@test "a line is priced as its own model, and n replies are n times the reply" {
	mock_start --decide longer
	printf '%s\n' '{"model":"mock","in":1,"out":1}' '{"model":"dear","in":100,"out":100}' >both.jsonl
	line='{"messages":[{"role":"user","content":"Which?"}],"max_tokens":1000}'
	unset SM_MODEL
	with() { echo "${line%\}},$1}"; }
	cheap=$(line_cost "$(with '"model":"mock"')" both.jsonl)
	dear=$(line_cost "$(with '"model":"dear"')" both.jsonl)
	awk -v c="$cheap" -v d="$dear" 'BEGIN {exit !(d > 0.001 && d > 20 * c)}'
	# neither gets past a cap
	for more in '"model":"dear"' '"model":"mock","n":128' '"model":"mock","best_of":128'; do
		run --separate-stderr sm-llm -q --no-cache --prices both.jsonl --max-cost 0.05 <<<"$(with "$more")"
		[ "$status" -eq 6 ] || { echo "$more: $status $output $stderr"; false; }
	done
	sm-llm -q --no-cache --prices both.jsonl --max-cost 0.05 <<<"$(with '"model":"mock","n":2')"
	run --separate-stderr sm-llm -q --no-cache --model mock --prices both.jsonl --max-cost 0.05 <<<"$line"
	[ "$status" -eq 0 ]
	SM_MODEL=mock run --separate-stderr sm-llm -q --no-cache --prices both.jsonl --max-cost 0.05 <<<"$(with '"model":"other"')"
	[[ $stderr == *"--max-cost: the price of other is not known; give it with --prices FILE"* ]]
	[ "$status" -ne 0 ]
}
