# Foreign rows to pairs: the formats, the readers, and what happens to rows that do not fit.
load helper

# pairs FORMAT FILE: what comes out, without the run record.
pairs() {
	sm-import -q "$@" | grep '^{"type":"pair",'
}

# The texts of pairs: user, conversation, context joined, chosen, rejected.
texts='def text: if type == "array" then map(.content) | join("+") else .content end;
	[.user_id, .conversation_id, (.context | text), (.chosen | text), (.rejected | text)] | map(. // "-" | tostring) | join(" | ")'

turn() {
	printf '{"role":"%s","content":"%s"}' "$1" "$2"
}

@test "rows: JSON Lines and an array give the same pairs, roles are ours, a reply is a turn, a list or a string" {
	cat >rows.jsonl <<-END
		{"user_id":7,"context":[$(turn user hi)],"chosen":$(turn model good),"rejected":$(turn model bad),"conversation_id":"c1","dataset":"d","flip":true}
		{"context":[$(turn user hi),$(turn model ho),$(turn user more)],"chosen":[$(turn assistant good)],"rejected":"bad","split":"validation"}
		{"user_id":"x","context":"hi","chosen":[$(turn model a),$(turn user b),$(turn model c)],"rejected":[$(turn model d)],"type":"preference","extra":[1,null]}
	END
	jq -s . rows.jsonl >rows.json
	pairs rows rows.jsonl >a
	pairs rows rows.json >b
	cmp a b
	jq -s -c . rows.jsonl | pairs rows | cmp - a
	cat >expected <<-'END'
		7 | c1 | hi | good | bad
		user | - | hi+ho+more | good | bad
		x | - | hi | a+b+c | d
	END
	jq -r "$texts" a | diff - expected
	holds a 'map([.context[], (.chosen, .rejected | if type == "array" then .[] else . end)] | .[].role) | unique == ["assistant", "user"]' \
		'.[0].flip == true' '.[0].dataset == "d"' '.[0].user_id == "7"' '.[1].split == "val"' \
		'.[2].source_type == "preference"' '.[2].extra == [1, null]'
}

@test "the pairs go straight into sm-split and on to a verdict" {
	mock_start --decide longer
	jq -c '.chosen.role = "model" | .rejected.role = "model"' "$prefs" >theirs.jsonl
	sm-import -q rows theirs.jsonl | sm-split -q --test 2 | sm-judge -q >verdicts.jsonl
	holds verdicts.jsonl 'map(select(.type == "verdict").status) | length == 12 and unique == ["ok"]'
	# the same as without the detour, but for what is known of them
	sm-import -q rows theirs.jsonl | sm-split -q | jq -S 'select(.type == "pair")' >a
	sm-split -q "$prefs" | jq -S 'select(.type == "pair")' >b
	cmp a b
}

@test "personalrewardbench: the dataset's split stays, as a name of ours" {
	cat >rows.jsonl <<-END
		{"user_id":"user1","split":"train","context":[$(turn user q)],"chosen":$(turn model a),"rejected":$(turn model b),"conversation_id":"c7"}
		{"user_id":"user1","split":"val","context":[$(turn user q)],"chosen":$(turn model a),"rejected":$(turn model b),"conversation_id":"c8"}
		{"user_id":"user1","split":"test","context":[$(turn user q)],"chosen":$(turn model a),"rejected":$(turn model b),"conversation_id":"c9"}
		{"user_id":"user1","split":"unseen","context":[$(turn user q)],"chosen":$(turn model a),"rejected":$(turn model b),"conversation_id":"c0"}
	END
	pairs personalrewardbench --dataset prb rows.jsonl >out.jsonl
	holds out.jsonl 'map([.user_id, .split, .source_split, .conversation_id, .dataset]) == [["user1", "train", null, "c7", "prb"],
		["user1", "val", null, "c8", "prb"], ["user1", "test", null, "c9", "prb"], ["user1", null, "unseen", "c0", "prb"]]'
	sm-split -q out.jsonl | holds - 'map(select(.type == "pair" and .conversation_id != "c0").split) == ["train", "val", "test"]'
}

# utterance CONVERSATION INTERACTION TURN WITHIN PROMPT REPLY CHOSEN SCORE
utterance() {
	printf '{"utterance_id":"ut%s%s","interaction_id":"%s","conversation_id":"%s","user_id":"user5","turn":%s,"within_turn_id":%s,' "$2" "$4" "$2" "$1" "$3" "$4"
	printf '"included_in_balanced_subset":true,"conversation_type":"unguided","user_prompt":"%s","model_response":"%s",' "$5" "$6"
	printf '"model_name":"model-%s","model_provider":"api","score":%s,"if_chosen":%s}\n' "$4" "$8" "$7"
}

