#!/usr/bin/env bats
# What sm-import tells of a file: which format it has, what is wrong with it, what was changed.
load helper

row() { # CONTEXT CHOSEN REJECTED [MEMBER]: a row, of JSON values and another member
	printf '{"user_id":"u","context":%s,"chosen":%s,"rejected":%s%s}\n' "$1" "$2" "$3" "${4:+,$4}"
}

run_record() { tail -n 1 <<<"$output"; }

@test "--guess names the format that fits, why, and writes the command, which works" {
	printf 'prompt,chosen,rejected,user_id\nHi?,A,B,ann\nHo?,C,D,ben\n' >'my table.csv'
	run --separate-stderr sm-import --guess 'my table.csv'
	[ "$status" -eq 0 ]
	[ "$output" = "sm-import csv 'my table.csv'" ]
	[[ $stderr == "sm-import: my table.csv: csv: 2 rows give 2 records of 2 users"* ]]
	eval "$output -q" | holds - 'map(select(.type == "pair") | .user_id) == ["ann", "ben"]'
	# of several files each, and standard input
	row '"q"' '"a"' '"b"' >rows.jsonl
	run --separate-stderr sm-import --guess 'my table.csv' rows.jsonl
	[ "${lines[1]}" = "sm-import rows rows.jsonl" ]
	[ "$(sm-import -q --guess <rows.jsonl)" = "sm-import rows -" ]
	[ "$(sm-import -q --guess --user "Ann O'Hara" --dataset d --pairs all --label-base 0 rows.jsonl)" = \
		"sm-import rows --pairs all --label-base 0 --dataset d --user 'Ann O'\\''Hara' rows.jsonl" ]
	for option in --map --hf; do
		run sm-import --guess $option x rows.jsonl
		[ "$status" -eq 2 ]
	done
	[ "$(sm-import -q --guess --columns context=question --text-only <<<'{"question": "q", "chosen": "a", "rejected": "b"}')" = "sm-import rows --columns context=question --text-only -" ]
}

@test "--guess says that no column names the user, what would be left out, and which problems there are" {
	for winner in model_a tie model_b; do
		printf '{"winner":"%s","conversation_a":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Yo"}],' "$winner"
		printf '"conversation_b":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]}\n'
	done >votes.jsonl
	echo '{"winner": "nobody", "conversation_a": [], "conversation_b": []}' >>votes.jsonl
	run --separate-stderr sm-import --guess votes.jsonl
	[ "$status" -eq 0 ]
	[ "$output" = "sm-import arena votes.jsonl" ]
	[[ $stderr == *"arena: 4 rows give 2 records of 1 user; 1 problems, first: votes.jsonl:4: \`winner\` is neither"*"; left out: 1 tie (first: votes.jsonl:2)"* ]]
	[[ $stderr == *"no column says whose choices these are: all become user user; --columns user_id=COLUMN"* ]]
}

@test "--guess: what fits nothing is told, with status 3 and where the nearest format stumbles" {
	echo '{"a": 1}' >odd.jsonl
	run --separate-stderr sm-import --guess odd.jsonl
	[ "$status" -eq 3 ]
	[ -z "$output" ]
	[[ $stderr == "sm-import: odd.jsonl: no format fits; as votes: odd.jsonl:1: column "*"; the row has: a; say which column is which, as in sm-import votes --columns prompt=COLUMN,"*"(--map)"* ]]
	run --separate-stderr sm-import --guess nowhere.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *"nowhere.jsonl"*"cannot open"* ]]
}

@test "--guess knows what the Python library saved" {
	jq -n '{"judge_persona.predict": {demos: [], signature: {instructions: "What is known about this user:\nLikes verse."}}}' >ann.json
	run --separate-stderr sm-import --guess ann.json
	[ "$output" = "sm-import program ann.json" ]
}

@test "a file in the place of the format is told how to find its format" {
	row '"q"' '"a"' '"b"' >rows.jsonl
	run --separate-stderr sm-import rows.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == *"no format is called rows.jsonl"*"; sm-import --guess rows.jsonl tells which that file has" ]]
}

