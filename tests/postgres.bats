# A store on a PostgreSQL server: what holds for one in a file holds here, and for programs that share nothing else.
load helper
load postgres

setup_file() {
	load postgres
	pg_start
}

teardown_file() {
	load postgres
	pg_end
}

setup() {
	need_postgres
	pg_home=$BATS_FILE_TMPDIR/pg
	prefs=$top/examples/prefs.jsonl
	cd "$BATS_TEST_TMPDIR" || return 1
	sm-split -q --test 2 "$prefs" >in.jsonl
	psql -qAtc 'SELECT' >/dev/null 2>/dev/null || pg_start # after a test that failed while it was stopped
	pg_database
}

# alike FILE: its tests of any store, on this server.
alike() {
	unset BATS_TEST_NUMBER
	SM_TEST_SERVER=yes timeout 100 bats -j 2 --filter-tags store "$BATS_TEST_DIRNAME/$1" >alike.tap 2>&1 3>&- || { grep -v '^ok' alike.tap; false; }
	[ "$(grep -c '^ok' alike.tap)" -ge "$2" ]
	run ! grep '# skip' alike.tap
}

@test "sm-cache does with it what it does with a file" {
	alike sm-cache.bats 14
}

@test "limits and caps hold on it as in a file" {
	alike limits.bats 8
}

# several N COMMAND ...: N of them at once; the sum of their exit statuses is not asked.
several() {
	local n=$1 i
	shift
	for ((i = 0; i < n; i++)); do
		"$@" >"out.$i" 2>"err.$i" 3>&- &
	done
	# shellcheck disable=SC2046 # numbers
	wait $(jobs -p) || true
}

@test "16 programs with an empty database: one makes the tables; each request is paid for once" {
	mock_start --decide longer --latency 20
	several 16 sm-judge -q in.jsonl
	[ "$(mock_calls)" -eq 12 ]
	tail -qn 1 out.* | holds - 'map(.calls + .hits) == [range(16) | 12]'
	[ "$(store_sql 'select count(*) from answer')" -eq 12 ]
	sm-judge -q in.jsonl | tail -n 1 | jq -e '.calls == 0 and .hits == 12'
}

@test "a cap of 20 calls is 20 calls, of 16 programs that share only the server" {
	mock_start --decide longer --latency 5
	capped() { # each in a folder and a group of its own
		mkdir "own.$BASHPID"
		TMPDIR=$PWD/own.$BASHPID SM_RUN=array setsid sm-judge -q --max-calls 20 --temperature "0.$((BASHPID % 10))" in.jsonl
	}
	several 16 capped
	[ "$(mock_calls)" -eq 20 ]
	[ "$(store_sql 'select calls from run')" -eq 20 ]
	[ "$(store_sql 'select count(*) from answer')" -eq 20 ]
}

# begin: a run of 12 slow calls, two at a time, in the background, until some are paid for.
begin() {
	mock_start --decide longer --latency 400
	sm-judge -q -j 2 "$@" in.jsonl >out.jsonl 2>err 3>&- &
	run_pid=$!
	for ((i = 0; i < 100 && $(mock_calls) < 4; i++)); do sleep 0.1; done
	[ "$(mock_calls)" -ge 4 ]
}

@test "a server that is stopped or killed in the middle of a run, and comes again: nothing is lost or paid for twice" {
	for how in stop kill; do
		[ "$how" = stop ] || pg_database
		begin
		"pg_$how"
		sleep 1.5 # what is in flight ends meanwhile
		calls=$(mock_calls)
		[ "$calls" -lt 12 ]
		pg_start
		wait "$run_pid"
		[ ! -s err ]
		[ "$(mock_calls)" -eq 12 ]
		[ "$(store_sql 'select count(*) from answer')" -eq 12 ]
		sm-judge -q in.jsonl | tail -n 1 | jq -e '.calls == 0 and .hits == 12'
	done
}

