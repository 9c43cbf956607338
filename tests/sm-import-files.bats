# The files that sm-import reads, below the formats: packed, encoded, wrapped, damaged, and foreign.
load helper

# pairs FORMAT FILE ...: the pairs without the run record, each as question | chosen | rejected.
pairs() {
	sm-import "$@" | jq -r 'select(.type == "pair") | [.context[0].content, (.chosen, .rejected | .content)] | join(" | ")'
}

# table [ROWS]: a table, of CSV.
table() {
	printf 'prompt,chosen,rejected\n'
	for ((i = 1; i <= ${1:-2}; i++)); do printf 'q%d,a%d,b%d\n' "$i" "$i" "$i"; done
}

# lines [ROWS]: the same as JSON Lines.
lines() {
	for ((i = 1; i <= ${1:-2}; i++)); do printf '{"context":"q%d","chosen":"a%d","rejected":"b%d"}\n' "$i" "$i" "$i"; done
}

both='q1 | a1 | b1
q2 | a2 | b2'

# fails FORMAT FILE TEXT: it cannot be read, with status 3 and a message with TEXT.
fails() {
	run --separate-stderr env PATH="${tools-$PATH}" sm-import "$1" "$2"
	[ "$status" -eq 3 ] || { echo "status $status: $stderr"; false; }
	[[ $stderr == *"$3"* ]] || { echo "$stderr"; false; }
}

has_zstd() {
	printf '\x28\xb5\x2f\xfd' | sm-import rows 2>&1 | grep -q 'made without libzstd' && skip "built without libzstd"
	command -v zstd >/dev/null || skip "no zstd"
}

# peak COMMAND ...: its peak memory in kilobytes.
peak() {
	python3 -c '
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"
}

@test "gzip: a file, standard input, several members, members padded with zeros, a packed file packed again" {
	table | gzip >t.csv.gz
	[ "$(pairs csv t.csv.gz)" = "$both" ]
	[ "$(pairs csv <t.csv.gz)" = "$both" ]
	{ table 1 | gzip; printf 'q2,a2,b2\n' | gzip; } >two.gz
	[ "$(pairs csv two.gz)" = "$both" ]
	{ cat t.csv.gz; head -c 1000 /dev/zero; } >padded.gz
	[ "$(pairs csv padded.gz)" = "$both" ]
	[ "$(gzip <t.csv.gz | pairs csv)" = "$both" ]
	[ "$(lines | gzip | pairs rows)" = "$both" ]
	# an empty file, packed
	gzip </dev/null | sm-import -q rows | jq -es 'length == 1 and .[0].rows == 0'
}

@test "zstd: a file, several frames, one to be skipped" {
	has_zstd
	lines | zstd -q >t.zst
	[ "$(pairs rows t.zst)" = "$both" ]
	{ lines 1 | zstd -q; printf '\x50\x2a\x4d\x18\x03\x00\x00\x00abc'; lines | tail -n 1 | zstd -q; } >two.zst
	[ "$(pairs rows <two.zst)" = "$both" ]
}

@test "packed and cut off: what was whole is imported, then it is told" {
	lines 2000 >t.jsonl
	gzip -c t.jsonl >t.gz
	head -c $(($(wc -c <t.gz) / 2)) t.gz >cut.gz
	fails rows cut.gz "the gzip data does not end: the file is cut off, and its last row is left out; get the whole file again"
	n=$(grep -c '"pair"' <<<"$output")
	[ "$n" -gt 100 ] && [ "$n" -lt 2000 ]
	[[ $stderr == *"cut.gz:$((n + 1)): "* ]]
	# nothing but the trailer is missing
	head -c -8 t.gz >cut.gz
	fails rows cut.gz "does not end"
	[ "$(grep -c '"pair"' <<<"$output")" -eq 2000 ]
	# damaged, and followed by something else
	{ cat t.gz; printf '\x1f\x8b\x08\0\0\0\0\0\0\x03\xff\xff\xff'; } >bad.gz
	fails rows bad.gz "bad.gz:2001: the gzip data is damaged (invalid"
	[ "$(grep -c '"pair"' <<<"$output")" -eq 2000 ]
	{ cat t.gz; echo more; } >more.gz
	fails rows more.gz "something stands behind the end of the gzip data"
	[ "$(grep -c '"pair"' <<<"$output")" -eq 2000 ]
	has_zstd
	zstd -q -c t.jsonl >t.zst
	head -c $(($(wc -c <t.zst) - 100)) t.zst >cut.zst
	fails rows cut.zst "the zstd data does not end"
	printf 'xxxx' | cat t.zst - >more.zst
	fails rows more.zst "something stands behind the end of the zstd data"
}

