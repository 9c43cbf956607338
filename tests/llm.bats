# The client: faults, retries, keys, what an endpoint refuses, the store. Through sm-judge.
load helper

setup() {
	prefs=$BATS_TEST_DIRNAME/../examples/prefs.jsonl
	cd "$BATS_TEST_TMPDIR" || return 1
	sm-split -q --test 2 "$prefs" >in.jsonl
	grep -m 1 '"split":"test"' in.jsonl >single.jsonl
}

verdicts() {
	grep '"type":"verdict"' "$1" | jq -c 'del(.ms)'
}

# What is judged when nothing fails: 12 verdicts.
faultless() {
	mock_start --decide longer
	SM_CACHE=faultless.db sm-judge -q in.jsonl >faultless.jsonl
	[ "$(verdicts faultless.jsonl | wc -l)" -eq 12 ]
	mock_stop
}

# survives FAULT: some calls are made again, and the verdicts are those without it.
survives() {
	mock_start --decide longer --fault "$1"
	timeout 30 sm-judge -q -j 1 --cache "$RANDOM$RANDOM.db" in.jsonl >out.jsonl || { echo "$1: status $?"; return 1; }
	cmp <(verdicts faultless.jsonl) <(verdicts out.jsonl) || { echo "$1"; return 1; }
	tail -n 1 out.jsonl | jq -e '.retries > 0 and .calls == 12 and .failed == 0' >/dev/null ||
		{ echo "$1: $(tail -n 1 out.jsonl)"; return 1; }
	mock_stop
}

@test "a call that fails for a while is made again, and nothing of it shows in the verdicts" {
	faultless
	for status in 408 409 429 500 502 503 529; do
		survives "$status:every=4:times=1:value=ms=5"
	done
}

@test "so is one whose answer breaks off, or is no completion" {
	faultless
	for fault in cut close html error200 errorarray empty; do
		survives "$fault:first=1"
	done
}

@test "Retry-After is obeyed in its three forms" {
	faultless
	for value in ms=20 1 date+1; do
		survives "429:first=1:value=$value"
	done
	# asked to wait two seconds it does: a second and a half is not enough
	mock_start --decide longer --fault 503:first=1:value=2
	run timeout 1.5 sm-judge -q --order forward --cache a.db single.jsonl
	[ "$status" -ne 0 ]
	[ "$(mock_calls)" -eq 1 ]
}

@test "to wait for hours is not obeyed: it ends at once, and says how long" {
	for code in 429 503; do
		mock_start --decide longer --fault "$code:value=7200"
		run --separate-stderr timeout 10 sm-judge -q --cache "$code.db" in.jsonl
		[ "$status" -eq 4 ]
		[[ $stderr == "sm-judge: HTTP "*": mock fault; the endpoint asks to wait 2.0 h; then run the same command again: "* ]]
		[ "$(mock_calls)" -eq 1 ]
		mock_stop
	done
}

@test "a wait of minutes is obeyed, and told once" {
	mock_start --decide longer --fault 429:value=300
	run --separate-stderr timeout 2 sm-judge in.jsonl
	[ "$status" -eq 124 ] || [ "$status" -eq 143 ]
	[ "$stderr" = "sm-judge: $SM_BASE_URL is asked again in 5 min: HTTP 429: mock fault" ]
	[ "$(mock_calls)" -eq 1 ]
}

@test "x-should-retry is obeyed, whatever the status" {
	jq -cn '{reply: {status: 500, headers: {"x-should-retry": "false"}, body: {error: {message: "Never mind."}}}}' >script.jsonl
	mock_start --script script.jsonl
	run --separate-stderr sm-judge -q --order forward single.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"HTTP 500: Never mind."* ]]
	[ "$(mock_calls)" -eq 1 ]
	mock_stop
	jq -cn '{times: 1, reply: {status: 400, headers: {"x-should-retry": "true", "retry-after-ms": "5"},
		body: {error: {message: "Not yet."}}}}' >script.jsonl
	mock_start --decide longer --script script.jsonl
	sm-judge -q --order forward single.jsonl >out.jsonl
	[ "$(tail -n 1 out.jsonl | jq -c '[.calls, .retries, .failed]')" = '[1,1,0]' ]
}