prism_utterances() {
	utterance c1 int1 0 0 "First?" "one" false 10
	utterance c1 int1 0 1 "First?" "two" true 90
	utterance c1 int1 0 2 "First?" "three" false 20
	utterance c1 int2 1 0 "Second?" "four" true 80
	utterance c1 int2 1 1 "Second?" "five" false 30
	utterance c2 int3 0 0 "Third?" "six" false 1
	utterance c2 int3 0 1 "Third?" "seven" false 2
	utterance c3 int4 0 0 "Fourth?" "eight" true 5
	utterance c3 int4 0 1 "Fourth?" "eight" false 5
	utterance c3 int4 0 2 "Fourth?" "nine" false 5
}

@test "prism: the chosen utterance against each other one of its turn, the conversation going on from chosen ones" {
	prism_utterances >utterances.jsonl
	run --separate-stderr sm-import prism utterances.jsonl
	[ "$status" -eq 0 ]
	cat >expected <<-'END'
		user5 | c1 | First? | two | one
		user5 | c1 | First? | two | three
		user5 | c1 | First?+two+Second? | four | five
		user5 | c3 | Fourth? | eight | nine
	END
	jq -r "select(.type == \"pair\") | $texts" <<<"$output" | diff - expected
	holds - '.[0] | .dataset == "prism" and .turn == 0 and .chosen_model == "model-1" and .rejected_model == "model-0"' \
		'.[0] | .chosen_score == 90 and .rejected_score == 10 and .conversation_type == "unguided"' \
		'.[-1].dropped == {"questions without a chosen reply": 1, "replies that are the same as the chosen one": 1}' <<<"$output"
	# what has no pair is said and counted
	[ "$stderr" = "sm-import: 4 records of 10 rows, 0 problems; left out: 1 questions without a chosen reply (first: utterances.jsonl:6), 1 replies that are the same as the chosen one (first: utterances.jsonl:8)" ]
}

@test "prism: rows of a conversation that stand apart are said" {
	prism_utterances >all.jsonl
	{ sed -n 1p all.jsonl; sed -n 6,7p all.jsonl; sed -n 2,3p all.jsonl; } >apart.jsonl
	run --separate-stderr sm-import prism apart.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *'apart.jsonl:4: other rows of "c1" came before'*'; bring rows that belong together one after another'* ]]
}

@test "prism: its conversations.jsonl gives the same pairs" {
	prism_utterances >utterances.jsonl
	jq -sc 'group_by(.conversation_id)[] | {user_id: .[0].user_id, conversation_id: .[0].conversation_id,
		conversation_type: .[0].conversation_type, conversation_history: [group_by(.turn)[]
		| {turn: .[0].turn, role: "user", content: .[0].user_prompt},
		(.[] | {turn, role: "model", content: .model_response, if_chosen, score, within_turn_id, model_name})]}' utterances.jsonl >conversations.jsonl
	# but for what the one or the other file alone tells
	known='{user_id, conversation_id, turn, conversation_type, chosen_model, rejected_model, chosen_score, rejected_score, context, chosen, rejected}'
	pairs prism utterances.jsonl | jq -c "$known" >a
	pairs prism conversations.jsonl | jq -c "$known" | cmp - a
}

