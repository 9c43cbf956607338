# The files that sm-import reads, below the formats: packed, encoded, wrapped, damaged, and foreign.
load helper

# texts: the pairs without the run record, each as question | chosen | rejected.
texts() {
	jq -r 'select(.type == "pair") | [.context[0].content, (.chosen, .rejected | .content)] | join(" | ")'
}

# pairs FORMAT FILE ...: the texts of their pairs.
pairs() {
	sm-import "$@" | texts
}

# table [ROWS]: a table, of CSV.
table() {
	printf 'prompt,chosen,rejected\n'
	seq "${1:-2}" | sed 's/.*/q&,a&,b&/'
}

# lines [ROWS]: the same as JSON Lines.
lines() {
	seq "${1:-2}" | sed 's/.*/{"context":"q&","chosen":"a&","rejected":"b&"}/'
}

both='q1 | a1 | b1
q2 | a2 | b2'

# each_both FORMAT FILE ...: each file holds those two. One run reads them all, as a format takes long to start.
each_both() {
	local file expected=
	for file in "${@:2}"; do expected+=$both$'\n'; done
	sm-import "$@" >each
	diff <(printf %s "$expected") <(texts <each)
}

# Formats of one's own, which start at once, for what the reader alone decides.
small_formats() {
	echo 'def columns: ["context"]; def pairs: {context: (.context | turns), chosen: (.chosen | reply), rejected: (.rejected | reply)};' >lines.jq
	echo 'def reads: "csv"; def columns: ["prompt"]; def pairs: {context: (.prompt | turns), chosen: (.chosen | reply), rejected: (.rejected | reply)};' >table.jq
}

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

# peak COMMAND ...: its peak memory in kilobytes. What it writes is in out, and its status is that of peak.
peak() {
	python3 -c '
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=open("out", "wb")).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)' "$@"
}

# below KILOBYTES: the peak that was run took less (but with sanitizers, which take memory).
below() {
	[[ $B == *asan ]] || [ "$output" -lt "$1" ]
}

@test "gzip: a file, standard input, several members, members padded with zeros, a packed file packed again" {
	table | gzip | tee t.csv.gz >input.gz
	{ table 1 | gzip; printf 'q2,a2,b2\n' | gzip; } >two.gz
	{ cat t.csv.gz; head -c 1000 /dev/zero; } >padded.gz
	each_both csv t.csv.gz - two.gz padded.gz <(gzip <t.csv.gz) <input.gz
	lines | gzip | each_both rows -
	# an empty file, packed
	gzip </dev/null | sm-import -q rows | holds - 'length == 1' '.[0].rows == 0'
}

@test "zstd: a file, several frames, one to be skipped" {
	has_zstd
	lines | zstd -q >t.zst
	{ lines 1 | zstd -q; printf '\x50\x2a\x4d\x18\x03\x00\x00\x00abc'; lines | tail -n 1 | zstd -q; } >two.zst
	each_both rows t.zst - <two.zst
}

@test "packed and cut off: what was whole is imported, then it is told" {
	small_formats
	lines 2000 >t.jsonl
	gzip -c t.jsonl >t.gz
	head -c $(($(wc -c <t.gz) / 2)) t.gz >cut.gz
	fails --map=lines.jq cut.gz "the gzip data does not end: the file is cut off, and its last row is left out; get the whole file again"
	n=$(grep -c '"pair"' <<<"$output")
	[ "$n" -gt 100 ] && [ "$n" -lt 2000 ]
	[[ $stderr == *"cut.gz:$((n + 1)): "* ]]
	# nothing but the trailer is missing
	head -c -8 t.gz >cut.gz
	fails --map=lines.jq cut.gz "does not end"
	[ "$(grep -c '"pair"' <<<"$output")" -eq 2000 ]
	# damaged, and followed by something else
	{ cat t.gz; printf '\x1f\x8b\x08\0\0\0\0\0\0\x03\xff\xff\xff'; } >bad.gz
	fails --map=lines.jq bad.gz "bad.gz:2001: the gzip data is damaged (invalid"
	[ "$(grep -c '"pair"' <<<"$output")" -eq 2000 ]
	{ cat t.gz; echo more; } >more.gz
	fails --map=lines.jq more.gz "something stands behind the end of the gzip data"
	[ "$(grep -c '"pair"' <<<"$output")" -eq 2000 ]
	has_zstd
	zstd -q -c t.jsonl >t.zst
	head -c $(($(wc -c <t.zst) - 100)) t.zst >cut.zst
	fails --map=lines.jq cut.zst "the zstd data does not end"
	printf 'xxxx' | cat t.zst - >more.zst
	fails --map=lines.jq more.zst "something stands behind the end of the zstd data"
}