@test "a call given up on is an error record with what to do, never a verdict, and the rest is done" {
	mock_start --decide longer --fault 400:every=12
	run --separate-stderr sm-judge -q -j 1 --only in.jsonl
	[ "$status" -eq 1 ]
	[ "$(jq -r .type <<<"$output" | sort | uniq -c | awk '{print $1, $2}' | paste -sd ' ')" = "1 error 1 run 11 verdict" ]
	jq -es 'map(select(.type == "error"))[0] | .user_id == "careful" and .stage == "judge" and .order == "reverse"
		and .tried == 1 and (.message | startswith("HTTP 400")) and (.remedy | length > 0)' <<<"$output"
	[[ $stderr == *"user careful: 1 of 4 verdicts failed: HTTP 400"* ]]
	# the next run asks for that one alone
	calls=$(mock_calls)
	sm-judge -q -j 1 in.jsonl >/dev/null
	[ "$(mock_calls)" -eq $((calls + 1)) ]
}

@test "nine attempts, then it is given up" {
	mock_start --decide longer --fault 500:value=ms=1
	head -n 12 in.jsonl >one.jsonl
	run --separate-stderr sm-judge -q --only -j 1 --order forward one.jsonl
	[ "$status" -eq 1 ]
	[ "$(jq -r 'select(.type == "error") | "\(.tried) \(.remedy)"' <<<"$output" | sort -u)" = \
		"9 run the same command again: answers already paid for are kept" ]
	[ "$(tail -n 1 <<<"$output" | jq -c '[.calls, .retries, .failed]')" = '[0,16,2]' ]
	[ "$(mock_calls)" -eq 18 ]
	run grep -c '"type":"verdict"' <<<"$output"
	[ "$output" = 0 ]
}

@test "a wrong key, an empty quota and an unknown model end it at once: 4, with the remedy" {
	while IFS='|' read -r fault message; do
		calls=1
		[ "$fault" != 403 ] || calls=2 # one alone may be about its prompt
		mock_start --decide longer --fault "$fault"
		run --separate-stderr sm-judge -q -j 8 --cache "$fault.db" in.jsonl
		[ "$status" -eq 4 ] || { echo "$fault: status $status"; false; }
		# shellcheck disable=SC2053 # a pattern
		[[ $stderr == "sm-judge: "$message* ]] || { echo "$fault: $stderr"; false; }
		[ "$(grep -c . <<<"$stderr")" -eq 1 ]
		[[ $output != *'"type":"verdict"'* ]]
		[ "$(mock_calls)" -eq "$calls" ] || { echo "$fault: $(mock_calls) calls"; false; }
		mock_stop
	done <<'END'
badkey|HTTP 401: Incorrect API key provided.; check the API key
403|HTTP 403: mock fault; check the API key
402|HTTP 402: mock fault; *top it up
quota|HTTP 429: You exceeded your current quota.; *top it up
nomodel|HTTP 404: The model does not exist.; check --model: the endpoint has mock
END
}

@test "an error object with status 200 counts as the status that it names" {
	jq -cn '{reply: {body: {error: {code: 401, message: "No auth."}}}}' >script.jsonl
	mock_start --script script.jsonl
	run --separate-stderr sm-judge -q -j 1 in.jsonl
	[ "$status" -eq 4 ]
	[[ $stderr == *"HTTP 401: No auth.; check the API key"* ]]
	[ "$(mock_calls)" -eq 1 ]
}

@test "an error that comes in a list is read like one that does not" {
	jq -cn '{reply: {status: 429, body: [{error: {code: "insufficient_quota", message: "Nothing is left."}}]}}' >script.jsonl
	mock_start --script script.jsonl
	run --separate-stderr sm-judge -q -j 1 in.jsonl
	[ "$status" -eq 4 ]
	[[ $stderr == *"HTTP 429: Nothing is left.; "*"top it up"* ]]
	[ "$(mock_calls)" -eq 1 ]
}

@test "an endpoint that repeats the key does not make it seen" {
	export SM_API_KEY=sk-known-0123456789
	mock_start --decide longer --fault "badkey:value=Incorrect API key provided, sk-known-0123456789"
	run --separate-stderr sm-judge -v in.jsonl
	[ "$status" -eq 4 ]
	[[ $stderr == *"Incorrect API key"* ]]
	[[ $stderr$output != *sk-known* ]]
	run grep -c sk-known "$SM_CACHE"
	[ "$output" = 0 ]
}