@test "arena: votes with a winner are pairs, ties are left out and counted by kind" {
	vote() {
		printf '{"question_id":"q1","model_a":"A","model_b":"B","winner":"%s","judge":"%s","turn":1,"anony":true,"language":"English",' "$1" "$2"
		printf '"conversation_a":[%s,%s],' "$(turn user hi)" "$(turn assistant "from a")"
		printf '"conversation_b":[%s,%s]}\n' "$(turn user hi)" "$(turn assistant "from b")"
	}
	{ vote model_a arena_user_1; vote model_b arena_user_2; vote tie u; vote "tie (bothbad)" u; vote tie u; } >votes.jsonl
	run --separate-stderr sm-import arena votes.jsonl
	[ "$status" -eq 0 ]
	[ "$(jq -r "select(.type == \"pair\") | $texts" <<<"$output")" = "arena_user_1 | q1 | hi | from a | from b
arena_user_2 | q1 | hi | from b | from a" ]
	holds - '.[1] | .chosen_model == "B" and .rejected_model == "A" and .dataset == "arena" and .language == "English"' \
		'.[-1] | .rows == 5 and .records == 2 and .bad == 0 and .dropped == {tie: 2, "tie (bothbad)": 1}' <<<"$output"
	[[ $stderr == *"left out: 2 tie (first: votes.jsonl:3), 1 tie (bothbad) (first: votes.jsonl:4)" ]]
}

@test "arena: conversations that are no replies to the same user are told" {
	echo '{"winner":"model_a","conversation_a":"x","conversation_b":"y","judge":"j"}' >votes.jsonl
	run --separate-stderr sm-import arena votes.jsonl
	[ "$status" -eq 1 ]
	[[ $output != *'"type":"pair"'* ]]
	[[ $stderr == *"votes.jsonl:1: the conversations differ in what the user says"* ]]
}

@test "arena: MT-bench's second turns go apart after what both have in common; a first turn's vote ends there" {
	jq -nc '{question_id: 81, model_a: "A", model_b: "B", winner: "model_a", judge: "author_2", turn: (1, 2),
		conversation_a: [{role: "user", content: "q1"}, {role: "assistant", content: "a1"}, {role: "user", content: "q2"}, {role: "assistant", content: "a2"}],
		conversation_b: [{role: "user", content: "q1"}, {role: "assistant", content: "b1"}, {role: "user", content: "q2"}, {role: "assistant", content: "b2"}]}' >votes.jsonl
	[ "$(pairs arena votes.jsonl | jq -r "$texts")" = "author_2 | 81 | q1 | a1 | b1
author_2 | 81 | q1 | a1+q2+a2 | b1+q2+b2" ]
}

@test "wildfeedback: each chosen reply against each rejected one of its turn, rows of a user from last to first" {
	row() {
		printf '{"user_id":"%s","conversation_hash":"%s","contents":%s}\n' "$1" "$2" "${3//$'\n'/ }"
	}
	item() {
		printf '{"turn":%s,"role":"%s","content":"%s"%s}' "$1" "$2" "$3" "${4:+,\"chosen\":\"$4\"}"
	}
	{
		row u1 late "[$(item 0 user q1),$(item 0 assistant bad False),$(item 0 assistant good True)]"
		row u1 early "[$(item 0 user q1),$(item 0 assistant r1 False),$(item 0 assistant c1 True),$(item 0 assistant r2 False),$(item 0 assistant c2 True),
			$(item 1 user q2),$(item 1 assistant c3 True),$(item 1 assistant r3 False),$(item 2 user q3),$(item 2 assistant only True)]"
		row u2 other "[$(item 0 user q),$(item 0 assistant r False),$(item 0 assistant c True)]"
	} >rows.jsonl
	run --separate-stderr sm-import wildfeedback rows.jsonl
	[ "$status" -eq 0 ]
	cat >expected <<-'END'
		u1 | early | q1 | c1 | r1
		u1 | early | q1 | c1 | r2
		u1 | early | q1 | c2 | r1
		u1 | early | q1 | c2 | r2
		u1 | early | q1+c1+q2 | c3 | r3
		u1 | late | q1 | good | bad
		u2 | other | q | c | r
	END
	jq -r "select(.type == \"pair\") | $texts" <<<"$output" | diff - expected
	[[ $stderr == *"left out: 1 questions without a chosen and a rejected reply (first: "*")" ]]
}

@test "wildfeedback: the published pairs of conversations, chosen and rejected; other columns stay" {
	cat >rows.json <<-'END'
		[{"conversations":[{"from":"human","value":"q1"},{"from":"gpt","value":"a1"},{"from":"human","value":"q2"}],
			"chosen":{"from":"gpt","value":"yes"},"rejected":{"from":"gpt","value":"no"},"model":"gpt-4"},
		{"conversations":[{"from":"human","value":"q3"}],"chosen":{"from":"gpt","value":"y"},"rejected":{"from":"gpt","value":"n"}}]
	END
	run --separate-stderr sm-import wildfeedback --user ann rows.json
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ "$(jq -r "select(.type == \"pair\") | $texts" <<<"$output")" = "ann | - | q1+a1+q2 | yes | no
ann | - | q3 | y | n" ]
	jq -es '.[0].model == "gpt-4" and .[0].dataset == "wildfeedback" and .[0].context[1].role == "assistant"' <<<"$output"
	echo '{"user_id":"u","model":"gpt-4","timestamp":7,"contents":[{"turn":0,"role":"user","content":"q"},{"turn":0,"role":"assistant","content":"c","chosen":"True"},
		{"turn":0,"role":"assistant","content":"r","chosen":"False"}]}' | tr -d '\n' >row.jsonl
	sm-import -q wildfeedback row.jsonl | holds - '.[0] | .model == "gpt-4" and .timestamp == 7 and .turn == 0'
}

