# What is sent, held against the published description of it: OpenAI's OpenAPI document, version 2.3.0,
# github.com/openai/openai-openapi at f85dbe2 of 21 August 2026, schema CreateChatCompletionRequest. Below stands what it
# says of the members that we send, in our words; besides, what it says in prose: the name of a format has at most 64
# letters, digits, _ and -; top_logprobs need logprobs; and of strict schemas the guide on structured outputs: objects
# are closed, and each of their properties is required.
load helper

setup() {
	prefs=$top/examples/prefs.jsonl
	cd "$BATS_TEST_TMPDIR" || return 1
	unset SM_BASE_URL SM_MODEL
	export AZURE_API_BASE=https://example.openai.azure.com
	cat >schema.json <<-'END'
		{"type": "object", "required": ["model", "messages"], "closed": true, "properties": {
		 "model": {"type": "string", "minLength": 1},
		 "messages": {"type": "array", "minItems": 1, "items": {
		   "type": "object", "required": ["role", "content"], "closed": true, "properties": {
		    "role": {"type": "string", "enum": ["developer", "system", "user", "assistant"]},
		    "content": {"type": "string"},
		    "name": {"type": "string"}}}},
		 "temperature": {"type": "number", "minimum": 0, "maximum": 2},
		 "max_tokens": {"type": "integer", "minimum": 1},
		 "max_completion_tokens": {"type": "integer", "minimum": 1},
		 "seed": {"type": "integer"},
		 "logprobs": {"type": "boolean"},
		 "top_logprobs": {"type": "integer", "minimum": 0, "maximum": 20},
		 "reasoning_effort": {"type": "string", "enum": ["none", "minimal", "low", "medium", "high", "xhigh", "max"]},
		 "user": {"type": "string"},
		 "metadata": {"type": "object"},
		 "response_format": {"type": "object", "required": ["type", "json_schema"], "closed": true, "properties": {
		   "type": {"type": "string", "enum": ["json_schema"]},
		   "json_schema": {"type": "object", "required": ["name"], "closed": true, "properties": {
		     "name": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
		     "description": {"type": "string"},
		     "strict": {"type": "boolean"},
		     "schema": {"type": "object"}}}}}}}
	END
	cat >check.jq <<-'END'
		def is($kind): if $kind == "integer" then type == "number" and . == floor else type == $kind end;

		# Where the input does not fit the schema, as texts.
		def faults($s; $at):
		  if is($s.type) | not then "\($at): not of type \($s.type)"
		  else
		    if $s.enum and (IN($s.enum[]) | not) then "\($at): \(.) is none of \($s.enum)" else empty end,
		    if $s.minimum and . < $s.minimum or $s.maximum and . > $s.maximum then "\($at): \(.) is out of bounds"
		    else empty end,
		    if $s.pattern and (test($s.pattern) | not) or $s.minLength and length < $s.minLength or $s.minItems
		      and length < $s.minItems then "\($at): \(.)" else empty end,
		    if $s.properties then
		      ($s.required // [])[] as $name | select(has($name) | not) | "\($at): lacks \($name)" else empty end,
		    if $s.properties then
		      to_entries[] | .key as $name | $s.properties[$name] as $member
		      | if $member then .value | faults($member; "\($at).\($name)") else "\($at): unknown \($name)" end
		    else empty end,
		    if $s.items then to_entries[] | "\($at)[\(.key)]" as $place | .value | faults($s.items; $place) else empty end
		  end;

		def objects_of_schema: .. | objects | select(.type? == "object");

		def prose:
		  if has("top_logprobs") and .logprobs != true then "top_logprobs without logprobs" else empty end,
		  if has("max_tokens") and has("max_completion_tokens") then "two limits of tokens" else empty end,
		  (.response_format.json_schema // empty | select(.strict) | .schema | objects_of_schema
		   | if .additionalProperties != false or (.required | sort) != (.properties | keys) then "a strict schema is open: \(.)"
		     else empty end);

		[faults($schema[0]; ""), prose]
	END
}

# What is wrong with the requests in FILE, a list for each.
wrong() {
	jq -c --slurpfile schema schema.json -f check.jq "$1"
}

# Fails, and shows why, unless every one of at least N requests, one a line of standard input, is as published.
fit() {
	local least=$1
	cat >requests.jsonl
	[ "$(wc -l <requests.jsonl)" -ge "$least" ]
	wrong requests.jsonl >found
	[ "$(wc -l <found)" -eq "$(wc -l <requests.jsonl)" ]
	{ grep -vx '\[\]' found || true; } | sort | uniq -c >faults
	cat faults
	[ ! -s faults ]
}

# The requests that a program would send for FILE to MODEL, with these options. Together counts log probabilities in
# place of a yes, which is taken for one.
asked() {
	local file=$1 model=$2 code=0
	shift 2
	rm -f asked.jsonl
	"$@" -q -M "$model" --batch asked.jsonl --batch-format openai --cache "asked.db" "$file" >/dev/null || code=$?
	[ "$code" -eq 5 ]
	rm -f asked.db*
	case $model in
	together/*) bodies asked.jsonl | sed 's/"logprobs":1,/"logprobs":true,/' ;;
	*) bodies asked.jsonl ;;
	esac
}

# The requests of a batch, or of the mock's log, where they are the last member.
bodies() {
	sed 's/.*"body"://; s/}$//' "$1"
}

# Users with all that is learned, and candidates to rank: made once.
learn() {
	local made=$BATS_FILE_TMPDIR/learned
	if [ ! -e "$made" ]; then
		mkdir "$made"
		mock_start --decide longer
		sm-fit -q --test 2 "$prefs" >"$made/learned.jsonl"
		unset SM_BASE_URL SM_MODEL
		grep -E '"type":"(pair|trace|score|demos)"' "$made/learned.jsonl" >"$made/explained.jsonl"
		# a search asks much: one user's is enough
		grep '"user_id":"warm"' "$made/learned.jsonl" >"$made/warm.jsonl"
		sm-split -q --test 2 "$prefs" | grep '"user_id":"warm"' >"$made/split.jsonl"
		grep -E '"type":"(pair|trace|score|persona)"|"type":"demos".*"stage":"bootstrap"' "$made/warm.jsonl" >"$made/described.jsonl"
		{
			cat "$made/warm.jsonl"
			echo '{"user_id":"warm","context":[{"role":"user","content":"Tea?"}],"candidates":["Yes.","Oh yes, dear!","No."]}'
		} >"$made/candidates.jsonl"
	fi
	cp "$made"/* .
}

@test "the check finds what is not as published" {
	local good='{"model":"m","messages":[{"role":"user","content":"a"}],"max_tokens":5'
	fit 1 <<<"$good}"
	local bad
	for bad in '"logprobs":1' '"top_logprobs":5' '"temperature":2.5' '"temperature":null' '"messages":[]' '"max_tokens":1.5' \
		'"messages":[{"role":"user","content":null}]' '"messages":[{"role":"teacher","content":"a"}]' '"no_such":1' \
		'"max_completion_tokens":5' '"response_format":{"type":"json_schema","json_schema":{"name":"a b"}}' \
		'"response_format":{"type":"json_schema","json_schema":{"name":"a","strict":true,"schema":{"type":"object",
			"properties":{"a":{"type":"string"}},"required":[],"additionalProperties":false}}}'; do
		echo "$good,${bad//$'\n'/ }}"
	done >bad.jsonl
	echo '{"model":"m"}' >>bad.jsonl
	wrong bad.jsonl >faults
	[ "$(wc -l <faults)" -eq 13 ]
	run ! grep -x '\[\]' faults
	while read -r bad; do
		run fit 1 <<<"$bad"
		[ "$status" -ne 0 ]
	done < <(sed -n '1p;$p' bad.jsonl)
}

@test "the requests of every program, for every provider, are as OpenAI publishes them" {
	learn
	local model
	for model in openai/gpt-4o-mini openai/o3-mini together/m gemini/m azure/m anthropic/m openrouter/a/m m; do
		{
			# two candidates ask in every way that more do
			asked split.jsonl "$model" sm-bootstrap --candidates 2
			asked explained.jsonl "$model" sm-persona
			asked described.jsonl "$model" sm-demosearch --candidates 2
			asked learned.jsonl "$model" sm-judge
			asked candidates.jsonl "$model" sm-rank --full
		} | fit 40
	done
}

@test "so they are with all options" {
	learn
	echo '{"metadata": {"a": "b"}, "seed": 7}' >more.json
	local model all=(--set reasoning_effort=low --set user=x --body more.json --temperature 0.9 --max-tokens 77)
	for model in openai/gpt-4o-mini openai/o3-mini together/m gemini/m azure/m anthropic/m openrouter/a/m m; do
		{
			asked split.jsonl "$model" sm-bootstrap --verify both --candidates 2 "${all[@]}"
			asked explained.jsonl "$model" sm-persona "${all[@]}"
			asked described.jsonl "$model" sm-demosearch --candidates 2 "${all[@]}"
			asked learned.jsonl "$model" sm-judge --logprobs --votes 2 "${all[@]}"
			asked learned.jsonl "$model" sm-judge --no-persona --no-demos --order reverse
			asked candidates.jsonl "$model" sm-rank --order --logprobs --votes 2 "${all[@]}"
		} | fit 40
		grep -q '"reasoning_effort":"low"' requests.jsonl
		[[ $model == openai/o3-mini ]] || grep -q '"logprobs":true' requests.jsonl
	done
}

@test "so are those that are sent again, and after lessons" {
	learn
	local lesson
	for lesson in 'refuse=response_format' 'refuse=temperature' 'refuse=max_tokens' 'refuse=logprobs'; do
		mock_start --decide longer --fault "$lesson"
		sm-judge -q --logprobs --cache "$lesson.db" learned.jsonl >/dev/null
		bodies mock.log | fit 13
	done
	mock_start --script <(echo '{"reply": {"content": "Well."}}')
	sm-judge -q --cache unparsed.db learned.jsonl >/dev/null 2>err || true
	bodies mock.log | fit 40
	jq -es 'map(.temperature) | unique == [0, 0.3, 0.6, 0.9]' requests.jsonl
}