@test "packed: memory stays bounded, whatever comes out" {
	# 100 MB of blank lines, spaces in one row, commas, each from less than a MB
	python3 - <<-'END'
		import gzip
		def bomb(name, head, fill, tail):
		    with gzip.open(name, "wb", 6) as f:
		        f.write(head)
		        for _ in range(100):
		            f.write(fill * (1 << 20))
		        f.write(tail)
		bomb("blank.gz", b"", b"\n", b'{"context":"q","chosen":"a","rejected":"b"}\n')
		bomb("array.gz", b"[", b" ", b'{"context":"q","chosen":"a","rejected":"b"}]\n')
		bomb("commas.gz", b"a,b", b",", b"\n1,2\n")
	END
	[ "$(pairs rows blank.gz)" = "q | a | b" ]
	[[ $B == *asan ]] || [ "$(peak sm-import -q rows blank.gz)" -lt 40000 ]
	[[ $B == *asan ]] || [ "$(peak sm-import -q rows array.gz)" -lt 40000 ]
	fails csv commas.gz "cells in one row, of which at most 10000 are read"
	[[ $B == *asan ]] || [ "$(peak sm-import -q csv commas.gz)" -lt 150000 ]
}

@test "UTF-16: both byte orders, with a byte order mark or none, characters beyond U+FFFF, files joined" {
	printf 'prompt\tchosen\trejected\r\nWie gehtʼs?\tGut. 😀\tSchön.\r\n' >t.tsv
	for code in LE BE; do
		iconv -f UTF-8 -t "UTF-16$code" t.tsv >bare
		[ "$(pairs tsv bare)" = "Wie gehtʼs? | Gut. 😀 | Schön." ]
		[ "$(pairs tsv <bare)" = "Wie gehtʼs? | Gut. 😀 | Schön." ]
		{ printf '\ufeff' | iconv -f UTF-8 -t "UTF-16$code"; cat bare; } >marked
		[ "$(pairs tsv marked)" = "Wie gehtʼs? | Gut. 😀 | Schön." ]
		gzip -c marked >packed
		[ "$(pairs tsv packed)" = "Wie gehtʼs? | Gut. 😀 | Schön." ]
		lines | iconv -f UTF-8 -t "UTF-16$code" >rows
		[ "$(pairs rows rows)" = "$both" ]
	done
	{ printf '\ufeff'; lines 1; printf '\ufeff'; lines | tail -n 1; } | iconv -f UTF-8 -t UTF-16LE >joined
	[ "$(pairs rows joined)" = "$both" ]
	# many, over the borders of what is read at once
	{ table 1; for ((i = 0; i < 6000; i++)); do printf 'a😀é%s,x,y\n' "$i"; done; } >long.csv
	cmp <(pairs csv long.csv) <(iconv -f UTF-8 -t UTF-16LE long.csv | pairs csv)
	# half a character at the end, and half a pair of units
	lines | iconv -f UTF-8 -t UTF-16LE | head -c -1 >short
	fails rows short "ends inside of a character"
	printf '{"context":"\xff\xff","chosen":"a","rejected":"b"}' | python3 -c '
import sys
sys.stdout.buffer.write("{\"context\":\"xy\ud83dz\",\"chosen\":\"a\",\"rejected\":\"b\"}\n".encode("utf-16-le", "surrogatepass"))' >half
	[ "$(pairs rows half)" = "xy�z | a | b" ]
	fails rows <(printf '\xff\xfe\0\0{\0\0\0') "iconv -f UTF-32"
}

