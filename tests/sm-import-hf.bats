# sm-import --hf, against a mock of the datasets server.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	unset HF_TOKEN SM_HF_URL http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	pages=$XDG_CACHE_HOME/synthesizeme/pages
	cp "$BATS_FILE_TMPDIR"/*.jsonl .
	# a format that starts at once, for what goes before any format
	echo 'def columns: ["context"]; def pairs: {conversation_id, context, chosen, rejected};' >own.jq
}

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	set_of 250 train >train.jsonl
	set_of 30 val >validation.jsonl
	set_of 20 test >test.jsonl
}

# set_of N SPLIT: rows as PersonalRewardBench has them, split by user (split) and by question (HF's).
set_of() {
	jq -nc --argjson n "$1" --arg s "$2" 'range($n) | {user_id: "user\(. % 7)", conversation_id: "c\(.)",
		context: [{role: "user", content: "q\(.) \($s)"}], chosen: {role: "model", content: "good \(.)"}, rejected: {role: "model", content: "bad \(.)"}}'
}

# hub_start OPTION ...: SM_HF_URL points to it. Its log is hub.log.
hub_start() {
	local i
	hub_stop
	rm -f hub.port
	: >hub.log
	"$top/tests/mock/mock-hub" --port-file hub.port --log hub.log "$@" a/prism/default/train=train.jsonl \
		a/prism/default/validation=validation.jsonl a/prism/default/test=test.jsonl \
		a/two/x/train=test.jsonl a/two/y/train=test.jsonl >/dev/null 3>&- &
	hub_pid=$!
	for ((i = 0; i < 500; i++)); do
		[ -s hub.port ] && break
		sleep 0.02
	done
	SM_HF_URL=http://127.0.0.1:$(<hub.port)
	export SM_HF_URL
}

hub_stop() {
	[ -n "${hub_pid-}" ] || return 0
	kill "$hub_pid" 2>/dev/null || true
	wait "$hub_pid" 2>/dev/null || true
	hub_pid=
}

teardown() {
	hub_stop
	mock_stop
}

# The offsets that were asked for, per split.
asked() {
	jq -r 'select(.path == "/rows") | "\(.query.split)@\(.query.offset)"' hub.log | paste -sd ' '
}

# How many requests of rows the hub has seen.
requests() {
	grep -c '"path": "/rows"' hub.log
}

# answered STATUS ...: the statuses that these requests had.
answered() {
	local expected
	expected=$(printf '%s,' "$@")
	holds hub.log "map(select(.path == \"/rows\").status) == [${expected%,}]"
}

@test "a split comes page by page, in order, with the dataset's name and split" {
	hub_start
	run --separate-stderr sm-import personalrewardbench --hf a/prism --config default --split train
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	holds hub.log 'map(select(.path == "/rows").query | "\(.split)@\(.offset)+\(.length)") == ["train@0+100", "train@100+100", "train@200+100"]'
	holds - '.[:-1] | length == 250 and all(.type == "pair" and .dataset == "a/prism" and .split == "train" and .chosen.role == "assistant")' \
		'(.[:-1] | map(.conversation_id)) == [range(250) | "c\(.)"]' '.[-1].rows == 250' <<<"$output"
}

# How many pairs of which split, as they come.
splits() {
	jq -r 'select(.type == "pair").split' | uniq -c | xargs
}

@test "all splits of the only or the default config, as train, val and test; sm-split keeps them" {
	hub_start
	sm-import -q personalrewardbench --hf a/prism >out.jsonl
	[ "$(splits <out.jsonl)" = "250 train 30 val 20 test" ]
	sm-split -q out.jsonl | holds - '.[-1] | .train == 250 and .val == 30 and .test == 20 and .users == 7'
	# some of them
	[ "$(sm-import -q personalrewardbench --hf a/prism --split test --split validation | splits)" = "20 test 30 val" ]
}

@test "the rows' own split goes before that of the server" {
	sed -i 's/^{/{"split":"test",/' train.jsonl
	hub_start
	[ "$(sm-import -q personalrewardbench --hf a/prism --split train | splits)" = "250 test" ]
}

@test "what was fetched is never asked for again, with the server gone too" {
	hub_start
	sm-import -q personalrewardbench --hf a/prism >a.jsonl
	before=$(wc -l <hub.log)
	sm-import -q personalrewardbench --hf a/prism >b.jsonl
	[ "$(wc -l <hub.log)" -eq "$before" ]
	cmp <(grep '"pair"' a.jsonl) <(grep '"pair"' b.jsonl)
	hub_stop
	sm-import -q personalrewardbench --hf a/prism >c.jsonl
	cmp <(grep '"pair"' a.jsonl) <(grep '"pair"' c.jsonl)
	# the file is rows like any, for other programs too
	sm-import -q personalrewardbench "$pages/a%2Fprism,default,train.jsonl" --dataset a/prism | holds - 'length == 251' '.[-1].bad == 0'
	[ "$(stat -c %a "$pages/a%2Fprism,default,train.jsonl")" = 600 ]
}

@test "a server with a long address is known again" {
	hub_start
	SM_HF_URL+=$(printf '/.%.0s' {1..5000}) # which a client leaves out of what it asks for
	sm-import -q --map own.jq --hf a/prism --split test >a.jsonl
	before=$(wc -l <hub.log)
	sm-import -q --map own.jq --hf a/prism --split test >b.jsonl
	[ "$(wc -l <hub.log)" -eq "$before" ]
	cmp <(grep '"pair"' a.jsonl) <(grep '"pair"' b.jsonl)
}

@test "a killed import goes on where it stopped, half a page or row is fetched anew" {
	hub_start --fault 429:after=2:retry=30
	sm-import -q --map own.jq --hf a/prism --split train >a.jsonl 2>err &
	pid=$!
	for ((i = 0; i < 250; i++)); do
		[ "$(requests)" -ne 3 ] || break
		sleep 0.02
	done
	[ "$(asked)" = "train@0 train@100 train@200" ]
	kill -9 "$pid"
	wait "$pid" || true
	# what a crash may leave of a page
	printf '{"row_idx": 200, "row": {"user_id' >>"$pages/a%2Fprism,default,train.jsonl"
	: >hub.log
	sm-import -q --map own.jq --hf a/prism --split train >b.jsonl
	[ "$(asked)" = "train@200" ]
	holds b.jsonl '.[:-1] | map(.conversation_id) == [range(250) | "c\(.)"]'
}

@test "it waits as it is told on 429, and tries again on 5xx and broken transfers" {
	hub_start --fault 429:first=1:retry=1 --fault 503:first=1:retry=0 --fault 0:first=1
	begun=$(date +%s%N)
	run --separate-stderr sm-import personalrewardbench --hf a/prism --split test
	[ "$status" -eq 0 ]
	[ $((($(date +%s%N) - begun) / 1000000)) -ge 1000 ]
	[[ $stderr == *"sm-import: waiting 1 s: HTTP 429: mock says 429"* ]]
	[ "$(grep -c '"pair"' <<<"$output")" -eq 20 ]
	answered 429 503 0 200
}

@test "it gives up at last, and on what is final at once, with the server's words and a remedy" {
	hub_start --fault 500:first=100:retry=0
	run --separate-stderr sm-import -q --map own.jq --hf a/prism --split test
	[ "$status" -eq 3 ]
	[[ $stderr == *"HTTP 500: mock says 500; run the same command later: it goes on where it stopped" ]]
	[ "$(requests)" -eq 8 ]
	hub_start --fault 429:first=100:retry=99999
	run --separate-stderr sm-import -q --map own.jq --hf a/prism --split test
	[ "$status" -eq 4 ]
	[ "$(requests)" -eq 1 ]
	hub_start --fault 401:first=100
	run --separate-stderr sm-import -q --map own.jq --hf a/prism --split test
	[ "$status" -eq 4 ]
	[[ $stderr == *"HTTP 401"*"HF_TOKEN"* ]]
	[ "$(requests)" -eq 1 ]
	run --separate-stderr sm-import -q --map own.jq --hf a/nothing
	[ "$status" -eq 3 ]
	[[ $stderr == *"HTTP 404: The dataset does not exist"*"; check the names of dataset, config and split"* ]]
	hub_stop
	run --separate-stderr sm-import -q --map own.jq --hf a/prism --config default --split train --hf-url ftp://127.0.0.1
	[ "$status" -eq 2 ]
	[[ $stderr == *"is no http:// or https:// URL"* ]]
}

@test "configs and splits that are not there, or not named, are told with what there is" {
	hub_start
	run --separate-stderr sm-import -q --map own.jq --hf a/two
	[ "$status" -eq 2 ]
	[[ $stderr == *"a/two has several configs: x, y; name one with --config" ]]
	[ "$(sm-import -q --map own.jq --hf a/two --config y | grep -c '"pair"')" -eq 20 ]
	run --separate-stderr sm-import -q --map own.jq --hf a/prism --split dev
	[ "$status" -eq 2 ]
	[[ $stderr == *"a/prism has no split dev in config default; it has: train, validation, test; name one of them with --split" ]]
	[ ! -e "$pages/a%2Fprism,default,dev.jsonl" ]
}

@test "cells that the server cut are named with their row, which is left out; the other rows go on" {
	hub_start --cut default/train:120:chosen --cut default/train:120:context --cut default/train:3:conversation_id
	run --separate-stderr sm-import personalrewardbench --hf a/prism --split train
	[ "$status" -eq 1 ]
	[[ $stderr == *'sm-import: a/prism train row 120: the server cut `chosen`, `context` short: row skipped; import this row from the dataset'* ]]
	[ "$(grep -c '"pair"' <<<"$output")" -eq 249 ]
	# a cut cell that no pair is made of is left out alone, and said
	[[ $stderr == *'a/prism train row 3: the server cut `conversation_id` short: left out of the pair'* ]]
	holds - '.[3] | .user_id == "user3" and (has("conversation_id") | not)' <<<"$output"
}

@test "bad rows have their number in the dataset" {
	sed -i '105s/.*/{"user_id":"u"}/' train.jsonl
	hub_start
	run --separate-stderr sm-import personalrewardbench --hf a/prism --split train
	[ "$status" -eq 1 ]
	[[ $stderr == *"sm-import: a/prism train row 104: column \`context\` is missing"* ]]
}

