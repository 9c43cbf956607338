load helper

# A store with twelve answers and a fact of the endpoint.
fill() {
	mock_start --decide longer --fault refuse=response_format
	sm-split -q --test 2 "$prefs" | sm-judge -q >verdicts.jsonl
}

# bats test_tags=store
@test "list: what is known of endpoints, then a line for each answer without its text" {
	fill
	sm-cache list >list.jsonl
	[ "$(jq -r .type list.jsonl | uniq | paste -sd ' ')" = "endpoint recording endpoint answer" ]
	jq -es --arg e "$SM_BASE_URL" 'map(select(.type == "endpoint")) | .[0].name == "answers" and .[1] == {type: "endpoint", user_id: null, endpoint: $e, model: "mock",
		name: "response_format", value: "refused"}' list.jsonl
	jq -es --arg e "$SM_BASE_URL" 'map(select(.type == "answer")) | length == 12 and all(.[]; (.key | test("^[0-9a-f]{64}$")) and .endpoint == $e and .model == "mock"
		and .sample == 0 and .created > 1.7e9 and .ms > 0 and .tokens.in > 0 and .tokens.out > 0
		and (has("response") | not))' list.jsonl
}

# bats test_tags=store
@test "export and import carry every answer and fact, byte for byte" {
	fill
	sm-cache export >a.jsonl
	[ "$(jq -r 'select(.type == "answer").response.choices[0].message.content' a.jsonl | wc -l)" -eq 12 ]
	run --separate-stderr sm-cache import --cache "$other" a.jsonl
	[ "$status" -eq 0 ]
	[ "$stderr" = "sm-cache: 15 lines imported" ]
	sm-cache export --cache "$other" | cmp - a.jsonl
	# from standard input, twice the same
	sm-cache import -q --cache "$other" <a.jsonl
	sm-cache import -q --cache "$other" - <a.jsonl
	sm-cache export --cache "$other" | cmp - a.jsonl
}

# bats test_tags=store
@test "what was imported answers, with nobody to ask" {
	fill
	sm-cache export >a.jsonl
	mock_stop
	sm-cache import -q --cache "$other" a.jsonl
	sm-split -q --test 2 "$prefs" | sm-judge -q --cache "$other" >again.jsonl
	cmp <(grep verdict verdicts.jsonl) <(grep verdict again.jsonl)
}

# bats test_tags=store
@test "neither prompts nor keys are in an export" {
	export SM_API_KEY=sk-0123456789-known
	fill
	sm-cache export >a.jsonl
	run grep -cE 'sk-0123456789|particular user|boil eggs' a.jsonl
	[ "$output" = 0 ]
}

# bats test_tags=store
@test "lines that are no answers are told with their number, the rest is imported" {
	fill
	sm-cache export >a.jsonl
	{
		echo 'not json'
		sed -n 3,4p a.jsonl
		sed -n 5p a.jsonl | jq -c 'del(.response)'
		sed -n 6p a.jsonl | jq -c '.key = "abc"'
		sed -n 7p a.jsonl | jq -c '.response = {}'
		echo '{"type":"verdict","user_id":"a"}'
		echo '{"type":"endpoint","user_id":null,"endpoint":"x"}'
		sed -n 8p a.jsonl
	} >b.jsonl
	run --separate-stderr sm-cache import --cache "$other" b.jsonl
	[ "$status" -eq 1 ]
	for n in 1 4 5 6 7 8; do
		grep -q "^sm-cache: b.jsonl:$n: .*; " <<<"$stderr" || { echo "$n: $stderr"; false; }
	done
	[[ $stderr == *"3 lines imported"* ]]
	[ "$(sm-cache list --cache "$other" | wc -l)" -eq 3 ]
}