@test "rewardbench: prompt, chosen and rejected, as texts or turns, the prompt in the replies or not" {
	cat >rows.jsonl <<-END
		{"prompt":"q","chosen":"a","chosen_model":"m","rejected":"b","rejected_model":"n","subset":"alpacaeval-easy","id":17}
		{"prompt":[$(turn user q),$(turn assistant r),$(turn user s)],"chosen":"a","rejected":"b","id":18}
		{"prompt":"q","chosen":[$(turn user q),$(turn assistant a)],"rejected":[$(turn user q),$(turn assistant b)]}
	END
	cat >expected <<-'END'
		user | 17 | q | a | b
		user | 18 | q+r+s | a | b
		user | - | q | a | b
	END
	pairs rewardbench rows.jsonl >out.jsonl
	jq -r "$texts" out.jsonl | diff - expected
	jq -es '.[0].subset == "alpacaeval-easy" and .[0].chosen_model == "m" and .[0].dataset == "rewardbench" and (.[0] | has("prompt") | not)' out.jsonl
	# who chose is not in them
	pairs rewardbench --user reader rows.jsonl | holds - 'map(.user_id) | unique == ["reader"]'
}

@test "csv: quotes, commas and newlines in cells, a byte order mark, CRLF, blank lines" {
	printf '\xef\xbb\xbfuser,prompt,chosen,rejected,split,note\r\nu1,"hi, ""you""\nthere",yes,no,train,\r\n\r\nu2,5" wide,"a\r\nb","",test,x\r\n' >t.csv
	printf 'u3,q,c,"[{""role"":""model"",""content"":""json""}]",,' >>t.csv
	run --separate-stderr sm-import csv t.csv
	[ "$status" -eq 1 ] # the empty reply
	[[ $stderr == *'t.csv:5: the cell of `rejected` is empty'* ]]
	jq -es '.[0].user_id == "u1" and .[0].context[0].content == "hi, \"you\"\nthere" and .[0].split == "train" and .[0].note == ""
		and .[1].user_id == "u3" and .[1].rejected == {role: "assistant", content: "json"} and (.[1] | has("split") | not)' <<<"$output"
}

@test "csv: columns are named, several at once, and a name that is not there is told" {
	printf 'question,good,bad,who\nq,g,b,w\n' >t.csv
	sm-import -q csv --columns chosen=good,rejected=bad --columns user_id=who t.csv >out.jsonl
	[ "$(head -n 1 out.jsonl | jq -r "$texts")" = "w | - | q | g | b" ]
	# what was renamed is in the run record
	holds out.jsonl 'length == 2' '.[-1].columns == {chosen: "good", rejected: "bad", user_id: "who"}'
	# exchanged, not chained
	printf 'context,chosen,rejected\nq,b,g\n' >t.csv
	[ "$(pairs csv --columns chosen=rejected,rejected=chosen t.csv | jq -r "$texts")" = "user | - | q | g | b" ]
	run --separate-stderr sm-import csv --columns chosen=best t.csv
	[ "$status" -eq 1 ]
	[[ $stderr == *'t.csv:2: column `best` (of --columns) is missing'*"the row has: chosen, context, rejected"* ]]
	run --separate-stderr sm-import csv --columns chosen t.csv
	[ "$status" -eq 2 ]
	[[ $stderr == *"--columns chosen: not TO=FROM; "* ]]
	# other formats too
	echo '{"q":"q","chosen":"a","rejected":"b"}' | sm-import -q rewardbench --columns prompt=q | jq -es '.[0].context[0].content == "q"'
}

@test "csv: a first character that only begins like a byte order mark is kept, mark or none" {
	printf '（p）,chosen,rejected\nq,g,b\n' >t.csv # its first byte is the mark's
	printf '\xef\xbb\xbf' | cat - t.csv >marked.csv
	# standard input's mark comes in pieces
	{ printf '\xef\xbb'; sleep 0.2; printf '\xbf'; cat t.csv; } | pairs csv --columns 'prompt=（p）' - t.csv marked.csv >out.jsonl
	[ "$(jq -r "$texts" out.jsonl | uniq -c | xargs)" = "3 user | - | q | g | b" ]
}

@test "csv: the header says what stands between the cells, as the spreadsheets of many countries write it" {
	printf '\xef\xbb\xbf"user";prompt;good;bad\r\nanna;"Hello; you, there";"a ""b"" c";d\r\n' >t.csv
	pairs csv --columns user_id=user,chosen=good,rejected=bad t.csv >out.jsonl
	[ "$(jq -r "$texts" out.jsonl)" = 'anna | - | Hello; you, there | a "b" c | d' ]
	printf 'prompt\tchosen\trejected\nq, r; s\tg\tb\n' >tabs.csv
	printf 'prompt,"chosen",rejected\nq; r,g,b\n' >commas.csv
	# what Excel is told with, in a line before the header
	for c in ';' ',' '|'; do
		printf 'sep=%s\r\nprompt%schosen%srejected\r\nq%sg%sb\r\n' "$c" "$c" "$c" "$c" "$c" >"sep$c.csv"
	done
	pairs csv tabs.csv commas.csv 'sep;.csv' sep,.csv 'sep|.csv' >out.jsonl
	jq -r "$texts" out.jsonl | diff - <(cat <<-'END'
		user | - | q, r; s | g | b
		user | - | q; r | g | b
		user | - | q | g | b
		user | - | q | g | b
		user | - | q | g | b
	END
	)
}