@test "an endpoint that nobody listens at yet is tried again" {
	mock_start --decide longer
	port=${SM_BASE_URL##*:} port=${port%/v1}
	mock_stop
	sm-judge -q --order forward single.jsonl >out.jsonl 3>&- &
	pid=$!
	for ((i = 0; i < 500; i++)); do [ ! -e "$SM_CACHE" ] || break; sleep 0.02; done
	sleep 0.7
	mock_start --decide longer --port "$port"
	wait "$pid"
	[ "$(verdicts out.jsonl | wc -l)" -eq 1 ]
	tail -n 1 out.jsonl | jq -e '.retries > 0 and .calls == 1 and .failed == 0'
}

@test "an endpoint that is not there ends it after four attempts: 3, with its address and what to do" {
	run --separate-stderr sm-judge -q -j 4 -M mock -B http://127.0.0.1:9/v1 in.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-judge: cannot reach http://127.0.0.1:9/v1: "*"; start the server, or check --base-url"* ]]
	[ "$(grep -c . <<<"$stderr")" -eq 1 ]
	[ "$(tail -n 1 <<<"$output" | jq -c '[.calls, .retries, .complete]')" = '[0,3,false]' ]
}

@test "a provider's model without its prefix, and no server on this machine: the prefix is the remedy" {
	export http_proxy=http://127.0.0.1:9
	unset no_proxy NO_PROXY SM_BASE_URL
	run --separate-stderr sm-judge -q -M gpt-4o-mini single.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-judge: cannot reach http://localhost:7410/v1: "*"; "*"name the model with its provider, as in openai/gpt-4o-mini"* ]]
}

@test "nobody listens and no model is named: said with where, and what to do" {
	run --separate-stderr sm-judge -q -B http://127.0.0.1:9/v1 single.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == *"no model is named: http://127.0.0.1:9/v1 gives no list of models: Couldn't connect"*"--model"* ]]
}

@test "what an endpoint refuses is left out from the second call on, and remembered" {
	for param in response_format temperature max_tokens; do
		mock_start --decide longer --fault "refuse=$param"
		sm-judge -q -j 12 --only --cache "$param.db" in.jsonl >out.jsonl
		[ "$(jq -r 'select(.type == "verdict").status' out.jsonl | sort | uniq -c | awk '{print $1, $2}')" = "12 ok" ]
		[ "$(tail -n 1 out.jsonl | jq -c .refused)" = "[\"$param\"]" ]
		[ "$(mock_calls)" -eq 13 ]
		[ "$(jq -s --arg p "$param" 'map(select(.body | has($p))) | length' "$BATS_TEST_TMPDIR/mock.log")" -eq 1 ]
		# another program with other requests: not one call more is wasted
		sm-judge -q -j 12 --no-persona --temperature 0.1 --cache "$param.db" in.jsonl >/dev/null
		[ "$(jq -s --arg p "$param" 'map(select(.body | has($p))) | length' "$BATS_TEST_TMPDIR/mock.log")" -eq 1 ]
		mock_stop
	done
	[ "$(jq -s 'map(select(.body | has("max_completion_tokens"))) | length > 10' "$BATS_TEST_TMPDIR/mock.log")" = true ]
}

@test "a fact counts by its value" {
	mock_start --decide longer
	for param in response_format temperature; do
		jq -cn --arg e "$SM_BASE_URL" --arg p "$param" '{type: "endpoint", user_id: null, endpoint: $e, model: "mock", name: $p,
			value: (if $p == "temperature" then "refused" else "taken" end)}'
	done | sm-cache import -q
	sm-judge -q --order forward single.jsonl | tail -n 1 | jq -e '.refused == ["temperature"]'
	jq -e '.body | has("response_format") and (has("temperature") | not)' "$BATS_TEST_TMPDIR/mock.log"
}

@test "a reasoning model of OpenAI's is asked as it wants from the first call on" {
	mock_start --decide longer
	for model in o3-mini gpt-5-mini gpt-5-chat-latest gpt-4o; do
		OPENAI_API_KEY=sk-a sm-judge -q --order forward -M "openai/$model" single.jsonl >/dev/null
	done
	[ "$(jq -c '[.body.model, (.body | has("temperature")), (.body | has("max_completion_tokens"))]' "$BATS_TEST_TMPDIR/mock.log" | paste -sd ' ')" = \
		'["o3-mini",false,true] ["gpt-5-mini",false,true] ["gpt-5-chat-latest",true,false] ["gpt-4o",true,false]' ]
}