# bats test_tags=store
@test "numbers that are none of an answer's are told, and nothing of the line is kept" {
	fill
	sm-cache export | grep -m 1 '"answer"' >a.jsonl
	for change in '"sample":1e300' '"sample":-1' '"sample":0.5' '"sample":"1"' '"created":1e999' '"created":-5' '"ms":1e999' '"ms":-1'; do
		name=${change%%:*}
		sed "s/$name:[0-9.]*/$change/" a.jsonl >b.jsonl
		run --separate-stderr sm-cache import --cache "$other" b.jsonl
		[ "$status" -eq 1 ]
		[[ ${stderr_lines[0]} == "sm-cache: b.jsonl:1: \`sample\` and \`created\` of an \`answer\` are whole numbers from 0, \`ms\` is a number from 0; "* ]]
		[ "$(store_sql 'select count(*) from answer' "$other")" -eq 0 ]
	done
	# one that is missing is 0
	jq -c 'del(.sample, .created, .ms)' a.jsonl | sm-cache import -q --cache "$other"
	[ "$(store_sql 'select sample, created, ms * 10 from answer' "$other" | sed 's/\.0$//')" = "0|0|0" ]
}

# bats test_tags=store
@test "a batch's status that is none is no status" {
	mock_start
	sm-split -q --test 2 "$prefs" | sm-judge -q --batch batch.jsonl >/dev/null || true
	for code in 1e300 -1e300 '"x"'; do
		head -n 1 batch.jsonl | jq -c '{custom_id, response: {status_code: "CODE", body: {error: {message: "broken"}}}}' |
			sed "s/\"CODE\"/$code/" >answers.jsonl
		run --separate-stderr sm-cache import answers.jsonl
		[ "$status" -eq 1 ]
		[[ ${stderr_lines[0]} == *": the batch has no answer to it; run the command that wrote the batch again"* ]]
	done
}

# bats test_tags=store
@test "an answer that is there already stays" {
	fill
	sm-cache export | sed -n 3p >a.jsonl
	jq -c '.ms = 123456' a.jsonl >other.jsonl
	sm-cache import -q --cache "$other" a.jsonl other.jsonl
	sm-cache export --cache "$other" | cmp - a.jsonl
}

# bats test_tags=store
@test "an empty store lists nothing" {
	sm-cache import -q </dev/null
	for verb in list count export; do
		run --separate-stderr sm-cache "$verb"
		[ "$status" -eq 0 ]
		[ -z "$output$stderr" ]
	done
}

@test "a store that is not there is 3, but for import, and none is made" {
	for verb in list count export "prune --older 1"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr sm-cache $verb --cache deep/typo.db
		[ "$status" -eq 3 ]
		[ -z "$output" ]
		[ "$stderr" = "sm-cache: there is no store deep/typo.db; name the one of a run with --cache or SM_CACHE, or fill it with sm-cache import" ]
		[ ! -e deep ]
	done
	# nor is a file that is there made one
	: >typo.db
	for verb in list count export "prune --older 1"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr sm-cache $verb --cache typo.db
		[ "$status" -eq 3 ]
		[ "$stderr" = "sm-cache: store typo.db is empty; name another store with --cache or SM_CACHE" ]
		[ ! -s typo.db ]
	done
	sm-cache import -q --cache deep/new.db </dev/null
	sm-cache list --cache deep/new.db
}

# Runs a command as one who is bound by the modes of files, as root is not.
bound() {
	if [ "$(id -u)" -ne 0 ]; then
		"$@"
	else
		setpriv --bounding-set=-dac_override,-dac_read_search -- "$@"
	fi
}

@test "a store is listed where nothing can be written, and stays as it is" {
	fill
	mkdir 'a folder, 100% full?'
	cd 'a folder, 100% full?'
	sm-cache export >../a.jsonl
	sm-cache import -q --cache store.db ../a.jsonl
	sum=$(sha256sum store.db)
	for modes in "555 600" "555 400" "755 400"; do
		# shellcheck disable=SC2086 # two of them
		set -- $modes
		chmod "$2" store.db
		chmod "$1" .
		for name in store.db "$PWD/store.db" "/$PWD/store.db"; do
			bound sm-cache export --cache "$name" | cmp - ../a.jsonl
			bound sm-cache count --cache "$name" | jq -e '.answers == 12'
		done
		run --separate-stderr bound sm-cache prune --older 0 --cache store.db
		[ "$status" -eq 3 ]
		[[ $stderr == "sm-cache: store store.db: "*"; check that the file can be written"* ]]
		chmod 755 .
		[ "$(sha256sum store.db)" = "$sum" ]
	done
}

