load helper

# row USER N [MEMBERS]: a raw row of which nothing is settled; MEMBERS begin with a comma.
row() {
	printf '{"user_id":"%s","n":%s,"context":[{"role":"user","content":"Q"}],"chosen":"good","rejected":"bad"%s}\n' \
		"$1" "$2" "${3-}"
}

# rows USER COUNT [MEMBERS]
rows() {
	seq 0 $(($2 - 1)) | sed "s|.*|$(row "$1" '&' "${3-}")|"
}

# Fields of the pairs on stdin, a line each.
pairs() {
	jq -c "select(.type == \"pair\") | $1"
}

# The splits of the pairs on stdin by their first letters, in order: tttv.
letters() {
	sed -nE '/^\{"type":"pair"/ {s/^\{"type":"pair","user_id":"[^"]*","index":[0-9]+,"split":"([a-z]+)".*/\1/; s/train/t/; s/val/v/; s/test/T/; p}' | tr -d '\n'
}

# The counts of the run record on stdin.
counts() {
	sed -nE '$s/^\{"type":"run",.*,"users":([0-9]+),"pairs":([0-9]+),"train":([0-9]+),"val":([0-9]+),"test":([0-9]+),.*/[\1,\2,\3,\4,\5]/p'
}

# blames LINE MESSAGE: the wrong line is told with its place; told_all asks that of all of them.
blames() {
	printf '%s\n' "$1" >>wrong.jsonl
	printf '%s\n' "$2" >>messages.txt
}