@test "packed: memory stays bounded, whatever comes out" {
	# 64 MB of blank lines, spaces in one row, commas, each from less than a MB
	row='{"context":"q","chosen":"a","rejected":"b"}'
	many() { head -c 64M /dev/zero | tr '\0' "$1"; }
	{ many '\n'; echo "$row"; } | gzip -1 >blank.gz
	{ printf '['; many ' '; echo "$row]"; } | gzip -1 >array.gz
	{ printf 'a,b'; many ,; printf '\n1,2\n'; } | gzip -1 >commas.gz
	for name in blank array; do
		run --separate-stderr peak sm-import -q rows $name.gz
		[ "$status" -eq 0 ]
		below 40000
		[ "$(texts <out)" = "q | a | b" ]
	done
	run --separate-stderr peak sm-import -q csv commas.gz
	[ "$status" -eq 3 ]
	[[ $stderr == *"cells in one row, of which at most 10000 are read"* ]]
	below 40000
}

@test "UTF-16: both byte orders, with a byte order mark or none, characters beyond U+FFFF, files joined" {
	printf 'prompt\tchosen\trejected\r\nWie gehtʼs?\tGut. 😀\tSchön.\r\n' >t.tsv
	for code in LE BE; do
		iconv -f UTF-8 -t "UTF-16$code" t.tsv | tee bare >input
		{ printf '\ufeff' | iconv -f UTF-8 -t "UTF-16$code"; cat bare; } >marked
		gzip -c marked >packed
		[ "$(pairs tsv bare - marked packed <input | uniq -c | xargs)" = "4 Wie gehtʼs? | Gut. 😀 | Schön." ]
		lines | iconv -f UTF-8 -t "UTF-16$code" >"rows$code"
	done
	{ printf '\ufeff'; lines 1; printf '\ufeff'; lines | tail -n 1; } | iconv -f UTF-8 -t UTF-16LE >joined
	each_both rows rowsLE rowsBE joined
	# many, over the borders of what is read at once
	{ table 1; seq 6000 | sed 's/.*/a😀é&,x,y/'; } >long.csv
	sm-import -q csv long.csv | grep '"pair"' >long
	[ "$(wc -l <long)" -eq 6001 ]
	iconv -f UTF-8 -t UTF-16LE long.csv | sm-import -q csv | grep '"pair"' | cmp - long
	# half a character at the end, and half a pair of units
	small_formats
	lines | iconv -f UTF-8 -t UTF-16LE | head -c -1 >short
	fails --map=lines.jq short "ends inside of a character"
	{ printf '{"context":"xy' | iconv -f UTF-8 -t UTF-16LE; printf '\x3d\xd8'; printf 'z","chosen":"a","rejected":"b"}\n' | iconv -f UTF-8 -t UTF-16LE; } >half
	[ "$(pairs rows half)" = "xy�z | a | b" ]
	fails --map=lines.jq <(printf '\xff\xfe\0\0{\0\0\0') "iconv -f UTF-32"
}