@test "lines end with CR, CR LF or LF, also mixed, in tables and in JSON Lines" {
	for ending in '\r' '\r\n' '\n'; do
		printf '%b' "prompt,chosen,rejected${ending}q1,a1,b1${ending}${ending}q2,a2,b2" >t.csv
		[ "$(pairs csv t.csv)" = "$both" ]
		printf '%b' "$ending" >>t.csv
		[ "$(pairs csv t.csv)" = "$both" ]
		printf '%b' "prompt\tchosen\trejected${ending}q1\ta1\tb1${ending}q2\ta2\tb2${ending}" >t.tsv
		[ "$(pairs tsv t.tsv)" = "$both" ]
		lines | while IFS= read -r line; do printf "%s%b" "$line" "$ending"; done >t.jsonl
		[ "$(pairs rows t.jsonl)" = "$both" ]
	done
	printf 'prompt,chosen,rejected\r\nq1,a1,b1\nq2,a2,b2\rq3,a3,b3\r\nq4,a4,b4\r' >mixed.csv
	[ "$(pairs csv mixed.csv | wc -l)" -eq 4 ]
	printf 'prompt,chosen,rejected\rq1,a1,b1\nq2,a2,b2\r\nq3,a3,b3\r' >mixed.csv
	[ "$(pairs csv mixed.csv | wc -l)" -eq 3 ]
	# but a CR in a cell is text, as some writers leave it there without quotes
	printf 'prompt,chosen,rejected\nq\r1,"a\r1",b\nq2,a2,b\r2\n' >t.csv
	sm-import -q csv t.csv | jq -es '.[0].context[0].content == "q\r1" and .[0].chosen.content == "a\r1" and .[1].rejected.content == "b\r2"'
	# lines are counted whatever ends them
	printf 'prompt,chosen,rejected\rq1,a1\rq2,a2,b2\r\rq3\r' >t.csv
	run --separate-stderr sm-import csv t.csv
	[[ $stderr == *"t.csv:2: 2 cells"*"t.csv:5: 1 cells"* ]]
	printf 'prompt,chosen,rejected\r\nq1,"a\r\n1",b1\r\nq3\r\n' >t.csv
	run --separate-stderr sm-import csv t.csv
	[[ $stderr == *"t.csv:4: 1 cells"* ]]
	printf '{"a":1}\r{"b":2}\r' >t.jsonl
	run --separate-stderr sm-import rows t.jsonl
	[[ $stderr == *"t.jsonl:1: "*"t.jsonl:2: "* ]]
}

@test "tables: a separator at the end of rows, space around names, empty rows, a mark in a later line" {
	printf 'prompt,chosen,rejected,\nq1,a1,b1,\nq2,a2,b2,\n' >t.csv
	[ "$(pairs csv t.csv)" = "$both" ]
	sm-import -q csv t.csv | head -n 1 | jq -e 'has("") | not'
	printf 'prompt,chosen,rejected,,\nq1,a1,b1\nq2,a2,b2,,,,\n' >t.csv
	[ "$(pairs csv t.csv)" = "$both" ]
	printf 'prompt,chosen,rejected\nq1,a1,b1,\nq2,a2,b2,""\n' >t.csv
	[ "$(pairs csv t.csv)" = "$both" ]
	printf ' prompt , chosen,rejected\t\nq1,a1,b1\nq2,a2,b2\n' >t.csv
	[ "$(pairs csv t.csv)" = "$both" ]
	printf ',,\n\nprompt,chosen,rejected\nq1,a1,b1\n,,\n,,,,\n   \nq2,a2,b2\n,,\n' >t.csv
	run --separate-stderr sm-import csv t.csv
	[ "$status" -eq 1 ] # spaces are text
	[[ $stderr == *"t.csv:7: 1 cells"* ]]
	[ "$(grep -c '"pair"' <<<"$output")" -eq 2 ]
	[ "$(jq -s '.[-1].rows' <<<"$output")" -eq 3 ]
	{ printf '\ufeff'; table 1; printf '\ufeffq2,a2,b2\n'; } >t.csv
	[ "$(pairs csv t.csv)" = "$both" ]
	# an index without a name
	printf ',prompt,chosen,rejected\n0,q1,a1,b1\n1,q2,a2,b2\n' >t.csv
	[ "$(pairs csv t.csv)" = "$both" ]
}