# Each wrong line is told once, in its place, and the lines around them are handled.
told_all() {
	local place=2 message
	{ row a 0; cat wrong.jsonl; row a 1; } >in.jsonl
	run --separate-stderr sm-split in.jsonl
	[ "$status" -eq 1 ] || { echo "status $status"; return 1; }
	while IFS= read -r message; do
		[[ ${stderr_lines[place - 2]} == "sm-split: in.jsonl:$place: $message"* ]] || { sed -n "${place}p" in.jsonl; echo "$message: $stderr"; return 1; }
		place=$((place + 1))
	done <messages.txt
	[ ${#stderr_lines[@]} -eq $((place - 2)) ] || { echo "$stderr"; return 1; }
	[ "$(pairs '[.user_id, .index, .n, .split]' <<<"$output")" = \
'["a",0,0,"train"]
["a",1,1,"val"]' ] || { echo "$output"; return 1; }
	[ ${#lines[@]} -eq 3 ]
}

@test "of a user's pairs the first 0.7 are train, the others val, in their order" {
	rows a 10 >in.jsonl
	run --separate-stderr sm-split in.jsonl
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ "$(letters <<<"$output")" = tttttttvvv ]
	[ "$(pairs .n <<<"$output" | paste -sd ' ')" = "0 1 2 3 4 5 6 7 8 9" ]
	[ "$(rows a 2 | sm-split | letters)" = tv ]
	[ "$(rows a 3 | sm-split | letters)" = ttv ]
	[ "$(rows a 4 | sm-split | letters)" = ttvv ]
	[ "$({ rows a 5; rows b 3; } | sm-split | letters)" = tttvvttv ]
}

@test "--ratio is the share to learn from" {
	[ "$(rows a 5 | sm-split --ratio 0.5 | letters)" = ttvvv ]
	[ "$(rows a 5 | sm-split -q --ratio 0 | letters)" = vvvvv ]
	[ "$(rows a 5 | sm-split -q --ratio=1 | letters)" = ttttt ]
}

@test "--test holds out the last pairs of each user, a number or a share of them" {
	[ "$({ rows a 6; rows b 4; } | sm-split --test 2 | letters)" = ttvvTTtvTT ]
	[ "$({ rows a 10; rows b 5; } | sm-split --test 0.2 | letters)" = tttttvvvTTttvvT ]
	[ "$(rows a 4 | sm-split --test 0.2 | letters)" = ttvv ]
	[ "$(rows a 10 | sm-split --test 1 | letters)" = ttttttvvvT ]
	[ "$(rows a 3 | sm-split -q --test 5 | letters)" = TTT ]
}

@test "--test and --ratio together: the ratio is of what is not held out" {
	[ "$(rows a 12 | sm-split --test 2 --ratio 0.5 | letters)" = tttttvvvvvTT ]
}

@test "--group puts pairs with the same value where the first of them is" {
	for c in 1 2 2 3 3; do row a 0 ",\"c\":$c"; done >in.jsonl
	[ "$(sm-split <in.jsonl | letters)" = tttvv ]
	[ "$(sm-split --ratio 0.4 <in.jsonl | letters)" = ttvvv ]
	[ "$(sm-split --ratio 0.4 --group c <in.jsonl | letters)" = tttvv ]
	[ "$(sm-split --ratio 0.8 --group c <in.jsonl | letters)" = ttttt ]
	[ "$(sm-split --test 1 --group c <in.jsonl | letters)" = tttvv ]
	[ "$(sm-split --test 2 --group c <in.jsonl | letters)" = tttTT ]
}

@test "--group: values are equal as JSON, users are apart, pairs without the field are free" {
	{ row a 0 ',"c":{"x":1,"y":"é"}'; row a 1 ',"c":"1"'; row a 2 ',"c":{"y":"\u00e9", "x":1.0}'; row a 3 ',"c":1'; } >in.jsonl
	[ "$(sm-split --ratio 0.25 --group c <in.jsonl | letters)" = tvtv ]
	{ row a 0 ',"c":1'; row a 1 ',"c":2'; row b 0 ',"c":2'; row b 1 ',"c":1'; } >in.jsonl
	[ "$(sm-split --group c <in.jsonl | letters)" = tvtv ]
	[ "$(rows a 4 | sm-split --group c | letters)" = ttvv ]
}

@test "--group: a pair that came with its split draws none along" {
	{ row a 0 ',"c":1,"split":"test"'; row a 1 ',"c":1'; row a 2 ',"c":2'; row a 3 ',"c":1'; } >in.jsonl
	[ "$(sm-split --group c <in.jsonl | letters)" = Tttt ]
}

@test "--shuffle is Python's shuffle of each user's pairs" {
	for seed in 0 5 8999999999999999; do
		{ rows a 10; rows b 7; } | sm-split --shuffle $seed >$seed.jsonl
	done
	python3 - <<'PY'
import json, random
for seed in 0, 5, 8999999999999999:
    for user, count in ("a", 10), ("b", 7):
        expected = list(range(count))
        random.Random(seed).shuffle(expected)
        rows = [json.loads(line) for line in open(f"{seed}.jsonl")]
        rows = [r for r in rows if r["user_id"] == user]
        assert [r["n"] for r in rows] == expected, rows
        assert [r["index"] for r in rows] == list(range(count))
        assert [r["split"] for r in rows].count("train") == int(0.7 * count)
PY
	[ "$(rows a 10 | sm-split --shuffle 5 | pairs .n)" != "$(rows a 10 | sm-split --shuffle 6 | pairs .n)" ]
	[ "$(rows a 10 | sm-split --shuffle 0 | pairs .n)" != "$(rows a 10 | sm-split | pairs .n)" ]
}

@test "flip is Python's choice from Random(42), anew for train and val of each user" {
	{ rows a 20; rows b 5; } | sm-split --test 4 >out.jsonl
	python3 - <<'PY'
import json, random
rows = [r for r in map(json.loads, open("out.jsonl")) if r["type"] == "pair"]
for user in "a", "b":
    for split in "train", "val":
        got = [r["flip"] for r in rows if (r["user_id"], r["split"]) == (user, split)]
        if user == "a":
            assert len(got) > 4
        draw = random.Random(42)
        assert got == [draw.choice([True, False]) for _ in got], (user, split, got)
assert all("flip" not in r for r in rows if r["split"] == "test")
PY
}

@test "a row that has a split keeps it, and the others are divided without it" {
	{ row a 0 ',"split":"test"'; row a 1; row a 2 ',"split":"val"'; row a 3; row a 4; row a 5 ',"split":"train"'; row a 6; } >in.jsonl
	[ "$(sm-split <in.jsonl | letters)" = Ttvtvtv ]
	[ "$(sm-split --test 1 <in.jsonl | letters)" = TtvtvtT ]
}

@test "a row that has a flip keeps it, and none is drawn for it" {
	rows a 8 | sm-split | pairs .flip >drawn
	[ "$(head -n 3 drawn | paste -sd ' ')" = "true true false" ]
	{ row a 0 ',"flip":false'; rows a 7; } | sm-split | pairs .flip >got
	[ "$(head -n 4 got | paste -sd ' ')" = "false true true false" ]
	[ "$(row a 0 ',"flip":true,"split":"test"' | sm-split -q | pairs .flip)" = true ]
}

@test "where nobody has chosen a pair is for test, without flip, and not counted" {
	free='{"user_id":"a","context":[],"first":"x","second":"y"}'
	{ row a 0; echo "$free"; row a 1; row a 2; echo "${free%?},\"split\":\"val\"}"; } >in.jsonl
	[ "$(sm-split <in.jsonl | letters)" = tTtvv ]
	sm-split <in.jsonl | pairs 'select(.first) | [has("flip"), .first, .second]' >out
	[ "$(sort -u out)" = '[false,"x","y"]' ]
}

@test "index counts the pairs of each user from 0, whatever the rows say" {
	{ row a 0 ',"index":7'; row b 0; row a 1 ',"index":7'; row a 2; } | sm-split -q >out.jsonl
	[ "$(pairs '[.user_id, .index]' <out.jsonl | paste -sd ' ')" = '["a",0] ["a",1] ["a",2] ["b",0]' ]
	[ "$(grep -c -o '"index"' out.jsonl)" -eq 4 ]
}

@test "users whose lines are apart come together, in the order they first appeared" {
	{ row b 0; row a 0; row b 1; row c 0; row a 1; row b 2; } >in.jsonl
	run --separate-stderr sm-split -q in.jsonl
	[ "$status" -eq 0 ]
	[ "$(pairs '[.user_id, .n]' <<<"$output" | paste -sd ' ')" = \
		'["b",0] ["b",1] ["b",2] ["a",0] ["a",1] ["c",0]' ]
	# and so they are divided as if they had been together
	jq -cs 'sort_by(.user_id)[]' in.jsonl | sm-split -q | pairs . | sort >together
	pairs . <<<"$output" | sort | cmp - together
}

@test "the lines wait in TMPDIR, which is left empty" {
	mkdir spool
	TMPDIR=$PWD/spool sm-split "$prefs" >out.jsonl
	[ "$(pairs . <out.jsonl | wc -l)" -eq 36 ]
	[ -z "$(ls -A spool)" ]
	TMPDIR=$PWD/nowhere run --separate-stderr sm-split "$prefs"
	[ "$status" -eq 3 ]
	[ -z "$output" ]
	[ "$stderr" = "sm-split: cannot make a temporary file in $PWD/nowhere: No such file or directory; set TMPDIR to a folder that can be written" ]
}

# shellcheck disable=SC2016 # the inner shell expands it
@test "a temporary file that cannot be written is status 3, and no pair is lost in silence" {
	rows a 1000 >in.jsonl
	run --separate-stderr bash -c 'trap "" XFSZ; ulimit -f 8; sm-split in.jsonl | cat; exit "${PIPESTATUS[0]}"'
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-split: cannot write the temporary file: File too large; make room, or set TMPDIR to a folder that has it" ]]
	[ "$(counts <<<"$output")" = "[0,0,0,0,0]" ]
}

@test "memory is not for the whole input, whether users are apart or not" {
	case $BIN in *asan*) skip "the sanitizer keeps freed memory" ;; esac
	text=$(head -c 10000 /dev/zero | tr '\0' x)
	for i in {1..10}; do
		seq 0 399 | sed "s|.*|{\"user_id\":\"u&\",\"context\":[{\"role\":\"user\",\"content\":\"$text\"}],\"chosen\":\"a\",\"rejected\":\"b\"}|"
	done >in.jsonl
	python3 - <<'PY'
import os, resource, subprocess
subprocess.run(["sm-split", "-q", "in.jsonl"], stdout=open("out.jsonl", "wb"), check=True)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
assert peak < os.path.getsize("in.jsonl") * 0.7, peak
PY
	[ "$(counts <out.jsonl)" = "[400,4000,2800,1200,0]" ]
}

@test "--sorted gives the same, without a temporary file" {
	sm-split --test 2 <"$prefs" | sed '$d' >want
	TMPDIR=$PWD/nowhere sm-split --sorted --test 2 <"$prefs" | sed '$d' | cmp - want
	[ "$(wc -l <want)" -eq 36 ]
}

@test "--sorted gives a user away when the next one begins" {
	mkfifo in out
	sm-split --sorted <in >out 3>&- &
	exec 5>in 6<out
	jq -nc --arg text "$(head -c 70000 /dev/zero | tr '\0' x)" \
		'range(2) | {user_id: "a", context: [{role: "user", content: $text}], chosen: "x", rejected: "y"}' >&5
	row b 0 >&5
	IFS= read -r -t 30 first <&6
	[ "$(jq -r .user_id <<<"$first")" = a ]
	exec 5>&-
	[ "$(pairs .user_id <&6 | paste -sd ' ')" = '"a" "b"' ]
	exec 6<&-
	wait
}

@test "--sorted: a user that comes again is told, and the line left out" {
	{ row a 0; row a 1; row b 0; row b 1; row a 2; row b 2; } >in.jsonl
	run --separate-stderr sm-split --sorted in.jsonl
	[ "$status" -eq 1 ]
	[ "$stderr" = \
'sm-split: in.jsonl:5: user a came before; leave --sorted out: line dropped
sm-split: in.jsonl:6: user b came before; leave --sorted out: line dropped' ]
	[ "$(pairs '[.user_id, .n]' <<<"$output" | paste -sd ' ')" = '["a",0] ["a",1] ["b",0] ["b",1]' ]
}

@test "an integer user_id becomes a string, the same user as that string" {
	{ row x 0; row x 1; row x 2; } | sed 's/"x"/7/; 2s/7/"7"/; 3s/7/-12/' | sm-split -q >out.jsonl
	[ "$(pairs '[.user_id, .index]' <out.jsonl | paste -sd ' ')" = '["7",0] ["7",1] ["-12",0]' ]
}

@test "a row without user_id, or with null, is of --user, by default of user" {
	{ row x 0 | jq -c 'del(.user_id)'; row x 1 | jq -c '.user_id = null'; } >in.jsonl
	[ "$(sm-split in.jsonl | pairs '[.user_id, .index]' | paste -sd ' ')" = '["user",0] ["user",1]' ]
	[ "$(sm-split --user "Zoë" in.jsonl | pairs .user_id | sort -u)" = '"Zoë"' ]
	{ cat in.jsonl; row other 0; } | sm-split -q --user me | pairs .user_id | paste -sd ' ' | grep -qx '"me" "me" "other"'
}

@test "user names are kept whatever is in them" {
	row x 0 | jq -c --arg u $'a "b" \\ \t日本 \u0001' '.user_id = $u' | sm-split -q >out.jsonl
	[ "$(pairs .user_id <out.jsonl | jq -r .)" = $'a "b" \\ \t日本 \u0001' ]
	row '' 0 | sm-split -q | pairs .user_id | grep -qx '""'
}

@test "a foreign type becomes source_type, a pair stays one" {
	{ row a 0 ',"type":"preference"'; row a 1 ',"type":"pair"'; row a 2 ',"type":3'; row a 3 ',"type":"verdict"'; row a 4 ',"type":"x","source_type":"y"'; } |
		sm-split >out.jsonl
	[ "$(pairs '.source_type' <out.jsonl | paste -sd ' ')" = '"preference" null 3 "verdict" "y"' ]
	[ "$(pairs . <out.jsonl | wc -l)" -eq 5 ]
	[ "$(pairs 'select(.n == 1) | has("source_type")' <out.jsonl)" = false ]
	[ "$(sed -n 5p out.jsonl | grep -o '"source_type"' | wc -l)" -eq 1 ]
}

@test "other members follow in their order, byte for byte" {
	echo '{ "zebra" : 1.50e0, "user_id":"a","big":12345678901234567890, "context":[ {"role": "user","content":"\u00e9 é","time":"12:00"} ],"nested":{"b":1,  "a":[ ]},"chosen":[{"role":"assistant","content":"x"}],"split":"val","rejected":{"role":"assistant","content":"y"},"flip":true,"index":3,"conversation_id":"c" }' |
		sm-split -q >out.jsonl
	[ "$(head -n 1 out.jsonl)" = '{"type":"pair","user_id":"a","index":0,"split":"val","flip":true,"zebra":1.50e0,"big":12345678901234567890,"context":[ {"role": "user","content":"\u00e9 é","time":"12:00"} ],"nested":{"b":1,  "a":[ ]},"chosen":[{"role":"assistant","content":"x"}],"rejected":{"role":"assistant","content":"y"},"conversation_id":"c"}' ]
}

@test "a reply is a string, a turn or a list of turns" {
	for reply in '"x"' '{"role":"assistant","content":"x"}' '[{"role":"assistant","content":"x"},{"role":"user","content":"y"}]'; do
		echo "{\"user_id\":\"a\",\"context\":[],\"chosen\":$reply,\"rejected\":$reply}"
	done | sm-split >out.jsonl
	[ "$(pairs '.chosen | type' <out.jsonl | paste -sd ' ')" = '"string" "object" "array"' ]
}

@test "what it wrote it writes again, byte for byte" {
	sm-split --test 2 --shuffle 3 --group conversation_id <"$prefs" | sed '$d' >once
	sm-split <once | sed '$d' >twice
	cmp once twice
	sm-split --sorted --ratio 0.1 --test 5 <twice | sed '$d' >thrice
	cmp once thrice
	# pairs that are added leave those that were there alone
	{ cat once; rows brief 3; } | sm-split | pairs 'select(has("n") | not)' | cmp - <(jq -c . once)
	{ cat once; rows brief 3; } | sm-split | pairs 'select(has("n")) | [.index, .split]' | paste -sd ' ' |
		grep -qxF '[12,"train"] [13,"train"] [14,"val"]'
}

@test "two runs give the same bytes but for the run record" {
	sm-split --shuffle 1 "$prefs" | sed '$d' >one
	sm-split --shuffle 1 "$prefs" | sed '$d' | cmp - one
	[ "$(wc -l <one)" -eq 36 ]
}

@test "other records stay with their user, those of nobody come first, all byte for byte" {
	persona='{"type":"persona", "user_id":"a" ,"persona":"p"}'
	remark='{"type":"remark","user_id":"a", "n": 1.0}'
	nobody='{"type":"run","user_id": null,"program":"x"}'
	{ row b 0; row a 0; echo "$remark"; row a 1; echo "$nobody"; row b 1; echo "$persona"; } >in.jsonl
	sm-split in.jsonl >out.jsonl
	[ "$(jq -r .type out.jsonl | paste -sd ' ')" = "run pair pair pair remark pair persona run" ]
	[ "$(sed -n 1p out.jsonl)" = "$nobody" ]
	[ "$(sed -n 5p out.jsonl)" = "$remark" ]
	[ "$(sed -n 7p out.jsonl)" = "$persona" ]
	[ "$(pairs '[.user_id, .index]' <out.jsonl | paste -sd ' ')" = '["b",0] ["b",1] ["a",0] ["a",1]' ]
	# shuffling moves pairs alone
	sm-split --shuffle 2 in.jsonl | jq -r .type | paste -sd ' ' | grep -qx "run pair pair pair remark pair persona run"
}

@test "one run record ends the output: options, counts, time" {
	{ rows a 10; rows b 4; } | sm-split --test 1 --group c >out.jsonl
	[ "$(jq -r .type out.jsonl | uniq -c | tr -s ' ' | paste -sd ,)" = " 14 pair, 1 run" ]
	tail -n 1 out.jsonl | jq -e '.user_id == null and .program == "sm-split" and (.version | type) == "string"
		and .options.test == 1 and .options.group == "c" and .options.ratio == 0.7 and .options.user == "user"
		and (.options | has("sorted") or has("quiet") | not)
		and .users == 2 and .pairs == 14 and .train == 8 and .val == 4 and .test == 2 and .seconds >= 0'
	# the counts are those of the records
	[ "$(counts <out.jsonl)" = "$(jq -cs 'map(select(.type == "pair"))
		| [(map(.user_id) | unique | length), length] + ([("train", "val", "test") as $s | map(select(.split == $s)) | length])' out.jsonl)" ]
}

@test "a user of whom too little can be learned is named, and written; -q says nothing" {
	{ rows one 1; rows two 2; } >in.jsonl
	run --separate-stderr sm-split in.jsonl
	[ "$status" -eq 0 ]
	[ "$stderr" = "sm-split: user one: 0 train, 1 val and 0 test pairs: too few to learn from; 2 that are not held out are needed" ]
	[ "$(pairs '[.user_id, .split]' <<<"$output" | paste -sd ' ')" = '["one","val"] ["two","train"] ["two","val"]' ]
	run --separate-stderr sm-split -q in.jsonl
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	run --separate-stderr sm-split --test 1 in.jsonl
	[ "$status" -eq 0 ]
	[ "$stderr" = "sm-split: too few pairs to learn from: 2 of 2 users (one, two); 2 that are not held out are needed" ]
}

@test "an empty input gives a run record alone, and a remark" {
	for option in -q --sorted; do
		for input in '' $'\n' $' \t\n\r\n'; do
			printf '%s' "$input" >in.jsonl
			run --separate-stderr sm-split $option in.jsonl
			[ "$status" -eq 0 ]
			[ "$option: $stderr" = "-q: " ] || [ "$stderr" = "sm-split: no pairs in the input" ]
			[[ ${#lines[@]} -eq 1 && $output == '{"type":"run",'* ]]
			[ "$(counts <<<"$output")" = "[0,0,0,0,0]" ]
		done
	done
}

@test "blank lines, CRLF, a byte order mark and a missing last newline do no harm" {
	{ printf '\xef\xbb\xbf'; row a 0 | sed 's/$/\r/'; printf '\n  \r\n'; row a 1 | tr -d '\n'; } >in.jsonl
	run --separate-stderr sm-split in.jsonl
	[ "$status" -eq 0 ]
	[ "$(pairs .n <<<"$output" | paste -sd ' ')" = "0 1" ]
	[[ $output != *$'\r'* ]]
	cat in.jsonl <(echo) in.jsonl | sm-split -q >out.jsonl
	[ "$(jq -s 'map(select(.context and .chosen and .rejected)) | length' out.jsonl)" -eq 4 ]
	[ "$(grep -c $'\xef\xbb\xbf' out.jsonl)" -eq 0 ]
	{ row a 0; printf '\n\nwrong\n'; } >in.jsonl
	run --separate-stderr sm-split -q in.jsonl
	[[ $stderr == "sm-split: in.jsonl:4: "* ]]
}

@test "a line that is no JSON object is told, the rest is handled" {
	blames 'not JSON' 'not a JSON object; write one JSON object a line'
	blames '{"user_id":"a"' 'not valid JSON: '
	blames "$(row a 9) $(row a 9)" 'not valid JSON: '
	blames "{'user_id':'a'}" 'not valid JSON: '
	blames "$(row a 9 ',"x":[1,]')" 'not valid JSON: '
	blames '[1]' 'not a JSON object; write one JSON object a line, or let sm-import read another form'
	blames '"text"' 'not a JSON object; write one JSON object a line'
	blames null 'not a JSON object; write one JSON object a line'
	blames "$(row a 9 ",\"x\":$(printf '{"k":%.0s' {1..130})1$(printf '}%.0s' {1..130})")" 'not valid JSON: Exceeds depth limit'
	blames "$(row a 9 ",\"x\":$(printf '[%.0s' {1..300})$(printf ']%.0s' {1..300})")" 'not valid JSON: Exceeds depth limit'
	told_all
}

@test "a file that is one JSON value over several lines is told once, with what makes lines of it" {
	rows a 3 | jq -s . >array.json
	rows b 2 >lines.jsonl
	run --separate-stderr sm-split array.json lines.jsonl
	[ "$status" -eq 3 ]
	[ "$stderr" = "sm-split: array.json: a JSON array over several lines, of which nothing is read; let sm-import rows make lines of it" ]
	[ "$(pairs .user_id <<<"$output" | paste -sd ' ')" = '"b" "b"' ]
	rows a 2 | sed '1s/^/[/; 1s/$/,/; 2s/$/]/' >array.json
	run --separate-stderr sm-split <array.json
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-split: stdin: a JSON array over several lines, "* ]]
	row a 0 | jq . >object.json
	run --separate-stderr sm-split object.json
	[ "$status" -eq 3 ]
	[ "$stderr" = "sm-split: object.json: a JSON object over several lines, of which nothing is read; write one a line, with jq -c ." ]
	# an array in one line is a line like any other
	{ rows a 2 | jq -cs . && rows b 2; } >mixed.jsonl
	run --separate-stderr sm-split mixed.jsonl
	[ "$status" -eq 1 ]
	[ "$stderr" = "sm-split: mixed.jsonl:1: not a JSON object; write one JSON object a line, or let sm-import read another form; sm-import --guess mixed.jsonl tells which format this is" ]
}

@test "lines of another format are told where to go" {
	printf 'prompt,chosen,rejected\nq,a,b\n' >in.csv
	run --separate-stderr sm-split in.csv
	[ "$status" -eq 1 ]
	[[ ${stderr_lines[0]} == "sm-split: in.csv:1: not a JSON object; write one JSON object a line, or let sm-import read another form; sm-import --guess in.csv tells which format this is" ]]
	[[ ${stderr_lines[1]} != *--guess* ]]
	blames '{"user_id":"a"' 'not valid JSON: Unfinished JSON term at EOF; write one JSON value a line, as jq -c does'
	told_all
}

# shellcheck disable=SC2016 # the backquotes are the messages'
@test "a row without what a pair needs is told, with the field and where to read" {
	local fields='; see sm-records(5) for the fields of a record'
	local other='; see sm-records(5) for the fields of a record, or let sm-import read another form'
	context='`context` is not a list of turns, each with a string `role` and a string `content`'$other
	missing='`context` is missing'$other
	local filters=()
	spoil() { filters+=("($1)"); printf '%s\n' "$2" >>messages.txt; }
	spoil 'del(.context)' "$missing"
	spoil '.context = "Q"' "$context"
	spoil '.context = null' "$context"
	spoil '.context = {role: "user", content: "Q"}' "$context"
	spoil '.context = ["Q"]' "$context"
	spoil 'del(.context[0].role)' "$context"
	spoil 'del(.context[0].content)' "$context"
	spoil '.context[0].content = 1' "$context"
	spoil '.context += [{role: "user", content: null}]' "$context"
	spoil 'del(.chosen)' "\`chosen\` is missing from this pair$fields"
	spoil 'del(.rejected)' "\`rejected\` is missing from this pair$fields"
	spoil '.chosen = 1' "\`chosen\` is not a turn {role, content}, a list of turns or a string$fields"
	spoil '.chosen = null' "\`chosen\` is not a turn"
	spoil '.rejected = {role: "assistant"}' "\`rejected\` is not a turn"
	spoil '.rejected = ["x"]' "\`rejected\` is not a turn"
	spoil 'del(.chosen, .rejected) | .first = "x"' "\`second\` is missing from this pair$fields"
	spoil 'del(.chosen, .rejected) | .second = "x"' "\`first\` is missing from this pair$fields"
	spoil 'del(.chosen, .rejected)' '`'
	row a 9 | (IFS=,; jq -c "${filters[*]}") >wrong.jsonl
	blames '{}' "$missing"
	blames '{"type":"pair","user_id":"a"}' "$missing"
	told_all
}

# shellcheck disable=SC2016 # the backquotes are the messages'
@test "members of the wrong kind are told" {
	local fields='; see sm-records(5) for the fields of a record'
	for id in true '[]' '{}' 1.5; do
		blames "$(row x 9 | sed "s/\"x\"/$id/")" "\`user_id\` is neither a string nor an integer nor null$fields"
	done
	for value in '"dev"' '"Train"' null 1 '""'; do
		blames "$(row a 9 ",\"split\":$value")" "\`split\` is not \"train\", \"val\" or \"test\"$fields"
	done
	for value in -1 1.5 '"0"' null 2e9; do
		blames "$(row a 9 ",\"index\":$value")" "\`index\` is not a whole number from 0$fields"
	done
	for value in 1 '"true"' null; do
		blames "$(row a 9 ",\"flip\":$value")" "\`flip\` is not true or false$fields"
	done
	blames '{"type":5,"user_id":"a"}' "\`type\` is not a string$fields"
	told_all
}

@test "bytes that are no text are told, with their place and the remedy" {
	blames "$(printf '{"user_id":"\xff"}')" 'invalid UTF-8 at byte 13; convert the input to UTF-8, for example with iconv'
	blames "$(printf '{"user_id":"\xc0\xaf"}')" 'invalid UTF-8 at byte 13; '
	blames "$(printf '{"user_id":"\xed\xa0\x80"}')" 'invalid UTF-8 at byte 13; '
	blames "$(printf '{"user_id":"caf\xc3"}')" 'invalid UTF-8 at byte 16; '
	printf '{"user_id":"a\0b"}\n' >>wrong.jsonl
	echo 'NUL byte at column 14; remove the NUL byte' >>messages.txt
	told_all
}

@test "a line longer than 64 MiB is told and skipped, one that is not is read" {
	local most=$((64 << 20)) text
	long() { # LENGTH: a row of that many bytes
		text=$(row a 9 ',"x":""')
		printf '%s' "${text%??}"
		head -c $(($1 - ${#text})) /dev/zero | tr '\0' x
		printf '"}\n'
	}
	long $((most + 1)) >wrong.jsonl
	[ "$(wc -c <wrong.jsonl)" -eq $((most + 2)) ]
	echo 'line is longer than 64 MiB: skipped; split the record, or leave it out' >messages.txt
	told_all
	rm in.jsonl
	long $most | sm-split -q >out.jsonl
	[ "$(counts <out.jsonl)" = "[1,1,0,1,0]" ]
	# without a newline at its end, and as the last
	head -c $((most + 1)) /dev/zero | tr '\0' a >in.jsonl
	run --separate-stderr sm-split in.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == "sm-split: in.jsonl:1: line is longer than 64 MiB: skipped; "* ]]
}

@test "every wrong line is told, and a message names its file" {
	{ row a 0; echo x; } >one.jsonl
	{ echo; echo y; row a 1; echo z; } >two.jsonl
	run --separate-stderr sm-split one.jsonl - two.jsonl < <(echo w)
	[ "$status" -eq 1 ]
	[ "$(cut -d ' ' -f 2 <<<"$stderr" | paste -sd ' ')" = "one.jsonl:2: stdin:1: two.jsonl:2: two.jsonl:4:" ]
	[ "$(letters <<<"$output")" = tv ]
}

@test "several files are one stream, - is standard input, none is standard input" {
	row a 0 >one.jsonl
	row a 2 >two.jsonl
	row a 1 | sm-split one.jsonl - two.jsonl >out.jsonl
	[ "$(pairs '[.n, .index]' <out.jsonl | paste -sd ' ')" = "[0,0] [1,1] [2,2]" ]
	[ "$(rows b 3 | sm-split | pairs .n | wc -l)" -eq 3 ]
	[ "$(rows b 3 | sm-split - | pairs .n | wc -l)" -eq 3 ]
	cp one.jsonl ./--odd.jsonl
	[ "$(sm-split -q -- --odd.jsonl | pairs .n)" = 0 ]
}

@test "a file that cannot be read is status 3, and the others are handled" {
	rows a 2 >a.jsonl
	rows b 2 >b.jsonl
	run --separate-stderr sm-split a.jsonl nowhere.jsonl b.jsonl
	[ "$status" -eq 3 ]
	[ "$stderr" = "sm-split: nowhere.jsonl: cannot open: No such file or directory; check the name, or give - for standard input" ]
	[ "$(letters <<<"$output")" = tvtv ]
	mkdir folder
	run --separate-stderr sm-split a.jsonl folder b.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-split: folder: cannot read: Is a directory"* ]]
	[ "$(letters <<<"$output")" = tvtv ]
	# a wrong line does not hide it
	echo wrong >>b.jsonl
	run --separate-stderr sm-split nowhere.jsonl b.jsonl
	[ "$status" -eq 3 ]
	[ "$(wc -l <<<"$stderr")" -eq 2 ]
}

# shellcheck disable=SC2016 # the inner shell expands it
@test "a reader that leaves ends it quietly, with 141" {
	rows a 4000 >in.jsonl
	rows b 4000 >>in.jsonl
	for option in --ratio=0.7 --sorted; do
		run --separate-stderr bash -o pipefail -c "sm-split $option in.jsonl | head -n 1 | jq -r .index"
		[ "$status" -eq 141 ]
		[ "$output" = 0 ]
		[ -z "$stderr" ]
	done
}

@test "an output that cannot be written is status 3" {
	rows a 5 >little.jsonl
	rows a 4000 >much.jsonl
	for file in little much; do
		run --separate-stderr bash -c "sm-split $file.jsonl >/dev/full"
		[ "$status" -eq 3 ]
		[[ $stderr == "sm-split: cannot write output: No space left on device; "* ]]
		[ "$(wc -l <<<"$stderr")" -eq 1 ]
	done
	run --separate-stderr bash -c "sm-split little.jsonl >&-"
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-split: cannot write output: "* ]]
}

@test "the next stages read what it writes" {
	mock_start --decide longer
	rows a 4 | sm-split -q --test 1 | sm-bootstrap -q | sm-persona -q | sm-demosearch -q | sm-judge -q >out.jsonl
	mock_stop
	[ "$(jq -r 'select(.type == "verdict") | .index' out.jsonl | paste -sd ' ')" = "3 3" ]
	[ "$(jq -r 'select(.type == "run") | .program' out.jsonl | paste -sd ' ')" = \
		"sm-split sm-bootstrap sm-persona sm-demosearch sm-judge" ]
}

@test "--help, --version, and what the command line may not hold" {
	run --separate-stderr sm-split --help
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[[ $output == "Usage: sm-split "*"--ratio F"*"--test N"*"--group FIELD"*"--shuffle SEED"*"--sorted"* ]]
	run --separate-stderr sm-split --version
	[ "$status" -eq 0 ]
	[[ $output == "sm-split (synthesizeme) "[0-9]* ]]
	for option in --unknown -z --ratio=x --ratio=1.1 --ratio=-0.1 --ratio=nan --test=-1 --test=x --shuffle=1.5 \
		--shuffle=-1 --sorted=yes --ratio --test --group --shuffle; do
		run --separate-stderr sm-split "$option" </dev/null
		[ "$status" -eq 2 ] || { echo "$option: $status"; false; }
		[ -z "$output" ]
		[[ $stderr == "sm-split: "* ]]
		[ "$(wc -l <<<"$stderr")" -eq 1 ]
	done
}

rest='"context":[{"role":"user","content":"Q"}],"chosen":"x","rejected":"y"'

@test "integer user ids beyond 2^31 are integers" {
	echo "{\"user_id\":2147483648,$rest}" | sm-split -q | head -n 1 | grep -q '"user_id":"2147483648"'
}

@test "a null group value is no group" {
	for _ in 1 2 3 4; do echo "{\"user_id\":\"a\",\"c\":null,$rest}"; done | sm-split --group c | grep -q '"split":"val"'
}

@test "user ids that differ after a NUL are not one user" {
	printf '%s\n' "{\"user_id\":\"a\\u0000b\",$rest}" "{\"user_id\":\"a\",$rest}" | sm-split -q >out 2>err || true
	[ "$(tail -n 1 out | jq .users)" -ne 1 ] || [ -s err ]
}

@test "nan and Infinity are no JSON, in any spelling that libjq takes" {
	for literal in nan NaN Infinity -Infinity infinity -inf; do
		run --separate-stderr sm-split -q <<<"{\"user_id\":\"a\",$rest,\"s\":$literal}"
		[ "$status" -eq 1 ] || { echo "$literal: $output"; false; }
		[[ $stderr == "sm-split: stdin:1: not valid JSON: "* ]]
		[[ $output != *'"type":"pair"'* ]]
	done
	sm-split -q <<<"{\"user_id\":\"a\",$rest,\"s\":\"Infinity, nan\"}" | grep -q '"s":"Infinity, nan"'
}

@test "every message says what to do" {
	run --separate-stderr sm-split -q <<<'{'
	[[ $stderr == *"; "* ]]
}

@test "no control characters of the input reach the terminal" {
	printf '%s\n' "{\"user_id\":\"a\\u001b[2J\\nb\",$rest}" | sm-split 2>&1 >/dev/null | LC_ALL=C grep -q $'\x1b' && return 1
	[ "$(printf '%s\n' "{\"user_id\":\"a\\nb\",$rest}" | sm-split 2>&1 >/dev/null | wc -l)" -eq 1 ]
}

@test "-v says how many users" {
	echo "{\"user_id\":\"a\",$rest}" | sm-split -v 2>&1 >/dev/null | grep -q '1 user'
}

@test "index of a key with escapes does not stay" {
	echo "{\"user_id\":\"a\",$rest,\"ind\\u0065x\":7}" | sm-split -q | head -n 1 | jq -e '.index == 0'
}

@test "--test takes a whole number above 1" {
	run sm-split --test 2.5 </dev/null
	[ "$status" -eq 2 ]
}

@test "minus zero is zero" {
	echo "{\"user_id\":-0,$rest}" | sm-split -q | head -n 1 | grep -q '"user_id":"0"'
}


# users COUNT PAIRS: so many, each with so many pairs.
users() {
	jq -cn --argjson n "$1" --argjson pairs "$2" 'range(1; $n + 1) as $u | range($pairs)
		| {user_id: "u\($u)", context: [{role: "user", content: "x"}], chosen: "a", rejected: "b"}'
}

@test "users who are too small are told in one line, with three names and a count" {
	users 200 1 >small.jsonl
	run --separate-stderr sm-split small.jsonl
	[ "$stderr" = "sm-split: too few pairs to learn from: 200 of 200 users (u1, u2, u3 and 197 others); 2 that are not held out are needed" ]
	{ users 3 1; users 9 4 | sed 's/"u\([0-9]\)/"big\1/'; } >some.jsonl
	run --separate-stderr sm-split --sorted some.jsonl
	[ "$stderr" = "sm-split: too few pairs to learn from: 3 of 12 users (u1, u2, u3); 2 that are not held out are needed" ]
	run --separate-stderr sm-split -q small.jsonl
	[ -z "$stderr" ]
	run --separate-stderr sm-split <(users 1 1)
	[ "$stderr" = "sm-split: user u1: 0 train, 1 val and 0 test pairs: too few to learn from; 2 that are not held out are needed" ]
}

@test "two replies under other names are led to first and second, and the command that is named works" {
	while read -r one two; do
		echo '{"user_id":"a","context":[{"role":"user","content":"x"}],"'"$one"'":"A","'"$two"'":"B"}' >rows.jsonl
		run --separate-stderr sm-split rows.jsonl
		[ "$status" -eq 1 ] || [ "$status" -eq 3 ]
		[[ $stderr == *"\`first\` and \`second\`: sm-import rows --columns first=$one,second=$two calls them so"* ]] || { echo "$one: $stderr"; false; }
		sm-import -q rows --columns "first=$one,second=$two" rows.jsonl | sm-split -q | grep '^{"type":"pair"' >>out.jsonl || { echo "$one: no pair"; false; }
	done <<'EOF'
option1 option2
option_1 option_2
option_a option_b
response_a response_b
responseA responseB
Response-1 Response-2
answer_1 answer_2
reply.1 reply.2
outputA outputB
completion_a completion_b
EOF
	holds out.jsonl 'length == 10' 'all(.[]; .first.content == "A" and .second.content == "B" and .split == "test")'
	# other members are no replies, and a pair that lacks one of its own is told as before
	for members in '"option1": "A"' '"option1": "A", "answer2": "B"' '"options": ["A", "B"]' '"option3": "A", "option4": "B"' '"answer": "A", "b": "B"'; do
		echo '{"context": [{"role": "user", "content": "x"}], '"$members}" >rows.jsonl
		run --separate-stderr sm-split rows.jsonl
		[[ $stderr == *'`chosen` is missing from this pair; see sm-records(5)'* ]] || { echo "$members: $stderr"; false; }
	done
}

@test "--min-pairs leaves out users with fewer pairs, and counts them" {
	{ users 3 1; row a 0; row a 1; } >in.jsonl
	run --separate-stderr sm-split --min-pairs 2 in.jsonl
	[ "$status" -eq 0 ]
	[ "$(jq -c 'select(.type == "pair") | .user_id' <<<"$output" | sort -u)" = '"a"' ]
	[ "$(tail -n 1 <<<"$output" | jq -c '[.users, .pairs, .few]')" = '[1,2,3]' ]
	[ "$stderr" = "sm-split: left out: 3 users with fewer than 2 pairs" ]
	run sm-split --min-pairs 0 in.jsonl
	[ "$status" -eq 2 ]
}

@test "--group: many pairs in many groups, each where its first one went" {
	seq 0 19999 | awk '{printf "{\"user_id\":\"a\",\"g\":\"c%d\",\"context\":[],\"chosen\":\"x\",\"rejected\":\"y\"}\n", $1 % 9000}' >in.jsonl
	timeout 20 sm-split -q --group g in.jsonl >out.jsonl
	sed -nE 's/^\{"type":"pair",.*"split":"([a-z]+)",.*"g":"(c[0-9]+)",.*/\2 \1/p' out.jsonl >splits.txt
	[ "$(wc -l <splits.txt)" -eq 20000 ]
	[ "$(sort -u splits.txt | wc -l)" -eq 9000 ]
}

@test "of very many bad lines the first hundred are told, and how many more there are" {
	{ row a 0; for i in $(seq 150); do echo "{$i"; done; } >in.jsonl
	run --separate-stderr sm-split in.jsonl
	[ "$status" -eq 1 ]
	[ "$(grep -c 'in.jsonl:[0-9]*: ' <<<"$stderr")" -eq 100 ]
	[ "$(tail -n 1 <<<"$stderr")" = "sm-split: 50 more problems of lines, not told here; -v tells all" ]
	[ "$(sm-split -v in.jsonl 2>&1 >/dev/null | grep -c 'in.jsonl:[0-9]*: ')" -eq 150 ]
}

@test "half of a surrogate pair is U+FFFD, whatever the parser; whole ones and other bytes stay" {
	cat >in.jsonl <<'END'
{"user_id":"a","context":[{"role":"user","content":"half \uDE00 of it"}],"chosen":"x \ud83d","rejected":"y"}
{"user_id":"a","context":[{"role":"user","content":"whole"}],"x":"\ud83d\ude00 \\ud83d","chosen":"x","rejected":"y"}
END
	run --separate-stderr sm-split in.jsonl
	[ "$status" -eq 0 ]
	replaced=$(printf '\357\277\275')
	[ "$(head -n 1 <<<"$output" | jq -c '[.context[0].content, .chosen]')" = "[\"half $replaced of it\",\"x $replaced\"]" ]
	[[ $(sed -n 2p <<<"$output") == *'"x":"\ud83d\ude00 \\ud83d"'* ]]
	[ "$(tail -n 1 <<<"$output" | jq -c '[.pairs, .replaced]')" = '[2,1]' ]
	[[ $stderr == *"sm-split: 1 lines with half a surrogate pair, which is U+FFFD now"* ]]
}