@test "a prompt beyond the context is not tried again, and says how to shorten it" {
	mock_start --decide longer --fault context:value=10
	run --separate-stderr sm-judge -q -j 1 --only in.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"context length"*"--max-labeled"* ]]
	[ "$(mock_calls)" -eq 12 ]
}

@test "headers come from a file, are sent, and stay out of records and store" {
	mock_start --decide longer
	printf 'X-Team: owls-0815\nX-Other: b\r\n\n' >headers.txt
	sm-judge -q -H @headers.txt in.jsonl >out.jsonl
	[ "$(jq -r '.headers | [."x-team", ."x-other"] | join(" ")' "$BATS_TEST_TMPDIR/mock.log" | sort -u)" = "owls-0815 b" ]
	run grep -c owls-0815 out.jsonl "$SM_CACHE"
	[ "$output" = "out.jsonl:0
$SM_CACHE:0" ]
	run --separate-stderr sm-judge -H "X-Team: owls-0815" in.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == *"--header @FILE"* ]]
	[[ $stderr != *owls* ]]
}

@test "a file of headers that holds none is told: a folder, an empty one, one too large" {
	mock_start --decide longer
	mkdir folder
	: >empty
	head -c 2000000 /dev/zero | tr '\0' x >large
	for name in folder empty large nowhere; do
		run --separate-stderr sm-judge -q -H "@$name" in.jsonl
		[ "$status" -eq 3 ]
		[[ $stderr == "sm-judge: $name: "*"; give a file with a header on each line" ]]
	done
	printf 'X-Team: owls\nno colon\n' >bare.txt
	printf 'X-Team: owls\n\0X-Other: b\n' >nul
	run --separate-stderr sm-judge -q -H @bare.txt in.jsonl
	[ "$status" -eq 3 ]
	[ "$stderr" = "sm-judge: bare.txt: a line without a colon; write NAME: VALUE" ]
	run --separate-stderr sm-judge -q -H @nul in.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-judge: nul: a NUL byte in it; "* ]]
	[ "$(mock_calls)" -eq 0 ]
	# however long a line is, it is sent whole
	printf 'X-Long: %s\n' "$(head -c 20000 /dev/zero | tr '\0' y)" >long.txt
	sm-judge -q --order forward -H @long.txt in.jsonl >out.jsonl
	[ "$(jq -r '.headers["x-long"] // empty' "$BATS_TEST_TMPDIR/mock.log" | head -n 1 | wc -c)" -eq 20001 ]
}

@test "what a header of a file holds is not shown either when the endpoint repeats it" {
	printf 'Authorization: Bearer tok-known-0815\nX-Gateway: gate-known-4711\n' >headers.txt
	mock_start --decide longer --fault "badkey:value=No access for tok-known-0815 by gate-known-4711"
	run --separate-stderr sm-judge -v -H @headers.txt single.jsonl
	[ "$status" -eq 4 ]
	[[ $stderr == *"No access for ***"* ]]
	[[ $stderr$output != *-known-* ]]
	run grep -c -- -known- "$SM_CACHE"
	[ "$output" = 0 ]
}

@test "keys come from the environment, or from .env in the working directory, and are seen nowhere" {
	mock_start --decide longer
	printf '# a comment\nexport OPENAI_API_KEY = "sk-env-file"\n' >.env
	sm-judge -v -M openai/gpt-x --cache a.db in.jsonl >out.jsonl 2>err
	[ "$(jq -r '.authorization + " " + .body.model' "$BATS_TEST_TMPDIR/mock.log" | sort -u)" = "Bearer sk-env-file gpt-x" ]
	: >"$BATS_TEST_TMPDIR/mock.log"
	OPENAI_API_KEY=sk-environment sm-judge -v -M openai/gpt-x --cache b.db in.jsonl >>out.jsonl 2>>err
	[ "$(jq -r .authorization "$BATS_TEST_TMPDIR/mock.log" | sort -u)" = "Bearer sk-environment" ]
	sm-cache export --cache a.db >>out.jsonl
	grep -q '12 calls' err
	run grep -lE 'sk-env' out.jsonl err a.db* b.db*
	[ "$status" -eq 1 ]
	[ -z "$output" ]
}