@test "what a killed program left in the log of a store is listed too, or the reason why not is told" {
	fill
	sm-cache export >a.jsonl
	sqlite3 "$SM_CACHE" 'pragma wal_checkpoint(truncate)' >/dev/null
	mkdir ro
	cp "$SM_CACHE" ro/store.db
	python3 -c 'import os, sqlite3; c = sqlite3.connect("ro/store.db"); c.execute("update answer set ms = 5"); c.commit(); os._exit(0)'
	[ -s ro/store.db-wal ]
	chmod 555 ro
	bound sm-cache list --cache ro/store.db | jq -es 'map(select(.type == "answer").ms) | unique == [5]'
	chmod 755 ro
	rm ro/store.db-shm
	chmod 555 ro
	run --separate-stderr bound sm-cache list --cache ro/store.db
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-cache: store ro/store.db: cannot read: "*"; check that it can be read, and its -wal and -shm files; where its folder cannot be written, copy all three elsewhere" ]]
	chmod 755 ro
	bound sm-cache list --cache ro/store.db | jq -es 'map(select(.type == "answer").ms) | unique == [5]'
}

@test "a damaged store is not moved by who only reads it" {
	fill
	sqlite3 "$SM_CACHE" 'pragma wal_checkpoint(truncate)' >/dev/null
	truncate -s 8192 "$SM_CACHE"
	for verb in list count export "prune --older 0"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr sm-cache $verb
		[ "$status" -eq 3 ]
		[[ $stderr == *"no store, or damaged; name another store"* ]]
	done
	[ -z "$(damaged)" ]
}

@test "--help names what it can do" {
	run --separate-stderr sm-cache --help
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "Usage: sm-cache [OPTION ...] list | count | export | import | prune | forget | schema [FILE ...]" ]]
	[ -z "$stderr" ]
	[ ! -e "$SM_CACHE" ]
}

@test "what to do must be said: 2" {
	for words in "" "nonsense" "list x" "export x"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr sm-cache $words </dev/null
		[ "$status" -eq 2 ]
		[[ $stderr == "sm-cache: give one of list, count, export, import"* ]]
		[ ! -e "$SM_CACHE" ]
	done
}

# bats test_tags=store
@test "a list or an export that cannot be written is 3" {
	fill
	for verb in list export; do
		run bash -c "sm-cache $verb >/dev/full"
		[ "$status" -eq 3 ]
		[[ $output == "sm-cache: cannot write output: No space left on device; "* ]]
	done
}

@test "a store that is none is 3, and stays as it is" {
	echo 'this is a text, and long enough to be looked at as a database file' >text.db
	cp text.db before.db
	run --separate-stderr sm-cache list --cache text.db
	[ "$status" -eq 3 ]
	[[ $stderr == *text.db* ]]
	cmp text.db before.db
}

@test "where no store is named it is below XDG_CACHE_HOME, else below ~/.cache" {
	unset SM_CACHE
	sm-cache import -q </dev/null
	[ -s .cache/synthesizeme/store.db ]
	XDG_CACHE_HOME=$PWD/xdg sm-cache import -q </dev/null
	[ -s xdg/synthesizeme/store.db ]
}

@test "the store can be read by its owner alone" {
	fill
	[ "$(stat -c %a "$SM_CACHE")" = 600 ]
}