@test "a dataset that has changed meanwhile, another server's file and another program at it are refused" {
	hub_start --fault 401:after=1
	run sm-import -q --map own.jq --hf a/prism --split train
	[ "$status" -eq 4 ]
	set_of 260 train >train.jsonl
	hub_stop
	port=$(<hub.port)
	file="$pages/a%2Fprism,default,train.jsonl"
	hub_start
	# the new server has another port: a file of another server
	run --separate-stderr sm-import -q --map own.jq --hf a/prism --config default --split train
	[ "$status" -eq 3 ]
	[[ $stderr == *"does not hold rows of this split from $SM_HF_URL; remove it, or name another folder with --pages" ]]
	sed -i "1s/:$port/:$(<hub.port)/" "$file"
	run --separate-stderr sm-import -q --map own.jq --hf a/prism --config default --split train
	[ "$status" -eq 3 ]
	[[ $stderr == *"the dataset has changed: it has 260 rows, and had 250 when "*"; remove that file"* ]]
	[ "$(sm-import -q --map own.jq --hf a/prism --split train --pages other | grep -c '"pair"')" -eq 260 ]
	python3 - "$file" <<-'END' &
		import fcntl, sys, time
		file = open(sys.argv[1], "r+")
		fcntl.lockf(file, fcntl.LOCK_EX)
		open("locked", "w").close()
		time.sleep(20)
	END
	locker=$!
	for ((i = 0; i < 250; i++)); do [ -e locked ] && break; sleep 0.02; done
	run --separate-stderr sm-import -q --map own.jq --hf a/prism --config default --split train
	kill "$locker"
	[ "$status" -eq 3 ]
	[[ $stderr == *"another program is getting the pages of "* ]]
}