@test "lines end with CR, CR LF or LF, also mixed, in tables and in JSON Lines" {
	i=0
	for ending in '\r' '\r\n' '\n'; do
		i=$((i + 1))
		printf '%b' "prompt,chosen,rejected${ending}q1,a1,b1${ending}${ending}q2,a2,b2" >open$i.csv
		{ cat open$i.csv; printf '%b' "$ending"; } >ended$i.csv
		printf '%b' "prompt\tchosen\trejected${ending}q1\ta1\tb1${ending}q2\ta2\tb2${ending}" >t$i.tsv
		lines | while IFS= read -r line; do printf "%s%b" "$line" "$ending"; done >t$i.jsonl
	done
	each_both csv open*.csv ended*.csv
	each_both tsv t*.tsv
	each_both rows t*.jsonl
	printf 'prompt,chosen,rejected\r\nq1,a1,b1\nq2,a2,b2\rq3,a3,b3\r\nq4,a4,b4\r' >mixed1.csv
	printf 'prompt,chosen,rejected\rq1,a1,b1\nq2,a2,b2\r\nq3,a3,b3\r' >mixed2.csv
	# but a CR in a cell is text, as some writers leave it there without quotes
	printf 'prompt,chosen,rejected\nq\r1,"a\r1",b\nq2,a2,b\r2\n' >cell.csv
	sm-import -q csv mixed*.csv cell.csv | holds - '.[:4] | map(.chosen.content) == ["a1", "a2", "a3", "a4"]' '.[4:7] | map(.chosen.content) == ["a1", "a2", "a3"]' \
		'.[7].context[0].content == "q\r1"' '.[7].chosen.content == "a\r1"' '.[8].rejected.content == "b\r2"' '.[9].type == "run"'
	# lines are counted whatever ends them
	printf 'prompt,chosen,rejected\rq1,a1\rq2,a2,b2\r\rq3\r' >cr.csv
	printf 'prompt,chosen,rejected\r\nq1,"a\r\n1",b1\r\nq3\r\n' >crlf.csv
	run --separate-stderr sm-import csv cr.csv crlf.csv
	[[ $stderr == *"cr.csv:2: 2 cells"*"cr.csv:5: 1 cells"*"crlf.csv:4: 1 cells"* ]]
	printf '{"a":1}\r{"b":2}\r' >t.jsonl
	run --separate-stderr sm-import rows t.jsonl
	[[ $stderr == *"t.jsonl:1: "*"t.jsonl:2: "* ]]
}