@test "a model is sent its own provider's key and no other" {
	mock_start --decide longer
	export OPENAI_API_KEY=sk-o TOGETHER_API_KEY=sk-t GOOGLE_API_KEY=sk-g
	while read -r model sent; do
		: >"$BATS_TEST_TMPDIR/mock.log"
		sm-judge -q --order forward -M "$model" single.jsonl >/dev/null
		[ "$(jq -r '.body.model + " " + (.authorization // "none")' "$BATS_TEST_TMPDIR/mock.log")" = "$sent" ] || { echo "$model"; false; }
	done <<'END'
openai/m1 m1 Bearer sk-o
together/m2 m2 Bearer sk-t
gemini/m3 m3 Bearer sk-g
openrouter/m4 m4 none
mine/m5 mine/m5 none
END
}

@test "a redirect is not followed" {
	jq -cn '{reply: {status: 307, headers: {Location: "/elsewhere/chat/completions"}, body: ""}}' >script.jsonl
	mock_start --script script.jsonl
	run --separate-stderr sm-judge -q --order forward single.jsonl
	[ "$status" -eq 4 ]
	[[ $stderr == *"HTTP 307"*"check --base-url"* ]]
	[ "$(jq -r .path "$BATS_TEST_TMPDIR/mock.log")" = /v1/chat/completions ]
}

@test "each prefix has its key, and a missing one is named: 2" {
	unset SM_BASE_URL
	while read -r prefix key; do
		run --separate-stderr sm-judge -q -M "$prefix/m" in.jsonl
		[ "$status" -eq 2 ]
		[[ $stderr == *"$key"*".env"* ]] || { echo "$prefix: $stderr"; false; }
	done <<<"openai OPENAI_API_KEY
together TOGETHERAI_API_KEY
gemini GEMINI_API_KEY
azure AZURE_API_KEY
anthropic ANTHROPIC_API_KEY
openrouter OPENROUTER_API_KEY"
}

@test "azure: the deployment's own URL where a version is named, and the key in its own header" {
	mock_start --decide longer
	export AZURE_API_KEY=sk-azure AZURE_API_BASE=${SM_BASE_URL%/v1}
	unset SM_BASE_URL SM_MODEL
	AZURE_API_VERSION=2024-10-21 sm-judge -q --order forward --cache a.db -M azure/mine single.jsonl >/dev/null
	sm-judge -q --order forward --cache b.db -M azure/mine single.jsonl >/dev/null
	[ "$(jq -r '[.path, .headers."api-key", .body.model, .authorization // "none"] | join(" ")' "$BATS_TEST_TMPDIR/mock.log")" = \
"/openai/deployments/mine/chat/completions sk-azure mine none
/openai/v1/chat/completions sk-azure mine none" ]
	# another version is another endpoint
	AZURE_API_VERSION=2099-01-01 sm-judge -q --order forward --cache a.db -M azure/mine single.jsonl >/dev/null
	[ "$(mock_calls)" -eq 3 ]
}

@test "no model named: the endpoint's only one is taken, of several none" {
	mock_start --decide longer
	unset SM_MODEL
	sm-judge -q in.jsonl | tail -n 1 | jq -e '.model == "mock"'
	mock_stop
	mock_start --decide longer --models a,b
	unset SM_MODEL
	run --separate-stderr sm-judge -q in.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == *"no model is named"*"has several: a, b; "*"--model"* ]]
}

# A server of files: v1/models is what lists the models. SM_BASE_URL points to it.
serve_models() {
	mkdir -p v1
	timeout 60 python3 -u -m http.server --bind 127.0.0.1 0 >served 2>/dev/null 3>&- &
	server=$!
	for ((i = 0; i < 500; i++)); do grep -q port served && break; sleep 0.02; done
	SM_BASE_URL=http://127.0.0.1:$(grep -o 'port [0-9]*' served | cut -d ' ' -f 2)/v1
	export SM_BASE_URL
}

@test "no model named: a list that names none, or is none, is said so; names that nobody could give do not count" {
	serve_models
	unset SM_MODEL
	while read -r list; do
		echo "$list" >v1/models
		run --separate-stderr sm-prompt request in.jsonl
		[ "$status" -eq 2 ] || { echo "$list: $status"; kill "$server"; false; }
		[[ $stderr == "sm-prompt: no model is named: $SM_BASE_URL gives no list of models; name a model with --model"* ]] ||
			{ echo "$list: $stderr"; kill "$server"; false; }
	done <<'END'
{"data":[{}]}
{"data":[]}
{"data":null}
{"data":"gpt"}
{"data":[{"id":5}]}
{"data":[{"id":null},7,"x",[]]}
{"data":[{"id":""}]}
{"data":[{"id":"a\nb"}]}
{"data":[{"id":"\u001b[2J"}]}
{"object":"list"}
[{"id":"a"}]
[]
null
no JSON
END
	run --separate-stderr sm-prompt request -B "${SM_BASE_URL%/v1}" in.jsonl
	[[ $stderr == *"gives no list of models (try $SM_BASE_URL); name a model"* ]] || { kill "$server"; false; }
	jq -nc '{data: [{id: ""}, {}, {id: "a\nb"}, {id: "Ünï/mo del"}]}' >v1/models
	run --separate-stderr sm-prompt request in.jsonl
	kill "$server"
	[ "$status" -eq 0 ]
	[ "$(head -n 1 <<<"$output" | jq -r .model)" = "Ünï/mo del" ]
}