@test "tables joined by cat: the header again is told once and skipped" {
	{ table; printf '\ufeff'; table 1; table 1; } >t.csv
	run --separate-stderr sm-import csv t.csv
	[ "$status" -eq 0 ]
	[ "$(grep -c '"pair"' <<<"$output")" -eq 4 ]
	[ "$(jq -s '.[-1].rows' <<<"$output")" -eq 4 ]
	[ "$stderr" = "sm-import: t.csv: line 4 is the header again: skipped, as any that follow" ]
	# with another separator, as it says
	{ printf 'sep=,\n'; table 1; printf 'sep=;\nprompt;chosen;rejected\nq2;a,2;b2\n'; } >t.csv
	[ "$(pairs csv t.csv 2>/dev/null)" = 'q1 | a1 | b1
q2 | a,2 | b2' ]
}

@test "tables: too many cells are told, as are NUL bytes, and the rest goes on" {
	{ table 1; head -c 20000 /dev/zero | tr '\0' ,; printf 'x\nq\0,a,b\nq2,a2,b2\n'; } >t.csv
	run --separate-stderr sm-import csv t.csv
	[ "$status" -eq 1 ]
	[[ $stderr == *"t.csv:3: 20001 cells in one row, of which at most 10000 are read: row skipped; see whether this is a table"*"t.csv:4: NUL byte; "* ]]
	[ "$(grep -c '"pair"' <<<"$output")" -eq 2 ]
	printf '{"context":"q\0","chosen":"a","rejected":"b"}\n{"context":"q","chosen":"a","rejected":"b"}\n' >t.jsonl
	run --separate-stderr sm-import rows t.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"t.jsonl:1: NUL byte at column 14; "* ]]
}

@test "objects over several lines are rows, one that does not end is told and the next is read" {
	lines | jq . >t.json
	[ "$(pairs rows t.json)" = "$both" ]
	{ jq . <(lines 1); lines | tail -n 1; } >t.json
	[ "$(pairs rows t.json)" = "$both" ]
	lines | jq --tab . | sed 's/$/\r/' >t.json
	[ "$(pairs rows t.json)" = "$both" ]
	lines | jq . | tr '\n' '\r' >t.json
	[ "$(pairs rows t.json)" = "$both" ]
	printf '{"context": [{"role": "user",\n"content": "q1"}],\n"chosen":"a1", "rejected":\n"b1"}\n' >t.json
	[ "$(pairs rows t.json)" = "q1 | a1 | b1" ]
	# cut short in the middle of the file
	printf '{\n "context": "q",\n "chosen": "a",\n%s\n{"context":"q",\n%s\n' "$(lines 1)" "$(lines | tail -n 1)" >t.json
	run --separate-stderr sm-import rows t.json
	[ "$status" -eq 1 ]
	[[ $stderr == *"t.json:1: the object that begins here does not end before line 4, where another begins; "*"t.json:5: not valid JSON: "* ]]
	[ "$(grep -c '"pair"' <<<"$output")" -eq 2 ]
	# at the end of the file
	{ lines 1; lines | tail -n 1 | jq . | head -n -1; } >t.json
	fails rows t.json "t.json:2: an object over several lines does not end: the file is cut off"
	[ "$(grep -c '"pair"' <<<"$output")" -eq 1 ]
	# a string that does not end in its line ends there
	{ printf '{"context":"q,\n'; lines; } >t.json
	run --separate-stderr sm-import rows t.json
	[ "$status" -eq 1 ]
	[ "$(grep -c '"pair"' <<<"$output")" -eq 2 ]
	# no row is as long as this
	python3 -c 'print("{\n" + "\"x\":1,\n" * (10 << 20))' >t.json
	fails rows t.json "longer than 64 MiB"
}

@test "rows in an object: the usual names, pages of the datasets server, several such objects, one line or many" {
	lines | jq -sc . >list
	for name in data rows examples instances records items; do
		printf '{"about":{"n":2},"tags":["x"],"features":[{"name":"context"}],"%s":%s,"end":[{"x":1}]}\n' "$name" "$(<list)" >t.json
		[ "$(pairs rows t.json)" = "$both" ]
		jq . t.json >pretty.json
		[ "$(pairs rows pretty.json)" = "$both" ]
		jq . t.json | tr '\n' '\r' >returns.json
		[ "$(pairs rows returns.json)" = "$both" ]
	done
	lines | jq -sc '{features: [{feature_idx: 0, name: "context"}], rows: (to_entries | map({row_idx: .key, row: .value, truncated_cells: []})), num_rows_total: 2}' >page.json
	[ "$(pairs rows page.json)" = "$both" ]
	[ "$(cat page.json t.json page.json | pairs rows | sort | uniq -c | awk '{print $1}' | paste -sd ' ')" = "3 3" ]
	# a name of one's own, if what is in it has the columns
	printf '{"judgements":%s}' "$(<list)" | pairs rows | cmp - <(echo "$both")
	# columns that are called otherwise
	jq -c '{data: map({asked: .context, good: .chosen, bad: .rejected})}' list |
		pairs rows --columns context=asked,chosen=good,rejected=bad | cmp - <(echo "$both")
	# lines are told
	printf '{"data":[\n{"context":"q1","chosen":"a1","rejected":"b1"},\n{"context":5},\n{"context":"q2","chosen":"a2","rejected":"b2"}],\n"end":1}\n{"context":6}\n' >t.json
	run --separate-stderr sm-import rows t.json
	[ "$status" -eq 1 ]
	[[ $stderr == *"t.json:3: column"*"t.json:6: column"* ]]
	[ "$(grep -c '"pair"' <<<"$output")" -eq 2 ]
}