@test "tsv" {
	printf 'context\tchosen\trejected\nq, r\tg\t"b\tc"\n' >t.tsv
	[ "$(pairs tsv t.tsv | jq -r "$texts")" = "user | - | q, r | g | b	c" ]
}

@test "csv: rows with other counts of cells and wrong quotes are told with their line, the others go on" {
	printf 'prompt,chosen,rejected\nq1,a\nq2,a,b\nq3,a,b,c\n"q"4,a,b\nq5,"a\n",b\nq6,a,b\n' >t.csv
	run --separate-stderr sm-import csv t.csv
	[ "$status" -eq 1 ]
	holds - '.[:-1] | map(.context[0].content) == ["q2", "q5", "q6"]' <<<"$output"
	[[ $stderr == *"t.csv:2: 2 cells, but the header names 3 columns; "* ]]
	[[ $stderr == *"t.csv:4: 4 cells, but the header names 3 columns; "* ]]
	[[ $stderr == *"t.csv:5: something stands behind the closing quote of a cell"* ]]
	# what the reader alone tells; a small format starts at once
	echo 'def reads: "csv"; def pairs: {context: [{role: "user", content: .prompt}], chosen, rejected};' >table.jq
	printf 'prompt,chosen,rejected\nq1,a,b\nq2,"open,b\nq3,a,b\n' >t.csv
	run --separate-stderr sm-import --map table.jq t.csv
	[ "$status" -eq 3 ]
	[[ $stderr == *"t.csv:3: the quote that opens here is never closed: the file is not read from here to its end in line 5; close it"* ]]
	[ "$(grep -c '"pair"' <<<"$output")" -eq 1 ]
	printf 'a,b,a\n1,2,3\n' >t.csv
	run --separate-stderr sm-import --map table.jq t.csv
	[ "$status" -eq 3 ]
	[[ $stderr == *'two columns are called "a"; rename one of them'* ]]
	printf 'prompt,chosen,rejected\nq1,\xff,b\nq2,a\0,b\nq3,a,b\n' >t.csv
	run --separate-stderr sm-import --map table.jq t.csv
	[ "$status" -eq 1 ]
	[[ $stderr == *"t.csv:2: invalid UTF-8; "*"t.csv:3: NUL byte; "* ]]
}

@test "bad rows are told with file, line and remedy, counted, and the rest is done" {
	jq -c 'select(.user_id == "brief")' "$prefs" | head -n 3 >good.jsonl
	{
		sed -n 1p good.jsonl
		echo 'no json'
		echo
		echo '[1]'
		echo '{"context":[{"content":"no role"}],"chosen":"a","rejected":"b"}'
		echo '{"context":"q","chosen":[],"rejected":"b"}'
		echo '{"user_id":{},"context":"q","chosen":"a","rejected":"b"}'
		echo '{"user_id":1.5,"context":"q","chosen":"a","rejected":"b"}'
		sed -n 2,3p good.jsonl
	} >mixed.jsonl
	run --separate-stderr sm-import rows mixed.jsonl
	[ "$status" -eq 1 ]
	[ "$(grep -c '"type":"pair"' <<<"$output")" -eq 3 ]
	for n in 2 4 5 6 7 8; do
		grep -q "^sm-import: mixed.jsonl:$n: ." <<<"$stderr" || { echo "$n: $stderr"; false; }
	done
	[[ $stderr == *"3 records of 9 rows, 6 problems" ]]
	holds - '.[-1] | .type == "run" and .format == "rows" and .rows == 9 and .records == 3 and .bad == 6' <<<"$output"
}

@test "integers of any length stay as they are" {
	echo '{"user_id":12345678901234567890,"conversation_id":-9007199254740993,"n":123,"x":{"y":1},"context":"q","chosen":"a","rejected":"b"}' >t.jsonl
	sm-import -q rows t.jsonl | head -n 1 >out
	grep -q '"user_id":"12345678901234567890","conversation_id":"-9007199254740993"' out
	jq -e '.n == 123 and .x.y == 1' out
}