@test "a server that stays away ends the run: 3, and what was paid for meanwhile is kept in a file" {
	export SM_STORE_PATIENCE=1.5
	begin
	pg_stop
	status=0
	wait "$run_pid" || status=$?
	[ "$status" -eq 3 ]
	grep -E "^sm-judge: store $SM_CACHE: the server was away for 2 seconds: .*; run the same command again when it is back: what it has is kept$" err
	grep -E "^sm-judge: store $SM_CACHE: the server is away; answers that were paid for meanwhile: [12], kept in $HOME/.cache/synthesizeme/unsent.db; when it is back, take them in with sm-cache export --cache FILE \| sm-cache import, remove FILE, and run the same command again$" err
	[ "$(grep -c . err)" -eq 2 ]
	calls=$(mock_calls)
	run --separate-stderr sm-judge -q in.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-judge: store $SM_CACHE: cannot connect: "* ]]
	pg_start
	sm-cache export --cache .cache/synthesizeme/unsent.db | sm-cache import -q
	sm-judge -q in.jsonl | tail -n 1 | jq -e --argjson c "$calls" '.hits == $c and .calls == 12 - $c'
}

@test "programs that are killed leave no claim behind, and only what they had in flight is paid for twice" {
	mock_start --decide longer --latency 100
	for ((i = 0; i < 8; i++)); do
		sm-judge -q -j 2 in.jsonl >"out.$i" 2>/dev/null 3>&- &
		pids[i]=$!
	done
	for ((i = 0; i < 500 && $(mock_calls) < 4; i++)); do sleep 0.02; done
	for i in 1 3 4 6; do kill -9 "${pids[i]}"; done
	for i in 0 2 5 7; do wait "${pids[i]}"; done
	tail -qn 1 out.[0257] | holds - 'map(.calls + .hits) == [12, 12, 12, 12]'
	[ "$(mock_calls)" -le $((12 + 4 * 2)) ]
	[ "$(store_sql 'select count(*) from answer')" -eq 12 ]
	claims() { store_sql "select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"; }
	for ((i = 0; i < 100 && $(claims) > 0; i++)); do sleep 0.05; done # a session notices that its program is gone
	[ "$(claims)" -eq 0 ]
	calls=$(mock_calls)
	sm-judge -q in.jsonl >/dev/null
	[ "$(mock_calls)" -eq "$calls" ]
}

@test "who is waited for is told, with the machine" {
	mock_start --decide longer --latency 6000
	sm-judge -q in.jsonl >/dev/null 2>&1 3>&- &
	first=$!
	for ((i = 0; i < 500 && $(mock_calls) < 1; i++)); do sleep 0.02; done
	timeout -s KILL 5.5 sm-judge in.jsonl 2>err >/dev/null || true
	kill -9 "$first"
	grep -Fx "sm-judge: waiting for process $first on $(hostname), which has the same request under way" err
}

@test "a password in the address is refused, and shown nowhere; libpq's own ways are taken" {
	secret=s3cr3t-0123456789
	for url in "postgresql://postgres:$secret@127.0.0.1:$PGPORT/${SM_CACHE##*/}" "$SM_CACHE?password=$secret" "$SM_CACHE?sslpassword=$secret"; do
		run sm-judge -q --cache "$url" in.jsonl
		[ "$status" -eq 2 ]
		[[ $output == "sm-judge: the address of store $SM_CACHE has a password in it, which others can see; take it out, and put a line host:port:database:user:password into ~/.pgpass (chmod 600)"* ]]
		[[ $output != *s3cr3t* ]]
		SM_CACHE=$url run sm-cache count
		[ "$status" -eq 2 ]
		[[ $output != *s3cr3t* ]]
	done
	run sm-cache count --cache "postgresql://postgres:$secret@[broken/x"
	[ "$status" -eq 2 ]
	[ "$output" = "sm-cache: the address of the store, postgresql://..., cannot be read; write it as postgresql://HOST/DATABASE, with % codes for special characters" ]
	# ~/.pgpass, though the programs unset HOME
	psql -qc "CREATE ROLE guarded LOGIN SUPERUSER PASSWORD '$secret'"
	sed -i '1i host all guarded 127.0.0.1/32 scram-sha-256' "$pg_home/data/pg_hba.conf"
	psql -qc 'SELECT pg_reload_conf()' >/dev/null
	mock_start --decide longer
	run --separate-stderr env PGUSER=guarded sm-judge -q in.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *"cannot connect: "*"no password supplied"* ]]
	(umask 077; echo "127.0.0.1:$PGPORT:*:guarded:$secret" >.pgpass)
	PGUSER=guarded sm-judge -q in.jsonl >out.jsonl 2>err
	[ ! -s err ]
	run ! grep -r s3cr3t out.jsonl
	[ "$(store_sql 'select count(*) from answer')" -eq 12 ]
	store_sql 'DROP OWNED BY guarded; DROP ROLE guarded'
}