@test "rows in an object: the lists of splits, whose rows get their split" {
	lines | jq -sc '{version: "1.0", train: .[:1], test: .[1:], validation: [], other: [{context: 1}]}' >t.json
	sm-import rows t.json | jq -c 'select(.type == "pair") | [.context[0].content, .split]' >out
	diff out - <<<'["q1","train"]
["q2","test"]'
	# a split of its own goes before
	jq -c '.train[0].split = "val"' t.json | sm-import -q rows | head -n 1 | jq -e '.split == "val"'
	lines | jq -sc '{train_prefs: ., train_sft: .}' | sm-import -q rows | jq -es 'map(.source_split) == ["train_prefs", "train_prefs", "train_sft", "train_sft", null]'
}

@test "rows in an object: no row is taken for one, whatever lists it has" {
	list='[{"context":"x","chosen":"y","rejected":"z"}]'
	cat >t.jsonl <<-END
		{"data":$list,"context":"q1","chosen":"a1","rejected":"b1"}
		{"context":[{"role":"user","content":"q2"}],"train":$list,"chosen":[{"role":"assistant","content":"a2"}],"rejected":"b2","rows":$list,"annotations":$list,"completions":[{"x":1}]}
	END
	pairs rows t.jsonl | cmp - <(echo "$both")
	sm-import -q rows t.jsonl | head -n 1 | jq -e '.data | length == 1'
	# some columns are enough, for the message too
	echo "{\"data\":$list,\"chosen\":1}" >t.jsonl
	run --separate-stderr sm-import rows t.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *'the row has: chosen, data'* ]]
	# two lists of other names
	echo "{\"one\":$list,\"two\":$list}" >t.jsonl
	run --separate-stderr sm-import rows t.jsonl
	[[ $stderr == *'the row has: one, two'* ]]
	# a program without columns gets each object as it is
	echo 'def pairs: .data[] | {context: (.context | turns), chosen: (.chosen | reply), rejected: (.rejected | reply)};' >own.jq
	echo "{\"data\":$list}" | sm-import -q --map own.jq | jq -es '.[0].chosen.content == "y"'
}

@test "rows in an object: a large one, of which a row is in memory, and one that is cut off" {
	python3 - <<-'END'
		row = '{"context":"q","chosen":"' + "x" * 6000 + '","rejected":"b"}'
		for name, space in ("line", ""), ("lines", "\n  "):
		    with open(name, "w") as f:
		        f.write('{"version":1,' + space + '"train":[' + (space + "  ") + ("," + space).join([row] * 10000) + "]," + space)
		        f.write('"skipped":[' + "0," * 3000000 + "0]," + space + '"test":[' + row + "]}\n")
	END
	echo 'def columns: ["context"]; def pairs: {dropped: .split};' >count.jq
	for name in line lines; do
		sm-import -q --map count.jq "$name" | jq -e '.dropped == {train: 10000, test: 1}'
		[[ $B == *asan ]] || [ "$(peak sm-import -q --map count.jq "$name")" -lt 40000 ]
		head -c 30000000 "$name" >short
		run --separate-stderr sm-import --map count.jq short
		[ "$status" -eq 3 ]
		[[ $stderr == *"the array does not end: the file is cut off"* ]]
		jq -e '.dropped.train > 4000' <<<"$output"
	done
	printf '{"version":1,"data":[%s],"more":' "$(lines 1)" >short
	run --separate-stderr sm-import rows short
	[ "$status" -eq 1 ]
	python3 -c 'print("{\"data\":[" + ",".join(["{\"context\":\"" + "x" * 6000 + "\"}"] * 300) + "],\"more\":[1,")' >short
	run --separate-stderr sm-import --map count.jq short
	[ "$status" -eq 3 ]
	[[ $stderr == *"the object around the rows does not end: the file is cut off"* ]]
	{ printf '{"train":['; for ((i = 0; i < 200; i++)); do printf '{"context":"q","chosen":"%06000d","rejected":"b"},' "$i"; done; printf '{}],oops'; } >bad
	fails rows bad "not valid JSON around the rows"
}

