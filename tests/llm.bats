# The client: faults, retries, keys, what an endpoint refuses, the store. Through sm-judge.
load helper

setup_file() {
	mkdir "$BATS_FILE_TMPDIR/inputs"
	cd "$BATS_FILE_TMPDIR/inputs" || return 1
	sm-split -q --test 2 "$top/examples/prefs.jsonl" >in.jsonl
	grep -m 1 '"split":"test"' in.jsonl >single.jsonl
}

setup() {
	prefs=$BATS_TEST_DIRNAME/../examples/prefs.jsonl
	cd "$BATS_TEST_TMPDIR" || return 1
	cp "$BATS_FILE_TMPDIR"/inputs/* .
}

# Verdicts without what differs from run to run.
verdicts() {
	sed -n '/"type":"verdict"/{s/,"ms":[0-9.]*//;p}' "$1"
}

# What is judged when nothing fails, once for all tests: 12 verdicts.
faultless() {
	if [ ! -e "$BATS_FILE_TMPDIR/faultless.jsonl" ]; then
		mock_start --decide longer
		SM_CACHE=faultless.db sm-judge -q in.jsonl >faultless.jsonl
		[ "$(verdicts faultless.jsonl | wc -l)" -eq 12 ]
		mock_stop
		mv faultless.jsonl "$BATS_FILE_TMPDIR"
	fi
	cp "$BATS_FILE_TMPDIR/faultless.jsonl" .
}

# survives FAULT: some calls are made again, and the verdicts are those without it.
survives() {
	mock_start --decide longer --fault "$1"
	timeout 30 sm-judge -q -j 1 --cache "$RANDOM$RANDOM.db" in.jsonl >out.jsonl || { echo "$1: status $?"; return 1; }
	cmp <(verdicts faultless.jsonl) <(verdicts out.jsonl) || { echo "$1"; return 1; }
	[[ $(tail -n 1 out.jsonl) =~ '"calls":12,'.*'"retries":'[1-9][0-9]*',"failed":0,' ]] || { echo "$1: $(tail -n 1 out.jsonl)"; return 1; }
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
	[ "$(grep -c "asked again" <<<"$stderr")" -eq 1 ]
	[[ $stderr == "sm-judge: $SM_BASE_URL is asked again in 5 min: HTTP 429: mock fault"* ]]
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
	holds - 'group_by(.type) | map([.[0].type, length]) == [["error", 1], ["run", 1], ["verdict", 11]]' \
		'map(select(.type == "error"))[0] | .user_id == "careful" and .stage == "judge" and .order == "reverse"
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
	holds - 'map(select(.type == "error") | "\(.tried) \(.remedy)") | unique == ["9 run the same command again: answers already paid for are kept"]' \
		'.[-1] | [.calls, .retries, .failed] == [0, 16, 2]' <<<"$output"
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
	sleep 1.6 # of four attempts the first comes by then, and the last one more than a second later
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
	[[ $stderr == *"no model is named: http://127.0.0.1:9/v1 gives no list of models: Could"*" connect"*"--model"* ]]
}

@test "what an endpoint refuses is left out from the second call on, and remembered" {
	for param in response_format temperature max_tokens; do
		mock_start --decide longer --fault "refuse=$param"
		sm-judge -q -j 12 --only --cache "$param.db" in.jsonl >out.jsonl
		[ "$(grep -o '"status":"[a-z]*"' out.jsonl | sort | uniq -c | tr -s ' ')" = ' 12 "status":"ok"' ]
		[[ $(tail -n 1 out.jsonl) == *"\"refused\":[\"$param\"],"* ]]
		[ "$(mock_calls)" -eq 13 ]
		[ "$(grep -c "\"$param\":" mock.log)" -eq 1 ]
		# another program with other requests: not one call more is wasted
		sm-judge -q -j 12 --no-persona --temperature 0.1 --cache "$param.db" in.jsonl >/dev/null
		[ "$(mock_calls)" -gt 13 ]
		[ "$(grep -c "\"$param\":" mock.log)" -eq 1 ]
		mock_stop
	done
	[ "$(grep -c '"max_completion_tokens":' mock.log)" -gt 10 ]
}

