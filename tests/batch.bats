# Dry runs and batches: what would be asked, told or written to a file instead of being sent.
load helper

setup() {
	prefs=$top/examples/prefs.jsonl
	cd "$BATS_TEST_TMPDIR" || return 1
	sm-split -q --test 2 "$prefs" >in.jsonl
}

without_cost() { sed -E 's/,"cost":(null|[0-9.e-]+)//'; }

# Records without what differs from run to run.
records() { grep -v '"type":"run"' "$1" | sed 's/,"ms":[0-9.]*//'; }

@test "--dry-run asks nothing, tells what it would ask, and lines pass" {
	mock_start --decide longer
	run --separate-stderr sm-judge -n in.jsonl
	[ "$status" -eq 0 ]
	[ "$(mock_calls)" -eq 0 ]
	[[ $stderr == *"sm-judge: would make 12 calls, at an unknown price (see --prices)"* ]]
	echo "$output" >out.jsonl
	grep -E '"type":"pair"|"program":"sm-split"' out.jsonl | cmp - in.jsonl
	holds out.jsonl 'map(select(.type == "pending") | "\(.user_id) \(.stage) \(.waiting)") == ["brief judge 4", "warm judge 4", "careful judge 4"]' \
		'.[-1].program == "sm-judge"' '.[-1].plan | .calls == {least: 12, typical: 12, most: 12} and .exact and .cost.most == null' \
		'.[-1].plan.tokens.in | .least > 500 and .typical > .least and .most > .typical' \
		'.[-1].plan.tokens.out == {least: 12, typical: 720, most: 12288}'
}

@test "a dry run is exact where the store has the answers" {
	mock_start --decide longer
	sm-judge -q --order forward in.jsonl >/dev/null
	sm-judge -q -n in.jsonl >half.jsonl
	holds half.jsonl '.[-1] | .program == "sm-judge" and .plan.calls == {least: 6, typical: 6, most: 6} and .hits == 6'
	sm-judge -q in.jsonl >paid.jsonl
	run --separate-stderr sm-judge -n in.jsonl
	[[ $stderr == *"would make 0 calls, all is recorded"* ]]
	echo "$output" >all.jsonl
	cmp <(records paid.jsonl) <(records all.jsonl)
	[ "$(mock_calls)" -eq 12 ]
}

@test "a dry run of the whole pipe: later stages bound theirs, and what is paid lies between" {
	echo '{"model":"mock","in":2,"out":10}' >prices.jsonl
	mock_start --decide longer
	sm-fit -n --test 2 --prices prices.jsonl "$prefs" 2>err | sm-judge -n --prices prices.jsonl >plan.jsonl 2>>err
	[ "$(mock_calls)" -eq 0 ]
	sm-fit -q --test 2 --prices prices.jsonl "$prefs" | sm-judge -q --prices prices.jsonl >paid.jsonl
	for program in sm-bootstrap sm-persona sm-demosearch sm-judge; do
		between+=("map(select(.type == \"run\" and .program == \"$program\")) | length == 2 and (.[0].plan as \$p | .[1] | [.calls, .tokens.in, .tokens.out, .cost] as \$r
			| [\$p.calls, \$p.tokens.in, \$p.tokens.out, \$p.cost] | to_entries
			| all(.[]; .value.least <= \$r[.key] and \$r[.key] <= .value.most))")
	done
	cat plan.jsonl paid.jsonl | holds - "${between[@]}"
	holds plan.jsonl '.[-1].program == "sm-judge"' '(map(select(.plan).plan.calls.most) | add) == .[-1].plan_so_far.calls.most' \
		'map(select(.plan) | .plan | .calls, .tokens.in, .tokens.out, .cost) | length == 16 and all(.[]; .least <= .typical and .typical <= .most)'
	[ "$(grep -c 'would make' err)" -eq 4 ]
	[[ $(tail -n 1 err) == "sm-judge: with the programs before it about "*" calls ("*" to "*"), about "*" US dollars ("*" to "*")" ]]
	# with the answers at hand all is known
	sm-fit -q -n --test 2 "$prefs" | sm-judge -q -n >known.jsonl
	cmp <(records known.jsonl | without_cost) <(records paid.jsonl | without_cost)
}