# bats test_tags=store
@test "prune forgets by age, by model, or both, and says how many" {
	fill
	sm-cache export >a.jsonl
	{
		jq -c 'select(.type == "answer") | .created -= 3 * 86400' a.jsonl | head -n 5
		grep '"type":"answer"' a.jsonl | tail -n +6 | head -n 4 | sed 's/"model":"mock","sample"/"model":"other","sample"/'
		grep '"type":"answer"' a.jsonl | tail -n 3
	} | sm-cache import -q --cache "$other"
	left() { sm-cache list --cache "$other" | wc -l; }
	run --separate-stderr sm-cache prune --cache "$other" --older 4
	[ "$status" -eq 0 ]
	[ "$stderr" = "sm-cache: 0 answers forgotten" ]
	[ "$(left)" -eq 12 ]
	run --separate-stderr sm-cache prune --cache "$other" --older 2 --model other
	[ "$stderr" = "sm-cache: 0 answers forgotten" ]
	run --separate-stderr sm-cache prune --cache "$other" --older 2
	[ "$stderr" = "sm-cache: 5 answers forgotten" ]
	run --separate-stderr sm-cache prune --cache "$other" --model other
	[ "$stderr" = "sm-cache: 4 answers forgotten" ]
	[ "$(left)" -eq 3 ]
	sm-cache prune -q --cache "$other" --older 0
	[ "$(left)" -eq 0 ]
}

@test "prune gives the room back, and leaves what is known of endpoints" {
	fill
	sm-cache prune -q --older 0
	[ "$(sm-cache list | jq -r .type | sort | uniq -c | awk '{print $1, $2}')" = "2 endpoint
1 recording" ]
	[ "$(sqlite3 "$SM_CACHE" 'pragma freelist_count')" -eq 0 ]
	# it is known still: none of the twelve is asked in vain
	calls=$(mock_calls)
	sm-split -q --test 2 "$prefs" | sm-judge -q >/dev/null
	[ "$(mock_calls)" -eq $((calls + 12)) ]
}

# bats test_tags=store
@test "prune without saying which is 2, and forgets nothing" {
	fill
	run --separate-stderr sm-cache prune
	[ "$status" -eq 2 ]
	[[ $stderr == *"say which answers to forget; give --older"* ]]
	[ "$(sm-cache list | wc -l)" -eq 15 ]
}

# Spoils a store in the middle: pages of zeros that are no part of any tree.
spoil() {
	sqlite3 "$1" 'pragma wal_checkpoint(truncate)' >/dev/null
	dd if=/dev/urandom of="$1" bs=4096 seek=2 count="$(($(stat -c %s "$1") / 4096 - 2))" conv=notrunc status=none
}

damaged() { find . -name 'cache.db.damaged-*' ! -name '*-wal' ! -name '*-shm'; }

@test "a truncated store is set aside with a word, and a new one begun" {
	fill
	sqlite3 "$SM_CACHE" 'pragma wal_checkpoint(truncate)' >/dev/null
	size=$(stat -c %s "$SM_CACHE")
	truncate -s $((size / 2)) "$SM_CACHE"
	run --separate-stderr sm-judge -q <<<"$(sm-split -q --test 2 "$prefs")"
	[ "$status" -eq 0 ]
	[[ $stderr == "sm-judge: store $SM_CACHE is damaged, and was set aside as $SM_CACHE.damaged-"*"; a new one is begun" ]]
	[ "$(stat -c %s "$(damaged)")" -eq $((size / 2)) ]
	[ "$(sqlite3 "$SM_CACHE" 'select count(*) from answer')" -eq 12 ]
	[ "$(stat -c %a "$SM_CACHE")" = 600 ]
}

@test "damage that shows later ends the run, is set aside too, and the next run begins anew" {
	fill
	spoil "$SM_CACHE"
	run --separate-stderr sm-judge -q <<<"$(sm-split -q --test 2 "$prefs")"
	if [ "$status" -ne 0 ]; then
		[ "$status" -eq 3 ]
		[[ $stderr == *"store $SM_CACHE is damaged, and was set aside as "*"; run the same command again"* ]]
		[[ $output != *'"type":"verdict"'* ]]
		sm-judge -q <<<"$(sm-split -q --test 2 "$prefs")" >/dev/null
	else
		[[ $stderr == *"a new one is begun"* ]]
	fi
	[ "$(sqlite3 "$SM_CACHE" 'select count(*) from answer')" -eq 12 ]
	[ "$(damaged | wc -l)" -eq 1 ]
}

@test "several programs that meet the damage at once set it aside once, and all go on" {
	fill
	sqlite3 "$SM_CACHE" 'pragma wal_checkpoint(truncate)' >/dev/null
	truncate -s 8192 "$SM_CACHE"
	run --separate-stderr sm-fit -q --test 2 "$prefs"
	[ "$status" -eq 0 ]
	[ "$(damaged | wc -l)" -eq 1 ]
	[ "$(sqlite3 "$SM_CACHE" 'pragma integrity_check')" = ok ]
}

@test "what is no store is never moved: 3" {
	echo "not a database, but somebody's text" >mine.txt
	cp mine.txt copy.txt
	run --separate-stderr sm-cache list --cache mine.txt
	[ "$status" -eq 3 ]
	[[ $stderr == *"no store, or damaged; name another store"* ]]
	cmp mine.txt copy.txt
	sqlite3 other.db 'create table t (a); insert into t values (1)'
	run --separate-stderr sm-cache list --cache other.db
	[ "$status" -eq 3 ]
	[[ $stderr == *"another program's database"* ]]
	[ "$(find . -name '*.damaged-*' | wc -l)" -eq 0 ]
}

# bats test_tags=store
@test "count: a line for each endpoint and model, that agrees with the list" {
	fill
	sm-split -q --test 1 "$prefs" | sm-judge -q -M zebra >/dev/null
	sm-cache count >count.jsonl
	[ "$(jq -r .model count.jsonl | paste -sd ' ')" = "mock zebra" ]
	sm-cache export | jq -cs 'map(select(.type == "answer")) | group_by([.endpoint, .model])[] | {type: "count", user_id: null,
		endpoint: .[0].endpoint, model: .[0].model, answers: length, oldest: map(.created) | min, newest: map(.created) | max,
		tokens: {in: map(.tokens.in) | add, out: map(.tokens.out) | add}}' >expected.jsonl
	cmp <(jq -cS 'del(.bytes)' count.jsonl) <(jq -cS . expected.jsonl)
	[ "$(jq -s 'map(.bytes) | add' count.jsonl)" -eq "$(store_sql 'select sum(length(response)) from answer')" ]
}