@test "a second run asks nothing, and is the same but for its run record" {
	mock_start --decide longer
	sm-judge -q in.jsonl >paid.jsonl
	sm-judge -q in.jsonl >again.jsonl
	[ "$(mock_calls)" -eq 12 ]
	cmp <(grep -v '"type":"run"' paid.jsonl) <(grep -v '"type":"run"' again.jsonl)
	[ "$(tail -n 1 again.jsonl | jq -c '[.calls, .hits, .tokens.in]')" = '[0,12,0]' ]
}

@test "killed in the middle and run again, it pays for the rest alone" {
	faultless
	mock_start --decide longer --latency 40
	sm-judge -q -j 1 in.jsonl >cut.jsonl 3>&- &
	pid=$!
	for ((i = 0; i < 500 && $(mock_calls) < 5; i++)); do sleep 0.02; done
	kill -KILL "$pid"
	wait "$pid" || [ $? -eq 137 ]
	calls=$(mock_calls)
	[ "$calls" -ge 5 ]
	[ "$calls" -lt 12 ]
	sm-judge -q -j 1 in.jsonl >out.jsonl
	cmp <(verdicts faultless.jsonl) <(verdicts out.jsonl)
	[ "$(mock_calls)" -le 13 ] # the one in flight is lost
	tail -n 1 out.jsonl | jq -e --argjson n "$calls" '.hits >= $n - 1 and .calls + .hits == 12'
}

@test "--replay asks nothing: 8 where an answer is missing" {
	mock_start --decide longer
	head -n 12 in.jsonl >one.jsonl
	sm-judge -q one.jsonl >paid.jsonl
	calls=$(mock_calls)
	sm-judge -q --replay one.jsonl >again.jsonl
	cmp <(verdicts paid.jsonl) <(verdicts again.jsonl)
	run --separate-stderr sm-judge -q --replay in.jsonl
	[ "$status" -eq 8 ]
	[[ $stderr == *"no recorded answer for this request; leave out --replay"* ]]
	[ "$(mock_calls)" -eq "$calls" ]
	# not even for the name of a model
	mock_stop
	unset SM_MODEL
	run --separate-stderr sm-judge -q --replay one.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == *"--replay asks nobody, and no model is named; name the model of the recording"* ]]
}

@test "--no-cache neither reads nor writes" {
	mock_start --decide longer
	sm-judge -q --no-cache in.jsonl >/dev/null
	sm-judge -q --no-cache in.jsonl >/dev/null
	[ "$(mock_calls)" -eq 24 ]
	[ ! -e "$SM_CACHE" ]
}

@test "another endpoint, model, temperature or limit is another request" {
	mock_start --decide longer
	sm-judge -q in.jsonl >/dev/null
	for other in "-M other" "--temperature 0.5" "--max-tokens 99" "-B ${SM_BASE_URL/127.0.0.1/localhost}"; do
		calls=$(mock_calls)
		# shellcheck disable=SC2086 # words
		sm-judge -q $other in.jsonl >/dev/null
		[ "$(mock_calls)" -eq $((calls + 12)) ] || { echo "$other"; false; }
	done
}

@test "two programs on one store ask nothing twice that was answered, and both end well" {
	mock_start --decide longer --latency 20
	sm-judge -q -j 2 in.jsonl >a.jsonl &
	sm-judge -q -j 2 in.jsonl >b.jsonl
	wait $!
	cmp <(verdicts a.jsonl) <(verdicts b.jsonl)
	[ "$(sqlite3 "$SM_CACHE" 'select count(*) from answer')" -eq 12 ]
	[ "$(sm-judge -q in.jsonl | tail -n 1 | jq .calls)" -eq 0 ]
}