@test "tables: a separator at the end of rows, space around names, empty rows, a mark in a later line" {
	printf 'prompt,chosen,rejected,\nq1,a1,b1,\nq2,a2,b2,\n' >all.csv
	printf 'prompt,chosen,rejected,,\nq1,a1,b1\nq2,a2,b2,,,,\n' >header.csv
	printf 'prompt,chosen,rejected\nq1,a1,b1,\nq2,a2,b2,""\n' >rows.csv
	printf ' prompt , chosen,rejected\t\nq1,a1,b1\nq2,a2,b2\n' >space.csv
	{ printf '\ufeff'; table 1; printf '\ufeffq2,a2,b2\n'; } >marks.csv
	# an index without a name
	printf ',prompt,chosen,rejected\n0,q1,a1,b1\n1,q2,a2,b2\n' >index.csv
	each_both csv ./*.csv
	sm-import -q csv all.csv | holds - '.[0] | has("") | not'
	printf ',,\n\nprompt,chosen,rejected\nq1,a1,b1\n,,\n,,,,\n   \nq2,a2,b2\n,,\n' >t.csv
	run --separate-stderr sm-import csv t.csv
	[ "$status" -eq 1 ] # spaces are text
	[[ $stderr == *"t.csv:7: 1 cells"* ]]
	[ "$(grep -c '"pair"' <<<"$output")" -eq 2 ]
	[[ ${lines[-1]} == *'"rows":3,'* ]]
}

@test "tables joined by cat: the header again is told once and skipped" {
	{ table; printf '\ufeff'; table 1; table 1; } >t.csv
	run --separate-stderr sm-import csv t.csv
	[ "$status" -eq 0 ]
	[ "$(grep -c '"pair"' <<<"$output")" -eq 4 ]
	[[ ${lines[-1]} == *'"rows":4,'* ]]
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
	lines | jq . >both.json
	{ head -n 5 both.json; lines | tail -n 1; } >line.json
	lines | jq --tab . | sed 's/$/\r/' >tabs.json
	tr '\n' '\r' <both.json >returns.json
	each_both rows both.json line.json tabs.json returns.json
	small_formats
	printf '{"context": [{"role": "user",\n"content": "q1"}],\n"chosen":"a1", "rejected":\n"b1"}\n' >t.json
	[ "$(pairs rows t.json)" = "q1 | a1 | b1" ]
	# cut short in the middle of the file
	printf '{\n "context": "q",\n "chosen": "a",\n%s\n{"context":"q",\n%s\n' "$(lines 1)" "$(lines | tail -n 1)" >t.json
	run --separate-stderr sm-import rows t.json
	[ "$status" -eq 1 ]
	[[ $stderr == *"t.json:1: the object that begins here does not end before line 4, where another begins; "*"t.json:5: not valid JSON: "* ]]
	[ "$(grep -c '"pair"' <<<"$output")" -eq 2 ]
	# at the end of the file
	{ lines 1; head -n -1 both.json | tail -n 4; } >t.json
	fails --map=lines.jq t.json "t.json:2: an object over several lines does not end: the file is cut off"
	[ "$(grep -c '"pair"' <<<"$output")" -eq 1 ]
	# a string that does not end in its line ends there
	{ printf '{"context":"q,\n'; lines; } >t.json
	run --separate-stderr sm-import rows t.json
	[ "$status" -eq 1 ]
	[ "$(grep -c '"pair"' <<<"$output")" -eq 2 ]
	# no row is as long as this
	{ echo '{'; yes "\"x\":\"$(printf '%01000d' 0)\"," | head -c 70000000; } >t.json
	fails --map=lines.jq t.json "longer than 64 MiB"
}

@test "rows in an object: the usual names, pages of the datasets server, several such objects, one line or many" {
	lines | jq -sc . >list
	for name in data rows examples instances records items; do
		printf '{"about":{"n":2},"tags":["x"],"features":[{"name":"context"}],"%s":%s,"end":[{"x":1}]}\n' "$name" "$(<list)" >$name.json
		jq . $name.json >$name-pretty.json
		tr '\n' '\r' <$name-pretty.json >$name-returns.json
	done
	lines | jq -sc '{features: [{feature_idx: 0, name: "context"}], rows: (to_entries | map({row_idx: .key, row: .value, truncated_cells: []})), num_rows_total: 2}' >page.json
	cat page.json items.json page.json >joined.json
	each_both rows {data,rows,examples,instances,records,items}{,-pretty,-returns}.json page.json
	[ "$(pairs rows joined.json | sort | uniq -c | awk '{print $1}' | paste -sd ' ')" = "3 3" ]
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
	sm-import -q rows t.json | holds - '.[:-1] | map([.context[0].content, .split]) == [["q1", "train"], ["q2", "test"]]'
	# a split of its own goes before
	jq -c '.train[0].split = "val"' t.json | sm-import -q rows | holds - '.[0].split == "val"'
	lines | jq -sc '{train_prefs: ., train_sft: .}' | sm-import -q rows | jq -es 'map(.source_split) == ["train_prefs", "train_prefs", "train_sft", "train_sft", null]'
}

@test "rows in an object: no row is taken for one, whatever lists it has" {
	list='[{"context":"x","chosen":"y","rejected":"z"}]'
	cat >t.jsonl <<-END
		{"data":$list,"context":"q1","chosen":"a1","rejected":"b1"}
		{"context":[{"role":"user","content":"q2"}],"train":$list,"chosen":[{"role":"assistant","content":"a2"}],"rejected":"b2","rows":$list,"annotations":$list,"completions":[{"x":1}]}
	END
	sm-import rows t.jsonl >out
	texts <out | cmp - <(echo "$both")
	holds out '.[0].data | length == 1'
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
		        f.write('{"version":1,' + space + '"train":[' + (space + "  ") + ("," + space).join([row] * 8000) + "]," + space)
		        f.write('"skipped":[' + "0," * 3000000 + "0]," + space + '"test":[' + row + "]}\n")
	END
	echo 'def columns: ["context"]; def pairs: {dropped: .split};' >count.jq
	for name in line lines; do
		run --separate-stderr peak sm-import -q --map count.jq "$name"
		[ "$status" -eq 0 ]
		below 40000
		holds out '.[-1].dropped == {train: 8000, test: 1}'
		head -c 30000000 "$name" >short
		run --separate-stderr sm-import --map count.jq short
		[ "$status" -eq 3 ]
		[[ $stderr == *"the array does not end: the file is cut off"* ]]
		holds - '.[-1].dropped.train > 4000' <<<"$output"
	done
	small_formats
	printf '{"version":1,"data":[%s],"more":' "$(lines 1)" >short
	run --separate-stderr sm-import --map lines.jq short
	[ "$status" -eq 1 ]
	{ printf '{"data":['; yes "{\"context\":\"$(printf '%06000d' 0)\"}," | head -n 300 | tr -d '\n'; printf '{"context":""}],"more":[1,'; } >short
	run --separate-stderr sm-import --map count.jq short
	[ "$status" -eq 3 ]
	[[ $stderr == *"the object around the rows does not end: the file is cut off"* ]]
	{ printf '{"train":['; printf "{\"context\":\"q\",\"chosen\":\"%06000d\",\"rejected\":\"b\"}," {1..200}; printf '{}],oops'; } >bad
	fails --map=lines.jq bad "not valid JSON around the rows"
}

@test "numbers that JSON programs read differently are text, wherever they stand" {
	cat >t.jsonl <<-'END'
		{"context":[{"role":"user","content":"say 12345678901234567 \" 1e999 NaN","id":12345678901234567}],"chosen":"a","rejected":"b","deep":[{"x":[-1234567890123456,[1e400,-1e400]]}],"n":NaN,"i":-Infinity,"j":Infinity}
		{"context":"q","chosen":"a","rejected":"b","n":1e308,"m":123456789012345,"f":0.12345678901234567,"e":1E5,"z":1e-400,"t":true}
	END
	sm-import -q rows t.jsonl >out
	holds out '.[0] | .context[0].id == "12345678901234567" and .context[0].content == "say 12345678901234567 \" 1e999 NaN"' \
		'.[0].deep == [{x: ["-1234567890123456", ["1e400", "-1e400"]]}]' '.[0] | .n == "NaN" and .i == "-Infinity" and .j == "Infinity"' \
		'.[1] | .n == 1e308 and .m == 123456789012345 and (.f | type) == "number" and .e == 100000 and .z == 0 and .t'
	# what is no JSON stays so
	wrong=(NaNa Infinit --Infinity 12345678901234567x '{12345678901234567:1}' '{NaN:1}' '12345678901234567 1' nan)
	{ lines 1; printf '{"context":"q","chosen":"a","rejected":"b","x":%s}\n' "${wrong[@]}"; } >bad.jsonl
	run --separate-stderr sm-import rows bad.jsonl
	[ "$status" -eq 1 ]
	for n in 2 3 4 5 6 7 8 9; do
		[[ $stderr == *"bad.jsonl:$n: not valid JSON: "* ]] || { echo "${wrong[n - 2]}: $stderr"; false; }
	done
	[ "$(grep -c '"pair"' <<<"$output")" -eq 1 ]
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
	sm-import -q rows t.jsonl | holds - '.[0].context[0].content == "�"' '.[0].chosen.content == "x�y�😀"' \
		'.[0].rejected.content == "\\ud83d \"�\""' '.[0]["�k"] == "�\n"'
}

@test "not UTF-8: a damaged row is told, a file in another encoding once" {
	small_formats
	{ table 3; printf 'q,caf\xe9,b\n'; printf 'q,é,b\n'; printf 'q,\xe9,b\n%.0s' {1..20}; } >t.csv
	run --separate-stderr sm-import csv t.csv
	[ "$status" -eq 1 ]
	[ "$(grep -c "invalid UTF-8; convert it: iconv -f WINDOWS-1252" <<<"$stderr")" -eq 21 ]
	{ table 3; printf 'q,\xe9,b\nq,x,b\n%.0s' {1..50}; } >t.csv
	fails --map=table.jq t.csv "iconv -f WINDOWS-1252 -t UTF-8 FILE"
	[ "$(wc -l <<<"$stderr")" -le 6 ]
	[ "$(sm-import -q csv <(iconv -f WINDOWS-1252 -t UTF-8 t.csv) | grep -c '"pair"')" -eq 103 ]
	printf '{"context":"q","chosen":"\xe9","rejected":"b"}\n%.0s' {1..50} >t.jsonl
	fails --map=lines.jq t.jsonl "the file has another encoding"
	[[ $stderr == *"t.jsonl:1: invalid UTF-8 at byte 26; "* ]]
	printf 'prompt,chosen,rejected,\xe9\n' >t.csv
	fails --map=table.jq t.csv iconv
}

@test "other files are recognised, also packed and on standard input, and the message says what converts them" {
	is() { # is BYTES TEXT
		printf '%b' "$1" >file
		head -c 600 /dev/zero >>file
		fails --map=lines.jq file "$2"
		gzip -c file >packed
		fails --map=table.jq - "${2//file/FILE}" <packed
		[[ $stderr == *"not text; unpack it; then "* ]]
	}
	small_formats
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
	fails --map=lines.jq file 'tar -xOf file | sm-import'
	# a name that a shell would read otherwise is not put into a command
	cp file 'my $(touch x) file'
	fails rows 'my $(touch x) file' 'tar -xOf FILE | sm-import'
	fails csv packed 'a web page'
	# text that only begins alike
	printf 'BZh9,prompt,chosen,rejected\n1,q1,a1,b1\n2,q2,a2,b2\n' >bzip.csv
	printf 'PK,prompt,chosen,rejected\n1,q1,a1,b1\n2,q2,a2,b2\n' >zip.csv
	each_both csv bzip.csv zip.csv
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
	[ "$(texts <<<"$output")" = "$both" ]
	[[ $output == *'"conversation_id":"12345678901234567"'* ]]
	[ "${stderr_lines[0]}" = "sm-import: $name: read with duckdb" ]
	printf '%s\n' -c "COPY (SELECT * FROM read_parquet('/dev/stdin')) TO '/dev/stdout' (FORMAT JSON)" | diff - arguments
	# a table's format takes the same rows; standard input that is a file will do
	run --separate-stderr env PATH="$tools" sm-import rewardbench <"$name"
	[ "$status" -eq 0 ]
	[ "$(grep -c '"pair"' <<<"$output")" -eq 2 ]
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
		for rows in 2000, 60000:
		    line = '{"data": %d}\n'
		    open(f"{rows}.jsonl", "w").writelines(line % i for i in range(rows))
		    open(f"{rows}.csv", "w").writelines(["data,b\n"] + ["%d,x\n" % i for i in range(rows)])
		    open(f"{rows}.json", "w").writelines(["["] + [(line % i).strip() + "," for i in range(rows)] + [line % 1 + "]"])
	END
	echo 'def pairs: {dropped: "all"};' >lines.jq
	echo 'def reads: "csv"; def pairs: {dropped: "all"};' >csv.jq
	for kind in "jsonl lines" "json lines" "csv csv"; do
		few=$(peak sm-import -q --map "${kind#* }.jq" "2000.${kind% *}")
		many=$(peak sm-import -q --map "${kind#* }.jq" "60000.${kind% *}")
		[ "$many" -le $((few * 11 / 10)) ]
	done
}