@test "a schema with something that no store of ours has, or without what it has, is refused with its name" {
	sm-cache schema >schema.sql
	while IFS='|' read -r what sql; do
		{
			echo 'DROP SCHEMA IF EXISTS synthesizeme CASCADE;'
			cat schema.sql
			echo "SET search_path = synthesizeme; $sql"
		} | psql -q -v ON_ERROR_STOP=1 -d "${SM_CACHE##*/}" >/dev/null
		run --separate-stderr sm-cache list
		if [ "$status" -ne 3 ] || [[ $stderr != *": store $SM_CACHE $what"* ]]; then
			echo "$sql: $status $stderr"
			false
		fi
	done <<'END'
has a table answer that|CREATE FUNCTION flip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER flip BEFORE INSERT ON answer FOR EACH ROW EXECUTE FUNCTION flip()
has a table answer that|CREATE RULE flip AS ON INSERT TO answer DO INSTEAD NOTHING
has a table fact that|ALTER TABLE fact ADD CHECK (value <> 'x')
has a table answer that|ALTER TABLE answer ALTER ms SET DEFAULT 1
has a table answer that|ALTER TABLE answer ADD more text
has a table answer that|ALTER TABLE answer ENABLE ROW LEVEL SECURITY
has a table answer that|CREATE TABLE heir () INHERITS (answer)
has a view a that|CREATE VIEW a AS SELECT 1
has a view zebra that|CREATE VIEW zebra AS SELECT 1
has no table sent as|DROP TABLE sent
has a index more that|CREATE INDEX more ON answer (upper(response))
was made by another version|UPDATE store SET version = 2
END
	mock_start
	for command in "sm-judge -q in.jsonl" "sm-judge -q --replay in.jsonl" "sm-cache import -q in.jsonl" "sm-cache prune --older 1"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr $command
		[ "$status" -eq 3 ]
		[[ $stderr == *"was made by another version"* ]]
	done
	[ "$(mock_calls)" -eq 0 ]
}

@test "names and texts are never SQL, and another search path leads nowhere else" {
	name="m'); DROP TABLE synthesizeme.answer; --"
	psql -qc "ALTER DATABASE ${SM_CACHE##*/} SET search_path = hostile, public" -c "ALTER DATABASE ${SM_CACHE##*/} SET default_transaction_read_only = on"
	PGOPTIONS='-c default_transaction_read_only=off' psql -q -d "${SM_CACHE##*/}" -c "CREATE SCHEMA hostile" -c "CREATE FUNCTION hostile.encode(bytea, text) RETURNS text LANGUAGE sql AS 'SELECT ''x'''"
	mock_start --decide longer
	sm-judge -q -M "$name" in.jsonl | tail -n 1 | jq -e '.calls == 12'
	sm-judge -q -M "$name" in.jsonl | tail -n 1 | jq -e '.hits == 12'
	sm-cache count | jq -e --arg n "$name" '.model == $n and .answers == 12'
	sm-cache forget -q --endpoint "x' OR '1'='1" || [ $? -eq 1 ]
	sm-cache list | jq -es 'map(select(.type == "endpoint")) | length > 0'
}

