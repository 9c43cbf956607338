# Every format of sm-import on rows in the form that others publish: tests/formats/FORMAT holds the rows (our own text), what
# they become, what is told of the others, and whose form it is.
load helper

# same FORMAT: its rows become what is expected, and what is told is.
same() {
	local dir=$top/tests/formats/$1
	"$top/tests/formats/run" "$1" >made 2>said
	diff -u "$dir/expected" made
	if [ -e "$dir/told" ]; then diff -u "$dir/told" said; else [ ! -s said ]; fi
	[ -s "$dir/source" ]
}

# program OPTIONS FORMAT [FILTER]: the format's program alone, under jq, with these $options, on stdin; or a filter with it.
program() {
	jq -c --argjson options "$1" "$(cat "$top"/lib/formats/common.jq "$top"/lib/formats/common-columns.jq "$top/lib/formats/$2.jq") ${3-pairs}"
}

# changed FORMAT: what was changed in the texts of stdin's rows.
changed() {
	program '{}' "$1" | jq -sc '[.[].changed // [] | .[]]'
}

@test "alpacaeval" { same alpacaeval; }
@test "arena" { same arena; }
@test "argilla" { same argilla; }
@test "csv" { same csv; }
@test "helpsteer" { same helpsteer; }
@test "implicit" { same implicit; }
@test "labelstudio" { same labelstudio; }
@test "lmsys" { same lmsys; }
@test "mturk" { same mturk; }
@test "multipref" { same multipref; }
@test "oasst" { same oasst; }
@test "openai" { same openai; }
@test "personalrewardbench" { same personalrewardbench; }
@test "prism" { same prism; }
@test "ranked" { same ranked; }
@test "rewardbench" { same rewardbench; }
@test "rows" { same rows; }
@test "saferlhf" { same saferlhf; }
@test "shp" { same shp; }
@test "summarize" { same summarize; }
@test "tsv" { same tsv; }
@test "ultrafeedback" { same ultrafeedback; }
@test "votes" { same votes; }
@test "webgpt" { same webgpt; }
@test "wildfeedback" { same wildfeedback; }

@test "every format of rows has its folder here and its test above; what rows hold is looked for by name" {
	for format in $(sm-import --list | awk '{print $1}' | grep -v program); do
		[ -s "$top/tests/formats/$format/expected" ]
		grep -qx "@test \"$format\" { same $format; }" "$BATS_TEST_FILENAME"
		grep -q '^def known:' "$top/lib/formats/$format.jq"
	done
}

@test "what was cut from texts or divided is said" {
	[ "$(changed rewardbench <<<'{"prompt":"Which is the longest river?","chosen":"Which is the longest river?\nA","rejected":"Which is the longest river?\nB"}')" = \
		'["the question was cut from the beginning of replies"]' ]
	[ "$(changed implicit <<<'{"chosen":"\n\nHuman: a\n\nAssistant: b","rejected":"\n\nHuman: a\n\nAssistant: c"}')" = \
		'["transcripts of Human and Assistant were divided into turns"]' ]
	[ "$(changed votes <<<'{"prompt":"q","answer_1":"a","answer_2":"b","label":2}')" = '[]' ]
}

@test "a reply that only begins like the question stays whole" {
	program '{}' rewardbench '. as $row | pairs | .chosen.content == $row.chosen and .rejected.content == $row.rejected and .changed == null' >out <<-'END'
		{"prompt":"Hi","chosen":"Hi there!","rejected":"Hi."}
		{"prompt":"Say: yes, I can do so","chosen":"Say: yes, I can do so","rejected":"Say: yes, I can do so well"}
		{"prompt":"What is the time now?","chosen":"What is the time now? Noon.","rejected":"Noon."}
	END
	[ "$(paste -sd ' ' out)" = "true true true" ]
}

@test "a 1 of two replies waits for --label-base, which goes for every number" {
	votes() { # OPTIONS LABEL ...: who is chosen, or error
		printf '{"prompt":"q","answer_1":"a","answer_2":"b","label":%s}\n' "${@:2}" | program "$1" votes 'try (pairs | .chosen.content) catch "error"' | xargs
	}
	[ "$(votes '{"label_base":"0"}' 1 2)" = "b error" ]
	[ "$(votes '{"label_base":"1"}' 1 '"2"' 0)" = "a b error" ]
	[ "$(votes '{}' 1 0.5 -1)" = "error error error" ]
}

@test "of a ranking all pairs are made, or those of adjacent ranks" {
	row='{"prompt":"q","answers":["a","b","c","d"],"ranks":[1,2,2,3]}'
	texts='if .dropped then .dropped else .chosen.content + .rejected.content end'
	[ "$(program '{}' ranked <<<"$row" | jq -r "$texts" | paste -sd ' ')" = "equal ranks ab ac ad bd cd" ]
	[ "$(program '{"pairs":"adjacent"}' ranked <<<"$row" | jq -r "$texts" | paste -sd ' ')" = "equal ranks ab ac bd cd" ]
	row='{"prompt":"q","reply_a":"a","reply_b":"b","reply_c":"c","score_a":3,"score_b":2,"score_c":1}'
	[ "$(program '{"pairs":"adjacent"}' votes <<<"$row" | jq -r "$texts" | paste -sd ' ')" = "ab bc" ]
	[ "$(program '{"pairs":"all"}' votes <<<"$row" | jq -r "$texts" | paste -sd ' ')" = "ab ac bc" ]
}

@test "a picture stays as a part of its turn, texts alone are joined" {
	part='[{"type":"text","text":"What is "},{"type":"text","text":"this?"}]'
	pic='[{"type":"text","text":"What is this?"},{"type":"image","image":"https://example.org/cat.png"}]'
	for content in "$part" "$pic"; do
		echo "{\"winner\":\"model_a\",\"conversation_a\":[{\"role\":\"user\",\"content\":$content},{\"role\":\"assistant\",\"content\":\"a\"}],\"conversation_b\":[{\"role\":\"user\",\"content\":$content},{\"role\":\"assistant\",\"content\":\"b\"}]}"
	done | program '{}' arena >out
	jq -es --argjson pic "$pic" '.[0].context[0].content == "What is this?" and .[1].context[0].content == $pic' out
}

@test "an own format may say what else it reads" {
	printf 'def columns: ["a"]; def known: ["b", 1]; def pairs: {context: .a, chosen: .b, rejected: .c};' >own.jq
	run --separate-stderr sm-import --map own.jq </dev/null
	[ "$status" -eq 3 ]
	[[ $stderr == *'own.jq: `known` is not a list of names; '* ]]
}

@test "an error behind a cell that looks like JSON or a number is told, whatever the libjq" {
	printf 'prompt,chosen,rejected\nq,"[{""role"":""user""}]",b\n' >t.csv
	run --separate-stderr sm-import csv t.csv
	[ "$status" -eq 1 ]
	[[ $stderr == *"t.csv:2: a turn has no text"* ]]
	printf 'prompt,response_1,response_2,winner\nq,a,b,1\n' >t.csv
	run --separate-stderr sm-import csv t.csv
	[ "$status" -eq 1 ]
	[[ $stderr == *"say which with --label-base 0 or 1"* ]]
}