@test "sm-split and sm-fit name the format of a foreign file" {
	echo '{"winner": "model_a", "conversation_a": [], "conversation_b": []}' >votes.jsonl
	for program in sm-split sm-fit; do
		run --separate-stderr "$program" votes.jsonl
		[ "$status" -ne 0 ]
		[[ $stderr == *"it looks like format arena: sm-import --guess votes.jsonl tells which format this is"* ]]
	done
	# a bad line among good ones is no foreign file
	run --separate-stderr sm-split <(row '[]' '"a"' '"b"'; echo '{"winner": 1}')
	[[ $stderr != *"--guess"* ]]
}

@test "--check reads all and writes no pair" {
	{ row '"q"' '"a"' '"b"'; echo '{"a"'; row '"q"' '1' '"b"'; } >rows.jsonl
	run --separate-stderr sm-import --check rows rows.jsonl
	[ "$status" -eq 1 ]
	holds - 'map([.type, .rows, .records, .bad]) == [["run", 3, 1, 2]]' <<<"$output"
	[[ $stderr == *"rows.jsonl:2: "*"rows.jsonl:3: "* ]]
	run --separate-stderr sm-import --check rows <(row '"q"' '"a"' '"b"')
	[ "$status" -eq 0 ]
	[ "$stderr" = "sm-import: 1 records of 1 rows, 0 problems" ]
}

@test "pictures, sounds and other parts are refused with their line, or left out and counted" {
	picture='[{"role": "user", "content": [{"type": "text", "text": "What "}, {"type": "text", "text": "is it?"}, {"type": "image_url", "image_url": {"url": "x"}}]}]'
	sound='[{"role": "assistant", "content": [{"type": "output_text", "text": "A cat."}, {"type": "input_audio", "input_audio": {}}]}]'
	q='[{"role": "user", "content": "q"}]'
	text='[{"role": "user", "content": [{"type": "text", "text": "Just"}, {"type": "text", "text": " text", "image": null}]}]'
	{ row "$picture" '"a"' '"b"'; row "$q" "$sound" '"b"'; row "$text" '"a"' '"b"'; row "$q" '"a"' '"b"' '"images": ["x.png"]'; row "$q" '"a"' '"b"' '"images": []'; } >rows.jsonl
	for program in "sm-import rows" sm-split; do
		# shellcheck disable=SC2086 # a program with its operand
		run --separate-stderr $program rows.jsonl
		[ "$status" -eq 1 ]
		[[ $stderr == *"rows.jsonl:1: \`context\` holds a part of type image_url, which is no text; judges see text alone: --text-only"* ]]
		[[ $stderr == *"rows.jsonl:2: \`chosen\` holds a part of type input_audio"* ]]
		[[ $stderr == *"rows.jsonl:4: column \`images\` holds something that is no text"* ]]
		holds - 'map(select(.type == "pair").context[0].content) == ["Just text", "q"]' <<<"$output"
		# shellcheck disable=SC2086 # a program with its operand
		run --separate-stderr $program --text-only rows.jsonl
		[ "$status" -eq 0 ]
		holds - 'map(select(.type == "pair").context[0].content) == ["What is it?", "q", "Just text", "q", "q"]' <<<"$output"
		[[ $stderr == *"3 parts that are no text left out"* ]]
		! grep -q x.png <<<"$output" || false
	done
	[[ $(run_record) == *'"left_out":3,'* ]]
	[[ $(sm-import -q --text-only rows rows.jsonl | tail -n 1) == *'"changed":{"parts that are no text left out":3},'* ]]
	# other members keep their bytes
	row "$text" '"a"' '"b"' | sed 's/^{/{"n":12345678901234567890,/' | sm-split -q | head -n 1 | grep -q '"n":12345678901234567890'
}

