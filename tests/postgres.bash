# A PostgreSQL server of one's own for tests, in $BATS_FILE_TMPDIR, on a free loopback port.
# shellcheck shell=bash

# Skips the test where there can be none. pg_bin, and the path to what stands there, are for the tests of a file too.
need_postgres() {
	[ -z "${pg_bin-}" ] || return 0
	pg_bin=$(find /usr/lib/postgresql /usr/bin /usr/local/bin -name initdb 2>/dev/null | sort -V | tail -n 1)
	[ -n "$pg_bin" ] || skip "no PostgreSQL: examples/install-needs cluster"
	pg_bin=$(dirname "$(readlink -f "$pg_bin")")
	ldd "$(command -v sm-cache)" | grep -q libpq || skip "built without libpq"
	[ "$(id -u)" -ne 0 ] || command -v runuser >/dev/null || skip "no runuser"
	# Debian's psql is a Perl script that starts this one.
	[[ :$PATH: == *:$pg_bin:* ]] || PATH=$pg_bin:$PATH
	export pg_bin PATH
}

# As the server's user: initdb and the server refuse to run as root.
as_postgres() {
	if [ "$(id -u)" -eq 0 ]; then
		(cd / && exec runuser -u postgres -- "$@" 3>&- 4>&-)
	else
		"$@" 3>&- 4>&-
	fi
}

# pg_start: starts or starts again. pg_port, and what psql reads, point to it.
pg_start() {
	local i
	need_postgres
	pg_home=$BATS_FILE_TMPDIR/pg
	if [ ! -e "$pg_home/port" ]; then
		chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/file" "$BATS_FILE_TMPDIR" 2>/dev/null || true
		mkdir -p "$pg_home"
		[ "$(id -u)" -ne 0 ] || chown postgres "$pg_home"
		as_postgres "$pg_bin/initdb" -D "$pg_home/data" -U postgres -A trust --no-sync -E UTF8 --locale=C >/dev/null
		python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' >"$pg_home/port"
	fi
	PGPORT=$(<"$pg_home/port")
	export PGPORT PGHOST=127.0.0.1 PGUSER=postgres PGDATABASE=postgres
	# What a killed server had started ends a moment later, and keeps its memory until then.
	for ((i = 0; i < 20; i++)); do
		as_postgres "$pg_bin/pg_ctl" -D "$pg_home/data" -s -w -l "$pg_home/log" \
			-o "-p $PGPORT -k '' -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60" start 2>/dev/null && return
		sleep 0.3
	done
	return 1
}

# pg_stop [HOW]: fast (the default) or immediate, as after a crash.
pg_stop() {
	as_postgres "$pg_bin/pg_ctl" -D "$pg_home/data" -s -w -m "${1-fast}" stop
}

# pg_kill: as if the machine lost power, all of a sudden.
pg_kill() {
	kill -9 "$(head -n 1 "$pg_home/data/postmaster.pid")"
}

# pg_database: a new, empty database; SM_CACHE points to it.
pg_database() {
	pg_name=t${BASHPID}_$RANDOM$RANDOM
	psql -qc "CREATE DATABASE $pg_name STRATEGY = file_copy" 2>/dev/null || psql -qc "CREATE DATABASE $pg_name"
	export SM_CACHE=postgresql://127.0.0.1:$PGPORT/$pg_name
}

# pg_end: for teardown_file.
pg_end() {
	pg_home=$BATS_FILE_TMPDIR/pg
	[ -e "$pg_home/data/postmaster.pid" ] || return 0
	need_postgres
	pg_stop immediate || true
}
