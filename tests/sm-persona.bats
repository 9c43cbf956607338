load helper

# The stream of one sample user after sm-bootstrap, which is run once for all tests.
bootstrapped() {
	local made=$BATS_FILE_TMPDIR/bootstrapped.jsonl
	[ -e "$made" ] || jq -c 'select(.user_id == "brief")' "$prefs" | sm-split -q | sm-bootstrap -q --cache bootstrap.db >"$made"
	cat "$made"
}

@test "appends a persona with what it rests on" {
	mock_start --decide longer
	bootstrapped >in.jsonl
	sm-persona -q in.jsonl >out.jsonl
	head -n "$(wc -l <in.jsonl)" out.jsonl >head.jsonl
	jq -es '(map(select(.type == "demos"))[0].demos | map(.index)) as $history
		| map(select(.type == "persona"))[0]
		| .stage == "persona" and .persona == "Likes longer replies." and .history == $history
		and .dropped == 0 and (.shortened | not) and .tokens.in > 0' out.jsonl
}

@test "the history is in the last message, with the order as presented and the reasoning" {
	mock_start --decide longer
	bootstrapped >in.jsonl
	sm-persona -q in.jsonl >out.jsonl
	tail -n 1 "$BATS_TEST_TMPDIR/mock.log" | jq -r '.body.messages[-1].content' >asked.txt
	jq -r 'select(.type == "demos").demos[0] | .first.content, .second.content, .reasoning // empty' in.jsonl >parts.txt
	while IFS= read -r part; do
		grep -qF -- "$part" asked.txt
	done <parts.txt
	# what is wanted of a persona is said
	tail -n 1 "$BATS_TEST_TMPDIR/mock.log" | jq -r '.body.messages[0].content' >system.txt
	for word in content tone length form values evidence Invent page; do
		grep -qi "$word" system.txt
	done
	# and shown
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/mock.log" | jq '[.body.messages[] | select(.role == "assistant")] | length')" -ge 2 ]
}

@test "without sm-bootstrap's examples the user fails with the remedy" {
	mock_start --decide longer
	run --separate-stderr sm-persona -q "$prefs"
	[ "$status" -eq 1 ]
	[[ $stderr == *"user brief: no demos of stage bootstrap"*"run sm-bootstrap before sm-persona"* ]]
	[ "$(jq -r 'select(.type == "error").stage' <<<"$output" | sort -u)" = persona ]
}

@test "an over-long history loses whole judgements, and the record says how many" {
	mock_start --decide longer
	bootstrapped >in.jsonl
	all=$(jq 'select(.type == "demos").demos | length' in.jsonl)
	sm-persona -q --max-history 1500 in.jsonl >out.jsonl
	jq -es --argjson all "$all" 'map(select(.type == "persona"))[0]
		| .dropped > 0 and .dropped + (.history | length) == $all' out.jsonl
	# the last judgement that was kept is there to its end
	kept=$(jq -s 'map(select(.type == "persona"))[0].history | length' out.jsonl)
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/mock.log" | jq -r '.body.messages[-1].content' | grep -c '^Choice ')" -eq "$kept" ]
}

@test "an empty history stays empty and the prompt says so" {
	mock_start --decide longer
	{
		jq -c 'select(.user_id == "brief")' "$prefs"
		echo '{"type":"demos","user_id":"brief","stage":"bootstrap","demos":[]}'
	} | sm-persona -q >out.jsonl
	[ "$(jq -c 'select(.type == "persona").history' out.jsonl)" = "[]" ]
	tail -n 1 "$BATS_TEST_TMPDIR/mock.log" | jq -r '.body.messages[-1].content' | grep -q 'nothing is known'
}

@test "--examples replaces the built-in ones" {
	mock_start --decide longer
	bootstrapped >in.jsonl
	echo '{"history":"They chose the blue one.","reasoning":"r","persona":"Likes blue."}' >examples.jsonl
	sm-persona -q --examples examples.jsonl in.jsonl >/dev/null
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/mock.log" | jq -c '[.body.messages[] | select(.role == "assistant").content | fromjson.persona]')" = '["Likes blue."]' ]
	echo 'no json' >examples.jsonl
	run sm-persona -q --examples examples.jsonl in.jsonl
	[ "$status" -eq 3 ]
	[[ $output == *"examples.jsonl:1: not valid JSON"* ]]
}

@test "a reply without a persona is asked again with a rising temperature, four times in all" {
	cat >script.jsonl <<'END'
{"expect":{"lacks":["You predict"],"temperature":0},"reply":{"content":"nonsense"}}
{"expect":{"lacks":["You predict"],"temperature":0.3},"reply":{"content":{"persona":"","reasoning":"r"}}}
{"expect":{"lacks":["You predict"],"temperature":0.6},"reply":{"content":"Reasoning: they vary.\n\nPersona: Likes tables."}}
END
	mock_start --decide longer --script script.jsonl
	bootstrapped | sm-persona -q >out.jsonl
	[ "$(jq -r 'select(.type == "persona").persona' out.jsonl)" = "Likes tables." ]
	[ "$(jq -r 'select(.type == "persona").reasoning' out.jsonl)" = "they vary." ]
	mock_stop
	echo '{"expect":{"lacks":["You predict"]},"reply":{"content":"nonsense"}}' >script.jsonl
	mock_start --decide longer --script script.jsonl
	SM_CACHE=$BATS_TEST_TMPDIR/new.db
	bootstrapped >in.jsonl
	before=$(mock_calls)
	run --separate-stderr sm-persona -q in.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"no persona that can be read (unparsed)"* ]]
	[[ $stderr == *"sm-persona: 1 of 1 questions ended without an answer: 1 unparsed; "* ]]
	[ "$(($(mock_calls) - before))" -eq 4 ]
	[ "$(jq -r 'select(.type == "error").tried' <<<"$output")" -eq 4 ]
}

@test "a persona is at most a page: a longer one ends with a whole sentence" {
	long=$(printf 'This user likes sentence number %d. ' $(seq 300))
	jq -cn --arg p "$long" '{expect: {lacks: ["You predict"]}, reply: {content: {reasoning: "r", persona: $p}}}' >script.jsonl
	mock_start --decide longer --script script.jsonl
	bootstrapped | sm-persona -q >out.jsonl
	jq -es 'map(select(.type == "persona"))[0] | .shortened and (.persona | length <= 4000 and endswith("."))' out.jsonl
}
