# sm-import program, persona-program: what the Python library saved.
load helper

setup() {
	prefs=$top/examples/prefs.jsonl
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir saved
}

setup_file() {
	jq -n "$judge" --arg instructions "$instructions" >"$BATS_FILE_TMPDIR/judge.json"
}

instructions='Decide which reply is preferred.
The user you are judging completions for has the FOLLOWING PERSONA: ===
Likes owls and
short replies.
===

Now decide.'

# A judge as save() writes it, pretty-printed: one bootstrapped, one labelled example, one with both spellings.
judge='{
	"judge_persona.predict": {
		traces: [], train: [],
		demos: [
			{augmented: true, conversation: "[user]: Any bird facts?", first_completion: "[model]: Owls turn their heads.",
				second_completion: "[model]: No.\n\n[model]: Really.", reasoning: "Owls are named.", preference: "First"},
			{conversation: "[user]: Tell me more\n\n[model]: Of what?\n\n[user]: Of birds", completion_one: "[assistant]: Birds fly.", completion_two: "plain owls",
				chosen: "Second", index: 3, conversation_id: "c9", type: "unguided", dataset: "prism", user_id: "brief"},
			{augmented: true, conversation: "[user]: both", completion_one: "[model]: left", completion_two: "[model]: right", first_completion: "[model]: left",
				second_completion: "[model]: right", chosen: "Second", preference: "Second", reasoning: "It is right.", index: 4}
		],
		signature: {instructions: $instructions, fields: [{prefix: "Conversation:", description: "The conversation"}]},
		lm: null
	},
	metadata: {dependency_versions: {python: "3.12", dspy: "2.6.27", cloudpickle: "3.1"}}
}'

# saved_judge FILE: such a judge.
saved_judge() {
	cp "$BATS_FILE_TMPDIR/judge.json" "$1"
}

# users [TYPE]: of whom the records of a type are, or those of examples.
users() {
	sed -n "s/^{\"type\":\"${1-demos}\",\"user_id\":\"\([^\"]*\)\".*/\1/p"
}

@test "a folder: persona and examples of each user, as records of stage import" {
	saved_judge saved/brief.json
	printf 'Likes owls.\nVery much.\n' >saved/brief_persona.txt
	run --separate-stderr sm-import program saved
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	holds - 'map(.type) == ["persona", "demos", "run"]' \
		'.[0] == {type: "persona", user_id: "brief", stage: "import", persona: "Likes owls.\nVery much.\n"}' <<<"$output"
	jq -es '.[1] | .user_id == "brief" and .stage == "import" and (.demos | length) == 3
		and .demos[0] == {index: null, kind: "bootstrapped", context: "[user]: Any bird facts?", first: {role: "model", content: "Owls turn their heads."},
			second: [{role: "model", content: "No."}, {role: "model", content: "Really."}], preference: "First", augmented: true, reasoning: "Owls are named."}
		and .demos[1] == {index: 3, kind: "labeled", context: "[user]: Tell me more\n\n[model]: Of what?\n\n[user]: Of birds",
			first: {role: "assistant", content: "Birds fly."}, second: "plain owls", preference: "Second",
			conversation_id: "c9", type: "unguided", dataset: "prism", user_id: "brief"}
		and .demos[2].kind == "bootstrapped" and .demos[2].preference == "Second" and .demos[2].second.content == "right"' <<<"$output"
	# nothing of the file is lost
	jq -es --slurpfile saved saved/brief.json '.[1].saved == ($saved[0] | del(.["judge_persona.predict"].demos))' <<<"$output"
}

@test "sm-judge is sent the imported persona and examples" {
	mock_start --decide longer
	saved_judge saved/brief.json
	printf 'Likes owls.' >saved/brief_persona.txt
	sm-import -q program saved >learned.jsonl
	grep '"user_id": "brief"' "$prefs" | sm-split -q --test 2 >pairs.jsonl
	sm-judge -q -m learned.jsonl --order forward pairs.jsonl >verdicts.jsonl
	holds verdicts.jsonl 'map(select(.type == "verdict").uses) | unique == [{persona: true, demos: 3}]'
	[ "$(mock_calls)" -eq 2 ]
	head -n 1 "$BATS_TEST_TMPDIR/mock.log" | jq -e '.body.messages | length == 8
		and (.[0].content | contains("Likes owls."))
		and (.[1].content | contains("[user]: Any bird facts?") and contains("<first>\nOwls turn their heads.\n</first>"))
		and (.[2].content | contains("Owls are named.") and contains("First"))
		and (.[3].content | contains("Of birds") and contains("<second>\nplain owls\n</second>")) and .[4].content == "Second"
		and (.[6].content | contains("It is right."))'
	# in the stream itself too
	cat learned.jsonl pairs.jsonl | grep -v '"type":"run"' | sm-judge -q --order forward >again.jsonl
	[ "$(mock_calls)" -eq 2 ]
	[ "$(sm-prompt persona --select brief learned.jsonl)" = "Likes owls." ]
}