# bats test_tags=store
@test "prune --max-size: the oldest answers go until the rest fits, of one model if that is said" {
	fill
	sm-split -q --test 1 "$prefs" | sm-judge -q -M zebra >/dev/null
	store_sql 'update answer set created = created - 10 * (100 - id)'
	sm-cache list | jq -r 'select(.type == "answer").key' >keys
	size=$(store_sql 'select sum(length(response)) from (select response from answer order by id desc limit 5) as newest')
	run --separate-stderr sm-cache prune --max-size "$size"
	[[ $stderr == "sm-cache: 13 answers forgotten" ]]
	cmp <(sm-cache list | jq -r 'select(.type == "answer").key') <(tail -n 5 keys)
	run --separate-stderr sm-cache prune --max-size "$size"
	[[ $stderr == "sm-cache: 0 answers forgotten" ]]
	run --separate-stderr sm-cache prune --max-size 0 --model mock
	[[ $stderr == "sm-cache: 0 answers forgotten" ]]
	run --separate-stderr sm-cache prune --max-size 0 --model zebra --older 1
	[[ $stderr == "sm-cache: 0 answers forgotten" ]]
	run --separate-stderr sm-cache prune --max-size 0 --model zebra
	[[ $stderr == "sm-cache: 5 answers forgotten" ]]
}
