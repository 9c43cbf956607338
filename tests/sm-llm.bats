load helper

ask() { echo '{"messages":[{"role":"user","content":"'"$1"'"}]}'; }
bodies() { jq -c .body "$BATS_TEST_TMPDIR/mock.log"; }

@test "takes a list of messages, an object with messages, a batch line; answers in their order, as batches do" {
	for n in 1 2 3; do
		jq -nc --arg n "$n" '{expect: {contains: ["ask \($n)"]}, reply: {content: "reply \($n)", latency_ms: (100 / ($n | tonumber))}}'
	done >script.jsonl
	mock_start --script script.jsonl
	{
		echo '[{"role":"user","content":"ask 1"}]'
		ask "ask 2"
		echo '{"custom_id":"mine","method":"POST","url":"/v1/chat/completions","body":{"messages":[{"role":"user","content":"ask 3"}]}}'
	} >in.jsonl
	sm-llm in.jsonl >out.jsonl
	[ "$(jq -r '[.custom_id, .response.status_code, .response.body.choices[0].message.content, .error // "null"] | join(" ")' out.jsonl)" = \
"line-1 200 reply 1 null
line-2 200 reply 2 null
mine 200 reply 3 null" ]
	jq -e '.id | test("^[0-9a-f]{64}$")' out.jsonl
	# from standard input the same
	sm-llm <in.jsonl | cmp - out.jsonl
	[ "$(mock_calls)" -eq 3 ]
}

@test "members of a request are sent as they are, model, temperature and max_tokens where they are missing" {
	mock_start --decide longer
	echo '{"messages":[{"role":"user","content":"a"}],"seed":7,"stop":["x"],"top_p":0.5,"temperature":1.5,"max_tokens":9,"model":"other","stream":true}' |
		sm-llm >/dev/null
	ask b | sm-llm --temperature 0.25 --max-tokens 77 >/dev/null
	[ "$(bodies)" = '{"model":"other","messages":[{"role":"user","content":"a"}],"temperature":1.5,"max_tokens":9,"seed":7,"stop":["x"],"top_p":0.5}
{"model":"mock","messages":[{"role":"user","content":"b"}],"temperature":0.25,"max_tokens":77}' ]
	# --model on the command line is for all
	echo '{"messages":[{"role":"user","content":"c"}],"model":"other","max_completion_tokens":5}' | sm-llm -M third >/dev/null
	[ "$(bodies | tail -n 1)" = '{"model":"third","messages":[{"role":"user","content":"c"}],"temperature":0,"max_tokens":5}' ]
}

@test "what the endpoint refuses is left out of requests too, and a second run asks nothing" {
	mock_start --decide longer --fault refuse=seed --fault refuse=max_tokens
	for n in 1 2 3 4; do echo "{\"messages\":[{\"role\":\"user\",\"content\":\"$n\"}],\"seed\":$n}"; done >in.jsonl
	sm-llm in.jsonl >out.jsonl
	[ "$(jq -r .response.status_code out.jsonl | paste -sd ' ')" = "200 200 200 200" ]
	[ "$(mock_calls)" -eq 6 ]
	[ "$(bodies | tail -n 1 | jq -c 'del(.messages)')" = '{"model":"mock","temperature":0,"max_completion_tokens":1024}' ]
	sm-llm in.jsonl | cmp - out.jsonl
	[ "$(mock_calls)" -eq 6 ]
}

# Two models at one endpoint, of which the second takes no temperature.
of_models() { # MODEL ...: a request to each, all different
	for model in "$@"; do echo '{"model":"'"$model"'","messages":[{"role":"user","content":"'"$model $((++asked))"'"}]}'; done
}
picky() {
	jq -nc '{expect: {model: "picky", has: ["temperature"]},
		reply: {status: 400, body: {error: {message: "Unsupported parameter.", param: "temperature"}}}}' >script.jsonl
	mock_start --decide longer --script script.jsonl
}
sent() { jq -r '.body | "\(.model) \(has("temperature"))"' mock.log | sort | uniq -c | awk '{print $1, $2, $3}'; }
known() { sm-cache list | jq -r 'select(.type == "endpoint") | "\(.model) \(.name) \(.value)"'; }

@test "what one model refuses is not left out of requests to another, now or later" {
	picky
	of_models plain picky mock plain picky mock >in.jsonl
	sm-llm in.jsonl >out.jsonl
	[ "$(jq -r .response.status_code out.jsonl | sort | uniq -c | awk '{print $1, $2}')" = "6 200" ]
	[ "$(sent)" = "2 mock true
2 picky false
1 picky true
2 plain true" ]
	[ "$(known)" = "mock answers yes
picky answers yes
picky temperature refused
plain answers yes" ]
	# a second run asks nothing, and one with other requests none in vain
	sm-llm in.jsonl | cmp - out.jsonl
	of_models picky plain mock >more.jsonl
	sm-llm more.jsonl >/dev/null
	[ "$(sent)" = "3 mock true
3 picky false
1 picky true
3 plain true" ]
	# named on the command line it is the same model
	ask again | sm-llm -M picky >/dev/null
	[ "$(bodies | tail -n 1 | jq -c 'del(.messages)')" = '{"model":"picky","max_tokens":1024}' ]
}

@test "the same of the lines of a batch" {
	picky
	of_models plain picky mock >in.jsonl
	sm-llm -q --batch calls.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
	# who answers it reports what the model does not take
	jq -c 'if .body.model == "picky"
		then {custom_id, response: {status_code: 400, body: {error: {message: "Not supported.", param: "temperature"}}}}
		else {custom_id, response: {status_code: 200, body: {choices: [{message: {content: "x"}}]}}} end' calls.jsonl >answers.jsonl
	sm-cache import -q answers.jsonl || [ $? -eq 1 ]
	[ "$(known)" = "picky temperature refused" ]
	of_models plain mock >>in.jsonl
	sm-llm -q --batch again.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
	[ "$(jq -r '.body | "\(.model) \(has("temperature"))"' again.jsonl)" = "picky false
plain true
mock true" ]
	[ "$(mock_calls)" -eq 0 ]
}

@test "a line that is no request is told with its number, the others are answered: 1" {
	mock_start --decide longer
	{
		echo 'no json'
		ask a
		echo '{"custom_id":"e","url":"/v1/embeddings","body":{"input":"x"}}'
		echo '{"messages":[{"content":"no role"}]}'
		echo '{"messages":[]}'
	} >in.jsonl
	run --separate-stderr sm-llm -q in.jsonl
	[ "$status" -eq 1 ]
	[ "$(jq -r .custom_id <<<"$output")" = line-2 ]
	[[ $stderr == *"in.jsonl:1: not valid JSON"* ]]
	[[ $stderr == *"in.jsonl:3: a batch line for another interface: skipped"* ]]
	[[ $stderr == *"in.jsonl:4: no messages in this line"*"in.jsonl:5: no messages"* ]]
}

@test "a call given up on is a line with the error, in its place: 1" {
	echo '{"expect":{"contains":["bad"]},"reply":{"status":400,"body":{"error":{"message":"Not this."}}}}' >script.jsonl
	mock_start --decide longer --script script.jsonl
	{ ask good && ask bad && ask fine; } >in.jsonl
	run --separate-stderr sm-llm -q in.jsonl
	[ "$status" -eq 1 ]
	[ "$(jq -c '[.custom_id, .response.status_code, .error.code]' <<<"$output")" = '["line-1",200,null]
["line-2",null,"failed"]
["line-3",200,null]' ]
	[ "$(sed -n 2p <<<"$output" | jq -r .error.message)" = "HTTP 400: Not this." ]
	[[ $stderr == "sm-llm: HTTP 400: Not this.; "* ]]
}

@test "identical requests are sent once" {
	mock_start --decide longer --latency 20
	{ ask a && ask a && ask a; } | sm-llm >out.jsonl
	[ "$(wc -l <out.jsonl)" -eq 3 ]
	[ "$(mock_calls)" -eq 1 ]
}

@test "a refusal for good ends it: 4; and --replay: 8" {
	mock_start --fault badkey
	run --separate-stderr sm-llm -q <<<"$(ask a)"
	[ "$status" -eq 4 ]
	[[ $stderr == *"HTTP 401"*"check the API key"* ]]
	run --separate-stderr sm-llm -q --replay <<<"$(ask a)"
	[ "$status" -eq 8 ]
	[ "$(jq -r .error.code <<<"$output")" = not_recorded ]
}

@test "killed and run again it pays for the rest alone" {
	mock_start --decide longer --latency 30
	for n in 1 2 3 4 5 6 7 8 9; do ask "$n"; done >in.jsonl
	sm-llm -q -j 1 in.jsonl >cut.jsonl 3>&- &
	pid=$!
	for ((i = 0; i < 500 && $(mock_calls) < 4; i++)); do sleep 0.02; done
	kill -KILL "$pid"
	wait "$pid" || [ $? -eq 137 ]
	sm-llm -q -j 1 in.jsonl >out.jsonl
	[ "$(wc -l <out.jsonl)" -eq 9 ]
	[ "$(mock_calls)" -le 10 ]
}

@test "an interrupt lets what is in flight end into the store: 130" {
	mock_start --decide longer --latency 300
	for n in 1 2 3 4; do ask "$n"; done >in.jsonl
	sm-llm -q -j 2 in.jsonl >out.jsonl 3>&- &
	pid=$!
	for ((i = 0; i < 500 && $(mock_calls) < 3; i++)); do sleep 0.02; done
	kill -INT "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 130 ]
	[ "$(sqlite3 "$SM_CACHE" 'select count(*) from answer')" -eq "$(mock_calls)" ]
}

@test "an interrupt ends --check too: 130" {
	mock_start --decide longer --latency 20000
	sm-llm --check >out 2>err 3>&- &
	pid=$!
	for ((i = 0; i < 500 && $(mock_calls) < 1; i++)); do sleep 0.02; done
	kill -INT "$pid"
	for ((i = 0; i < 250; i++)); do kill -0 "$pid" 2>/dev/null || break; sleep 0.02; done
	status=0
	kill -KILL "$pid" 2>/dev/null || true
	wait "$pid" || status=$?
	[ "$status" -eq 130 ]
}

# How many chats the mock was asked: a check also looks for ways to a likelihood.
chats() {
	jq -c 'select(.path | endswith("/chat/completions"))' "$BATS_TEST_TMPDIR/mock.log" | wc -l
}

checked() { # NAME: that row of the report
	grep "^$1  *" <<<"$output"
}

@test "--check: key, model, schema, logprobs, speed, price, all well" {
	jq -nc '{reply: {content: {reasoning: "six letters", longer: "Second"}, logprobs: {content: []}}}' >script.jsonl
	mock_start --script script.jsonl
	export SM_API_KEY=sk-known-0123
	run sm-llm --check
	[ "$status" -eq 0 ]
	[[ $(checked endpoint) == *"$SM_BASE_URL" ]]
	[[ $(checked key) == *" taken" ]]
	[[ $(checked model) == *" mock: answers" ]]
	[[ $(checked schema) == *"taken, and the reply follows it" ]]
	[[ $(checked logprobs) == *"given: sm-judge --logprobs"* ]]
	[[ $(checked speed) == *" ms for one reply, "*" tokens a second" ]]
	[[ $(checked price) == *"--prices FILE" ]]
	[[ $(checked likelihood) == *" not told: sm-judge needs --by verdict" ]]
	[[ $output != *sk-known* ]]
	[ "$(chats)" -eq 1 ]
	unset SM_API_KEY
	run sm-llm --check --prices <(echo '{"model":"mock","in":2,"out":4}')
	[[ $(checked key) == *"none is sent"* ]]
	[[ $(checked price) == *"2 US dollars in, 4 out, per million tokens" ]]
	[ "$(chats)" -eq 2 ] # a check is never answered by the store
}

@test "--check: what is refused, not followed, not given, and what to do" {
	jq -nc '{reply: {content: "Harbor, I think."}}' >script.jsonl
	mock_start --script script.jsonl --models a,b --fault refuse=response_format --fault refuse=logprobs --fault refuse=temperature
	run sm-llm --check
	[ "$status" -eq 0 ]
	[[ $(checked model) == *"not in the endpoint's list of models"* ]]
	[[ $(checked schema) == *"refused: "*"read from the text" ]]
	[[ $(checked logprobs) == *"refused: use --votes"* ]]
	[[ $(checked temperature) == *"refused: left out"* ]]
	mock_stop
	mock_start --script script.jsonl
	run sm-llm --check
	[[ $(checked schema) == *"does not follow it: "* ]]
	[[ $(checked logprobs) == *"not given: use --votes"* ]]
	mock_stop
	jq -nc '{times: 1, reply: {status: 400, body: {error: {message: "System role not supported"}}}}' >script.jsonl
	mock_start --decide first --script script.jsonl
	run --separate-stderr sm-llm --check
	[[ $(checked system_role) == *"refused: instructions go into the user's message" ]]
	[[ $stderr == "sm-llm: $SM_BASE_URL takes no system_role for model mock: "* ]]
}

@test "--check finds out anew what was refused before" {
	mock_start --decide longer --fault refuse=response_format
	ask a | sm-llm --check >/dev/null
	[ "$(sm-cache list | jq -r 'select(.name == "response_format").value')" = refused ]
	mock_stop
	port=${SM_BASE_URL##*:} port=${port%/v1}
	mock_start --decide longer --port "$port"
	run sm-llm --check
	[[ $(checked schema) == *taken* ]]
	[ "$(sm-cache list | jq -r 'select(.name == "response_format").value')" = taken ]
}

@test "--check of an endpoint that is not there, or a wrong key, says what to do" {
	run --separate-stderr sm-llm --check -M m -B http://127.0.0.1:9/v1
	[ "$status" -eq 3 ]
	[[ $stderr == *"cannot reach http://127.0.0.1:9/v1"*"start the server, or check --base-url"* ]]
	mock_start --fault badkey
	run --separate-stderr sm-llm --check
	[ "$status" -eq 4 ]
	[[ $stderr == *"check the API key"* ]]
}

@test "--batch, --dry-run and a cap hold for requests too" {
	mock_start --decide longer
	{ ask a && ask b; } >in.jsonl
	run --separate-stderr sm-llm --dry-run in.jsonl
	[ "$status" -eq 0 ]
	[[ $stderr == *"would make 2 calls"* ]]
	run --separate-stderr sm-llm --batch calls.jsonl in.jsonl
	[ "$status" -eq 5 ]
	[ "$(jq -r .error.code <<<"$output" | paste -sd ' ')" = "pending pending" ]
	[[ $stderr == *"2 requests wait in calls.jsonl"* ]]
	[ "$(mock_calls)" -eq 0 ]
	sm-llm --no-cache calls.jsonl >answers.jsonl
	sm-cache import -q answers.jsonl
	sm-llm in.jsonl >out.jsonl
	[ "$(jq -r .response.status_code out.jsonl | paste -sd ' ')" = "200 200" ]
	[ "$(mock_calls)" -eq 2 ]
	run sm-llm -q -j 1 --max-calls 1 <<<"$(ask c && ask d)"
	[ "$status" -eq 6 ]
	[ "$(mock_calls)" -eq 3 ]
}