@test "who may not make the schema is told what to do, and works in one that was granted" {
	psql -qc 'CREATE ROLE guest LOGIN'
	run --separate-stderr env PGUSER=guest sm-cache import </dev/null
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-cache: store $SM_CACHE: cannot create tables: permission denied for database "*"; let who may create schemas in this database run: sm-cache schema | psql"* ]]
	sm-cache schema | psql -q -d "${SM_CACHE##*/}"
	run --separate-stderr env PGUSER=guest sm-cache list
	[ "$status" -eq 3 ]
	[[ $stderr == *"permission denied"*"GRANT"* ]]
	store_sql 'GRANT USAGE ON SCHEMA synthesizeme TO guest; GRANT ALL ON ALL TABLES IN SCHEMA synthesizeme TO guest'
	mock_start --decide longer
	PGUSER=guest sm-judge -q --max-calls 100 in.jsonl | tail -n 1 | jq -e '.calls == 12'
	# who may only read replays
	store_sql 'REVOKE ALL ON ALL TABLES IN SCHEMA synthesizeme FROM guest; GRANT SELECT ON ALL TABLES IN SCHEMA synthesizeme TO guest'
	PGUSER=guest sm-judge -q --replay in.jsonl >/dev/null
	store_sql 'DROP OWNED BY guest; DROP ROLE guest'
}

@test "a database without a store is 3 but for import, a wrong one tells why" {
	for verb in list count export "prune --older 1" "forget --endpoint x"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr sm-cache $verb
		[ "$status" -eq 3 ]
		[ "$stderr" = "sm-cache: there is no store in $SM_CACHE; name the one of a run with --cache or SM_CACHE, or fill it with sm-cache import" ]
	done
	[ -z "$(psql -qAt -d "${SM_CACHE##*/}" -c "select 1 from pg_namespace where nspname = 'synthesizeme'")" ]
	run --separate-stderr sm-cache list --cache "${SM_CACHE}_not"
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-cache: store ${SM_CACHE}_not: cannot connect: "*" does not exist; "* ]]
}

@test "an answer with one wrong byte is asked for anew, and told" {
	mock_start --decide longer
	sm-judge -q in.jsonl >recorded.jsonl
	store_sql "update answer set response = replace(response, 'First', 'Secnd') where id = (select min(id) from answer where response like '%First%')"
	run --separate-stderr sm-cache export
	[ "$status" -eq 1 ]
	[[ $stderr == *"store $SM_CACHE: answers that are not what was recorded: 1;"* ]]
	calls=$(mock_calls)
	sm-judge -q in.jsonl >again.jsonl 2>err
	grep -F 'they were asked for anew' err
	[ "$(mock_calls)" -eq $((calls + 1)) ]
	cmp <(grep '"type":"verdict"' recorded.jsonl | jq -c 'del(.ms)') <(grep '"type":"verdict"' again.jsonl | jq -c 'del(.ms)')
	sm-judge -q in.jsonl 2>err | tail -n 1 | jq -e '.hits == 12'
	[ ! -s err ]
}

@test "a batch goes out and comes in through it" {
	mock_start --decide longer
	status=0
	sm-judge -q --batch calls.jsonl in.jsonl >/dev/null || status=$?
	[ "$status" -eq 5 ]
	[ "$(wc -l <calls.jsonl)" -eq 12 ]
	# one curl asks for all of them, in their order
	jq -r '"next", "url = \(env.SM_BASE_URL)/chat/completions", "header = \"Content-Type: application/json\"", "data = \(.body | tojson | tojson)"' calls.jsonl |
		tail -n +2 | curl -s -K - >bodies
	jq -cs --slurpfile bodies bodies '[., $bodies] | transpose[] as [$asked, $body]
		| {custom_id: $asked.custom_id, response: {status_code: 200, body: $body}}' calls.jsonl >answers.jsonl
	sm-cache import -q answers.jsonl
	sm-judge -q --batch calls.jsonl in.jsonl | tail -n 1 | jq -e '.hits == 12'
	[ ! -s calls.jsonl ]
}
