# Files that other users of the machine may have a hand in: the store and what lies beside it, batches,
# the board of the progress line. And a store from elsewhere.
load helper

setup() {
	prefs=$top/examples/prefs.jsonl
	cd "$BATS_TEST_TMPDIR" || return 1
	sm-split -q --test 2 "$prefs" >in.jsonl
	grep -m 1 '"split":"test"' in.jsonl >single.jsonl
}

teardown() {
	mock_stop
	[ -z "${held-}" ] || kill "$held" 2>/dev/null || true
}

# as_other COMMAND ...: as another user of this machine.
as_other() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

needs_root() {
	[ "$(id -u)" -eq 0 ] || skip "only root can be another user"
}

# fill: a store with 12 answers, in one file.
fill() {
	mock_start --decide longer
	sm-judge -q in.jsonl >recorded.jsonl
	sqlite3 "$SM_CACHE" 'pragma wal_checkpoint(truncate)' >/dev/null
}

# The verdicts of a file, without how long they took.
verdicts() {
	grep '"type":"verdict"' "$1" | sed 's/,"ms":[0-9.]*//'
}

# refused TEXT COMMAND ...: exit status 3, one line that says TEXT.
refused() {
	local text=$1
	shift
	run --separate-stderr timeout 60 "$@"
	if [ "$status" -ne 3 ] || [[ $stderr != *"$text"* ]] || [ ${#stderr_lines[@]} -ne 1 ]; then
		echo "$*: $status $stderr"
		return 1
	fi
}

# everywhere TEXT: all who open the store refuse it so.
everywhere() {
	: >mock.log
	refused "$1" sm-judge -q in.jsonl
	refused "$1" sm-judge -q --replay in.jsonl
	refused "$1" sm-cache list
	refused "$1" sm-cache prune --older 1
	refused "$1" sm-cache import -q recorded.jsonl
	[ "$(mock_calls)" -eq 0 ]
}

# hold HOW FILE [COMMAND ...]: a process, of another user by COMMAND, that keeps the lock of FILE; `held` is its number.
hold() {
	local how=$1 file=$2
	shift 2
	: >held.txt # of an earlier one
	"$@" /usr/bin/python3 -c '
import fcntl, os, sys, time
how, file = sys.argv[1:]
if how == "flock":
    fcntl.flock(os.open(file, os.O_RDONLY), fcntl.LOCK_EX)
else:
    kept = os.open(file, os.O_RDWR if how == "write" else os.O_RDONLY)
    fcntl.lockf(kept, fcntl.LOCK_EX if how == "write" else fcntl.LOCK_SH)
print("held", flush=True)
time.sleep(60)' "$how" "$file" >held.txt 3>&- &
	held=$!
	for ((i = 0; i < 500; i++)); do
		[ ! -s held.txt ] || break
		sleep 0.02
	done
	[ -s held.txt ]
}

@test "a store that others can change is refused, and so is what lies beside it" {
	fill
	for mode in 620 602 666; do
		chmod "$mode" "$SM_CACHE"
		everywhere "$SM_CACHE can be changed by other users"
		[[ $stderr == *"chmod go-w $SM_CACHE" ]]
	done
	chmod 600 "$SM_CACHE"
	for suffix in -wal -shm -journal -claims; do
		rm -f "$SM_CACHE$suffix"
		touch "$SM_CACHE$suffix"
		chmod 666 "$SM_CACHE$suffix"
		everywhere "$SM_CACHE$suffix can be changed by other users"
		rm "$SM_CACHE$suffix"
	done
	sm-judge -q --replay in.jsonl >/dev/null
}

@test "a store of another user is refused, and so are their files beside one's own" {
	needs_root
	fill
	chown 65534 "$SM_CACHE"
	everywhere "$SM_CACHE belongs to another user (65534)"
	chown 0 "$SM_CACHE"
	touch "$SM_CACHE-wal"
	chown 65534 "$SM_CACHE-wal"
	everywhere "$SM_CACHE-wal belongs to another user"
	rm "$SM_CACHE-wal"
	# root's is taken, by others too: nobody else can change it
	chmod 644 "$SM_CACHE"
	mkdir -m 777 theirs
	cp -p "$SM_CACHE" theirs
	chmod 711 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
	cd theirs
	as_other "$BIN/sm-cache" count --cache cache.db | jq -e '.answers == 12'
}

@test "a store is no link, nor is anything beside it; a folder may be one" {
	fill
	mv "$SM_CACHE" real.db
	ln -s real.db "$SM_CACHE"
	everywhere "store $SM_CACHE is a symbolic link; name the file itself"
	rm "$SM_CACHE"
	ln -s nowhere "$SM_CACHE"
	refused 'is a symbolic link' sm-judge -q in.jsonl
	[ ! -e nowhere ]
	rm "$SM_CACHE"
	mv real.db "$SM_CACHE"
	: >target
	for suffix in -wal -shm -claims; do
		rm -f "$SM_CACHE$suffix"
		ln -s target "$SM_CACHE$suffix"
		everywhere "$SM_CACHE$suffix is a symbolic link"
		rm "$SM_CACHE$suffix"
	done
	[ ! -s target ]
	mkdir real
	mv "$SM_CACHE" real/store.db
	ln -s real 'a link'
	sm-judge -q --replay --cache 'a link/store.db' in.jsonl >/dev/null
	sm-judge -q --cache 'a link/store.db' in.jsonl | tail -n 1 | jq -e '.hits == 12'
}

@test "a store with a trigger, a view, a table or a column of somebody else's is refused with its name" {
	fill
	cp "$SM_CACHE" own.db
	while read -r what sql; do
		cp own.db "$SM_CACHE"
		sqlite3 "$SM_CACHE" "$sql"
		everywhere "store $SM_CACHE has a ${what/_/ } that no store of ours has"
	done <<'END'
trigger_flip CREATE TRIGGER flip AFTER INSERT ON answer BEGIN UPDATE answer SET response = '{}' WHERE id = NEW.id; END
view_more CREATE VIEW more AS SELECT * FROM answer
table_more CREATE TABLE more (a)
index_more CREATE INDEX more ON answer (upper(response))
table_answer ALTER TABLE answer RENAME TO gone; CREATE TABLE answer AS SELECT * FROM gone; DROP TABLE gone
view_answer ALTER TABLE answer RENAME TO kept; CREATE VIEW answer AS SELECT * FROM kept; ALTER TABLE kept RENAME TO fact2; DROP TABLE fact2
table_answer ALTER TABLE answer ADD COLUMN more DEFAULT 1
END
	# what SQLite's own tools do is no harm
	cp own.db "$SM_CACHE"
	sqlite3 "$SM_CACHE" 'ANALYZE; ALTER TABLE answer RENAME TO gone; ALTER TABLE gone RENAME TO answer; VACUUM'
	sm-judge -q --replay in.jsonl >/dev/null
}

@test "a store of before: read as it is, and given what it lacks by who writes" {
	fill
	sqlite3 "$SM_CACHE" 'ALTER TABLE answer DROP COLUMN digest; PRAGMA user_version = 2; PRAGMA journal_mode = delete' >/dev/null
	cp "$SM_CACHE" old.db
	[ "$(sm-cache export | grep -c '^{"type":"answer",')" -eq 12 ]
	sm-judge -q --replay in.jsonl >/dev/null
	cmp "$SM_CACHE" old.db
	sm-judge -q --temperature 0.5 single.jsonl >/dev/null
	sm-judge -q in.jsonl | tail -n 1 | jq -e '.hits == 12 and .calls == 0'
	[ "$(sqlite3 "$SM_CACHE" 'select count(*) from answer where digest is null')" -eq 12 ]
	[ "$(sqlite3 "$SM_CACHE" 'select count(*) from answer where digest is not null')" -gt 0 ]
}

@test "an answer with one wrong byte is asked for anew, and told" {
	fill
	sqlite3 "$SM_CACHE" "update answer set response = replace(response, 'First', 'Secnd') where id = (select min(id) from answer where response like '%First%')"
	cp "$SM_CACHE" spoiled.db
	run --separate-stderr sm-judge -q --replay in.jsonl
	[ "$status" -eq 8 ] || [ "$status" -eq 1 ]
	[[ $stderr == *"store $SM_CACHE: answers that are not what was recorded: 1; its file is damaged, or was edited; they count as missing"* ]]
	run --separate-stderr sm-cache export
	[ "$status" -eq 1 ]
	[ "$(grep -c '^{"type":"answer",' <<<"$output")" -eq 11 ]
	[[ $stderr == *"they are left out" ]]
	mock_start --decide longer
	sm-judge -q in.jsonl >again.jsonl 2>err
	grep -F 'they were asked for anew' err
	[ "$(mock_calls)" -eq 1 ]
	cmp <(verdicts recorded.jsonl) <(verdicts again.jsonl)
	sm-judge -q in.jsonl 2>err | tail -n 1 | jq -e '.hits == 12'
	[ ! -s err ]
}

@test "a byte flipped in the file itself changes no verdict without a word" {
	fill
	# where a text of an answer stands; the first, in the middle, the last
	grep -abo 'As the mock decides' "$SM_CACHE" | cut -d: -f1 >offsets
	[ "$(wc -l <offsets)" -ge 12 ]
	cp "$SM_CACHE" own.db
	sed -n "1p;6p;\$p" offsets | while read -r offset; do
		cp own.db "$SM_CACHE"
		printf 'X' | dd of="$SM_CACHE" bs=1 seek="$offset" conv=notrunc status=none
		sm-judge -q in.jsonl >again.jsonl 2>err
		grep -F 'are not what was recorded: 1;' err
		cmp <(verdicts recorded.jsonl) <(verdicts again.jsonl)
	done
}

@test "a store that is taken away in the middle of a run ends it with a word" {
	mock_start --decide longer --latency 300
	sm-judge -q -j 1 in.jsonl >out.jsonl 2>err &
	run=$!
	for ((i = 0; i < 1000; i++)); do
		[ "$(mock_calls)" -lt 2 ] || break
		sleep 0.02
	done
	rm "$SM_CACHE"
	status=0
	wait "$run" || status=$?
	[ "$status" -eq 3 ]
	grep -Fx "sm-judge: store $SM_CACHE was removed, moved or replaced while it was in use; put it back before you run the same command again, or all is asked anew" err
	[ "$(mock_calls)" -lt 6 ]
}

@test "without HOME and XDG_CACHE_HOME a place must be named: 2" {
	mock_start --decide longer
	unset SM_CACHE
	for command in "sm-judge -q" "sm-judge -q --replay" "sm-cache list"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr env -u HOME $command
		[ "$status" -eq 2 ]
		[[ $stderr == *"there is no place for the store: neither HOME nor XDG_CACHE_HOME is set; name a file with --cache or SM_CACHE" ]]
	done
	run --separate-stderr env -u HOME sm-import -q personalrewardbench --hf a/b --hf-url http://127.0.0.1:9
	[ "$status" -eq 2 ]
	[[ $stderr == *"name a folder with --pages" ]]
	env -u HOME sm-judge -q --no-cache single.jsonl >/dev/null
	env -u HOME sm-judge -q --cache a.db single.jsonl >/dev/null
	[ ! -e .cache ]
}

@test "a lock that is held for ever is told with who holds it" {
	fill
	hold flock .
	refused "the lock of folder ./ cannot be had (held by process $held); end that program" sm-judge -q --cache ./new.db in.jsonl
	kill "$held"
	sm-judge -q --cache batched.db --batch calls.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
	hold write calls.jsonl
	refused "calls.jsonl: its lock cannot be had (held by process $held); end that program" sm-judge -q --cache batched.db --batch calls.jsonl in.jsonl
}

@test "a program that hangs with a request is told, and waited for in vain only so long" {
	mock_start --decide longer
	sm-judge -q --timeout 0.5 in.jsonl >/dev/null # makes the file of claims
	sm-cache prune --older 0 -q
	hold write "$SM_CACHE-claims"
	run --separate-stderr timeout 60 sm-judge --timeout 0.5 in.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *"waiting for process $held, which has the same request under way"* ]]
	[[ $stderr == *"process $held has had the same request under way for "*" s, and no answer; end that process"* ]]
}