@test "-j bounds the requests in flight, and uses them" {
	for jobs in 1 3; do
		mock_start --decide longer --latency 60
		sm-judge -q -j "$jobs" --cache "$jobs.db" in.jsonl >/dev/null
		[ "$(curl -s "${SM_BASE_URL%/v1}/stats" | jq -c '[.calls, .peak_in_flight]')" = "[12,$jobs]" ]
		mock_stop
	done
}

# A chat request: a head of long messages, one for each letter of a word, and a question of its own.
headed() { # WORD QUESTION
	jq -nc --arg word "$1" --arg question "$2" '{messages: [($word / "" | .[] | {role: "system", content: (. * 600)}),
		{role: "user", content: $question}]}'
}
arrived() { jq -r '.body.messages[-1].content' mock.log | paste -sd ' '; }

@test "calls that begin alike follow each other, and the order of answers is that of the requests" {
	mock_start --decide first
	for n in 1 2 3; do headed ab "ab$n" && headed cd "cd$n"; done >requests.jsonl
	sm-llm -q -j 1 requests.jsonl >out.jsonl
	[ "$(arrived)" = "ab1 ab2 ab3 cd1 cd2 cd3" ]
	[ "$(jq -r .custom_id out.jsonl | paste -sd ' ')" = "line-1 line-2 line-3 line-4 line-5 line-6" ]
	sm-llm -q -j 4 --replay requests.jsonl | cmp - out.jsonl
}

@test "where none begins the same, that one follows which has most in common, else the oldest" {
	mock_start --decide first
	for word in abc xyz axy abx xyz- abcd xa; do headed "$word" "$word"; done >requests.jsonl
	sm-llm -q -j 1 requests.jsonl >out.jsonl
	[ "$(arrived)" = "abc abcd abx axy xyz xyz- xa" ]
}

@test "a call lets 256 others go first that begin alike, and no more" {
	mock_start --decide first
	headed a a1 >requests.jsonl
	headed b old >>requests.jsonl
	headed a NUMBER >line.jsonl
	for ((n = 2; n <= 400; n++)); do sed "s/NUMBER/a$n/" line.jsonl; done >>requests.jsonl
	sm-llm -q -j 1 requests.jsonl >out.jsonl
	[ "$(mock_calls)" -eq 401 ]
	[ "$(jq -r '.body.messages[-1].content' mock.log | grep -n old)" = 258:old ]
}

@test "a call that failed waits until it is due, whatever begins alike" {
	mock_start --decide first --fault 503:first=1:value=ms=1500
	for n in 1 2 3; do headed a "a$n" && headed b "b$n"; done >requests.jsonl
	sm-llm -q -j 1 requests.jsonl >out.jsonl
	[ "$(arrived)" = "a1 a2 a3 b1 b2 b3 a1" ]
}

@test "a reply without an answer is asked for four times, 0.3 warmer each time and up to 1" {
	echo '{"reply":{"content":"I like both."}}' >script.jsonl
	mock_start --script script.jsonl
	while read -r first temperatures; do
		: >"$BATS_TEST_TMPDIR/mock.log"
		sm-judge -q --only --order forward --temperature "$first" single.jsonl >out.jsonl
		[ "$(jq .body.temperature "$BATS_TEST_TMPDIR/mock.log" | paste -sd ' ')" = "$temperatures" ]
		[ "$(jq -r 'select(.type == "verdict") | .preference + " " + .status' out.jsonl)" = "Tie unparsed" ]
	done <<'END'
0 0 0.3 0.6 0.9
0.5 0.5 0.8 1 1
1.5 1.5 1.5 1.5 1.5
END
	calls=$(mock_calls)
	sm-judge -q --order forward --temperature 1.5 single.jsonl >/dev/null
	[ "$(mock_calls)" -eq "$calls" ] # all four are kept
}

@test "a truncated reply is asked for again, a refused one is not" {
	mock_start --fault length
	sm-judge -q --only --order forward --max-tokens 5 single.jsonl >out.jsonl
	[ "$(jq -r 'select(.type == "verdict") | .preference + " " + .status' out.jsonl)" = "Tie truncated" ]
	[ "$(mock_calls)" -eq 4 ]
	mock_stop
	for reply in '{"content":"","finish_reason":"content_filter"}' \
		'{"body":{"choices":[{"message":{"content":null,"refusal":"I cannot."},"finish_reason":"stop"}]}}'; do
		echo "{\"reply\":$reply}" >script.jsonl
		mock_start --script script.jsonl
		sm-judge -q --only --order forward --cache "$RANDOM$RANDOM.db" single.jsonl >out.jsonl
		[ "$(jq -r 'select(.type == "verdict") | .preference + " " + .status' out.jsonl)" = "Tie refused" ]
		[ "$(mock_calls)" -eq 1 ]
		mock_stop
	done
}

