#!/usr/bin/env bats
# Several endpoints that have one model: -B URL,URL.
load helper

setup() {
	prefs=$top/examples/people.jsonl
	cd "$BATS_TEST_TMPDIR" || return 1
	sm-split -q "$prefs" >in.jsonl
}

teardown() {
	local pid
	mock_stop
	for pid in ./*.pid; do kill "$(cat "$pid" 2>/dev/null)" 2>/dev/null || true; done
}

# server NAME [OPTION ...]: a mock with a log of its own; sets the variable NAME to its base URL.
server() {
	local name=$1 i port=0
	shift
	rm -f "$name.port"
	if [ -e "$name.pid" ]; then
		kill "$(cat "$name.pid")" 2>/dev/null || true
		while kill -0 "$(cat "$name.pid")" 2>/dev/null; do sleep 0.02; done
	fi
	[ ! -e "$name.fixed" ] || port=$(cat "$name.fixed")
	"$B/mock-llm" --log "$name.log" --lifetime 120 --port "$port" "$@" >"$name.port" 2>"$name.err" 3>&- &
	echo $! >"$name.pid"
	disown
	for ((i = 0; i < 500; i++)); do
		[ ! -s "$name.port" ] || break
		sleep 0.02
	done
	cp "$name.port" "$name.fixed"
	printf -v "$name" 'http://127.0.0.1:%s/v1' "$(cat "$name.port")"
}
asked() { if [ -e "$1.log" ]; then wc -l <"$1.log"; else echo 0; fi; }
records() { jq -c 'select(.type != "run") | del(.ms)' "$1"; }

@test "calls are spread, those that begin alike go to one server, and the records are those of one" {
	server a --decide longer
	server x --decide longer
	server y --decide longer
	server z --decide longer
	sm-fit -q --cache fit.db --test 2 --seeds 0..1 -M mock -B "$x,$y,$z" "$prefs" | sm-judge -q --cache fit.db -M mock -B "$x,$y,$z" >many.jsonl
	sm-fit -q --cache one.db --test 2 --seeds 0..1 -M mock -B "$a" "$prefs" | sm-judge -q --cache one.db -M mock -B "$a" >one.jsonl
	cmp <(records one.jsonl) <(records many.jsonl)
	for name in x y z; do
		[ "$(asked "$name")" -gt 10 ]
	done
	# what begins alike: all messages but the last
	beginnings() { jq -c '.body.messages[:-1]' "$1.log" | sort -u; }
	all=$(cat x.log y.log z.log | jq -c '.body.messages[:-1]' | sort -u | wc -l)
	apart=$(($(beginnings x | wc -l) + $(beginnings y | wc -l) + $(beginnings z | wc -l)))
	[ "$apart" -lt $((all * 2)) ]
	# a second run asks nobody, whatever the servers are
	before=$(($(asked x) + $(asked y) + $(asked z)))
	sm-fit -q --cache fit.db --test 2 --seeds 0..1 -M mock -B "$z" "$prefs" >/dev/null
	[ $(($(asked x) + $(asked y) + $(asked z))) -eq "$before" ]
}

@test "the calls of a server that dies move on, and it is asked again when it is back" {
	server x --decide longer --latency 20
	server y --decide longer --latency 20
	sm-bootstrap -j 4 --no-cache -M mock -B "$x,$y" in.jsonl >out.jsonl 2>said &
	run=$!
	for ((i = 0; i < 300 && $(asked x) < 5; i++)); do sleep 0.05; done
	kill -9 "$(cat x.pid)"
	for ((i = 0; i < 100; i++)); do
		! grep -q "does not answer" said || break
		sleep 0.05
	done
	died=$(asked x)
	server x --decide longer --latency 20
	wait "$run"
	grep -q "sm-bootstrap: $x does not answer: its calls go to the others" said
	[ "$(tail -n 1 out.jsonl | jq .failed)" -eq 0 ]
	if grep -q "$x answers again" said; then [ "$(asked x)" -gt "$died" ]; fi
	sm-bootstrap -q --cache one.db -M mock -B "$y" in.jsonl >one.jsonl
	cmp <(records one.jsonl) <(records out.jsonl)
}

@test "a server that is not there from the beginning costs a moment; if none is, that ends the run" {
	server x --decide longer
	dead=http://127.0.0.1:1/v1
	run --separate-stderr sm-judge --only --cache c.db -M mock -B "$dead,$x" <(jq -c '.split = "test"' in.jsonl)
	[ "$status" -eq 0 ]
	[ "$(tail -n 1 <<<"$output" | jq -c '[.failed, .calls > 0]')" = '[0,true]' ]
	run --separate-stderr sm-judge -q --only --cache d.db -M mock -B "$dead,http://127.0.0.1:2/v1" <(jq -c '.split = "test"' in.jsonl)
	[ "$status" -eq 3 ]
	[[ $stderr == *"cannot reach $dead"* ]]
}

@test "one that asks to wait is left alone, the others are asked; --rpm is of each" {
	jq -nc '{times: 1000, reply: {status: 429, headers: {"retry-after": "60"}, body: ""}}' >busy.jsonl
	server x --script busy.jsonl --decide longer
	server y --decide longer
	timeout 50 sm-judge -q --only --cache c.db -M mock -B "$x,$y" <(jq -c '.split = "test"' in.jsonl) >out.jsonl
	[ "$(tail -n 1 out.jsonl | jq .failed)" -eq 0 ]
	[ "$(asked x)" -lt 40 ]
	calls=$(tail -n 1 out.jsonl | jq .calls)
	server x --decide longer
	: >x.log
	: >y.log
	half=$((calls / 2 + 5))
	timeout 50 sm-judge -q --only --cache r.db --rpm "$half" -M mock -B "$x,$y" <(jq -c '.split = "test"' in.jsonl) >out.jsonl
	[ "$(asked x)" -le "$half" ]
	[ "$(asked y)" -le "$half" ]
	[ $(($(asked x) + $(asked y))) -eq "$calls" ]
}

@test "what the URLs may be: a list, a file with a line each, none that a key must not go to" {
	server x --decide longer
	server y --decide longer
	printf '# ours\n%s\r\n\n  %s  \n' "$x" "$y" >urls
	sm-judge -q --only --no-cache -M mock -B @urls <(jq -c '.split = "test"' in.jsonl) >/dev/null
	[ "$(asked x)" -gt 0 ] && [ "$(asked y)" -gt 0 ]
	run --separate-stderr sm-judge -q --no-cache -M mock -B @nowhere in.jsonl
	[ "$status" -eq 2 ]
	: >empty
	run --separate-stderr sm-judge -q --no-cache -M mock -B @empty in.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == *"--base-url @empty: no URL; name one or more"* ]]
	run --separate-stderr sm-judge -q --no-cache -M mock -B "$x,nonsense" in.jsonl
	[ "$status" -eq 2 ]
	SM_API_KEY=secret-of-mine run --separate-stderr sm-judge -q --no-cache -M mock -B "$x,http://node2.example/v1" in.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == *"SM_API_KEY would go to http://node2.example/v1 unencrypted"* ]]
	# in a run record they are told as given
	[ "$(sm-judge -q --only --no-cache -M mock -B "$x,$y" <(jq -c '.split = "test"' in.jsonl) | tail -n 1 | jq -r '.options["base-url"]')" = "$x,$y" ]
}
