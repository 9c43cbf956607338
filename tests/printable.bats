#!/usr/bin/env bats
# What texts of others do to a terminal: nothing.
load helper

# A text with commands to terminals, turns of direction and what hides.
hostile='"\u001b[31mRED\u001b]8;;http://evil/\u0007link \u009b31mC1 \u009d0;OSC\u009c \u202egnp.exe\u202c \u2066iso\u2069 \u061calm\u200e \ufeffbom \bBS \r OVER\u2028LS\udb40\udc41 \u007f"'

# clean FILE: nothing of it is left (but for what the terminal itself adds: \r at line ends).
clean() {
	sed 's/\r$//' "$1" | LC_ALL=C grep -naP '\x1b|\x07|\x08|\r|\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf|\xf3\xa0' && return 1
	grep -q RED "$1"
}

# on_terminal COMMAND: what it shows on a terminal, without colors of the program's own.
on_terminal() {
	NO_COLOR=1 script -qec "{ $1; } 2>/dev/null" /dev/null </dev/null
}

setup_file() {
	jq -nc --argjson h "$hostile" '{type: "persona", user_id: $h, persona: $h},
		{type: "demos", user_id: $h, stage: "demosearch", tied: 1, seed: 0, demos: [{index: 0, kind: "bootstrapped", context: [{role: "user", content: $h}], first: $h, second: "s", preference: "First", reasoning: $h}]},
		{type: "demos", user_id: $h, stage: "bootstrap", demos: []},
		{type: "pair", user_id: $h, index: 1, split: "test", context: [{role: "user", content: $h}], chosen: $h, rejected: "b"}' >"$BATS_FILE_TMPDIR/records.jsonl"
}

records() {
	cat "$BATS_FILE_TMPDIR/records.jsonl"
}

@test "on a terminal no program writes what a text holds of commands; elsewhere it stays as it is" {
	records >users.jsonl
	mock_start --decide first
	for command in "sm-prompt persona users.jsonl" "sm-prompt demos users.jsonl" "sm-prompt judge --json users.jsonl" \
		"sm-split users.jsonl" "sm-judge users.jsonl" "sm-judge -q users.jsonl | sm-eval --table --by-user" "sm-export trl --split test users.jsonl"; do
		on_terminal "$command" >shown
		clean shown || { echo "$command"; cat -v shown; false; }
	done
	sm-prompt persona users.jsonl | grep -q $'\033'
	sm-judge -q --only users.jsonl | grep -q $'\xe2\x80\xae'
}

@test "messages hold nothing of it, whether they go to a terminal or not" {
	records | jq -c 'select(.type == "pair") | .split = "train", (.context = 1)' >rows.jsonl
	sm-split rows.jsonl 2>messages >/dev/null || true
	clean messages
	records | grep -v '"type":"pair"' | sm-prompt request -M m 2>messages >/dev/null || true
	jq -nc --argjson h "$hostile" '{times: 9, reply: {status: 400, body: {error: {message: $h}}}}' >script.jsonl
	mock_start --script script.jsonl
	records | sm-judge --only 2>messages >/dev/null || true
	clean messages
}

@test "the end of a line of CSV is one on a terminal too; an option that is none is told without its commands" {
	records | jq -c 'select(.type == "pair") | {type: "verdict", user_id, stage: "judge", index: 0, order: "forward", preference: "First", prediction: 1, label: "First", correct: true, status: "ok", reasoning: "r"}' >verdicts.jsonl
	on_terminal "sm-eval --csv verdicts.jsonl" >shown
	run ! grep -aq $'\xef\xbf\xbd\r*$' shown
	sed -i 's/\r*$//' shown
	clean shown
	for program in sm-split sm-fit; do
		run -2 "$program" $'--RED\e]0;\a\xe2\x80\xae'
		echo "$output" >shown
		clean shown
	done
}

@test "what examples/learned.jq prints is clean" {
	records | jq -rs -f "$BATS_TEST_DIRNAME/../examples/learned.jq" >shown
	clean shown
}

@test "names of files made from ids have it escaped, and are read back" {
	records >users.jsonl
	mkdir saved
	sm-export program saved users.jsonl
	find saved -name '*RED*' -printf '%f\n' >shown
	clean shown
	grep -q '%E2%80%AEgnp.exe' shown
	sm-import -q program saved | jq -es --argjson h "$hostile" '.[0].user_id == $h'
	# letters of all languages stay
	jq -c '.user_id = "Ольга é %E2"' users.jsonl | sm-export program other
	[ -e 'other/Ольга é %25E2.json' ]
	sm-import -q program other | jq -es '.[0].user_id == "Ольга é %E2"'
}

@test "--markdown: an id is text, whatever it holds" {
	jq -nc '$ARGS.positional[] | {type: "verdict", user_id: ., stage: "judge", index: 0, order: "forward", preference: "First", prediction: 1, label: "First", correct: true, status: "ok", reasoning: "r"}' --args \
		'[click](javascript:alert(1))' '![px](http://tracker.example/p.png)' '~~x~~ _y_ __z__' '<b>' 'a|b' '*c*' | sm-eval --markdown --by-user >out.md
	grep -qF '\[click\](javascript:alert(1))' out.md
	grep -qF '\!\[px\](http://tracker.example/p.png)' out.md
	grep -qF '\~\~x\~\~ \_y\_ \_\_z\_\_' out.md
	grep -qF '\<b\>' out.md
}