@test "numbers that JSON programs read differently are text, wherever they stand" {
	cat >t.jsonl <<-'END'
		{"context":[{"role":"user","content":"say 12345678901234567 \" 1e999 NaN","id":12345678901234567}],"chosen":"a","rejected":"b","deep":[{"x":[-1234567890123456,[1e400,-1e400]]}],"n":NaN,"i":-Infinity,"j":Infinity}
		{"context":"q","chosen":"a","rejected":"b","n":1e308,"m":123456789012345,"f":0.12345678901234567,"e":1E5,"z":1e-400,"t":true}
	END
	sm-import -q rows t.jsonl >out
	jq -es '.[0] | .context[0].id == "12345678901234567" and .context[0].content == "say 12345678901234567 \" 1e999 NaN"
		and .deep == [{x: ["-1234567890123456", ["1e400", "-1e400"]]}] and .n == "NaN" and .i == "-Infinity" and .j == "Infinity"' out
	jq -es '.[1] | .n == 1e308 and .m == 123456789012345 and (.f | type) == "number" and .e == 100000 and .z == 0 and .t' out
	# what is no JSON stays so
	for wrong in NaNa Infinit --Infinity 12345678901234567x '{12345678901234567:1}' '{NaN:1}' '12345678901234567 1' nan; do
		echo "{\"context\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\",\"x\":$wrong}" >bad.jsonl
		run --separate-stderr sm-import rows bad.jsonl
		[ "$status" -eq 1 ] || { echo "$wrong: $output"; false; }
		[[ $stderr == *"bad.jsonl:1: not valid JSON: "* ]]
	done
}

@test "the reader says of each row what it changed, and in which line it begins" {
	{
		echo '{"n":1}'
		printf '{"n":12345678901234567,\n"m":[NaN,"\\ud83d"]}\n\n'
		echo '{"n":1e999}'
		echo '{"n":"\ud83d"} wrong'
		echo '{"n":2}'
		echo '{"data":[{"n":98765432109876543},'
		echo '{"n":3}]}'
	} >t.jsonl
	"$B/unit/rows" t.jsonl n >out
	sed -n 4p out | grep -q '^6 \[\] not valid JSON'
	sed 4d out | diff - <(cat <<-'END'
		1 [] {"n":1}
		2 ["long numbers kept as text","numbers that are none kept as text","lone surrogates replaced"] {"m":["NaN","�"],"n":"12345678901234567"}
		5 ["numbers that are none kept as text"] {"n":"1e999"}
		7 [] {"n":2}
		8 ["long numbers kept as text"] {"n":"98765432109876543"}
		9 [] {"n":3}
	END
	)
}

@test "half of a surrogate pair is U+FFFD, the whole is a character, an escaped backslash none" {
	cat >t.jsonl <<-'END'
		{"context":"\ud83d","chosen":"x\uDE00y\ud83d\ud83d\ude00","rejected":"\\ud83d \"\ud83d\"","\ud83dk":"\ud83d\n"}
	END
	sm-import -q rows t.jsonl | head -n 1 | jq -e '.context[0].content == "�" and .chosen.content == "x�y�😀"
		and .rejected.content == "\\ud83d \"�\"" and .["�k"] == "�\n"'
}

@test "not UTF-8: a damaged row is told, a file in another encoding once" {
	{ table 3; printf 'q,caf\xe9,b\n'; printf 'q,é,b\n'; for ((i = 0; i < 20; i++)); do printf 'q,\xe9,b\n'; done; } >t.csv
	run --separate-stderr sm-import csv t.csv
	[ "$status" -eq 1 ]
	[ "$(grep -c "invalid UTF-8; convert it: iconv -f WINDOWS-1252" <<<"$stderr")" -eq 21 ]
	{ table 3; for ((i = 0; i < 50; i++)); do printf 'q,\xe9,b\nq,x,b\n'; done; } >t.csv
	fails csv t.csv "iconv -f WINDOWS-1252 -t UTF-8 FILE"
	[ "$(wc -l <<<"$stderr")" -le 6 ]
	[ "$(pairs csv <(iconv -f WINDOWS-1252 -t UTF-8 t.csv) | wc -l)" -eq 103 ]
	for ((i = 0; i < 50; i++)); do printf '{"context":"q","chosen":"\xe9","rejected":"b"}\n'; done >t.jsonl
	fails rows t.jsonl "the file has another encoding"
	[[ $stderr == *"t.jsonl:1: invalid UTF-8 at byte 26; "* ]]
	printf 'prompt,chosen,rejected,\xe9\n' >t.csv
	fails csv t.csv iconv
}