@test "of members with one name the last counts, whatever the others were" {
	pair='"context":"q","chosen":"a","rejected":"b"'
	cat >t.jsonl <<-END
		{"row":{"x":12345678901234567},"row":5,$pair}
		{"row":5,"row":{"x":12345678901234567},$pair}
		{"row":{"x":12345678901234567},"row":{"x":1,"y":12345678901234568},$pair}
		{"n":12345678901234567,"n":"short",$pair}
		{"n":12345678901234567,"n":12345678901234568,"n":1.5,$pair}
		{"n":1,"\u006e":12345678901234567,$pair}
		{"row_idx":0,"row":7,"row":{"n":12345678901234567,$pair}}
	END
	pairs rows t.jsonl | jq -c '[.row, .n]' >out
	diff out - <<-'END'
		[5,null]
		[{"x":"12345678901234567"},null]
		[{"x":1,"y":"12345678901234568"},null]
		[null,"short"]
		[null,1.5]
		[null,"12345678901234567"]
		[null,"12345678901234567"]
	END
}

@test "a row's number is a whole one, or the row is taken as it is" {
	for number in 1e300 1e999 -1 0.5 '"1"'; do
		echo "{\"row_idx\":$number,\"row\":{\"a\":1},\"context\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\"}"
	done >t.jsonl
	pairs rows t.jsonl | holds - 'map(.row.a) == [1, 1, 1, 1, 1]'
}

@test "files with a byte order mark, joined by cat" {
	printf '\xef\xbb\xbf{"n":12345678901234567,"context":"q","chosen":"a","rejected":"b"}\n' >t.jsonl
	cat t.jsonl t.jsonl | sm-import -q rows >out.jsonl
	holds out.jsonl '.[:-1] | map(.n) == ["12345678901234567", "12345678901234567"]'
}

@test "an array: bad elements are told by line, a cut file is, so is what stands behind" {
	pair='{"context":"q","chosen":"a","rejected":"b"}'
	printf '[\n%s,\n{"context":1},\n,%s]\n' "$pair" "$pair" >t.json
	run --separate-stderr sm-import rows t.json
	[ "$status" -eq 1 ]
	[ "$(grep -c '"pair"' <<<"$output")" -eq 2 ]
	[[ $stderr == *"t.json:3: column \`chosen\` (or \`first\`) is missing"*"t.json:4: nothing between two commas"* ]]
	printf '[%s,\n%s,\n{"context":"q","cho' "$pair" "$pair" >t.json
	run --separate-stderr sm-import rows t.json
	[ "$status" -eq 3 ]
	[ "$(grep -c '"pair"' <<<"$output")" -eq 2 ]
	[[ $stderr == *"t.json:3: the array does not end: the file is cut off"* ]]
	printf '[%s]\n%s\n' "$pair" "$pair" >t.json
	run --separate-stderr sm-import rows t.json
	[ "$status" -eq 3 ]
	[ "$(grep -c '"pair"' <<<"$output")" -eq 1 ]
	[[ $stderr == *"t.json:2: something stands behind the end of the array"* ]]
	printf '[ ]' | sm-import -q rows | holds - 'length == 1 and .[0].rows == 0'
}

@test "a file of another format: which column is missing, what it looks like, what there is; then it is left" {
	jq -nc 'range(12) | {prompt: "q\(.)", chosen: "a", rejected: "b"}' >rb.jsonl
	run --separate-stderr sm-import arena rb.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *'rb.jsonl:1: column `winner` is missing, which format arena needs; the row has: chosen, prompt, rejected; it looks like '*rewardbench*'; give another format (sm-import --guess FILE tells which fits, --list what there is), or say which column is which, as in sm-import votes --columns '* ]]
	[[ $stderr == *"rb.jsonl:2: column \`winner\` is missing"* ]]
	[[ $stderr == *"rb.jsonl: none of the first 10 rows fits format arena: the rest is not read; "* ]]
	[[ $stderr != *rb.jsonl:11:* ]]
	# one good row, and the others are bad rows like any
	{ echo '{"context":"q","chosen":"a","rejected":"b"}'; sed 's/prompt/asked/' rb.jsonl; } >mixed.jsonl
	run --separate-stderr sm-import rows mixed.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"mixed.jsonl:13: column \`context\` (or "*") is missing"*"1 records of 13 rows, 12 problems" ]]
	# the next file is read
	run --separate-stderr sm-import rewardbench "$prefs" rb.jsonl
	[ "$(grep -c '"pair"' <<<"$output")" -eq 48 ] # context is one of the prompt's names
	head -c 100000 /dev/urandom | tr '\0' '\n' >binary
	run --separate-stderr sm-import rows binary
	[ "$status" -eq 3 ]
	[[ $stderr == *"binary: none of the first 10 rows fits format rows"* ]]
}