@test "a dry run in the middle of a search: what was asked is exact, the rest bounded" {
	mock_start --decide longer
	SM_RUN=a sm-bootstrap -q -j 4 --max-calls 20 in.jsonl >/dev/null || [ $? -eq 6 ]
	sm-bootstrap -q -n in.jsonl >plan.jsonl
	sm-bootstrap -q in.jsonl >paid.jsonl
	tail -q -n 1 paid.jsonl plan.jsonl | holds - 'all(.[]; .program == "sm-bootstrap")' '.[0].calls as $calls | .[1].plan.calls | .least > 0 and .least <= $calls and $calls <= .most'
}

@test "where nothing is sent no key is needed: dry runs, batches, replays, printed requests" {
	unset SM_BASE_URL SM_MODEL
	for model in openai/gpt-4o-mini together/m gemini/g anthropic/c openrouter/o; do
		sm-judge -q -n -M "$model" in.jsonl >out.jsonl
		[[ $(tail -n 1 out.jsonl) == *'"program":"sm-judge",'*'"plan":{"calls":{'*'"most":12}'* ]]
		run sm-judge -q --batch "${model%/*}.jsonl" -M "$model" in.jsonl
		[ "$status" -eq 5 ]
		[ "$(wc -l <"${model%/*}.jsonl")" -eq 12 ]
		[[ $(sm-prompt request -M "$model" in.jsonl) == *'"messages":[{'* ]]
		run --separate-stderr sm-judge -q --replay -M "$model" in.jsonl
		[ "$status" -eq 8 ]
		run --separate-stderr sm-judge -q -M "$model" in.jsonl
		[ "$status" -eq 2 ]
		[[ $stderr == *_API_KEY* ]]
	done
	# where Azure's deployment is, is no secret, and part of what is asked
	run --separate-stderr sm-judge -q -n -M azure/a in.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == *AZURE_API_BASE* ]]
	AZURE_API_BASE=https://mine.example sm-judge -q -n -M azure/a in.jsonl >/dev/null
	# a key that comes later finds the answers to what was asked without one
	mock_start --decide longer
	base=$SM_BASE_URL
	sm-judge -q --batch later.jsonl -M openai/m --base-url "$base" in.jsonl >/dev/null || [ $? -eq 5 ]
	sm-llm -q --no-cache -M m later.jsonl | sm-cache import -q
	OPENAI_API_KEY=sk-x sm-judge -q --replay -M openai/m --base-url "$base" in.jsonl >/dev/null
}

# An executor: answers the lines of a batch, as a provider would, in another order.
execute() { sm-llm -q --no-cache "$1" | tac; }

@test "--batch: a fit in five rounds, the same as one that is asked directly" {
	mock_start --decide longer
	sm-fit -q --speculate --test 2 --cache direct.db "$prefs" >direct.jsonl
	: >"$BATS_TEST_TMPDIR/mock.log"
	for round in 1 2 3 4 5 6; do
		status=0
		sm-fit -q --test 2 --batch calls.jsonl "$prefs" >out.jsonl || status=$?
		[ "$status" -eq 5 ] || break
		[ "$(mock_calls)" -eq "${answered:-0}" ] # nothing was sent
		answered=$((${answered:-0} + $(wc -l <calls.jsonl)))
		execute calls.jsonl >answers.jsonl
		sm-cache import -q answers.jsonl
	done
	[ "$status" -eq 0 ]
	[ "$round" -eq 6 ]
	[ ! -s calls.jsonl ]
	cmp <(records direct.jsonl) <(records out.jsonl)
	# nobody was asked twice
	[ "$(jq -c .body "$BATS_TEST_TMPDIR/mock.log" | sort | uniq -d | wc -l)" -eq 0 ]
}

@test "a batch line has custom_id, method, url and the body that would be sent" {
	mock_start --decide longer
	sm-judge -q --batch calls.jsonl in.jsonl >out.jsonl || [ $? -eq 5 ]
	jq -es 'length == 12 and all(.[]; keys == ["body", "custom_id", "method", "url"] and .method == "POST"
		and .url == "/v1/chat/completions" and (.custom_id | test("^[0-9a-f]{64}$")))' calls.jsonl
	sm-judge -q --cache direct.db in.jsonl >/dev/null
	cmp <(jq -c .body calls.jsonl | sort) <(jq -c .body "$BATS_TEST_TMPDIR/mock.log" | sort)
	[ "$(stat -c %a calls.jsonl)" = 600 ]
	[[ $(tail -n 1 out.jsonl) == *'"program":"sm-judge",'*'"pending":12,'* ]]
}

@test "answers out of order, with errors and with lines missing: what lacks is asked again, and alone" {
	mock_start --decide longer
	run --separate-stderr sm-judge --batch calls.jsonl in.jsonl
	[ "$status" -eq 5 ]
	[[ $stderr == *"12 requests wait in calls.jsonl; have them answered, take the answers in with sm-cache import"* ]]
	execute calls.jsonl | jq -c 'if input_line_number == 2 then .response = {status_code: 500, body: {error: {message: "Overloaded."}}}
		elif input_line_number == 3 then .response = null | .error = {code: "batch_expired", message: "Too late."}
		elif input_line_number == 4 then .response.body = {} else . end' | sed '7d;9d' >answers.jsonl
	echo '{"id":"x","custom_id":"'"$(printf 'a%.0s' {1..64})"'","response":{"status_code":200,"body":{}},"error":null}' >>answers.jsonl
	run --separate-stderr sm-cache import answers.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"answers.jsonl:2: request "*": HTTP 500: Overloaded.; run the command that wrote the batch again"* ]]
	[[ $stderr == *"answers.jsonl:3: request "*": Too late."* ]]
	[[ $stderr == *"answers.jsonl:4: request "*"no chat completion"* ]]
	[[ $stderr == *"answers.jsonl:11: the answer to a request that this store did not ask"* ]]
	[[ $stderr == *"7 lines imported"* ]]
	sm-judge -q --batch calls.jsonl in.jsonl >out.jsonl || [ $? -eq 5 ]
	[ "$(wc -l <calls.jsonl)" -eq 5 ]
	[ "$(grep -c '"type":"verdict"' out.jsonl)" -eq 7 ]
	execute calls.jsonl | sm-cache import -q
	sm-judge -q --batch calls.jsonl in.jsonl >out.jsonl
	sm-judge -q --cache direct.db in.jsonl >direct.jsonl
	cmp <(records direct.jsonl) <(records out.jsonl)
	# the same answers once more do no harm
	sm-cache import -q <(head -n 1 answers.jsonl)
}

@test "what a batch's endpoint refuses is learned from its errors, and the next batch is without" {
	mock_start --decide longer
	sm-judge -q --batch calls.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
	jq -c '{id: "x", custom_id, response: {status_code: 400, body: {error: {message: "Not supported.", param: "temperature"}}}, error: null}' calls.jsonl >answers.jsonl
	sm-cache import -q answers.jsonl 2>/dev/null || [ $? -eq 1 ]
	sm-judge -q --batch again.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
	jq -es 'length == 12 and all(.[]; .body | has("temperature") | not)' again.jsonl
}

@test "one FILE serves every program of a pipe, and a line that waits stays until it is answered" {
	mock_start --decide longer
	sm-judge -q --order forward --batch calls.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
	sm-judge -q --order reverse --batch calls.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
	[ "$(jq -r .custom_id calls.jsonl | sort -u | wc -l)" -eq 12 ]
	sm-judge -q --batch calls.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
	[ "$(wc -l <calls.jsonl)" -eq 12 ]
	head -n 4 calls.jsonl >part.jsonl
	execute part.jsonl | sm-cache import -q
	sm-judge -q --batch calls.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
	[ "$(wc -l <calls.jsonl)" -eq 8 ]
}

@test "--batch never touches a file of something else, nor works without the store" {
	mock_start --decide longer
	cp "$prefs" mine.jsonl
	run --separate-stderr sm-judge -q --batch mine.jsonl in.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *"mine.jsonl holds something else than requests of --batch; give another --batch FILE"* ]]
	cmp "$prefs" mine.jsonl
	run --separate-stderr sm-judge -q --batch calls.jsonl --no-cache in.jsonl
	[ "$status" -eq 2 ]
	run --separate-stderr sm-judge -q --batch calls.jsonl --dry-run in.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == *"exclude each other"* ]]
}

@test "users who wait pass later stages, and sm-eval says that they are not counted: 5" {
	mock_start --decide longer
	run --separate-stderr bash -c "sm-judge -q --batch calls.jsonl in.jsonl | sm-eval"
	[ "$status" -eq 5 ]
	[[ $stderr == *"sm-eval: 3 users wait for answers, and are not counted; "* ]]
	sm-bootstrap -q --batch calls.jsonl in.jsonl >out.jsonl || [ $? -eq 5 ]
	[ "$(sm-persona -q out.jsonl | grep -c '"type":"pending"')" -eq 3 ]
	[ "$(mock_calls)" -eq 0 ]
}

@test "--speculate: more calls, the same examples and personas" {
	mock_start --decide longer
	sm-fit -q --test 2 --cache a.db "$prefs" >plain.jsonl
	sm-fit -q --test 2 --cache b.db --speculate "$prefs" >eager.jsonl
	for type in demos persona; do
		cmp <(records plain.jsonl | grep "\"type\":\"$type\"" | jq -c 'del(.tied, .estimate, .default)') <(records eager.jsonl | grep "\"type\":\"$type\"" | jq -c 'del(.tied, .estimate, .default)')
	done
	jq -es --slurpfile plain plain.jsonl 'def calls: map(select(.type == "run").calls // 0) | add; calls > ($plain | calls)' eager.jsonl
}

@test "without a model named, the endpoint's only one is taken, round after round" {
	mock_start --models mock
	unset SM_MODEL
	sm-split -q --test 1 "$top/examples/prefs.jsonl" >pairs.jsonl
	for round in 1 2; do
		run --separate-stderr sm-judge -q --order forward --batch calls.jsonl pairs.jsonl
		[ "$status" -eq 5 ]
		holds calls.jsonl 'map(.body.model) == ["mock", "mock", "mock"]'
	done
}

# How Anthropic and Gemini would answer the lines of a batch: with what the mock says to the same messages.
as_chats() { # FORM FILE
	case $1 in
	anthropic) jq -c '{custom_id, body: {model: "mock", temperature: .params.temperature, max_tokens: .params.max_tokens,
		messages: ((.params.system | if . then [{role: "system", content: .}] else [] end) + .params.messages)}}' "$2" ;;
	gemini) jq -c '{custom_id: .key, body: {model: "mock", temperature: .request.generationConfig.temperature,
		max_tokens: .request.generationConfig.maxOutputTokens,
		messages: ((.request.systemInstruction | if . then [{role: "system", content: .parts[0].text}] else [] end)
			+ [.request.contents[] | {role: (if .role == "model" then "assistant" else "user" end), content: .parts[0].text}])}}' "$2" ;;
	esac
}
as_results() { # FORM
	case $1 in
	anthropic) jq -c '.response.body as $b | {custom_id, result: {type: "succeeded", message: {id: "msg_1", type: "message", role: "assistant",
		model: "claude", content: [{type: "thinking", thinking: "first, no"}, {type: "text", text: $b.choices[0].message.content}],
		stop_reason: "end_turn", usage: {input_tokens: $b.usage.prompt_tokens, cache_read_input_tokens: 0, output_tokens: $b.usage.completion_tokens}}}}' ;;
	gemini) jq -c '.response.body as $b | {key: .custom_id, response: {candidates: [{content: {role: "model",
		parts: [{text: "first, no", thought: true}, {text: $b.choices[0].message.content}]}, finishReason: "STOP", index: 0}],
		usageMetadata: {promptTokenCount: $b.usage.prompt_tokens, candidatesTokenCount: $b.usage.completion_tokens}, modelVersion: "gemini"}}' ;;
	esac
}

@test "Anthropic's and Gemini's batches: a fit and its verdicts are those of OpenAI's form" {
	mock_start --decide longer
	base=$SM_BASE_URL
	unset SM_BASE_URL SM_MODEL
	for form in anthropic gemini; do
		rm -f b.jsonl
		rounds=0
		cp in.jsonl "$form.jsonl"
		# one after another, as sm-fit would start all of them in every round
		for program in sm-bootstrap sm-persona sm-demosearch sm-judge; do
			mv "$form.jsonl" before.jsonl
			until "$program" -q --cache "$form.db" --batch b.jsonl -M "$form/mock" before.jsonl >"$form.jsonl"; do
				[ $? -eq 5 ] && [ "$rounds" -lt 6 ] || return 1
				rounds=$((rounds + 1))
				as_chats "$form" b.jsonl | sm-llm -q --no-cache -B "$base" -M mock | as_results "$form" | sm-cache import -q --cache "$form.db"
			done
		done
		grep -q '"type":"verdict"' "$form.jsonl"
		[ "$rounds" -eq 6 ]
		# to sm-fit all of it is known
		sm-fit -q --test 2 --cache "$form.db" --batch b.jsonl -M "$form/mock" "$prefs" >fit.jsonl
		cmp <(records fit.jsonl) <(records "$form.jsonl" | grep -v '"type":"verdict"')
		[ ! -s b.jsonl ]
	done
	sm-fit -q --speculate --test 2 --cache direct.db -B "$base" -M mock "$prefs" | sm-judge -q --cache direct.db -B "$base" -M mock >direct.jsonl
	for form in direct anthropic gemini; do
		records $form.jsonl | jq -c 'del(.cost, .model)' >$form.records
	done
	cmp direct.records gemini.records
	cmp anthropic.records gemini.records
	# what is stored is a chat completion
	sqlite3 gemini.db "select response from answer limit 1" | jq -e '.choices[0].message.role == "assistant" and .usage.total_tokens > 0'
}

@test "--batch-format: the lines of each form, and what has a counterpart in it" {
	jq -nc '{messages: [{role: "system", content: "Be brief."}, {role: "developer", content: "Always."}, {role: "user", content: "hi"},
		{role: "assistant", content: "yes"}, {role: "user", content: [{type: "text", text: "look"},
			{type: "image_url", image_url: {url: "data:image/png;base64,AAAA"}}, {type: "image_url", image_url: {url: "https://a/b.png"}}]}],
		max_completion_tokens: 77, temperature: 0.5, top_p: 0.9, stop: "END", user: "me", seed: 3, logit_bias: {"5": 1},
		reasoning_effort: "low", logprobs: true, top_logprobs: 4, frequency_penalty: 0.1,
		response_format: {type: "json_schema", json_schema: {name: "a", strict: true, schema: {type: "object"}}}}' >in1.jsonl
	write() { sm-llm -q --cache "$1.db" --batch "$1.jsonl" "${@:2}" in1.jsonl >/dev/null || [ $? -eq 5 ]; }
	write a -M anthropic/claude-x
	jq -e '(.custom_id | length) == 64 and .params == {model: "claude-x", max_tokens: 77, system: "Be brief.\n\nAlways.", temperature: 0.5, top_p: 0.9,
		stop_sequences: ["END"], metadata: {user_id: "me"}, output_config: {format: {type: "json_schema", schema: {type: "object"}}, effort: "low"},
		messages: [{role: "user", content: "hi"}, {role: "assistant", content: "yes"}, {role: "user", content: [{type: "text", text: "look"},
			{type: "image", source: {type: "base64", media_type: "image/png", data: "AAAA"}}, {type: "image", source: {type: "url", url: "https://a/b.png"}}]}]}' a.jsonl
	write g -M gemini/gemini-2.5-flash
	jq -e '(.key | length) == 64 and .request == {systemInstruction: {parts: [{text: "Be brief."}, {text: "Always."}]},
		contents: [{role: "user", parts: [{text: "hi"}]}, {role: "model", parts: [{text: "yes"}]}, {role: "user", parts: [{text: "look"},
			{inlineData: {mimeType: "image/png", data: "AAAA"}}, {fileData: {fileUri: "https://a/b.png"}}]}],
		generationConfig: {temperature: 0.5, topP: 0.9, seed: 3, maxOutputTokens: 77, stopSequences: ["END"], frequencyPenalty: 0.1,
			responseLogprobs: true, logprobs: 4, thinkingConfig: {thinkingBudget: 1024}, responseMimeType: "application/json", responseJsonSchema: {type: "object"}}}' g.jsonl
	write h -M gemini/gemini-3-pro --set 'safetySettings=[{"category":"X"}]'
	jq -e '.request.generationConfig.thinkingConfig == {thinkingLevel: "low"} and .request.safetySettings == [{category: "X"}]' h.jsonl
	# the provider's own form by the prefix alone, a gateway's is OpenAI's; the option goes before
	write o -M openai/m
	write p -M anthropic/claude-x -B http://127.0.0.1:9/v1
	write q -M m -B http://127.0.0.1:9/v1 --batch-format gemini
	write r -M anthropic/claude-x --batch-format openai
	for form in o p r; do [[ $(<$form.jsonl) == '{"custom_id":'*',"body":{'* ]]; done
	[[ $(<q.jsonl) == '{"key":'* ]]
	# a request that a form cannot hold fails alone
	jq -nc '{messages: [{role: "user", content: [{type: "input_audio", input_audio: {data: "AA", format: "wav"}}]}]},
		{messages: [{role: "user", content: [{type: "image_url", image_url: "https://a/b.png"}, "and text"]}]}' >odd.jsonl
	for form in anthropic gemini; do
		run --separate-stderr sm-llm -q --cache odd.db --batch "odd-$form.jsonl" -M "$form/m" odd.jsonl
		[ "$status" -eq 5 ] # the other one waits
		[[ $stderr == *"no counterpart for a part of type input_audio"* ]]
		[ "$(wc -l <"odd-$form.jsonl")" -eq 1 ]
		holds - 'map(.error.code) == ["failed", "pending"]' <<<"$output"
	done
	# a file holds one form
	run --separate-stderr sm-llm -q --cache a.db --batch a.jsonl -M openai/m in1.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *"a.jsonl holds requests in the form of anthropic, not of openai; give another --batch FILE" ]]
	run --separate-stderr sm-llm -q --batch-format gemini -M m in1.jsonl
	[ "$status" -eq 2 ]
	# nor does sm-llm answer other lines than OpenAI's
	run --separate-stderr sm-llm -q -n -M m a.jsonl g.jsonl
	[ "$(grep -c "in another form than OpenAI's: skipped" <<<"$stderr")" -eq 2 ]
}

@test "answers of each form: cut, refused, failed, expired, and what is of no form, by file and line" {
	jq -nc 'range(8) | [{role: "user", content: "question \(.)"}]' >in8.jsonl
	take() { # FORM PROGRAM: writes the answers to the eight requests by a jq program of [KEY, NUMBER]
		rm -f b.jsonl "$1.db"
		sm-llm -q --cache "$1.db" --batch b.jsonl -M "$1/m" in8.jsonl >/dev/null || [ $? -eq 5 ]
		jq -c '.custom_id // .key' b.jsonl | jq -cs "to_entries[] | [.value, .key] | $2" >answers.jsonl
		run --separate-stderr sm-cache import --cache "$1.db" answers.jsonl
	}
	take anthropic '. as [$id, $n] | {custom_id: $id, result: (
		def message($reason; $content): {type: "succeeded", message: {id: "m", model: "c", role: "assistant", content: $content, stop_reason: $reason,
			usage: {input_tokens: 5, cache_creation_input_tokens: 2, cache_read_input_tokens: 3, output_tokens: 4}}};
		if $n == 0 then message("end_turn"; [{type: "text", text: "a"}, {type: "text", text: "b"}])
		elif $n == 1 then message("max_tokens"; [{type: "text", text: "cut"}])
		elif $n == 2 then message("refusal"; [])
		elif $n == 3 then {type: "errored", error: {type: "error", request_id: null, error: {type: "invalid_request_error", message: "prompt is too long"}}}
		elif $n == 4 then {type: "errored", error: {type: "overloaded_error", message: "Overloaded"}}
		elif $n == 5 then {type: "expired"} elif $n == 6 then {type: "canceled"} else {type: "new_thing"} end)}'
	[ "$status" -eq 1 ]
	[[ $stderr == *"answers.jsonl:4: request "*"prompt is too long"*"answers.jsonl:5: "*Overloaded*"answers.jsonl:6: "*expired*"answers.jsonl:7: "*canceled*"answers.jsonl:8: "*"3 lines imported"* ]]
	sm-llm -q --cache anthropic.db --replay -M anthropic/m in8.jsonl 2>/dev/null | jq -sc 'map(.response.body // empty | [.choices[0].message.content, .choices[0].finish_reason])' >got || true
	[ "$(<got)" = '[["ab","stop"],["cut","length"],["","content_filter"]]' ]
	sqlite3 anthropic.db 'select tokens_in, tokens_out from answer limit 1' | grep -x '10|4'
	take gemini '. as [$id, $n] | {key: $id} + (
		def said($reason; $parts): {response: {candidates: [{content: {parts: $parts, role: "model"}, finishReason: $reason}], modelVersion: "g",
			usageMetadata: {promptTokenCount: 10, candidatesTokenCount: 4, thoughtsTokenCount: 6, cachedContentTokenCount: 3}}};
		if $n == 0 then said("STOP"; [{text: "hm", thought: true}, {text: "a"}, {text: "b"}])
		elif $n == 1 then said("MAX_TOKENS"; [{text: "cut"}])
		elif $n == 2 then {response: {candidates: [{finishReason: "PROHIBITED_CONTENT"}]}}
		elif $n == 3 then {response: {promptFeedback: {blockReason: "SAFETY"}, usageMetadata: {promptTokenCount: 10}}}
		elif $n == 4 then {error: {code: 3, message: "Request contains an invalid argument"}}
		elif $n == 5 then {status: {code: 8, message: "Resource exhausted"}}
		elif $n == 6 then {response: {candidates: [], usageMetadata: {promptTokenCount: 10}}} else {error: {code: 500, message: "Internal", status: "INTERNAL"}} end)'
	[ "$status" -eq 1 ]
	[[ $stderr == *"answers.jsonl:5: request "*"invalid argument"*"answers.jsonl:6: "*exhausted*"answers.jsonl:7: "*"answers.jsonl:8: "*Internal*"4 lines imported"* ]]
	sm-llm -q --cache gemini.db --replay -M gemini/m in8.jsonl 2>/dev/null | jq -sc 'map(.response.body // empty | [.choices[0].message.content, .choices[0].finish_reason])' >got || true
	[ "$(<got)" = '[["ab","stop"],["cut","length"],["","content_filter"],["","content_filter"]]' ]
	sqlite3 gemini.db 'select tokens_in, tokens_out from answer limit 1' | grep -x '10|10'
	# of no form
	key=$(jq -r .key b.jsonl | head -n 1)
	cat >foreign.jsonl <<EOF
{"recordId":"1","modelInput":{},"modelOutput":{}}
{"status":"","processed_time":"x","request":{},"response":{"candidates":[]}}
{"custom_id":"$key","output":"x"}
{"key":"$key","request":{"contents":[]}}
{"custom_id":"$key","method":"POST","url":"/v1/chat/completions","body":{}}
{"custom_id":"$key","params":{}}
{"custom_id":"$key","result":7}
{"key":"$key","response":{"candidates":3}}
{"hello":1}
EOF
	run --separate-stderr sm-cache import --cache gemini.db foreign.jsonl
	[ "$status" -eq 1 ]
	[ "$(grep -c '^sm-cache: foreign.jsonl:[1-9]: ' <<<"$stderr")" -eq 9 ]
	[[ $stderr == *":1: a line of Amazon Bedrock's batches"*":2: a line of Vertex AI's batches"*":3: a line of a batch in a form that is not known"*":4: a request of a batch, not its answer"*":7: "*":9: neither an "* ]]
}
