# What endpoints say when they do not answer: every shape and many words of it, what is done then, and what is learned.
load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	sm-split -q --test 2 "$top/examples/prefs.jsonl" >in.jsonl
	grep -m 1 '"split":"test"' in.jsonl >single.jsonl
	cat >two.jsonl <<-'END'
		{"user_id":"u","split":"test","context":[{"role":"user","content":"How do I boil water?"}],"chosen":"In a pot.","rejected":"No."}
		{"user_id":"u","split":"test","context":[{"role":"user","content":"At what temperature do I boil an egg?"}],"chosen":"At 100 degrees.","rejected":"Ask a cook."}
	END
}

setup() {
	cd "$BATS_TEST_TMPDIR" && cp "$BATS_FILE_TMPDIR"/*.jsonl .
}

# error_line STATUS BODY [TIMES [EXPECT]]: a line of a conversation, by which requests get this error, of JSON or a page.
error_line() {
	local body=$2 times=
	[[ $body == [[\{\"]* ]] || body="\"${body//\"/\\\"}\""
	[ "${3:-null}" = null ] || times="\"times\":$3,"
	echo "{\"expect\":${4:-{\}},$times\"reply\":{\"status\":$1,\"body\":$body}}"
}

# answer_with STATUS BODY [TIMES [EXPECT]]: this error alone; all other requests get an answer.
answer_with() {
	error_line "$@" >script.jsonl
	rm -f "$SM_CACHE"
	mock_start --decide first --script script.jsonl
}

# Many errors in one run are of a user each, whose texts say the number; many in as many runs are of a model each, m1, m2 ...

# case_of N: the pairs of two.jsonl as those of the user uN.
case_of() { sed "s/\"u\"/\"u$1\"/; s/\"rejected\":\"/&(case $1) /" two.jsonl; }
egg='{"contains":["egg"]}'
refused() { tail -n 1 "$1" | grep -o '"refused":\[[^]]*\]'; }
learned() { sm-cache list | jq -r 'select(.type == "endpoint" and .value == "refused").name' | paste -sd ' '; }
statuses() { sed -n 's/^{"type":"verdict".*"status":"\([a-z]*\)".*/\1/p' "$1" | paste -sd ' '; }
# What is known that models refuse, a line each.
taught() { sm-cache list | jq -r 'select(.type == "endpoint" and .value == "refused") | "\(.model) \(.name)"' | sort; }

@test "the message reaches the user from every shape of an error" {
	n=0
	while IFS='|' read -r status body said; do
		n=$((n + 1))
		error_line "$status" "$body" null "{\"contains\":[\"case $n?\"]}" >>script.jsonl
		echo "{\"user_id\":\"u$n\",\"split\":\"test\",\"context\":[{\"role\":\"user\",\"content\":\"case $n?\"}],\"chosen\":\"a\",\"rejected\":\"b\"}" >>cases.jsonl
		echo "$said" >>said.txt
	done <<'END'
400|{"error":{"message":"It went wrong.","type":"x"}}|HTTP 400: It went wrong.
400|{"error":"It went wrong."}|HTTP 400: It went wrong.
400|{"object":"error","message":"It went wrong.","code":400}|HTTP 400: It went wrong.
400|{"detail":"It went wrong."}|HTTP 400: It went wrong.
422|{"detail":[{"loc":["body","messages",0,"role"],"msg":"Field required","type":"missing","input":{"content":"secret"}}]}|HTTP 422: messages.role: Field required
422|{"object":"error","message":{"detail":[{"loc":["body","n"],"msg":"Input should be 1"}]}}|HTTP 422: n: Input should be 1
400|[{"error":{"message":"It went wrong."}}]|HTTP 400: It went wrong.
400|{"error":{"error":{"message":"It went wrong."}}}|HTTP 400: It went wrong.
400|{"errors":[{"message":"One."},{"message":"Two."}]}|HTTP 400: One.; Two.
400|{"errors":["One.","One."]}|HTTP 400: One.
400|{"error":{"message":"Provider returned error","metadata":{"raw":"{\"error\":{\"message\":\"It went wrong.\"}}"}}}|HTTP 400: Provider returned error; It went wrong.
400|{"error":{"message":"behind: {\"error\":{\"message\":\"It went wrong.\"}}. Received 3"}}|HTTP 400: behind:; It went wrong.
400|"It went wrong."|HTTP 400: It went wrong.
400|It went wrong. |HTTP 400: It went wrong.
501|<html><head><title>501 Not Implemented</title></head><body>x</body></html>|HTTP 501: 501 Not Implemented
501|<!DOCTYPE html><body><p>Blocked by <b>ACME</b></p>|HTTP 501: Blocked by ACME
400|{"foo":{"bar":1}}|HTTP 400: {"foo":{"bar":1}}
400|{"error":{"message":"a\nb\u001b[2J\u202ec"}}|HTTP 400: a b [2Jc
400|{}|HTTP 400: no reason is given
400||HTTP 400: no reason is given
END
	mock_start --decide first --script script.jsonl
	run --separate-stderr sm-judge -q --only --order forward cases.jsonl
	[ "$status" -eq 1 ]
	i=0
	while IFS= read -r said; do
		i=$((i + 1))
		[[ ${stderr_lines[i - 1]} == "sm-judge: user u$i: 1 of 1 verdicts failed: $said"* ]] || { echo "$said: ${stderr_lines[i - 1]}"; false; }
	done <said.txt
	jq -r 'select(.type == "error").message' <<<"$output" | diff said.txt -
	[ "$(mock_calls)" -eq "$n" ]
}

@test "an error with status 200 is one too, and something else is no completion" {
	while IFS='|' read -r body said; do
		answer_with 200 "$body"
		run --separate-stderr sm-judge -q --only --order forward single.jsonl
		[[ $status -ne 0 && $stderr == *": $said"* ]] || { echo "$body: $stderr"; false; }
		[ "$(mock_calls)" -eq 1 ]
	done <<'END'
{"error":{"code":400,"message":"It went wrong."}}|HTTP 400: It went wrong.
{"error":{"code":"400","message":"It went wrong."}}|HTTP 400: It went wrong.
{"status":422,"message":"It went wrong."}|HTTP 422: It went wrong.
{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}|HTTP 200: Incorrect API key provided; check the API key
END
}

@test "a page says by its title what it is, and which proxy it may be of, without credentials" {
	answer_with 501 '<html><head><title>Acme Web Gateway</title></head></html>'
	port=${SM_BASE_URL##*:} port=${port%/v1}
	http_proxy=http://me:pass@127.0.0.1:$port run --separate-stderr sm-judge -q --order forward -B http://model.invalid/v1 single.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"HTTP 501: Acme Web Gateway; what came is a page, not an API's answer: check --base-url; the proxy of http_proxy (http://127.0.0.1:$port) is in force" ]]
	[[ $stderr$output != *pass@* ]]
	http_proxy=http://127.0.0.1:9 no_proxy=.0.0.1,127.0.0.1 run --separate-stderr sm-judge -q --order forward single.jsonl
	[[ $stderr == *"check --base-url" ]]
	# one that is not there
	mock_stop
	all_proxy=http://127.0.0.1:9 run --separate-stderr sm-judge -q --order forward -B http://model.invalid/v1 single.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *"; the proxy of all_proxy (http://127.0.0.1:9) is in force" ]]
}

@test "what no call can heal ends the run after one: 4, with the remedy that helps" {
	cat >cases <<'END'
404|{"error":{"message":"The model `gpt-9` does not exist or you do not have access to it.","code":"model_not_found"}}|check --model: the endpoint has mock
404|{"object":"error","message":"The model `Qwen/Qwen9` does not exist.","type":"NotFoundError","param":null,"code":404}|check --model: the endpoint has mock
404|{"error":{"message":"model \"llama9\" not found, try pulling it first","type":"api_error"}}|check --model
400|{"error":{"message":"/chat/completions: Invalid model name passed in model=m. Call `/v1/models` to view available models for your key.","type":"invalid_request_error","param":"model","code":"400"}}|check --model
400|{"error":{"message":"{'error': '/chat/completions: Invalid model name passed in model=m'}","type":"None","param":"None","code":"400"}}|check --model
400|{"error":{"message":"foo/bar is not a valid model ID","code":400}}|check --model
404|{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}|check --model
400|[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"t","reason":"API_KEY_INVALID"}]}}]|check the API key
400|{"error":{"message":"No connected db.","type":"no_db_connection","param":null,"code":"400"}}|check the API key
401|{"message":"Unauthorized"}|check the API key
401|<html>401 Authorization Required</html>|check the API key
403|{"error":{"message":"You do not have access to this API: invalid API key"}}|check the API key
403|{"error":{"code":403,"message":"Permission denied on resource","status":"PERMISSION_DENIED"}}|check the API key
422|{"error":{"message":"Budget has been exceeded! Current cost: 3, Max budget: 2","type":"budget_exceeded","code":"422"}}|*top it up
429|{"error":{"message":"Budget has been exceeded!","type":"budget_exceeded","param":null,"code":"429"}}|*top it up
400|{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}|*top it up
429|{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota"}}|*top it up
402|{"error":{"message":"Insufficient Balance"}}|*top it up
400|{"error":{"message":"max_tokens is too large: 9999. This model supports at most 4096 completion tokens.","param":"max_tokens","code":"invalid_value"}}|lower --max-tokens
400|{"error":{"message":"`max_tokens` must be less than or equal to `1000`, the maximum value for `max_tokens` is less than the `context_window` for this model"}}|lower --max-tokens
400|{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens"}}|lower --max-tokens
403|{"error":{"code":"unsupported_country_region_territory","message":"Country, region, or territory not supported"}}|take a provider
END
	m=0
	while IFS='|' read -r status body remedy; do
		error_line "$status" "$body" null "{\"model\":\"m$((++m))\"}"
	done <cases >script.jsonl
	mock_start --decide first --script script.jsonl
	n=0
	while IFS='|' read -r _ body remedy; do
		n=$((n + 1))
		run --separate-stderr sm-judge -q -j 8 -M "m$n" in.jsonl
		# shellcheck disable=SC2053 # a pattern
		[[ $status -eq 4 && $stderr == *"; "$remedy* ]] || { echo "$body: $status, $stderr"; false; }
		[ ${#stderr_lines[@]} -eq 1 ]
		[ "$(mock_calls)" -eq "$n" ] || { echo "$body: $(mock_calls) calls, not $n"; false; }
	done <cases
}

@test "several models are named, a few of them; a base URL without /v1 is told to have one" {
	jq -cn '{reply: {status: 404, body: {error: {message: "The model does not exist."}}}}' >script.jsonl
	mock_start --script script.jsonl --models a,b,c,d,e,f,g
	run --separate-stderr sm-judge -q in.jsonl
	[[ $stderr == *"; check --model: the endpoint has a, b, c, d, e and 2 more" ]]
	for body in '404 page not found' '{"detail":"Not Found"}' '{"error":{"message":"Invalid URL (POST /chat/completions)","type":"invalid_request_error"}}'; do
		answer_with 404 "$body"
		run --separate-stderr sm-judge -q -B "${SM_BASE_URL%/v1}" in.jsonl
		[ "$status" -eq 4 ]
		[[ $stderr == *"; check --base-url: try $SM_BASE_URL" ]] || { echo "$stderr"; false; }
		run --separate-stderr sm-judge -q in.jsonl
		[[ $stderr == *"; check --model and --base-url"* ]]
	done
}

@test "a prompt that is too long costs its own verdict, and nothing is learned of it" {
	n=0
	while IFS='|' read -r status body; do
		n=$((n + 1))
		error_line "$status" "$body" null "{\"contains\":[\"egg\",\"(case $n)\"]}" >>script.jsonl
		case_of "$n" >>cases.jsonl
	done <<'END'
400|{"object":"error","message":"The maximum context length is 2048 tokens, and 2723 were asked for.","param":null,"code":400}
400|{"error":{"message":"prompt and `max_tokens` together are over the context limit: 199000 + 8192 > 200000","param":null}}
400|{"error":{"message":"'max_tokens' or 'max_completion_tokens' is too large: 1024. This model's maximum context length is 2048 tokens and your request has 1500 input tokens."}}
400|{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}
500|{"error":{"code":500,"message":"the request exceeds the available context size. try increasing the context size","type":"exceed_context_size_error"}}
400|[{"error":{"code":400,"message":"The input token count (40000) exceeds the maximum number of tokens allowed (32768).","status":"INVALID_ARGUMENT"}}]
413|{"error":{"message":"Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 9000","code":"rate_limit_exceeded"}}
413|<html><title>413 Payload Too Large</title></html>
429|{"error":{"message":"Request too large for gpt-4o in organization o on tokens per min (TPM): Limit 30000, Requested 40123. The input or output tokens must be reduced in order to run successfully.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}
END
	mock_start --decide first --script script.jsonl
	run --separate-stderr sm-judge --only --order forward cases.jsonl
	[ "$status" -eq 1 ]
	for ((i = 1; i <= n; i++)); do
		grep -q "user u$i: 1 of 2 verdicts failed: .*--max-labeled" <<<"$stderr" || { echo "case $i: $stderr"; false; }
	done
	[ "$(refused <(echo "$output"))" = '"refused":[]' ]
	[ -z "$(learned)" ]
	[ "$(mock_calls)" -eq $((2 * n)) ]
}

@test "what the provider refuses to answer is refused, that verdict alone, kept, and not asked again" {
	n=0
	while IFS='|' read -r status body; do
		n=$((n + 1))
		error_line "$status" "$body" null "{\"contains\":[\"egg\",\"(case $n)\"]}" >>script.jsonl
		case_of "$n" >>cases.jsonl
		printf '%s\n' "u$n ok" "u$n refused" >>expected.txt
	done <<'END'
400|{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":true}}}}}
400|{"error":{"message":"Bad.","inner_error":{"code":"ResponsibleAIPolicyViolation"}}}
400|{"error":{"message":"litellm.ContentPolicyViolationError: OpenAIException - Your request was rejected by our safety system.","code":"content_policy_violation"}}
403|{"error":{"code":403,"message":"the input was flagged","metadata":{"reasons":["violence"],"flagged_input":"egg"}}}
403|{"error":{"message":"m requires moderation on p. Your input was flagged for \"violence\"."}}
400|{"error":{"message":"rejected by policy: 'At what temperature do I boil an egg?'","type":"invalid_request_error","param":null,"code":null}}
400|{"error":{"message":"Invalid prompt: your prompt was flagged as potentially violating our usage policy.","code":"invalid_prompt"}}
400|{"type":"error","error":{"type":"invalid_request_error","message":"Output blocked by content filtering policy"}}
400|{"error":{"code":"data_inspection_failed","message":"Input data may contain inappropriate content."}}
200|{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{}}
END
	mock_start --decide first --script script.jsonl
	sm-judge -q --only --order forward cases.jsonl >out.jsonl
	jq -r 'select(.type == "verdict") | "\(.user_id) \(.status)"' out.jsonl | diff expected.txt -
	[ "$(refused out.jsonl)" = '"refused":[]' ]
	[ "$(mock_calls)" -eq $((2 * n)) ]
	sm-judge -q --only --order forward --replay cases.jsonl >again.jsonl
	cmp <(grep verdict out.jsonl) <(grep verdict again.jsonl)
}

@test "a 403 that says nothing is about its call once another was answered, and about the key if the next says it too" {
	answer_with 403 '{"error":{"message":"Forbidden"}}' null "$egg"
	run --separate-stderr sm-judge -q -j 1 --only --order forward two.jsonl
	[ "$status" -eq 1 ]
	[ "$(statuses <(echo "$output"))" = ok ]
	[[ $stderr == *"HTTP 403: Forbidden; the endpoint forbids this request, others it answers"* ]]
	# the first one too
	tac two.jsonl >egg-first.jsonl
	rm -f "$SM_CACHE"
	run --separate-stderr sm-judge -q -j 1 --only --order forward egg-first.jsonl
	[ "$status" -eq 1 ]
	[ "$(statuses <(echo "$output"))" = ok ]
	answer_with 403 '{"error":{"message":"Forbidden"}}'
	run --separate-stderr sm-judge -q -j 8 --only --order forward two.jsonl
	[ "$status" -eq 4 ]
	[[ $stderr == *"HTTP 403: Forbidden; check the API key"* ]]
	[ "$(mock_calls)" -eq 2 ]
	# a key that is blamed by words is not, once it has served
	answer_with 403 '{"error":{"message":"access denied"}}' null "$egg"
	run sm-judge -q -j 1 --only --order forward two.jsonl
	[ "$status" -eq 1 ]
}

@test "a reply that was no JSON for the endpoint is asked for again, four times in all" {
	body='{"error":{"message":"Failed to generate JSON.","type":"invalid_request_error","code":"json_validate_failed","failed_generation":"{\"preference\": First}"}}'
	answer_with 400 "$body" 1 "$egg"
	sm-judge -q --only --order forward two.jsonl >out.jsonl
	[ "$(statuses out.jsonl)" = "ok ok" ]
	[ "$(refused out.jsonl)" = '"refused":[]' ]
	answer_with 400 "$body" null "$egg"
	run --separate-stderr sm-judge -q --only --order forward two.jsonl
	[ "$status" -eq 1 ]
	[ "$(mock_calls)" -eq 5 ]
	[[ $stderr == *"; the model does not keep to the form of the reply: take a larger one" ]]
}

@test "what cannot be implemented is not tried again, and not told to be" {
	for code in 501 505; do
		answer_with "$code" '{"error":{"message":"Never."}}'
		run --separate-stderr sm-judge -q --order forward single.jsonl
		[ "$status" -eq 1 ]
		[ "$(mock_calls)" -eq 1 ]
		[[ $stderr != *"run the same command again"* ]]
	done
}

@test "what a model does not take is learned in the words of every server, told, and listed" {
	cat >cases <<'END'
temperature|400|{"error":{"message":"Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}
max_tokens|400|{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":"max_tokens","code":"unsupported_parameter"}}
temperature|400|{"error":{"message":"Unrecognized request argument supplied: temperature","type":"invalid_request_error","param":null,"code":null}}
temperature|400|{"error":{"message":"litellm.UnsupportedParamsError: openai does not support parameters: ['temperature'], for model=o1. To drop these, set `litellm.drop_params=True`","type":"None","param":null,"code":"400"}}
temperature|400|{"error":{"message":"litellm.UnsupportedParamsError: bedrock does not support parameters: {'temperature': 0}, for model=x.","code":"400"}}
temperature|422|{"detail":[{"type":"extra_forbidden","loc":["body","temperature"],"msg":"Extra inputs are not permitted","input":0}]}
response_format|422|{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","response_format","json_schema"],"msg":"Extra inputs are not permitted"}]}}
temperature|400|[{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \"temperature\": Cannot find field.","status":"INVALID_ARGUMENT","details":[{"@type":"t","fieldViolations":[{"description":"x"}]}]}}]
response_format|400|{"object":"error","message":"this backend has no response_format","type":"BadRequestError","param":null,"code":400}
response_format|400|{"error":{"message":"This model does not support response format `json_schema`. See supported models at https://console.example/docs","type":"invalid_request_error"}}
response_format|400|{"error":{"message":"This response_format type is unavailable now","type":"invalid_request_error","param":null}}
response_format|400|{"error":{"code":400,"message":"response_format type must be one of \"text\" or \"json_object\", but got: json_schema","type":"invalid_request_error"}}
response_format|400|{"error":{"message":"Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.","param":null}}
temperature|400|{"type":"error","error":{"type":"invalid_request_error","message":"`temperature` is deprecated for this model."}}
temperature|400|{"error":{"message":"Extra inputs are not permitted, field: 'temperature'"}}
END
	m=0
	while IFS='|' read -r param status body; do
		error_line "$status" "$body" null "{\"model\":\"m$((++m))\",\"has\":[\"${param/system_role/messages}\"]}"
	done <cases >script.jsonl
	mock_start --decide first --script script.jsonl
	n=0
	while IFS='|' read -r param _ body; do
		n=$((n + 1))
		sm-judge --only --order forward -M "m$n" two.jsonl >out.jsonl 2>err || { echo "$body"; cat err; false; }
		[ "$(statuses out.jsonl)" = "ok ok" ] || { echo "$body"; false; }
		[ "$(refused out.jsonl)" = "\"refused\":[\"$param\"]" ]
		[[ $(<err) == "sm-judge: $SM_BASE_URL takes no $param for model m$n: "*"(sm-cache forget --endpoint $SM_BASE_URL undoes it)" ]] || { cat err; false; }
		[ "$(mock_calls)" -eq $((3 * n)) ] || { echo "$body: $(mock_calls)"; false; }
		echo "m$n $param" >>expected.txt
	done <cases
	taught | diff <(sort expected.txt) -
}

@test "nothing is learned from a text of the user's, from a bound, or from what another error follows" {
	cat >cases <<'END'
400|{"error":{"message":"rejected: 'At what temperature do I boil an unknown egg?'"}}
400|{"error":{"message":"I will not: At what temperature do I boil an egg?","param":"messages"}}
400|{"error":{"message":"unknown trouble with \"At what temperature do I boil an egg?\", which is not supported"}}
400|{"error":{"message":"Unsupported request. A high temperature was read."}}
400|{"error":{"message":"temperature is unsupported"}}
400|{"error":{"message":"Invalid 'temperature': decimal above maximum value. Expected a value at most 2.","param":"temperature","code":"decimal_above_max_value"}}
400|{"error":{"message":"temperature: range: 0..1"}}
422|{"detail":[{"type":"less_than_equal","loc":["body","temperature"],"msg":"Input should be less than or equal to 1"}]}
400|{"error":{"message":"The response_format is malformed.","param":"response_format"}}
END
	m=0
	while IFS='|' read -r status body; do
		error_line "$status" "$body" null "{\"model\":\"m$((++m))\",\"contains\":[\"egg\"]}"
	done <cases >script.jsonl
	mock_start --decide first --script script.jsonl
	head -n 1 two.jsonl >one.jsonl
	n=0
	while IFS='|' read -r _ body; do
		n=$((n + 1))
		sm-judge --only --order forward -M "m$n" two.jsonl >out.jsonl 2>err || [ $? -eq 1 ] || { cat err; false; }
		[ "$(refused out.jsonl)" = '"refused":[]' ] || { echo "$body"; false; }
		[[ $(<err) != *"takes no"* ]]
		calls=$(mock_calls)
		sm-judge -q --only --order forward -M "m$n" one.jsonl | tail -n 1 | grep '"calls":0,"hits":1,'
		[ "$(mock_calls)" -eq "$calls" ]
	done <cases
	taught | diff /dev/null -
	holds mock.log "group_by(.body.model) | length == $n" \
		'group_by(.body.model) | all(.[]; map(select(.body | has("temperature") and has("max_tokens") and has("response_format") | not)) | length <= 1)'
}

@test "a template without a role for instructions gets them in the user's message, and the answers stay known" {
	n=0
	for said in "System role not supported" "Conversation roles must alternate user/assistant/user/assistant/..." \
		"Unsupported value: 'messages[0].role' does not support 'system' with this model." "Developer instruction is not enabled for models/gemma-3-27b-it" \
		"messages.0.role: Input should be 'user' or 'assistant'" "role must be one of [user, assistant]"; do
		n=$((n + 1))
		error_line 400 "{\"error\":{\"message\":\"$said\",\"code\":400}}" 1 "{\"model\":\"m$n\"}" >>script.jsonl
		echo "m$n system_role" >>expected.txt
	done
	mock_start --decide first --script script.jsonl
	for ((i = 1; i <= n; i++)); do
		sm-judge --only --order forward -M "m$i" two.jsonl >out.jsonl 2>err
		[ "$(statuses out.jsonl)" = "ok ok" ] || { sed -n "${i}p" script.jsonl; cat err; false; }
		[ "$(refused out.jsonl)" = '"refused":["system_role"]' ]
		[ "$(mock_calls)" -eq $((3 * i)) ]
	done
	taught | diff expected.txt -
	holds mock.log "group_by(.body.model) | length == $n" \
		'group_by(.body.model) | all(.[]; map(.body.messages | map(.role)) == [["system", "user"], ["user"], ["user"]])' \
		'group_by(.body.model) | all(.[]; (.[0].body.messages | map(.content) | join("\n\n")) == .[1].body.messages[0].content)'
	# the lesson may go, what was asked is known by what it was
	sm-cache forget -q --endpoint "$SM_BASE_URL"
	sm-judge -q --only --order forward -M "m$n" --replay two.jsonl | cmp <(grep verdict out.jsonl) <(grep verdict)
}

@test "messages that are folded alternate, and parts stay parts" {
	jq -nc '{times: 1, reply: {status: 400, body: {error: {message: "System role not supported"}}}}' >script.jsonl
	mock_start --decide first --script script.jsonl
	jq -nc '{messages: [{role: "system", content: "S"}, {role: "developer", content: "D"}, {role: "user", content: [{type: "text", text: "a"}]},
		{role: "assistant", content: "b"}, {role: "system", content: "again"}, {role: "user", content: "c"}]}' | sm-llm -q >out.jsonl
	[ "$(tail -n 1 mock.log | jq -c '[.body.messages[] | [.role, .content]]')" = \
		'[["user",[{"text":"S\n\nD","type":"text"},{"text":"a","type":"text"}]],["assistant","b"],["user","again\n\nc"]]' ]
	[ "$(learned)" = system_role ]
	# without such messages there is nothing to move
	answer_with 400 '{"error":{"message":"System role not supported"}}'
	run --separate-stderr sm-llm -q <<<'[{"role":"user","content":"a"}]'
	[ "$status" -eq 1 ]
	[[ $stderr == *"; take another model, or "* ]]
	[ "$(mock_calls)" -eq 1 ]
}

@test "where the role is refused however it is asked, that is no lesson" {
	answer_with 400 '{"error":{"message":"System role not supported"}}'
	run --separate-stderr sm-judge --only --order forward two.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"; take another model, or a server that can be told to take it" ]]
	[ -z "$(learned)" ]
}

# waits MS [MOST]: a run of one verdict waits so long, and less than MOST, 15 s. (What is not read
# would be 1 s, the first wait without a word.)
waits() {
	local from=${EPOCHREALTIME/./} took
	rm -f "$SM_CACHE"
	sm-judge -q --only --order forward single.jsonl >out.jsonl || return 1
	took=$(((${EPOCHREALTIME/./} - from) / 1000))
	[ "$(statuses out.jsonl)" = ok ]
	((took >= $1 && took < ${2:-15000})) || { echo "took $took ms, not $1"; return 1; }
}

@test "the wait that is asked for is obeyed: in headers and in words" {
	while IFS='|' read -r ms headers body; do
		echo "{\"times\":1,\"reply\":{\"status\":429,\"headers\":$headers,\"body\":$body}}" >script.jsonl
		mock_start --decide first --script script.jsonl
		waits "$ms" || { echo "$headers $body"; false; }
	done <<'END'
1400|{"Retry-After":"1.4"}|{}
1400|{"retry-after-ms":"1400","Retry-After":"20"}|{}
1400|{"llm_provider-retry-after":"1.4"}|{}
1400|{"x-ratelimit-reset-requests":"1400ms"}|{}
1400|{"x-ratelimit-reset-requests":"20s","x-ratelimit-remaining-requests":"3","x-ratelimit-reset-tokens":"1.4s","x-ratelimit-remaining-tokens":"0"}|{}
1400|{"x-ratelimit-reset-tokens":"0m1.4s"}|{}
1400|{}|[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.4s"}]}}]
1400|{}|{"error":{"message":"Rate limit reached. Please try again in 1.4s. Visit the site.","code":"rate_limit_exceeded"}}
1400|{}|{"error":{"message":"Rate limit reached. Please try again in 1400ms."}}
1400|{}|{"error":{"message":"Please retry after 1.4 seconds."}}
END
	# a moment, in seconds or thousandths since 1970
	for digits in 10 13; do
		moment=$(($(date +%s) + 4))000
		echo "{\"times\":1,\"reply\":{\"status\":429,\"headers\":{\"x-ratelimit-reset\":\"${moment:0:digits}\"},\"body\":\"\"}}" >script.jsonl
		mock_start --decide first --script script.jsonl
		waits 0 20000
		(($(date +%s%3N) >= moment))
	done
	# a day's rate is not waited for, unless nothing is left of it
	jq -nc '{times: 1, reply: {status: 429, headers: {"x-ratelimit-reset-requests": "23h59m", "x-ratelimit-reset-tokens": "10ms"}, body: ""}}' >script.jsonl
	mock_start --decide first --script script.jsonl
	waits 10 20000
	jq -nc '{times: 1, reply: {status: 429, headers: {"x-ratelimit-reset-requests": "23h59m", "x-ratelimit-remaining-requests": "0"}, body: ""}}' >script.jsonl
	mock_start --decide first --script script.jsonl
	rm "$SM_CACHE"
	run --separate-stderr sm-judge -q --order forward single.jsonl
	[ "$status" -eq 4 ]
	[[ $stderr == *"the endpoint asks to wait 24.0 h; then run"* ]]
}

@test "a call too many slows all of them: one at a time until the endpoint answers again" {
	jq -nc '{times: 12, reply: {status: 429, headers: {"retry-after-ms": "300"}, body: "", latency_ms: 100}}' >script.jsonl
	mock_start --decide first
	sm-judge -q --order forward single.jsonl >/dev/null
	sm-cache export | jq -c 'select(.type == "endpoint")' >known.jsonl
	port=${SM_BASE_URL##*:} port=${port%/v1}
	mock_start --decide first --script script.jsonl --port "$port"
	rm "$SM_CACHE"
	sm-cache import -q known.jsonl
	from=${EPOCHREALTIME/./}
	sm-judge -q --only -j 8 in.jsonl >out.jsonl
	# eight are refused side by side, then four one after another
	((${EPOCHREALTIME/./} - from > 1500000))
	[ "$(tail -n 1 out.jsonl | jq -c '[.calls, .retries, .failed]')" = '[12,12,0]' ]
}

@test "a 429 without a word is waited for, and the wait doubles" {
	jq -nc '{times: 2, reply: {status: 429, body: ""}}' >script.jsonl
	mock_start --decide first --script script.jsonl
	waits 3000 20000
	[ "$(tail -n 1 out.jsonl | jq -c '[.calls, .retries, .failed]')" = '[1,2,0]' ]
}

@test "more attempts are too many than would be made for another error, and none is lost" {
	jq -nc '{times: 20, reply: {status: 429, headers: {"retry-after-ms": "20"}, body: ""}}' >script.jsonl
	mock_start --decide first --script script.jsonl
	sm-judge -q --only -j 4 in.jsonl >out.jsonl
	[ "$(tail -n 1 out.jsonl | jq -c '[.calls, .retries, .failed]')" = '[12,20,0]' ]
}

@test "forget takes back what was learned of an endpoint, and nothing else" {
	answer_with 400 '{"error":{"message":"temperature is not supported"}}' null '{"has":["temperature"]}'
	sm-judge -q --order forward two.jsonl >/dev/null
	sm-judge -q --order forward -M other two.jsonl >/dev/null
	sm-judge -q --order forward --temperature 0.5 -B "${SM_BASE_URL/127.0.0.1/localhost}" two.jsonl >/dev/null
	[ "$(learned)" = "temperature temperature temperature" ]
	sm-cache forget --endpoint "$SM_BASE_URL/" --model other 2>err
	[ "$(<err)" = "sm-cache: 2 facts forgotten" ]
	[ "$(learned)" = "temperature temperature" ]
	sm-cache forget -q --endpoint "$SM_BASE_URL"
	[ "$(sm-cache list | jq -r 'select(.type == "endpoint").endpoint' | sort -u)" = "${SM_BASE_URL/127.0.0.1/localhost}" ]
	# the answers are of what was asked, whatever is known
	calls=$(mock_calls)
	sm-judge -q --order forward two.jsonl | tail -n 1 | jq -e '.calls == 0 and .hits == 2'
	[ "$(mock_calls)" -eq "$calls" ]
	[ "$(learned)" = "temperature" ]
	run --separate-stderr sm-cache forget --endpoint http://nowhere/v1
	[ "$status" -eq 1 ]
	[[ $stderr == "sm-cache: nothing is known of http://nowhere/v1; see sm-cache list"* ]]
	run --separate-stderr sm-cache forget
	[ "$status" -eq 2 ]
	[[ $stderr == *"say what to forget; give --endpoint URL"* ]]
}

@test "a refusal in a batch is an answer, too" {
	mock_start --decide first
	sm-judge -q --order forward --batch calls.jsonl two.jsonl >/dev/null || [ $? -eq 5 ]
	jq -c '{custom_id, response: {status_code: 400, body: {error: {code: "content_filter", message: "Filtered."}}}, error: null}' calls.jsonl | sm-cache import -q
	sm-judge -q --only --order forward --batch calls.jsonl two.jsonl >out.jsonl
	[ "$(statuses out.jsonl)" = "refused refused" ]
	[ "$(mock_calls)" -eq 0 ]
}
