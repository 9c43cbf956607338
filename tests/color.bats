# Colors: on a terminal that has them, and nowhere else unless they are asked for.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	unset NO_COLOR
	cat >verdicts.jsonl <<-'END'
		{"type":"verdict","user_id":"good","stage":"judge","index":0,"order":"forward","preference":"First","prediction":1,"label":"First","correct":true,"status":"ok"}
		{"type":"error","user_id":"lost","stage":"judge","message":"m","index":0,"order":"forward"}
		{"type":"verdict","user_id":"lost","stage":"judge","index":1,"order":"forward","preference":"Second","prediction":-1,"label":"First","correct":false,"status":"ok"}
	END
	jq -c 'if .type == "verdict" then ., (.index = range(2; 12)) else . end' verdicts.jsonl >many.jsonl
}

esc=$'\033'

# on_terminal COMMAND: what it shows on a terminal of 100 columns, as lines.
on_terminal() {
	TERM=${TERMINAL-xterm} script -qec "stty cols 100; $1" /dev/null </dev/null | tr -d '\r'
}

# Whether this text has an escape.
is_colored() { grep -q "$esc\[[0-9;]*m" "$1"; }

@test "a pipe and a file get no byte of color, from any program, in help, output and messages" {
	for program in "$BIN"/sm-*; do
		"$program" --help >help.txt
		run ! grep -q "$esc" help.txt
		"$program" --no-such-option >out.txt 2>err.txt </dev/null || [ $? -eq 2 ]
		cat out.txt >>err.txt
		run ! grep -q "$esc" err.txt
	done
	sm-eval --table many.jsonl >table.txt
	run ! grep -q "$esc" table.txt
}

@test "--color always colors all of them: titles, headings, the program's name, the remedy" {
	for program in "$BIN"/sm-*; do
		"$program" --color always --help >help.txt
		grep -q "^$esc\[1mUsage$esc\[0m: " help.txt
		grep -q "^$esc\[1mExit status$esc\[0m: " help.txt
		sed "s/$esc\[[0-9]*m//g" help.txt | cmp - <("$program" --color never --help | sed 's/--color never/--color always/g')
	done
	sm-eval --color always --help | grep -q "^$esc\[1mGeneral$esc\[0m:\$"
	run -2 --separate-stderr sm-eval --color always --tabel
	[ "$stderr" = "${esc}[31msm-eval${esc}[0m: unknown option --tabel; ${esc}[36mdid you mean --table? --help tells the options${esc}[0m" ]
	echo '{' >bad.jsonl
	run --separate-stderr sm-split --color=always bad.jsonl many.jsonl
	[[ $stderr == *"${esc}[31msm-split${esc}[0m: ${esc}[1mbad.jsonl:1:${esc}[0m "* ]] || [[ $stderr == *"${esc}[31msm-split${esc}[0m: ${esc}[1mbad.jsonl:${esc}[0m "* ]]
}

@test "in a table what is told from one half stands out, and what failed" {
	sm-eval --table --color always many.jsonl >table.txt
	head -n 1 table.txt | grep -q "^$esc\[1muser$esc\[0m .*$esc\[1mfirst$esc\[0m\$"
	grep -q "^good .*$esc\[32m100.0%$esc\[0m .*$esc\[32m\[" table.txt
	grep -q "^lost .*$esc\[31m0.0%$esc\[0m .*$esc\[31m1$esc\[0m" table.txt
	# two users, of whom one is right and one is wrong: nothing is told
	grep -qE '^all +22 +50\.0% +\[' table.txt
	# the columns are where they are without colors
	sed "s/$esc\[[0-9]*m//g" table.txt | cmp - <(sm-eval --table many.jsonl)
	# what is to be read elsewhere has none
	for form in --markdown --latex; do
		sm-eval $form --color always many.jsonl >other.txt
		run ! grep -q "$esc" other.txt
	done
}

@test "a terminal has colors, unless NO_COLOR, TERM or --color say otherwise" {
	on_terminal 'sm-eval --help; sm-eval --table many.jsonl; sm-eval --bad' >shown
	grep -q "$esc\[1mUsage" shown
	grep -q "$esc\[32m100.0%" shown
	grep -q "$esc\[31msm-eval$esc\[0m: unknown" shown
	NO_COLOR=1 on_terminal 'sm-eval --help; sm-eval --table many.jsonl; sm-eval --bad' >shown
	grep -q '^good .* 100.0%' shown
	run ! is_colored shown
	TERMINAL=dumb on_terminal 'sm-eval --help; sm-eval --table many.jsonl; sm-eval --bad' >shown
	run ! grep -q "$esc" shown
	on_terminal 'sm-eval --color never --help; sm-eval --color never --bad' >shown
	run ! is_colored shown
	# an empty one says nothing, and an option outranks it
	NO_COLOR='' on_terminal 'sm-eval --help' >shown
	is_colored shown
	NO_COLOR=1 on_terminal 'sm-eval --color always --help' >shown
	is_colored shown
	# each of the two outputs by itself
	on_terminal 'sm-eval --help >help.txt; sm-eval --bad' >shown
	is_colored shown
	run ! is_colored help.txt
}

@test "sm-fit has them as its programs have" {
	sm-fit --color always --help | grep -q "^$esc\[1mTo sm-split$esc\[0m:"
	on_terminal 'sm-fit --help' >shown
	grep -q "^$esc\[1mUsage" shown
	NO_COLOR=1 on_terminal 'sm-fit --help' >shown
	run ! is_colored shown
	run --separate-stderr sm-fit --color always --dry-run -M mock <<<'{'
	[[ $stderr == *"${esc}[31msm-split${esc}[0m: ${esc}[1mstdin:${esc}[0m a JSON object over several lines"* ]]
}

@test "what a message quotes cannot color itself" {
	printf '{"user_id":"a"}\n' >$'red\033[31m.jsonl'
	run --separate-stderr sm-split --color always $'red\033[31m.jsonl'
	[[ $stderr == *"red"*"[31m.jsonl"* ]]
	[[ $stderr != *$'red\033[31m'* ]]
	on_terminal "sm-split 'red"$'\033'"[31m.jsonl'" >shown
	run ! grep -q "red$esc" shown
}