@test "another user cannot hold up a run by its file of claims, however it is readable" {
	needs_root
	fill
	sm-cache prune --older 0 -q
	chmod 644 "$SM_CACHE-claims"
	chmod 711 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
	hold read "$SM_CACHE-claims" as_other
	timeout 30 sm-judge -q in.jsonl | tail -n 1 | jq -e '.calls == 12'
	[ "$(stat -c %a "$SM_CACHE-claims")" = 600 ]
}

@test "a batch's file is one's own, and no link" {
	mock_start --decide longer
	: >calls.jsonl
	chmod 622 calls.jsonl
	refused 'calls.jsonl can be changed by other users' sm-judge -q --batch calls.jsonl in.jsonl
	chmod 600 calls.jsonl
	ln -s calls.jsonl link.jsonl
	refused 'link.jsonl: it is a symbolic link' sm-judge -q --batch link.jsonl in.jsonl
	[ ! -s calls.jsonl ]
}

# on_terminal COMMAND: what it shows on a terminal, with tmp/ for temporary files.
on_terminal() {
	TMPDIR=$PWD/tmp script -qec "stty cols 120; $1" /dev/null </dev/null 3>&-
}

# boards: those that are there now.
boards() {
	find tmp run -type f -name 'synthesizeme-*' 2>/dev/null
}