@test "--map: a program of one's own, with the common functions, groups, counts and problems" {
	cat >own.jq <<-'END'
		# My votes.
		def columns: ["who", ["asked", "said"]];
		def group: .who;
		def pairs:
		  .[] | if .best == null then {dropped: "undecided"}
		    elif .best > 1 then {problem: "best is \(.best)", row: 1}
		    else {user_id: .who, context: (first_of(["asked", "said"]) | turns), chosen: (.replies[.best] | reply), rejected: (.replies[1 - .best] | reply)} end;
	END
	cat >votes.jsonl <<-'END'
		{"who": 7, "asked": "q1", "replies": ["r0", "r1"], "best": 1}
		{"who": 7, "said": "q2", "replies": ["r0", "r1"]}
		{"who": 7, "said": "q2", "replies": ["r0", "r1"], "best": 3}
		{"who": 8, "replies": ["r0", "r1"], "best": 0}
	END
	run --separate-stderr sm-import --map own.jq votes.jsonl
	[ "$status" -eq 1 ]
	[ "$(jq -r "select(.type == \"pair\") | $texts" <<<"$output")" = "7 | - | q1 | r1 | r0" ]
	[[ $stderr == *"votes.jsonl:2: best is 3"* ]]
	[[ $stderr == *'votes.jsonl:4: column `asked` (or `said`) is missing'* ]]
	[[ $stderr == *"left out: 1 undecided (first: votes.jsonl:"*")" ]]
	# tables by a program of one's own
	printf 'def reads: "csv"; def pairs: {context: [{role: "user", content: .a}], chosen: .b, rejected: .c};' >t.jq
	[ "$(printf 'a,b,c\nq,x,y\n' | sm-import -q --map t.jq | jq -c 'select(.type == "pair") | [.chosen, .rejected]')" = '["x","y"]' ]
}

@test "--map: what is no entry point is a name like any other; an entry point that gives nothing is told by its name" {
	for name in plain description sm_entry names; do
		printf 'def %s: gsub("<[^>]*>"; ""); def pairs: {context: [{role: "user", content: (.p | %s)}], chosen: .c, rejected: .r};' $name $name >own.jq
		[[ $(echo '{"p":"<b>Hi</b>","c":"x","r":"y"}' | pairs --map own.jq) == *'"content":"Hi"'* ]]
	done
	for name in columns known reads; do
		echo "def $name: empty; def pairs: .;" >own.jq
		run -3 --separate-stderr sm-import --map own.jq "$prefs"
		[[ $stderr == "sm-import: own.jq: \`$name\` is not "* ]]
	done
}

@test "--map: what is wrong with a program is told with its line; it sees neither keys nor files" {
	printf 'def pairs:\n  {context: }\n;\n' >bad.jq
	run --separate-stderr sm-import --map bad.jq "$prefs"
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-import: bad.jq: "*"syntax error"*"line 2"*"see sm-import(1)"* ]]
	echo 'def nothing: 1;' >bad.jq
	run --separate-stderr sm-import --map bad.jq "$prefs"
	[ "$status" -eq 3 ]
	[[ $stderr == *"bad.jq: "*"pairs/0 is not defined"* ]]
	run --separate-stderr sm-import --map nowhere.jq "$prefs"
	[ "$status" -eq 3 ]
	[[ $stderr == *"nowhere.jq: no such file; "* ]]
	export SM_API_KEY=sk-never-to-be-seen
	mkdir home
	echo 'def from_home: ( an error if it is read' >home/.jq
	echo 'def pairs: {context: [{role: "user", content: ([env, $ENV] | tojson)}], chosen: "a", rejected: "b"};' >spy.jq
	[ "$(head -n 1 "$prefs" | HOME=$PWD/home sm-import -q --map spy.jq | jq -r 'select(.type == "pair").context[0].content')" = '[{},{}]' ]
	echo 'def pairs: empty;' >silent.jq
	run --separate-stderr sm-import --map silent.jq "$prefs"
	[ "$status" -eq 1 ]
	[[ $stderr == *"prefs.jsonl:1: nothing to make a pair of: row skipped; "* ]]
	echo 'def pairs: 1, {context: "no list", chosen: "a", rejected: "b"};' >wrong.jq
	run --separate-stderr sm-import --map wrong.jq "$prefs"
	[ "$status" -eq 1 ]
	[[ $stderr == *"prefs.jsonl:1: the format makes something that is no object"*"prefs.jsonl:1: \`context\` is not a list of turns"* ]]
}

@test "--list and --show: what there is, each as it could be given to --map" {
	[ "$(sm-import --list | awk '{print $1}' | paste -sd ' ')" = \
		"$(cd "$top/lib/formats" && printf '%s\n' *.jq | LC_ALL=C sort | sed '/^common/d; s/\.jq$//' | paste -sd ' ')" ]
	sm-import --list | awk 'NF < 5 {exit 1}'
	for format in arena prism rows; do
		sm-import --show "$format" >own.jq
		cmp own.jq "$top/lib/formats/$format.jq"
	done
	sm-import --show rows >own.jq
	cmp <(sm-import -q --map own.jq "$prefs" | grep '"pair"') <(sm-import -q rows "$prefs" | grep '"pair"')
	sm-import --show common | grep -q 'def reply:'
	sm-import --show common-columns | grep -q 'def flat:'
	run --separate-stderr sm-import --show nonsense
	[ "$status" -eq 2 ]
	[[ $stderr == *"no format is called nonsense; there are: alpacaeval, "*"; sm-import --list"* ]]
	run --separate-stderr sm-import
	[ "$status" -eq 2 ]
	[[ $stderr == *"no format is named; there are: alpacaeval, "* ]]
}

@test "memory follows a row, not the file: an array of 60 MB on one line" {
	row="{\"context\":\"q\",\"chosen\":\"$(printf '%060000d' 0)\",\"rejected\":\"b\"}"
	{ printf '['; yes "$row" | head -n 1000 | paste -sd ,; } | tr '\n' ']' >big.json
	python3 - >peak <<-'END'
		import resource, subprocess
		subprocess.run(["sm-import", "-q", "rows", "big.json"], stdout=open("out.jsonl", "wb"), check=True)
		print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
	END
	[ "$(grep -c '^{"type":"pair",' out.jsonl)" -eq 1000 ]
	[[ $B == *asan ]] || [ "$(<peak)" -lt 40000 ]
}

@test "a row of over 64 MiB is told, and the next one is read" {
	{
		printf '{"context":"q","chosen":"'
		head -c 65M /dev/zero | tr '\0' x
		printf '","rejected":"b"}\n{"context":"q","chosen":"a","rejected":"b"}\n'
	} >big.jsonl
	run --separate-stderr sm-import rows big.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"big.jsonl:1: row is longer than 64 MiB: skipped; "* ]]
	[ "$(grep -c '"pair"' <<<"$output")" -eq 1 ]
}

