# What every test file loads: the programs under test on PATH, a private environment, the mock LLM.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

top=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
export B=${B:-$top/build} BIN=${BIN:-$top/bin}
export PATH=$BIN:$PATH
export HOME=$BATS_TEST_TMPDIR
export SM_CACHE=$BATS_TEST_TMPDIR/cache.db
unset CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR SM_RUN
unset XDG_CACHE_HOME XDG_RUNTIME_DIR SM_MODEL SM_BASE_URL
unset SM_API_KEY OPENAI_API_KEY TOGETHERAI_API_KEY TOGETHER_API_KEY GEMINI_API_KEY GOOGLE_API_KEY
unset AZURE_API_KEY AZURE_API_BASE AZURE_API_VERSION ANTHROPIC_API_KEY OPENROUTER_API_KEY

# Starts the mock with these options, instead of one that runs; SM_BASE_URL and SM_MODEL point to it. Its log is mock.log.
mock_start() {
	local port
	mock_stop
	: >"$BATS_TEST_TMPDIR/mock.log"
	exec {mock_says}< <(exec "$B/mock-llm" --log "$BATS_TEST_TMPDIR/mock.log" --lifetime 300 "$@" 3>&-)
	mock_pid=$!
	read -r -t 10 port <&"$mock_says"
	SM_BASE_URL=http://127.0.0.1:$port/v1
	SM_MODEL=mock
	export SM_BASE_URL SM_MODEL
}

mock_stop() {
	[ -n "${mock_pid-}" ] || return 0
	kill "$mock_pid" 2>/dev/null || true
	wait "$mock_pid" 2>/dev/null || true
	exec {mock_says}<&-
	mock_pid=
}

# store_sql TEXT [STORE]: asks the store itself, a file or on a server.
store_sql() {
	local store=${2-$SM_CACHE}
	case $store in
	postgresql:*) PGOPTIONS='-c search_path=synthesizeme' psql -qAt -d "${store##*/}" -c "$1" ;;
	*) sqlite3 -cmd '.timeout 5000' "$store" "$1" ;;
	esac
}

# Skips where no library can be put before a program's own.
need_preload() {
	local symbols
	symbols=$(nm -D "$BIN/sm-split" 2>/dev/null) || skip "the programs run behind an emulator"
	[[ $symbols != *__asan_* ]] || skip "the build has sanitizers"
}

# holds FILE FILTER ...: each filter gives true for the array of the file's records (- is standard input). One jq asks
# all of them, and what does not hold is told with what it gave.
holds() {
	local file=$1 program=empty filter i=0 untrue
	shift
	for filter; do
		program+=", (try ([$filter] | select(. != [true]) | \"gave \(.)\") catch \"failed: \(.)\" | . + \": \" + \$ARGS.positional[$i])"
		i=$((i + 1))
	done
	[ "$file" != - ] || file=/dev/stdin
	untrue=$(jq -rs "$program" "$file" --args "$@") || return 1
	[ -z "$untrue" ] || { echo "$untrue"; return 1; }
}

# How many completions the mock was asked for since it was started.
mock_calls() {
	wc -l <"$BATS_TEST_TMPDIR/mock.log"
}

# With SM_TEST_SERVER, see postgres.bats, SM_CACHE is a new database of that server, and `other` a second one.
other=b.db
if [ -n "${SM_TEST_SERVER-}" ] && [ -n "${BATS_TEST_NUMBER-}" ]; then
	load postgres
	pg_database
	# shellcheck disable=SC2034 # for the tests
	other=$SM_CACHE
	pg_database
fi

# A file that needs more defines its own.
setup() {
	# shellcheck disable=SC2034 # for the tests
	prefs=$top/examples/prefs.jsonl
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	mock_stop
}