# while_judging COMMAND: a run on a terminal, and the command once its board is there, or when it is over.
while_judging() {
	rm -f out.jsonl
	on_terminal "$(declare -f boards)
		sm-judge -j 2 --no-cache in.jsonl >out.jsonl & run=\$!
		until [ -n \"\$(boards)\" ] || ! kill -0 \$run; do sleep 0.02; done
		$1
		wait \$run; echo status \$?" >shown
	tr -d '\r' <shown | grep -aqx '.*status 0'
	[ "$(grep -c '"type":"verdict"' out.jsonl)" -eq 12 ]
}

@test "the board of the progress line is one's own, in a folder of one's own, and gone at the end" {
	mock_start --decide longer --latency 200
	mkdir -m 1777 tmp
	while_judging 'find tmp -name "synthesizeme-*" -printf "%m %y %f\n" >seen'
	grep -Fx "700 d synthesizeme-$(id -u)" seen
	grep -E '^600 f synthesizeme-[0-9]+$' seen
	grep -aqE '[0-9]+ calls' shown
	[ -z "$(ls tmp)" ]
	# the folder that the system gives is taken, if only its owner can enter it
	mkdir -m 700 run
	export XDG_RUNTIME_DIR=run
	while_judging 'boards >seen'
	grep -E '^run/synthesizeme-[0-9]+$' seen
	grep -aqE '[0-9]+ calls' shown
	chmod 770 run
	while_judging 'boards >seen'
	grep -E '^tmp/synthesizeme-[0-9]+/synthesizeme-[0-9]+$' seen
}

@test "a board that is cut, or filled with something else, ends no run, and nothing of it is shown" {
	mock_start --decide longer --latency 200
	mkdir -m 1777 tmp
	while_judging 'file=$(boards); truncate -s 0 $file; sleep 0.3; printf "\033[31mBOOM\007%.0s" $(seq 1000) >$file'
	run ! grep -a BOOM shown
}

@test "a folder or link of another user in the board's place: no bar, and no harm" {
	needs_root
	mock_start --decide longer --latency 50
	mkdir -m 1777 tmp
	place=tmp/synthesizeme-$(id -u)
	mkdir -m 700 "$place"
	chown 65534 "$place"
	while_judging true
	run ! grep -aE '[0-9] calls' shown
	[ -z "$(ls "$place")" ]
	rmdir "$place"
	mkdir -m 700 mine
	ln -s ../mine "$place"
	while_judging true
	run ! grep -aE '[0-9] calls' shown
	[ -z "$(ls mine)" ]
}