@test "a call that hangs holds up its own user alone" {
	head -n 12 in.jsonl >slow.jsonl
	mock_start --decide longer --fault stall:first=1:value=1
	sm-judge -q -j 4 in.jsonl >out.jsonl
	[ "$(verdicts out.jsonl | wc -l)" -eq 12 ]
	[ "$(tail -n 1 out.jsonl | jq -c '[.calls, .retries]')" = "[12,1]" ]
}

@test "a long message is cut after the key is hidden, and between characters" {
	export SM_API_KEY=sk-known-0123456789
	long=$(printf 'x%.0s' {1..285})
	mock_start --decide longer --fault "badkey:value=$long $SM_API_KEY tail"
	run --separate-stderr sm-judge -q single.jsonl
	[ "$status" -eq 4 ]
	[[ $stderr$output != *sk-known* ]]
	mock_stop
	jq -cn '{reply: {status: 400, body: {error: {message: ("x" + "é" * 300)}}}}' >script.jsonl
	mock_start --script script.jsonl
	sm-judge -q --only single.jsonl >out.jsonl 2>err || [ $? -eq 1 ]
	iconv -f utf8 -t utf8 out.jsonl err >/dev/null
}

@test "an error beside choices is a failed call, not a verdict" {
	jq -cn '{times: 1, reply: {body: {error: {code: 502, message: "m"},
		choices: [{message: {content: ""}, finish_reason: "error"}]}}}' >script.jsonl
	mock_start --decide longer --script script.jsonl
	sm-judge -q --only --order forward single.jsonl >out.jsonl
	[ "$(tail -n 1 out.jsonl | jq -c '[.calls, .retries]')" = '[1,1]' ]
	[ "$(jq -r 'select(.type == "verdict").status' out.jsonl)" = ok ]
}

@test "each provider is asked in its own form: logprobs as a number for together, no temperature above 1 for anthropic" {
	mock_start --decide longer
	TOGETHER_API_KEY=sk-t sm-judge -q --logprobs --order forward -M together/m single.jsonl >/dev/null
	jq -e '.body.logprobs == 1 and (.body | has("top_logprobs") | not)' "$BATS_TEST_TMPDIR/mock.log"
	run --separate-stderr sm-judge -q --temperature 1.5 -M anthropic/m single.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == *"temperatures up to 1; give a lower --temperature"* ]]
}

@test "a proxy is used as curl uses it" {
	mock_start --decide longer
	http_proxy=${SM_BASE_URL%/v1} sm-judge -q --order forward -B http://model.invalid/v1 single.jsonl | tail -n 1 | jq -e '.calls == 1'
	run --separate-stderr env http_proxy="${SM_BASE_URL%/v1}" no_proxy=model.invalid sm-judge -q --order forward --no-cache -B http://model.invalid/v1 single.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *"cannot reach http://model.invalid/v1: "* ]]
}

@test "certificates are verified, against the authorities of CURL_CA_BUNDLE if that is set" {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost 2>/dev/null
	mock_start --decide longer
	"$BATS_TEST_DIRNAME/tools/tls-front" cert.pem key.pem "${SM_BASE_URL##*:}" >tls.port 3>&- &
	front=$!
	for ((i = 0; i < 200; i++)); do [ -s tls.port ] && break; sleep 0.05; done
	url=https://localhost:$(<tls.port)/v1
	run --separate-stderr sm-judge -q --order forward -B "$url" single.jsonl
	with=$(CURL_CA_BUNDLE=cert.pem sm-judge -q --order forward -B "$url" single.jsonl | tail -n 1 | jq -c .calls)
	also=$(SSL_CERT_FILE=cert.pem sm-judge -q --no-cache --order forward -B "$url" single.jsonl | tail -n 1 | jq -c .calls)
	kill "$front"
	[ "$status" -eq 3 ]
	[[ $stderr == *"cannot reach $url: "*certificate*"; "*CURL_CA_BUNDLE* ]]
	[ "$with $also" = "1 1" ]
}