@test "a fact counts by its value" {
	mock_start --decide longer
	printf "{\"type\":\"endpoint\",\"user_id\":null,\"endpoint\":\"$SM_BASE_URL\",\"model\":\"mock\",\"name\":\"%s\",\"value\":\"%s\"}\n" \
		response_format taken temperature refused | sm-cache import -q
	[[ $(sm-judge -q --order forward single.jsonl | tail -n 1) == *'"refused":["temperature"],'* ]]
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
		sm-judge -q --order forward -M "$model" single.jsonl >/dev/null
		echo "$sent" >>wanted
	done <<'END'
openai/m1 m1 Bearer sk-o
together/m2 m2 Bearer sk-t
gemini/m3 m3 Bearer sk-g
openrouter/m4 m4 none
mine/m5 mine/m5 none
END
	jq -r '.body.model + " " + (.authorization // "none")' mock.log | diff wanted -
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

@test "another model, temperature, limit or name of a server is another request" {
	mock_start --decide longer
	sm-judge -q in.jsonl >/dev/null
	for other in "-M other" "--temperature 0.5" "--max-tokens 99" "--store-as rack2"; do
		calls=$(mock_calls)
		# shellcheck disable=SC2086 # words
		sm-judge -q $other in.jsonl >/dev/null
		[ "$(mock_calls)" -eq $((calls + 12)) ] || { echo "$other"; false; }
	done
}

@test "an answer serves at each endpoint of its model" {
	mock_start --decide longer
	sm-judge -q in.jsonl | grep '"verdict"' >first
	mock_start --decide first # on another port
	sm-judge -q in.jsonl | grep '"verdict"' | cmp first
	sm-judge -q -B "${SM_BASE_URL/127.0.0.1/localhost}" in.jsonl | grep '"verdict"' | cmp first
	sm-judge -q --replay -B http://elsewhere.example/v1 in.jsonl | grep '"verdict"' | cmp first
	[ "$(mock_calls)" -eq 0 ]
}

@test "--store-as keeps two servers apart that give one name to different models" {
	mock_start --decide first
	sm-judge -q --store-as a in.jsonl >/dev/null
	mock_start --decide longer
	SM_STORE_AS=b sm-judge -q in.jsonl >b.jsonl
	grep -q '"preference":"Second"' b.jsonl
	SM_STORE_AS=b sm-judge -q --store-as a in.jsonl >a.jsonl
	[ "$(grep -c '"type":"verdict",.*"preference":"First"' a.jsonl)" -eq 12 ]
	[ "$(mock_calls)" -eq 12 ]
	echo "SM_STORE_AS=b" >.env
	[[ $(sm-judge -q in.jsonl | tail -n 1) == *'"calls":0,'* ]]
}

@test "a known provider's answers are its own, those of a gateway that is asked by its prefix are not" {
	mock_start --decide longer
	export OPENAI_API_KEY=any
	sm-judge -q -M openai/mock in.jsonl >/dev/null
	sm-judge -q -M mock in.jsonl | tail -n 1 >runs.jsonl
	unset SM_BASE_URL
	{
		sm-judge -q -M openai/mock --dry-run in.jsonl | tail -n 1
		sm-judge -q -M mock -B https://api.openai.com/v1/ --dry-run in.jsonl | tail -n 1
		sm-judge -q -M mock --dry-run in.jsonl | tail -n 1
	} >>runs.jsonl
	holds runs.jsonl '.[0].calls == 0' '.[1] | .hits == 0 and .plan.calls.most == 12' '.[2].hits == 0' '.[3].hits == 12'
}

@test "an answer recorded by its URL is found there, and from then on elsewhere" {
	mock_start --decide longer
	jq -nc '{messages: [{role: "user", content: "Is 1 € much?"}]}' >request.jsonl
	sm-llm -q --batch batch.jsonl request.jsonl >/dev/null || [ $? -eq 5 ]
	body=$(sed 's/.*"body"://; s/}$//' batch.jsonl)
	len=$(printf %s "$body" | wc -c)
	old=$(printf '%d:%s0:%d:%s' ${#SM_BASE_URL} "$SM_BASE_URL" "$len" "$body" | sha256sum | cut -d ' ' -f 1)
	sm-llm -q request.jsonl >answer
	sqlite3 "$SM_CACHE" "update answer set key = '$old'"
	chmod a-w "$SM_CACHE"
	[ "$(sm-llm -q --replay request.jsonl)" = "$(<answer)" ]
	run sm-llm -q --replay -B http://elsewhere.example/v1 request.jsonl
	[ "$status" -eq 8 ]
	chmod u+w "$SM_CACHE"
	[ "$(sm-llm -q request.jsonl)" = "$(<answer)" ]
	[ "$(sm-llm -q --replay -B http://elsewhere.example/v1 request.jsonl)" = "$(<answer)" ]
	[ "$(mock_calls)" -eq 1 ]
}

@test "what is learned of a model leaves its answers in place" {
	mock_start --decide longer
	sm-judge -q --temperature 0.5 in.jsonl >/dev/null
	mock_start --decide longer --fault refuse=temperature
	sm-judge -q --temperature 0.7 in.jsonl >/dev/null
	calls=$(mock_calls)
	sm-judge -q --temperature 0.5 in.jsonl | jq -es '.[-1] | .refused == ["temperature"] and .calls == 0'
	[ "$(mock_calls)" -eq "$calls" ]
}

# What a replay that misses says, but for its beginning.
replay_says() {
	run --separate-stderr sm-judge -q --replay "$@" in.jsonl
	[ "$status" -eq 8 ]
	grep -c 'have no recorded answer' <<<"$stderr"
	sed -n 's/^sm-judge: 12 requests have no recorded answer: //p' <<<"$stderr"
}

@test "a replay that misses says in one line what differs from the recording" {
	mock_start --decide longer
	run --separate-stderr sm-judge -q --replay --cache none.db in.jsonl
	[[ $stderr == *"have no recorded answer: the store has no answers at all: check --cache and SM_CACHE"* ]]
	sm-judge -q --max-tokens 400 in.jsonl >/dev/null
	sm-judge -q --max-tokens 500 --temperature 1 in.jsonl >/dev/null
	[ "$(replay_says -j 4)" = "1
the most similar recording was made with --max-tokens 400, here 1024" ]
	[ "$(replay_says --max-tokens 500 --temperature 0.5)" = "1
the most similar recording was made with --temperature 1, here 0.5" ]
	[[ $(replay_says --max-tokens 400 --set user=me) == *'with --set user none, here "me"' ]]
	[[ $(replay_says --max-tokens 400 --store-as rack) == *'with answers of (--base-url, --store-as) "", here "rack"' ]]
	[[ $(replay_says -M other) == *"the store has answers of mock, none of other" ]]
	mkdir my && { cat "$top/lib/prompts/judge.jq"; echo "# mine"; } >my/judge.jq
	sed -i 's/There is always a choice/There always is a choice/' my/judge.jq
	[[ $(replay_says --max-tokens 400 --prompts my) == *"with prompt judge "*", here "* ]]
	jq -c 'if .context then .context[0].content += "!" else . end' in.jsonl >other.jsonl
	run --separate-stderr sm-judge -q --replay --max-tokens 400 other.jsonl
	[[ $stderr == *"model, options and prompts are those of a recording, so the pairs, personas or examples differ"* ]]
	# it goes where the answers go
	sm-cache export | sm-cache import -q --cache copy.db
	SM_CACHE=copy.db replay_says | grep -q -- '--max-tokens 400, here 1024'
	sqlite3 "$SM_CACHE" "delete from fact where name like 'asked%'"
	[[ $(replay_says) == *"the store has 24 answers of mock, and does not know what this program asked them with" ]]
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

peak() { curl -s "${SM_BASE_URL%/v1}/stats" | jq .peak_in_flight; }

@test "-j bounds the requests in flight of a whole pipe, and uses them" {
	for jobs in 1 3; do
		mock_start --decide longer --latency 30
		sm-fit -q -j "$jobs" --test 2 --candidates 2 --cache "$jobs.db" "$prefs" | sm-judge -q -j "$jobs" --cache "$jobs.db" >"$jobs.jsonl"
		[ "$(peak)" -eq "$jobs" ]
		[ "$(grep -c '"verdict"' "$jobs.jsonl")" -eq 12 ]
		mock_stop
	done
	# pipes of different process groups have each their own
	mock_start --decide longer --latency 100
	setsid sm-judge -q -j 1 in.jsonl >/dev/null &
	setsid sm-judge -q -j 1 --temperature 1 in.jsonl >/dev/null
	wait $!
	[ "$(peak)" -eq 2 ]
}

@test "no program of a pipe waits for a place until the others are done" {
	mock_start --decide longer --latency 20
	jq -c 'range(1; 31) as $n | .context[-1].content += "\($n)"' single.jsonl >many.jsonl
	for jobs in 1 2; do
		sm-judge -q -j "$jobs" --temperature "0.$jobs" many.jsonl >/dev/null &
		many=$!
		for ((i = 0; i < 200; i++)); do [ "$(mock_calls)" -lt $((jobs * 4)) ] || break; sleep 0.01; done
		sm-judge -q -j "$jobs" --temperature "0.$jobs" in.jsonl >/dev/null
		kill -0 "$many"
		wait "$many"
	done
	[ "$(peak)" -eq 2 ]
}

@test "a slow first answer holds up the others for 5 seconds at most" {
	mock_start --decide longer --latency 7000
	sm-judge -q in.jsonl >out.jsonl
	[ "$(peak)" -gt 8 ]
	jq -es '.[-1].seconds < 13' out.jsonl
}

# Chat requests: each a head of long messages, one for each letter of a word, and a question of its own.
headed() { # WORD QUESTION ...
	jq -nc '$ARGS.positional | range(0; length; 2) as $i | {messages: [(.[$i] / "" | .[] | {role: "system", content: (. * 600)}),
		{role: "user", content: .[$i + 1]}]}' --args "$@"
}
arrived() { jq -r '.body.messages[-1].content' mock.log | paste -sd ' '; }

@test "calls that begin alike follow each other, and the order of answers is that of the requests" {
	mock_start --decide first
	headed ab ab1 cd cd1 ab ab2 cd cd2 ab ab3 cd cd3 >requests.jsonl
	sm-llm -q -j 1 requests.jsonl >out.jsonl
	[ "$(arrived)" = "ab1 ab2 ab3 cd1 cd2 cd3" ]
	[ "$(jq -r .custom_id out.jsonl | paste -sd ' ')" = "line-1 line-2 line-3 line-4 line-5 line-6" ]
	sm-llm -q -j 4 --replay requests.jsonl | cmp - out.jsonl
}

@test "where none begins the same, that one follows which has most in common, else the oldest" {
	mock_start --decide first
	headed abc abc xyz xyz axy axy abx abx xyz- xyz- abcd abcd xa xa >requests.jsonl
	sm-llm -q -j 1 requests.jsonl >out.jsonl
	[ "$(arrived)" = "abc abcd abx axy xyz xyz- xa" ]
}

@test "a call lets 256 others go first that begin alike, and no more" {
	mock_start --decide first
	headed a a1 b old >requests.jsonl
	headed a NUMBER >line.jsonl
	awk '{for (n = 2; n <= 400; n++) {line = $0; sub(/NUMBER/, "a" n, line); print line}}' line.jsonl >>requests.jsonl
	sm-llm -q -j 1 requests.jsonl >out.jsonl
	[ "$(mock_calls)" -eq 401 ]
	[ "$(jq -r '.body.messages[-1].content' mock.log | grep -n old)" = 258:old ]
}

@test "a call that failed waits until it is due, whatever begins alike" {
	mock_start --decide first --fault 503:first=1:value=ms=1500
	headed a a1 b b1 a a2 b b2 a a3 b b3 >requests.jsonl
	sm-llm -q -j 1 requests.jsonl >out.jsonl
	[ "$(arrived)" = "a1 a2 a3 b1 b2 b3 a1" ]
}

@test "a reply without an answer is asked for four times, 0.3 warmer each time and up to 1" {
	echo '{"reply":{"content":"I like both."}}' >script.jsonl
	mock_start --script script.jsonl
	for first in 0 0.5 1.5; do
		sm-judge -q --only --order forward --temperature "$first" single.jsonl
	done >out.jsonl
	[ "$(jq .body.temperature mock.log | paste -sd ' ')" = "0 0.3 0.6 0.9 0.5 0.8 1 1 1.5 1.5 1.5 1.5" ]
	[ "$(jq -r 'select(.type == "verdict") | .preference + " " + .status' out.jsonl | uniq -c | tr -s ' ')" = " 3 Tie unparsed" ]
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
	holds out.jsonl '.[-1] | .calls == 1 and .retries == 1' 'map(select(.type == "verdict").status) == ["ok"]'
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
	# wherever it shows: when no model is named, by likelihood
	SM_MODEL='' sm-judge -q -B "$url" single.jsonl 2>named || [ $? -eq 2 ]
	sm-judge -q --by likelihood -B "$url" single.jsonl 2>likely || [ $? -eq 3 ]
	kill "$front"
	grep "CURL_CA_BUNDLE" named
	grep "cannot reach $url: .*CURL_CA_BUNDLE" likely
	[ "$status" -eq 3 ]
	[[ $stderr == *"cannot reach $url: "*certificate*"; "*CURL_CA_BUNDLE* ]]
	[ "$with $also" = "1 1" ]
}

# What the mock was sent but for the messages, one line a request.
bodies() { jq -c '.body | del(.messages, .model)' "$BATS_TEST_TMPDIR/mock.log"; }

@test "--set and --body: members of one's own are merged last, and are part of what an answer is recorded for" {
	mock_start --decide longer
	printf '%s' '{"user": "file", "provider": {"order": ["a"], "sort": "price"}, "top_p": 0.5}' >body.json
	sm-judge -q --order forward --body body.json --set reasoning_effort=low --set user=me --set provider.sort=null \
		--set chat_template_kwargs.enable_thinking=false --set 'stop=["x"]' --set tag= single.jsonl >out.jsonl
	bodies | jq -e 'del(.response_format, .temperature, .max_tokens) == {user: "me", provider: {order: ["a"]}, top_p: 0.5,
		reasoning_effort: "low", chat_template_kwargs: {enable_thinking: false}, stop: ["x"], tag: ""}
		and .temperature == 0 and .max_tokens == 1024 and .response_format.type == "json_schema"'
	# the run record has what was set, nulls too
	tail -n 1 out.jsonl | jq -e '.members.provider == {order: ["a"], sort: null} and .members.user == "me" and .options.body == "body.json"'
	# another member is another request; the same ones, in another order, the same
	printf '{}' >none.json
	{
		sm-judge -q --order forward --set seed=1 --set user=me single.jsonl | tail -n 1
		sm-judge -q --order forward --set user=me --set seed=1 single.jsonl | tail -n 1
		sm-judge -q --order forward --set user=me --set seed=2 single.jsonl | tail -n 1
		# without any, requests are the bytes that they always were
		sm-judge -q --order forward single.jsonl | tail -n 1
		sm-judge -q --order forward --body none.json single.jsonl | tail -n 1
	} >runs.jsonl
	holds runs.jsonl '.[1] | .calls == 0 and .hits == 1' '.[2].calls == 1' '.[3] | .calls == 1 and (has("members") | not)' \
		'.[4] | .calls == 0 and (has("members") | not)'
}

@test "--set: what is JSON is JSON, what is not is a text" {
	mock_start --decide longer
	local set=()
	while IFS='|' read -r given read; do
		set+=(--set "x$((10 + ${#set[@]}))=$given")
		echo "$read" >>wanted
	done <<'EOF'
low|"low"
1|1
-0.5|-0.5
1e3|1000
"1"|"1"
true|true
True|"True"
nan|"nan"
{"a": [1, null]}|{"a":[1,null]}
{"a": 1|"{\"a\": 1"
1 2|"1 2"
a=b|"a=b"
a,b|"a,b"
|""
 |" "
Grüße "du"|"Grüße \"du\""
EOF
	sm-judge -q --no-cache --order forward "${set[@]}" single.jsonl >/dev/null
	jq -c '.body | to_entries[] | select(.key | test("^x[0-9]")).value' mock.log | diff wanted -
	# a later one goes on where an earlier one was, and what is no object becomes one
	: >"$BATS_TEST_TMPDIR/mock.log"
	sm-judge -q --no-cache --order forward --set x=1 --set x.y.z=2 --set x.w=3 --set response_format=null single.jsonl >/dev/null
	bodies | jq -e '.x == {y: {z: 2}, w: 3} and (has("response_format") | not)'
}

@test "what would break a promise, or take the request elsewhere, is no member of one's own: 2" {
	mock_start --decide longer
	refused() { # NAME=VALUE WORDS
		run --separate-stderr sm-judge -q --set "$1" single.jsonl
		[ "$status" -eq 2 ] && [[ $stderr == *"$2"* ]] && [ "$(grep -c . <<<"$stderr")" -eq 1 ] || { echo "$1: $status $stderr"; return 1; }
	}
	refused model=other '`model` cannot be set by --body or --set; name the model with --model'
	refused temperature=1 --temperature
	refused temperature=null --temperature
	refused max_tokens=1 --max-tokens
	refused max_completion_tokens=9 --max-tokens
	refused 'messages=[]' --prompts
	refused n=2 'one reply'
	refused stream=true whole
	refused stream_options.include_usage=true whole
	refused messages.0=x --prompts
	for name in api_base base_url API_KEY api_key extra_body.api_base litellm_params.base_url headers.Authorization; do
		refused "$name=x" 'must not be a member of a request'
	done
	refused 'fallbacks=[{"model": "m", "api_key": "sk"}]' '`fallbacks` must not be'
	for text in user =x .x=1 x.=1 a..b=1 ''; do
		refused "$text" 'not NAME=VALUE'
	done
	refused $'x=a\xffb' UTF-8
	# an inner member of such a name is no harm where nobody reads it as the request's own
	sm-judge -q --order forward --set metadata.model=x --set metadata.n=2 single.jsonl >/dev/null
	# files: none, no object, a folder, no JSON
	printf '[]' >list.json
	printf '{"n": 2}' >n.json
	printf '{"a": nan}' >nan.json
	for name in missing.json list.json nan.json .; do
		run --separate-stderr sm-judge -q --body "$name" single.jsonl
		[ "$status" -eq 3 ]
		[[ $stderr == *"--body $name"* ]]
	done
	run --separate-stderr sm-judge -q --body n.json single.jsonl
	[ "$status" -eq 2 ]
	[ "$(mock_calls)" -eq 1 ]
	run --separate-stderr sm-judge -q --by likelihood --set user=me single.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == *"--body and --set are about chats"* ]]
}

@test "every program that asks sends members of one's own: the fit, the judge, sm-llm, batches, printed requests" {
	mock_start --decide longer
	sm-fit -q --test 2 --set user=me --set "x=it's \$HOME" "$prefs" | sm-judge -q --set user=me --set "x=it's \$HOME" | sm-rank -q --set user=me >out.jsonl
	holds mock.log 'length > 0 and all(.[].body; .user == "me" and .x == "it'"'"'s $HOME")'
	holds out.jsonl 'map(select(.type == "run" and .members.user == "me").program) | sort == ["sm-bootstrap", "sm-demosearch", "sm-judge", "sm-persona", "sm-rank"]'
	# a line's own members first
	echo '{"messages":[{"role":"user","content":"hi"}],"user":"line","stop":["x"],"metadata":{"a":"1"}}' >line.jsonl
	: >"$BATS_TEST_TMPDIR/mock.log"
	sm-llm -q --set user=me --set metadata.b=2 line.jsonl >/dev/null
	holds mock.log '.[0].body | .user == "me" and .stop == ["x"] and .metadata == {a: "1", b: 2}'
	sm-judge -q --order forward --set user=me --batch b.jsonl --cache b.db single.jsonl >/dev/null || [ $? -eq 5 ]
	sm-export batch --set user=me in.jsonl >e.jsonl
	{ cat b.jsonl e.jsonl; sm-prompt request --set user=me in.jsonl; } | holds - 'length == 19 and all(.[]; (.body // .).user == "me")'
	[[ $(sm-judge -q -n --set user=me in.jsonl | tail -n 1) == *'"members":{"user":"me"},'* ]]
}

@test "a member of one's own that the endpoint refuses is left out like any other" {
	mock_start --decide longer --fault refuse=seed
	sm-judge -q --set seed=7 in.jsonl >out.jsonl
	tail -n 1 out.jsonl | jq -e '.refused == ["seed"] and .failed == 0'
}

@test "TLS with what speaks none, and authorities that cannot be read: what to look at" {
	mock_start --decide longer
	run --separate-stderr sm-judge -q --order forward -B "https${SM_BASE_URL#http}" single.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *"cannot reach https://"*"http:// rather than https://"*CURL_CA_BUNDLE* ]]
	[ "$(grep -c . <<<"$stderr")" -eq 1 ]
	CURL_CA_BUNDLE=$PWD/nowhere.pem run --separate-stderr sm-judge -q --order forward -B "https${SM_BASE_URL#http}" single.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *"certificate"*"CURL_CA_BUNDLE"* ]]
}