@test "other files are recognised, also packed and on standard input, and the message says what converts them" {
	is() { # is BYTES TEXT
		printf '%b' "$1" >file
		head -c 600 /dev/zero >>file
		fails rows file "$2"
		gzip -c file >packed
		fails csv - "${2//file/FILE}" <packed
		[[ $stderr == *"not text; unpack it; then "* ]]
	}
	is 'SQLite format 3\0' "sqlite3 -json file 'SELECT"
	is 'PK\x03\x04\x14\0\x06\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x13\0\0\0[Content_Types].xml' 'libreoffice --headless --convert-to csv file'
	is 'PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaaxl/workbook.xml' 'an Excel workbook (xlsx)'
	is 'PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaamimetypeapplication/vnd.oasis.opendocument.spreadsheet' 'a spreadsheet (ods)'
	is 'PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaaarr_0.npy' 'numpy.load('
	is 'PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaadata.jsonl' 'unzip -p file | sm-import'
	is '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' 'an old Excel workbook (xls)'
	is '7z\xbc\xaf\x27\x1c' '7z x -so file | sm-import'
	is 'BZh91AY&SY' 'bzip2 -dc file | sm-import'
	is '\xfd7zXZ\0' 'xz -dc file | sm-import'
	is '%PDF-1.7' 'a PDF document'
	is '\x89HDF\r\n\x1a\n' 'pandas.read_hdf'
	is '\x80\x04\x95' 'if you trust it'
	is 'version https://git-lfs.github.com/spec/v1\n' 'git lfs pull'
	is '<!DOCTYPE html><html>' 'a web page'
	{ head -c 257 /dev/zero | tr '\0' n; printf 'ustar\0'; head -c 500 /dev/zero; } >file
	fails rows file 'tar -xOf file | sm-import'
	# a name that a shell would read otherwise is not put into a command
	cp file 'my $(touch x) file'
	fails rows 'my $(touch x) file' 'tar -xOf FILE | sm-import'
	# text that only begins alike
	printf 'BZh9,prompt,chosen,rejected\n1,q1,a1,b1\n2,q2,a2,b2\n' >t.csv
	[ "$(pairs csv t.csv)" = "$both" ]
	printf 'PK,prompt,chosen,rejected\n1,q1,a1,b1\n2,q2,a2,b2\n' >t.csv
	[ "$(pairs csv t.csv)" = "$both" ]
}

# The PATH of those tests: the programs in fake/, and what these need.
tools_only() {
	mkdir -p own fake
	for tool in sh cat; do ln -sf "$(command -v $tool)" "own/$tool"; done
	tools=$BIN:$BATS_TEST_TMPDIR/fake:$BATS_TEST_TMPDIR/own
}

@test "Parquet and Arrow: without a program that reads them, the message names it" {
	printf 'PAR1xxxxxxxxxxxxxxxxxxxx' >file
	printf 'ARROW1\0\0xxxxxxxxxxxxxxxx' >arrow
	tools_only
	fails rows file "this is a Parquet file, not text; duckdb -c \"COPY (SELECT * FROM 'file') TO '/dev/stdout' (FORMAT JSON)\" | sm-import"
	[[ $stderr == *"where duckdb or python3 with pyarrow is installed, sm-import runs it itself"* ]]
	fails rows arrow "f.read_table('arrow').to_pylist()"
	# python3 without pyarrow
	printf '#!/bin/sh\nexit 97\n' >fake/python3
	chmod +x fake/python3
	fails rows file "this is a Parquet file"
}

