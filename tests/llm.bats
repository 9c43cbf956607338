# The client: faults, retries, keys, what an endpoint refuses, the store. Through sm-judge.
load helper

setup() {
	prefs=$BATS_TEST_DIRNAME/../examples/prefs.jsonl
	cd "$BATS_TEST_TMPDIR" || return 1
	sm-split -q --test 2 "$prefs" >in.jsonl
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

# survives FAULT: strikes every third call, and the verdicts are those without it.
survives() {
	mock_start --decide longer --fault "$1"
	sm-judge -q -j 1 --cache "$RANDOM$RANDOM.db" in.jsonl >out.jsonl || { echo "$1: status $?"; return 1; }
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
	for fault in cut close html error200 empty; do
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
	grep -m 1 '"split":"test"' in.jsonl >single.jsonl
	run timeout 1.5 sm-judge -q --order forward --cache a.db single.jsonl
	[ "$status" -ne 0 ]
	[ "$(mock_calls)" -eq 1 ]
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
	head -n 12 in.jsonl | sm-judge -q --only -j 1 --order forward >out.jsonl 2>err || [ $? -eq 1 ]
	[ "$(jq -r 'select(.type == "error").tried' out.jsonl | sort -u)" = 9 ]
	[ "$(tail -n 1 out.jsonl | jq -c '[.calls, .retries, .failed]')" = '[0,16,2]' ]
}

@test "a wrong key, an empty quota and an unknown model end it at once: 4, with the remedy" {
	for fault in "badkey:HTTP 401: Incorrect:check the API key" "quota:HTTP 429: You exceeded:top it up" \
		"nomodel:HTTP 404: The model:check --model" "402:HTTP 402:top it up"; do
		IFS=: read -r kind status text remedy <<<"$fault"
		[ "$kind" != 402 ] || remedy=$text text=
		mock_start --decide longer --fault "$kind"
		run --separate-stderr sm-judge -q -j 1 --cache "$kind.db" in.jsonl
		[ "$status" -eq 4 ] || { echo "$kind"; false; }
		[[ $stderr == "sm-judge: HTTP "*"$remedy"* ]]
		[ "$(mock_calls)" -eq 1 ]
		mock_stop
	done
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

@test "nobody listens: said with where, and what to do" {
	head -n 12 in.jsonl >one.jsonl
	run --separate-stderr timeout 3 sm-judge -q -M m -B http://127.0.0.1:9/v1 one.jsonl
	[ "$status" -ne 0 ]
	run --separate-stderr sm-judge -q -B http://127.0.0.1:9/v1 one.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == *"http://127.0.0.1:9/v1 gives no list of models"*"--model"* ]]
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

@test "keys come from the environment, or from .env in the working directory" {
	mock_start --decide longer
	printf '# a comment\nexport OPENAI_API_KEY = "sk-env-file"\n' >.env
	sm-judge -q -M openai/gpt-x --cache a.db in.jsonl >out.jsonl
	[ "$(jq -r '.authorization + " " + .body.model' "$BATS_TEST_TMPDIR/mock.log" | sort -u)" = "Bearer sk-env-file gpt-x" ]
	: >"$BATS_TEST_TMPDIR/mock.log"
	OPENAI_API_KEY=sk-environment sm-judge -q -M openai/gpt-x --cache b.db in.jsonl >out.jsonl
	[ "$(jq -r .authorization "$BATS_TEST_TMPDIR/mock.log" | sort -u)" = "Bearer sk-environment" ]
	run grep -lE 'sk-env' out.jsonl a.db b.db
	[ "$status" -eq 1 ]
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

@test "azure: the deployment's own URL, and the key in its own header" {
	mock_start --decide longer
	export AZURE_API_KEY=sk-azure AZURE_API_VERSION=2024-10-21 AZURE_API_BASE=${SM_BASE_URL%/v1}
	unset SM_BASE_URL SM_MODEL
	sm-judge -q -M azure/mine in.jsonl >out.jsonl || true
	[ "$(jq -r '.path + " " + .headers."api-key"' "$BATS_TEST_TMPDIR/mock.log" | sort -u)" = \
		"/openai/deployments/mine/chat/completions sk-azure" ]
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
	[[ $stderr == *"no model is named"*"has several"*"--model"* ]]
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

@test "a call that hangs holds up its own user alone" {
	head -n 12 in.jsonl >slow.jsonl
	mock_start --decide longer --fault stall:first=1:value=1
	sm-judge -q -j 4 in.jsonl >out.jsonl
	[ "$(verdicts out.jsonl | wc -l)" -eq 12 ]
	[ "$(tail -n 1 out.jsonl | jq -c '[.calls, .retries]')" = "[12,1]" ]
}