@test "a column that is slightly misspelt, of the row or of --columns: did you mean" {
	printf 'promt,chosen,rejected\nx,a,b\n' >a.csv
	run --separate-stderr sm-import csv a.csv
	[ "$status" -eq 1 ]
	[[ $stderr == *'did you mean `promt`? Then give --columns prompt=promt; else give another format'* ]]
	sm-import -q csv --columns prompt=promt a.csv | holds - '.[0].context[0].content == "x"'
	run --separate-stderr sm-import csv --columns context=prompt a.csv
	[[ $stderr == *'`prompt` (of --columns) is missing'*'did you mean `promt`? Else give'* ]]
	run --separate-stderr sm-import csv --columns context=nothing a.csv
	[[ $stderr != *"did you mean"* ]]
	run --separate-stderr sm-import cvs a.csv
	[ "$status" -eq 2 ]
	[[ $stderr == *"no format is called cvs, did you mean csv?"* ]]
}

@test "rows and tables of two replies between which nobody has chosen: first and second" {
	printf 'prompt,answer_1,answer_2,note\nx,a,b,n\n' >a.csv
	run --separate-stderr sm-import csv a.csv
	[ "$status" -eq 1 ]
	[[ $stderr == *'give --columns first=answer_1,second=answer_2; else give another format'* ]]
	sm-import -q csv --columns first=answer_1,second=answer_2 a.csv |
		holds - '.[0] | .first.content == "a" and .second.content == "b" and (has("chosen") | not) and .note == "n" and .context[0].content == "x"'
	printf 'prompt\tfirst\tsecond\nx\ta\tb\n' >a.tsv
	sm-import -q tsv a.tsv | holds - '.[0] | .first.content == "a" and .second.content == "b"'
	# who has chosen goes before
	echo '{"context": "x", "chosen": "c", "rejected": "r", "first": "a", "second": "b"}' >a.jsonl
	echo '{"context": "x", "first": "a"}' >half.jsonl
	echo '{"context": "x", "first": "a", "rejected": "b"}' >mixed.jsonl
	run --separate-stderr sm-import rows a.jsonl half.jsonl mixed.jsonl
	[ "$status" -eq 1 ]
	holds - 'length == 2' '.[0].chosen.content == "c" and .[0].first == "a"' <<<"$output"
	[[ $stderr == *'half.jsonl:1: column `rejected` (or `second`) is missing'*"mixed.jsonl:1: "* ]]
}
