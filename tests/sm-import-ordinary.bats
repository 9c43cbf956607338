# Files as spreadsheets, surveys and programs write them: what is taken, what is told, and that what a message advises works.
load helper

# pairs OPTIONS FILE: chosen and rejected texts, with who chose.
pairs() {
	sm-import -q "$@" | jq -r 'select(.type == "pair") | [.user_id, .context[-1].content, .chosen.content, .rejected.content] | join("|")'
}

# remedy FILE ...: --guess says of each that no format fits it, and what follows ; in its messages.
remedy() {
	local file
	run --separate-stderr sm-import --guess "$@"
	[ "$status" -eq 3 ]
	[ -z "$output" ]
	for file; do
		[[ $'\n'$stderr == *$'\n'"sm-import: $file: no format fits; "* ]]
	done
}

@test "--guess: of a table the formats of tables alone are tried, and its columns are told" {
	printf 'Benutzer;Frage;Antwort A;Antwort B;Gewinner\nanna;q;x;y;B\n' >de.csv
	remedy de.csv
	[[ $stderr == *"as csv: de.csv:2: column \`prompt\` "*"the row has: Antwort A, Antwort B, Benutzer, Frage, Gewinner; "*"sm-import csv --columns prompt=COLUMN,"* ]]
	[ "$(pairs csv --columns 'prompt=Frage,response_a=Antwort A,response_b=Antwort B,winner=Gewinner,user_id=Benutzer' de.csv)" = "anna|q|y|x" ]
	printf '\xe9\n' >latin.csv
	remedy latin.csv
	[[ $stderr == *"invalid UTF-8; convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE | sm-import"* ]]
}

@test "--guess: a file that is no text is told with what converts it" {
	printf 'SQLite format 3\0' >x.db
	run --separate-stderr sm-import --guess x.db
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-import: x.db: this is an SQLite database, not text; sqlite3 -json x.db "* ]]
}

@test "--guess: rows that no format takes are told as the format whose columns are there does" {
	echo '{"prompt": "q", "response_a": "x", "response_b": "y", "label": 1}' >label.jsonl
	remedy label.jsonl
	[[ $stderr == *"as votes: label.jsonl:1: \`label\` is 1, which may count"*"--label-base 0 or 1"* ]]
}

@test "--guess: a converter runs once" {
	mkdir path
	cat >path/duckdb <<-'END'
		#!/bin/sh
		echo run >>"$RUNS"
		i=0
		while [ $i -lt 300 ]; do
			echo '{"prompt": "q", "chosen": "a", "rejected": "b"}'
			i=$((i + 1))
		done
	END
	chmod +x path/duckdb
	printf 'PAR1' >x.parquet
	RUNS=$PWD/runs PATH="$PWD/path:$PATH" run --separate-stderr sm-import --guess x.parquet
	[ "$output" = "sm-import rows x.parquet" ]
	[[ $stderr == *"the first 200 rows give 200 records"* ]]
	[ "$(wc -l <runs)" -eq 1 ]
}

@test "a misfit of two replies: who has chosen is asked for before nobody; no name of the one is taken for the other" {
	printf 'Question,Answer 1,Answer 2,"Which one, A or B?"\nq,x,y,Answer 2\n' >form.csv
	printf 'prompt,response_left,response_right,choice\nq,x,y,left\n' >sides.csv
	run --separate-stderr sm-import csv form.csv sides.csv
	[ "$status" -eq 1 ]
	[[ $output != *'"pair"'* ]]
	[[ $stderr == *"form.csv:2: "*"sides.csv:2: "* ]]
	[[ $stderr != *"response_b=response_left"* ]]
	[[ ${stderr%%sides.csv:*} == *"if a column says which reply was chosen, give --columns winner=COLUMN; if nobody has chosen, give --columns first=answer_1,second=answer_2"* ]]
	[ "$(pairs csv --columns 'winner=Which one, A or B?,user_id=Question,prompt=Answer 1' form.csv 2>&1)" != "" ]
	[ "$(pairs csv --columns response_a=response_left,response_b=response_right sides.csv)" = "user|q|x|y" ]
}

@test "--columns: a comma may stand in a column's name" {
	printf 'prompt,a1,"b, too","Which, A or B?"\nq,x,y,B\n' >t.csv
	[ "$(pairs csv --columns 'response_a=a1,response_b=b, too,winner=Which, A or B?' t.csv)" = "user|q|y|x" ]
	run --separate-stderr sm-import csv --columns 'winner' t.csv
	[ "$status" -eq 2 ]
}