@test "Parquet: duckdb reads it, if it is there, by its standard input" {
	tools_only
	cat >fake/duckdb <<-'END'
		#!/bin/sh
		printf '%s\n' "$@" >arguments
		[ "$(cat)" = PAR1xxxxxxxxxxxxxxxxxxxx ] || exit 5
		echo '{"context":"q1","chosen":"a1","rejected":"b1"}'
		echo '{"context":"q2","chosen":"a2","rejected":"b2","id":12345678901234567}'
	END
	chmod +x fake/duckdb
	name="a'; .sh [x]* -init"
	printf 'PAR1xxxxxxxxxxxxxxxxxxxx' >"$name"
	run --separate-stderr env PATH="$tools" sm-import rows "$name"
	[ "$status" -eq 0 ]
	[ "$(jq -r 'select(.type == "pair").context[0].content' <<<"$output")" = 'q1
q2' ]
	[[ $output == *'"conversation_id":"12345678901234567"'* ]]
	[ "${stderr_lines[0]}" = "sm-import: $name: read with duckdb" ]
	printf '%s\n' -c "COPY (SELECT * FROM read_parquet('/dev/stdin')) TO '/dev/stdout' (FORMAT JSON)" | diff - arguments
	# a table's format takes the same rows; standard input that is a file will do
	run --separate-stderr env PATH="$tools" sm-import rewardbench <"$name"
	[ "$status" -eq 0 ]
	[ "$(jq -c 'select(.type == "pair")' <<<"$output" | sed -n '$=')" -eq 2 ]
	# not so a pipe
	tail -c +1 "$name" | env PATH="$tools" sm-import rows 2>said >/dev/null && false
	[[ $(<said) == *"which a pipe does not allow; give the file's name" ]]
	# it fails in the middle
	printf '#!/bin/sh\necho "{\\"context\\":\\"q1\\",\\"chosen\\":\\"a1\\",\\"rejected\\":\\"b1\\"}"\necho broken >&2\nexit 9\n' >fake/duckdb
	fails rows "$name" "duckdb could not read the whole file (it ended with status 9)"
	[[ $stderr == *broken* ]]
	[[ $output == *'"q1"'* ]]
}

@test "Parquet and Arrow: python3 with pyarrow reads them" {
	python=
	for at in python3 ${PYARROW_PYTHON-}; do
		"$at" -c 'import pyarrow' 2>/dev/null && python=$(command -v "$at")
	done
	[ -n "$python" ] || skip "no pyarrow"
	"$python" - <<-'END'
		import pyarrow as pa, pyarrow.parquet as pq, pyarrow.feather as feather
		table = pa.table({"context": [[{"role": "user", "content": "q1"}], [{"role": "user", "content": "q2"}]], "chosen": ["a1", "a2"], "rejected": ["b1", "b2"],
		                  "id": [12345678901234567, 1], "weight": [float("nan"), 0.5]})
		pq.write_table(table, "t.parquet")
		feather.write_feather(table, "t.feather")
		with pa.OSFile("t.arrows", "wb") as file, pa.ipc.new_stream(file, table.schema) as out:
		    out.write_table(table)
	END
	tools_only
	printf '#!/bin/sh\nexec %s "$@"\n' "$python" >fake/python3
	chmod +x fake/python3
	echo 'raise SystemExit("not this one")' >json.py # in the current folder, which holds foreign files
	for file in t.parquet t.feather t.arrows; do
		run --separate-stderr env PATH="$tools" sm-import rows "$file"
		[ "$status" -eq 0 ] || { echo "$stderr"; false; }
		[ "$stderr" = "sm-import: $file: read with python3" ]
		jq -es '.[0].id == "12345678901234567" and .[0].weight == "NaN" and .[1].context[0].content == "q2" and .[1].id == 1' <<<"$output"
	done
}

@test "memory does not follow the number of rows, of lines, tables and arrays" {
	[[ $B != *asan ]] || skip "sanitizers take memory"
	python3 - <<-'END'
		for rows in 2000, 100000:
		    line = '{"data": %d}\n'
		    open(f"{rows}.jsonl", "w").writelines(line % i for i in range(rows))
		    open(f"{rows}.csv", "w").writelines(["data,b\n"] + ["%d,x\n" % i for i in range(rows)])
		    open(f"{rows}.json", "w").writelines(["["] + [(line % i).strip() + "," for i in range(rows)] + [line % 1 + "]"])
	END
	echo 'def pairs: {dropped: "all"};' >lines.jq
	echo 'def reads: "csv"; def pairs: {dropped: "all"};' >csv.jq
	for kind in "jsonl lines" "json lines" "csv csv"; do
		few=$(peak sm-import -q --map "${kind#* }.jq" "2000.${kind% *}")
		many=$(peak sm-import -q --map "${kind#* }.jq" "100000.${kind% *}")
		[ "$many" -le $((few * 13 / 10)) ]
	done
}