@test "cells with the text of a Python list are read, told and counted, or refused" {
	python() { printf '"%s"' "${1//\"/\"\"}"; }
	{
		echo prompt,chosen,rejected
		echo "$(python "[{'role': 'user', 'content': \"it's \\n \\u00e9\"}]"),$(python "[{'content': 'A', 'role': 'assistant'}]"),b"
		echo "$(python "[{'role': 'user', 'content': 'q'}
 {'role': 'assistant', 'content': None and 'x'}]"),a,b"
		echo "$(python "[{'role': 'user', 'content': 'one'}
 {'role': 'assistant', 'content': 'two'}
 {'role': 'user', 'content': 'three'}]"),a,b"
		echo "q,$(python "{'a': 1} is a dict"),$(python "[1, 2]")"
	} >table.csv
	run --separate-stderr sm-import csv table.csv
	[ "$status" -eq 1 ]
	[[ $stderr == *"table.csv:3: the cell of \`prompt\` begins as the text that Python makes of a list, but cannot be read to its end; write lists into cells as JSON"* ]]
	holds - 'map(select(.type == "pair")) | length == 3' '.[0].context | map(.content) == ["it\u0027s \n é"]' '.[1].context | map(.content) == ["one", "two", "three"]' \
		'.[2] | .chosen.content == "{\u0027a\u0027: 1} is a dict" and .rejected.content == "[1, 2]"' \
		'.[-1].changed == {"cells with the text of a Python list read": 3}' <<<"$output"
	printf 'prompt,chosen,rejected\nq,"[""a"",""b""]",c\nq,"{""a"": 1}","[{""x"": 2}]"\n' | sm-import -q csv >lists.jsonl
	holds lists.jsonl 'map(select(.type == "pair").chosen.content) == ["a", "b", "{\"a\": 1}"]' \
		'.[-1].changed == {"cells with a list of texts read as several": 1}'
	[[ $stderr == *"changed: 3 cells with the text of a Python list read (first: table.csv:2)"* ]]
}

@test "turns of roles that are none are kept, told with their line and counted" {
	row '[{"role": "narrator", "content": "Once"}, {"role": "user", "content": "q"}]' '"a"' '"b"' >rows.jsonl
	run --separate-stderr sm-import rows rows.jsonl
	[ "$status" -eq 0 ]
	holds - '.[0].context[0].role == "narrator"' '.[-1].changed == {"turns of role narrator, which prompts show as material": 1}' <<<"$output"
	[[ $stderr == *"changed: 1 turns of role narrator, which prompts show as material (first: rows.jsonl:1)"* ]]
}

@test "--map: a program may say what it changed, and its pairs are checked like any other" {
	echo 'def pairs: {context: [{role: "user", content: .q}], chosen: .a, rejected: "b", changed: ["cut short"]};' >own.jq
	{ echo '{"q": "x", "a": "y"}'; echo '{"q": [{"type": "image", "image": 1}], "a": "y"}'; } >rows.jsonl
	run --separate-stderr sm-import --map own.jq rows.jsonl
	[ "$status" -eq 1 ]
	holds - '.[-1] | .records == 1 and .bad == 1 and .changed == {"cut short": 1}' '.[0] | has("changed") | not' <<<"$output"
	[[ $stderr == *"rows.jsonl:2: \`context\` holds a part of type image"* ]]
}

@test "--label-base says what a number of a label means; --pairs adjacent takes each rank with the next" {
	for label in 0 1; do echo "{\"prompt\":\"q\",\"response_a\":\"a\",\"response_b\":\"b\",\"label\":$label}"; done >votes.jsonl
	chosen() { jq -r 'select(.type == "pair") | .chosen.content' | xargs; }
	[ "$(sm-import -q --label-base 0 votes votes.jsonl | chosen)" = "a b" ]
	run --separate-stderr sm-import --label-base 1 votes votes.jsonl
	[ "$(chosen <<<"$output")" = a ]
	run --separate-stderr sm-import votes votes.jsonl
	[[ $(run_record) == *'"records":0,"bad":2,'* ]]
	jq -nc '{prompt: "q", answers: [{answer: "1", rank: 1}, {answer: "3", rank: 3}, {answer: "2", rank: 2}]}' >ranks.jsonl
	[ "$(sm-import -q ranked ranks.jsonl | jq -r 'select(.type == "pair") | .chosen.content + .rejected.content' | sort | paste -sd ' ')" = "12 13 23" ]
	[ "$(sm-import -q --pairs adjacent ranked ranks.jsonl | jq -r 'select(.type == "pair") | .chosen.content + .rejected.content' | sort | paste -sd ' ')" = "12 23" ]
}

@test "names of columns match without case, and with blanks for underscores" {
	printf 'User ID,Prompt,CHOSEN,Rejected,Own Column\nann,q,a,b,c\n' >table.csv
	sm-import -q csv table.csv | holds - '.[0] | .user_id == "ann" and .context[0].content == "q" and .chosen.content == "a" and .["Own Column"] == "c"'
	echo '{"Context": "q", "Chosen": "a", "chosen": "c", "Rejected": "b"}' | sm-import -q rows | holds - '.[0] | .chosen.content == "c" and .Chosen == "a"'
}