@test "titles above the names of the columns: the message says which lines to cut off" {
	printf 'Results,,,\n,,,\nPrompt,Response A,Response B,Winner\nq,x,y,B\n' >t.csv
	remedy t.csv
	[[ $stderr == *"if the names of the columns stand in line 3, cut off what is above them: tail -n +3 FILE | sm-import ..."* ]]
	[ "$(tail -n +3 t.csv | pairs csv)" = "user|q|y|x" ]
	printf 'Results of the survey\nPrompt,Response A,Response B,Winner\nq,x,y,B\n' >t.csv
	run --separate-stderr sm-import csv t.csv
	[[ $stderr == *"t.csv:2: 4 cells, but the header names 1 columns; if titles stand above"*"tail -n +LINE FILE"* ]]
}

@test "cells in columns without a name are left out and counted, but for the numbers of rows in the first" {
	printf ',prompt,chosen,rejected,\n0,q,x,y,a remark\n1,q,x,z,\n' >t.csv
	run --separate-stderr sm-import csv t.csv
	[ "$status" -eq 0 ]
	[[ $stderr == *"changed: 1 rows with cells in columns without a name, which are left out (first: t.csv:2)"* ]]
}

@test "tables in one object are no rows: each is told with the jq program that makes rows of it, which does" {
	local rows='[{"prompt":"q1","chosen":"a","rejected":"b"},{"prompt":"q2","chosen":"c","rejected":"d"}]'
	jq -c '[.[0] | keys_unsorted[]] as $c | . as $r | [$c[] as $k | {($k): [$r[][$k]]}] | add' <<<"$rows" >lists.json
	jq -c 'map_values(to_entries | map({("\(.key)"): .value}) | add)' lists.json >columns.json
	jq -c 'to_entries | map({("\(.key)"): .value}) | add' <<<"$rows" >index.json
	jq -c '{columns: (.[0] | keys_unsorted), index: [0, 1], data: map([.[]])}' <<<"$rows" >split.json
	jq -c 'map([.[]])' <<<"$rows" >values.json
	run --separate-stderr sm-import rewardbench {lists,columns,index,split}.json
	[ "$status" -eq 3 ]
	[[ $output != *'"pair"'* ]]
	for kind in lists columns index split; do
		said=$(grep "^sm-import: $kind.json:1: " <<<"$stderr")
		[[ $said == *": this is "*", not a row; make rows of it: jq -c '"*"' FILE | sm-import ..."* ]]
		program=$(sed -n "s/.*jq -c '\(.*\)' FILE.*/\1/p" <<<"$said")
		jq -c "$program" $kind.json >>made.jsonl
		echo $'user|q1|a|b\nuser|q2|c|d' >>expected
	done
	pairs rewardbench made.jsonl | diff - expected
	remedy {lists,columns,index,split,values}.json
	for kind in lists columns index split; do
		[[ $(grep "^sm-import: $kind.json: " <<<"$stderr") == *"make rows of it: jq -c"* ]]
	done
	[[ $stderr == *"not a JSON object; each row is to be a JSON object: jq -c '.[] | {prompt: .[0]"* ]]
	# lists of turns, and an own program's rows, are rows
	echo '{"prompt": [{"role": "user", "content": "q"}], "chosen": [{"role": "assistant", "content": "a"}], "rejected": [{"role": "assistant", "content": "b"}]}' |
		sm-import -q rewardbench | grep -q '"pair"'
	echo 'def pairs: {context: (.q[0] | turns), chosen: (.a[0] | reply), rejected: (.a[1] | reply)};' >own.jq
	echo '{"q": ["q", "r"], "a": ["x", "y"], "n": [1, 2]}' | sm-import -q --map own.jq | grep -q '"pair"'
}

@test "replies that are empty, or what stands for none, and users of such a name are kept and counted" {
	printf 'prompt,chosen,rejected,rater\nq,x,NA,ann\nq,nan,y,NA\nq,x," ",bob\n' >t.csv
	run --separate-stderr sm-import csv t.csv
	[ "$status" -eq 0 ]
	holds - '.[:3] | map(.rejected.content) == ["NA", "y", " "]' '.[-1].changed == {"replies `NA`, which may mean that there is none, kept": 1, "replies `nan`, which may mean that there is none, kept": 1,
		"choices of a user called `NA`, which may mean that nobody is named": 1, "empty replies kept": 1}' <<<"$output"
	[[ $stderr == *"(first: t.csv:2)"* ]]
}

@test "two replies that are the same are no choice: left out and counted, in every format" {
	printf 'prompt,chosen,rejected\nq,x,x\nq,x,y\n' >t.csv
	run --separate-stderr sm-import csv t.csv
	[ "$status" -eq 0 ]
	jq -se 'length == 2 and .[1].dropped == {"the same replies": 1}' <<<"$output"
	# two that nobody has chosen from wait for an answer
	printf 'prompt,first,second\nq,x,x\n' | sm-import -q csv | grep -q '"pair"'
}

@test "scores with a comma for the point are told, not left out" {
	printf 'prompt;response_a;response_b;score_a;score_b\nq;x;y;4,5;3\n' >t.csv
	run --separate-stderr sm-import csv t.csv
	[ "$status" -eq 1 ]
	[[ $stderr == *'t.csv:2: the score of a reply is "4,5": write numbers with a point, as 4.5; '* ]]
}