@test "without its text file the persona is taken from the instructions; without either it is said" {
	saved_judge saved/u.json
	[ "$(sm-import -q program saved/u.json | jq -r 'select(.type == "persona").persona')" = "Likes owls and
short replies." ]
	# of those that sm-export writes too
	printf '%s\n' '{"type":"persona","user_id":"own","persona":"Likes é 漢.\n\nWhat is known about this user:\nmuch"}' | sm-export program -q out
	[ "$(sm-import -q program --user own <out/own.json | jq -c 'select(.type == "persona").persona')" = '"Likes é 漢.\n\nWhat is known about this user:\nmuch"' ]
	jq '.["judge_persona.predict"].signature.instructions = "Decide."' saved/u.json >t && mv t saved/u.json
	run --separate-stderr sm-import program saved
	[ "$status" -eq 1 ]
	[[ $stderr == *"saved/u.json:1: no persona, neither in a file of its own nor in the instructions: the examples alone are imported"* ]]
	holds - 'map(.type) == ["demos", "run"]' <<<"$output"
}

@test "users are the names of files, unescaped; --user takes one of a folder, or names that of a file" {
	saved_judge saved/a%2Fb.json
	saved_judge "saved/100%25 me.json"
	saved_judge saved/plain%41.json
	saved_judge saved/%2Ehidden%09.json
	sm-import -q program saved | holds - 'map(select(.type == "demos").user_id) == [".hidden\t", "100% me", "a/b", "plain%41"]'
	[ "$(sm-import -q program saved/ --user a/b | users)" = a/b ]
	[ "$(sm-import -q program saved/a%2Fb.json --user other | users persona)" = other ]
	[ "$(sm-import -q program --user piped <saved/a%2Fb.json | users persona)" = piped ]
	run --separate-stderr sm-import program saved --user nobody
	[ "$status" -eq 3 ]
	[[ $stderr == *"saved: no saved judge of user nobody; "* ]]
}

@test "other JSON of a folder is skipped with a word, and given itself it is an error" {
	saved_judge saved/u.json
	echo '{"synthesize.predict": {"demos": []}}' >saved/persona.json
	echo '{"broken' >saved/broken.json
	echo 'no json' >saved/readme.txt
	run --separate-stderr sm-import program saved
	[ "$status" -eq 0 ]
	[ "$(users <<<"$output")" = u ]
	[[ $stderr == *'saved/persona.json: skipped: `judge_persona.predict` is not in it'* ]]
	[[ $stderr == *"saved/broken.json: skipped: not valid JSON"* ]]
	[[ $stderr != *readme* ]]
	run --separate-stderr sm-import program saved/persona.json
	[ "$status" -eq 3 ]
	[[ $stderr == *'saved/persona.json: `judge_persona.predict` is missing, which format program needs; it looks like persona-program; '* ]]
	run --separate-stderr sm-import program saved/broken.json saved/u.json
	[ "$status" -eq 3 ]
	[ "$(users <<<"$output")" = u ]
	mkdir empty
	run --separate-stderr sm-import program empty
	[ "$status" -eq 3 ]
	[[ $stderr == *"empty: no saved judge; name the folder that save() wrote into" ]]
	run --separate-stderr sm-import program nowhere
	[ "$status" -eq 3 ]
	[[ $stderr == *"nowhere: cannot open: "* ]]
}

@test "of a folder only regular files are read, and none longer than 64 MiB" {
	saved_judge saved/u.json
	mkfifo saved/pipe.json
	ln -s /dev/zero saved/zero.json
	ln -s "$PWD/outside.json" saved/link.json
	cp saved/u.json outside.json
	ln -s /dev/zero saved/u_persona.txt
	truncate -s 70000000 saved/long.json
	run --separate-stderr timeout 20 sm-import program saved
	[ "$status" -eq 0 ]
	[ "$(users <<<"$output")" = u ]
	for name in pipe zero link; do
		[[ $stderr == *"saved/$name.json: skipped: not a regular file"* ]]
	done
	[[ $stderr == *"saved/long.json: skipped: longer than 64 MiB"* ]]
}

@test "an example that lacks something is told, and keys that a file holds stay out" {
	saved_judge saved/u.json
	jq 'del(.["judge_persona.predict"].demos[1].chosen)' saved/u.json >bad.json
	run --separate-stderr sm-import program bad.json
	[ "$status" -eq 1 ]
	[[ $stderr == *"bad.json:1: example 1 says neither First nor Second"* ]]
	jq '.["judge_persona.predict"].lm = {model: "m", api_key: "sk-never-to-be-seen", temperature: 0}' saved/u.json >key.json
	sm-import program key.json >out.jsonl 2>&1
	run grep -c never-to-be out.jsonl
	[ "$output" = 0 ]
	jq -es '.[1].saved["judge_persona.predict"].lm == {model: "m", temperature: 0}' out.jsonl
}

@test "there and back: the judge asks the same after records became files and records again, and the files are the same" {
	mock_start --decide longer
	grep -E '"user_id": "(brief|warm)"' "$prefs" | sm-split -q --test 2 >pairs.jsonl
	jq -nc '[{role: "user", content: "Q"}, {role: "assistant", content: "A\n\n[b]: c"}, {role: "user", content: "R"}] as $context
		| ("plain", "said\n\n[user]: x", {role: "assistant", content: "one"}, {role: "bot", content: "two"},
			{role: "model", content: "log:\n\n[system]: down"}, [{role: "assistant", content: "three"}],
			[{role: "assistant", content: "four"}, {role: "user", content: "Why?\n\n"}, {role: "model", content: "\n\nSo."}],
			[{role: "assistant", content: "five\n\n[user]: y"}, {role: "tool", content: "[user]: z"}], {role: "assistant", content: "six", name: "n"}) as $reply
		| {index: 0, context: $context, first: $reply, second: "other", preference: "Second"}
		| . + {kind: "labeled"}, . + {kind: "bootstrapped", reasoning: "Since\n\n[user]: é\u0001"}' |
		jq -sc '("brief", "w/a%2Fr\tm") as $user | {type: "persona", user_id: $user, stage: "persona", persona: "Likes 漢字.\n"},
			{type: "demos", user_id: $user, stage: "demosearch", demos: .}' >learned.jsonl
	sed -i 's/"warm"/"w\/a%2Fr\\tm"/' pairs.jsonl
	sm-judge -q -m learned.jsonl --only pairs.jsonl | jq -c 'select(.type == "verdict")' >first.jsonl
	asked=$(mock_calls)
	[ "$asked" -eq 8 ]
	sm-export program -q one learned.jsonl
	sm-import -q program one >back.jsonl
	sm-judge -q -m back.jsonl --only pairs.jsonl | jq -c 'select(.type == "verdict")' >second.jsonl
	cmp first.jsonl second.jsonl
	[ "$(mock_calls)" -eq "$asked" ]
	texts='select(.type == "demos").demos[] | [.kind, .index, .preference, .reasoning, (.first | if type == "array" and length == 1 then .[0] else . end)]'
	[ "$(jq -c --sort-keys "$texts" back.jsonl)" = "$(jq -c --sort-keys "$texts" learned.jsonl)" ]
	sm-export program -q two back.jsonl
	diff -r one two
	# a text that was changed in the file since is what counts
	jq '.["judge_persona.predict"].demos[1].first_completion = "[assistant]: new"' one/brief.json >changed.json
	[ "$(sm-import -q program changed.json | jq -c 'select(.type == "demos").demos[1].first')" = '{"role":"assistant","content":"new"}' ]
	# what the library saved: the same, with labels in both spellings
	saved_judge saved/u.json
	printf 'Likes owls and\nshort replies.' >saved/u_persona.txt
	sm-import -q program saved | sm-export program -q three
	cmp saved/u_persona.txt three/u_persona.txt
	twice='.["judge_persona.predict"].demos[] |= . + {first_completion: (.first_completion // .completion_one),
		second_completion: (.second_completion // .completion_two), preference: (.preference // .chosen)}'
	diff <(jq -S "$twice | .[\"judge_persona.predict\"].demos[2] |= del(.completion_one, .completion_two, .chosen)" saved/u.json) <(jq -S . three/u.json)
}

@test "a program of persona writing becomes the examples that sm-persona sends" {
	jq -n '{"synthesize.predict": {traces: [], train: [], lm: null, signature: {instructions: "Write.", fields: []}, demos: [
		{augmented: true, past_judgements: "**Conversation**: [user]: verse please", reasoning: "A verse won.", synthesized_persona: "Enjoys verse."},
		{augmented: true, past_judgements: "second history", reasoning: "It was short.", synthesized_persona: "Enjoys brevity."},
		{augmented: false}]}, metadata: {}}' >program.json
	run --separate-stderr sm-import persona-program program.json
	[ "$status" -eq 0 ]
	[ "$stderr" = "sm-import: 2 records of 1 rows, 0 problems; left out: 1 examples without a persona (first: program.json:1)" ]
	echo "$output" >own.jsonl
	[ "$(wc -l <own.jsonl)" -eq 2 ]
	holds own.jsonl '.[0] == {history: "**Conversation**: [user]: verse please", reasoning: "A verse won.", persona: "Enjoys verse."}'
	mock_start --decide longer
	grep '"user_id": "brief"' "$prefs" | sm-split -q | sm-bootstrap -q | sm-persona -q --examples own.jsonl >out.jsonl
	tail -n 1 "$BATS_TEST_TMPDIR/mock.log" | jq -e '.body.messages | length == 6
		and (.[1].content | contains("[user]: verse please")) and (.[2].content | contains("Enjoys verse.") and contains("A verse won."))
		and (.[3].content | contains("second history")) and (.[4].content | contains("Enjoys brevity."))'
	[ "$(sm-import -q persona-program <program.json)" = "$(cat own.jsonl)" ]
	run --separate-stderr sm-import persona-program "$prefs"
	[ "$status" -eq 3 ]
}