# interrupt COMMAND [CALLS]: as a process group of its own, as soon as the mock has been asked so often (1); its messages are in err.
interrupt() {
	mock_start --decide longer --latency 300
	setsid python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp("bash", ["bash", "-c", sys.argv[1]])' "$1" 2>err 3>&- &
	local pid=$! i
	for ((i = 0; i < 500 && $(mock_calls) < ${2-1}; i++)); do sleep 0.02; done
	kill -INT -- "-$pid"
	status=0
	wait "$pid" || status=$?
}

@test "who is stopped alone in a pipe takes in what is under way" {
	mock_start --decide longer --latency 1000
	sm-split -q "$prefs" >split.jsonl
	{ { echo "$BASHPID" >pid; exec sm-bootstrap -j 1 --timeout 3 split.jsonl; } | sm-judge -j 1; } >out.jsonl 2>err 3>&- &
	local pipe=$! i
	for ((i = 0; i < 500 && $(mock_calls) < 1; i++)); do sleep 0.02; done
	kill -TERM "$(<pid)"
	wait "$pipe" || true
	[ "$(grep -c '^sm-bootstrap: stopped: calls in flight end first' err)" -eq 1 ]
	[ "$(store_sql "select count(*) from answer")" -ge 1 ]
}

@test "two programs of a pipe that have other things to tell of their stop both tell them" {
	sm-split -q "$prefs" >split.jsonl
	interrupt "sm-bootstrap -j 1 split.jsonl | sm-judge --no-cache -j 1 >out.jsonl" 4
	[ "$(sort err)" = "sm-bootstrap: stopped: calls in flight end first; what is answered is kept, and the same command goes on from there
sm-judge: stopped: with --no-cache no answer was kept" ]
	[ "$(store_sql "select count(*) from answer")" -ge 1 ]
}

@test "an interrupt says what is kept and that the same command goes on, once for the pipe" {
	local stopped=": stopped: calls in flight end first; what is answered is kept, and the same command goes on from there"
	interrupt "sm-fit -j 2 $prefs >out.jsonl"
	[ "$status" -eq 130 ]
	[ "$(wc -l <err)" -eq 1 ]
	[[ $(<err) == sm-*"$stopped" ]]
	jq -nc 'range(9) | [{role: "user", content: "question \(.)"}]' >lines.jsonl
	for command in "sm-judge in.jsonl" "sm-llm lines.jsonl"; do
		interrupt "exec $command -j 1 >out.jsonl"
		[ "$status" -eq 130 ]
		[ "$(<err)" = "${command%% *}$stopped" ] || { echo "$command: $(<err)"; false; }
	done
	interrupt "exec sm-judge --no-cache -j 1 in.jsonl >out.jsonl"
	[ "$(<err)" = "sm-judge: stopped: with --no-cache no answer was kept" ]
	interrupt "exec sm-judge -q -j 1 --cache other.db in.jsonl >out.jsonl"
	[ "$status" -eq 130 ]
	[ ! -s err ]
}