@test "rows: the question may be called prompt and the like, where there is no context" {
	echo '{"prompt": "q", "chosen": "x", "rejected": "y"}' >t.jsonl
	echo '{"context": "c", "prompt": "q", "chosen": "x", "rejected": "y"}' >both.jsonl
	sm-import -q rows t.jsonl both.jsonl | holds - '.[0] | [.user_id, .context[-1].content, .chosen.content, .rejected.content] == ["user", "q", "x", "y"]' \
		'.[0] | (has("dataset") or has("prompt")) | not' '.[1] | .context[0].content == "c" and .prompt == "q"'
	run --separate-stderr sm-import --guess t.jsonl
	[ "$output" = "sm-import rows t.jsonl" ]
}

@test "columns called problem and dropped are columns of a pair like any" {
	echo '{"prompt": "q", "chosen": "x", "rejected": "y", "problem": "2 + 2", "dropped": "no"}' | sm-import -q rewardbench | head -n 1 |
		jq -e '.problem == "2 + 2" and .dropped == "no"'
}

@test "replies by someone else than an assistant are kept and counted; so is what names a picture, refused" {
	echo '{"prompt": "q", "chosen": {"role": "developer", "content": "x"}, "rejected": {"role": "user", "content": "y"}}' >t.jsonl
	sm-import -q rows t.jsonl | holds - '.[-1].changed == {"replies by the system": 1, "replies by the user": 1}'
	names=(Images image_path audio_url VIDEO)
	printf '{"prompt": "q", "context": [{"role": "user", "content": "q"}], "chosen": "x", "rejected": "y", "%s": "x.png"}\n' "${names[@]}" >t.jsonl
	jq -c 'del(.context)' t.jsonl >u.jsonl
	for program in "sm-import rows u.jsonl" "sm-split t.jsonl"; do
		# shellcheck disable=SC2086 # a program with its operands
		run --separate-stderr $program
		[ "$status" -eq 1 ]
		[[ $output != *'"pair"'* ]]
		for n in "${!names[@]}"; do
			[[ $stderr == *"${program##* }:$((n + 1)): column \`${names[n]}\` holds something that is no text"* ]]
		done
	done
	# what only begins like that is a column like any
	echo '{"prompt": "q", "chosen": "x", "rejected": "y", "imagery": "rich", "image_count": 3, "images": 0}' | sm-import -q rows | grep -q '"pair"'
}

@test "columns whose names differ in case alone: none is taken for the question" {
	echo '{"Prompt": "q", "PROMPT": "other", "chosen": "x", "rejected": "y"}' >t.jsonl
	run --separate-stderr sm-import rewardbench t.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"t.jsonl:1: column \`Prompt\` and another may both be \`prompt\`"* ]]
	# one that is written like ours goes before
	echo '{"Prompt": "q", "prompt": "ours", "chosen": "x", "rejected": "y"}' | sm-import -q rewardbench | head -n 1 |
		jq -e '.context[0].content == "ours" and .Prompt == "q"'
}

@test "rows of three texts, which need no program, become what the program makes of them" {
	local odd='{"prompt":"q","chosen":"[x]","rejected":"y","id":3}' rows
	rows=$(jq -nc '{id: (null, 7, "c"), user_id: ("", "u", 5), conversation_id: (null, "k"), note: (null, "n", [1])} + {prompt: "q", chosen: "x", rejected: "y"}')
	for format in rows rewardbench implicit; do
		sm-import -q $format <<<"$rows" | sed '$d' >short
		{ sm-import --show $format; echo; } | sed 's/^def plain.*//' >own.jq
		sm-import -q --map own.jq <<<"$rows" | sed '$d' | cmp - short
		[ "$(wc -l <short)" -eq 54 ]
	done
	# not so where a column, or an option, means more
	{ echo "$odd"; echo "${odd%\}},\"system\":\"s\"}"; } | sm-import -q rows |
		holds - '.[0] | .chosen.content == "[x]" and .conversation_id == 3' '.[1].context[0] == {role: "system", content: "s"}'
	sm-import -q rows --dataset d <<<"$odd" | holds - '.[0].dataset == "d"'
}

@test "--guess: rows that are all left out are told with the format that they have, and why" {
	printf 'prompt,chosen,rejected\nq,x,x\n' >t.csv
	remedy t.csv
	[[ $stderr == *"as csv: no pair in 1 rows; left out: 1 the same replies (first: t.csv:2); mend the rows, name other columns with --columns"* ]]
	echo '{"messages": [{"role": "user", "content": "q"}], "chosen": "x", "rejected": "y"}' >m.jsonl
	remedy m.jsonl
	[[ $stderr == *"neither a question nor a beginning that both replies share; mend the rows, name other columns with --columns"* ]]
	[ "$(pairs rows --columns prompt=messages m.jsonl)" = "user|q|x|y" ]
}