@test "the token is sent, and is nowhere else; not over plain HTTP to another machine" {
	hub_start --fault 503:first=1:retry=1
	export HF_TOKEN=hf_never_to_be_seen
	sm-import -v --map own.jq --hf a/prism --split test >out.jsonl 2>err
	[ "$(jq -r .authorization hub.log | sort -u)" = "Bearer $HF_TOKEN" ]
	grep -q 'waiting 1 s: HTTP 503: mock says 503 Bearer \*\*\*' err # the mock repeats it
	run grep -rl never_to_be out.jsonl err "$XDG_CACHE_HOME"
	[ "$status" -eq 1 ]
	# nor is a part of one that the server's words are cut in the middle of
	hub_start --fault 400
	HF_TOKEN=hf_$(printf 'never_to_be_seen%.0s' {1..30})
	run --separate-stderr sm-import -q --map own.jq --hf a/prism --config default --split train
	[ "$status" -eq 3 ]
	[[ $stderr == *"HTTP 400: mock says 400 Bearer ***"* ]]
	[[ $stderr != *never_to_be* ]]
	run --separate-stderr sm-import --map own.jq --hf a/prism --hf-url http://192.0.2.1
	[ "$status" -eq 2 ]
	[[ $stderr == *"the token would go to http://192.0.2.1 unencrypted; give an https:// URL, or unset HF_TOKEN" ]]
}

@test "a dataset of which the server has a part alone is told; an empty split is no pairs" {
	: >test.jsonl
	hub_start --partial
	run --separate-stderr sm-import -q --map own.jq --hf a/prism --split validation
	[ "$status" -eq 0 ]
	[[ $stderr == *"a/prism validation: the server has the first part of this split alone" ]]
	run --separate-stderr sm-import -q --map own.jq --hf a/prism --split test
	[ "$status" -eq 0 ]
	holds - 'length == 1' '.[0].rows == 0' <<<"$output"
}

@test "other formats come from there too, and integers of any length stay as they are" {
	jq -nc 'range(3) | {question_id: "q\(.)", winner: (["model_a", "tie", "model_b"][.]), judge: "u",
		conversation_a: [{role: "user", content: "q"}, {role: "assistant", content: "a"}],
		conversation_b: [{role: "user", content: "q"}, {role: "assistant", content: "b"}]}' | sed 's/"q0"/12345678901234567890/' >train.jsonl
	hub_start
	sm-import -q arena --hf a/prism --split train >out.jsonl
	holds out.jsonl '.[-1].records == 2' '.[-1].dropped.tie == 1' '.[0].dataset == "a/prism"' '.[0].conversation_id == "12345678901234567890"'
	grep -q '"question_id": 12345678901234567890' "$pages/a%2Fprism,default,train.jsonl"
}

@test "options that contradict each other are usage" {
	for words in "rows --hf x --hf-url http://me:secret@127.0.0.1" "program --columns a=b x" "rows --split train" "rows --hf x file" "program --hf x" "rows --pages d" "rows --config c"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr sm-import $words
		[ "$status" -eq 2 ] || { echo "$words: $status"; false; }
		[ -z "$output" ]
	done
}
