# The progress bar: one for the pipe, on a terminal, and nowhere else.
load helper

setup() {
	prefs=$BATS_TEST_DIRNAME/../examples/prefs.jsonl
	cd "$BATS_TEST_TMPDIR" || return 1
	mock_start --decide longer --latency 100
}

# on_terminal COMMAND: what it shows on a terminal of 120 columns, escapes and all.
on_terminal() {
	script -qec "stty cols ${COLUMNS_OF_TERMINAL:-120}; $1" /dev/null </dev/null
}

@test "shows users done, calls, recorded answers, tokens and the time that is left" {
	# the user whose search is the shortest first: so there is a time when some users are done
	tac "$prefs" >turned.jsonl
	on_terminal "sm-split -q turned.jsonl | sm-bootstrap -j 4 >out.jsonl" >shown
	tr '\r' '\n' <shown | grep -qE 'sm-bootstrap [0-9]+/3\+? users  [0-9]+ calls  [0-9]+ stored  [0-9]+ waiting  [0-9]+k? in [0-9]+k? out'
	tr '\r' '\n' <shown | grep -qE 'sm-bootstrap [12]/3 users .* [0-9]+:[0-9][0-9] left'
	# where the terminal is narrow the time that is left stays
	COLUMNS_OF_TERMINAL=50 on_terminal "sm-split -q turned.jsonl | sm-bootstrap -j 4 --no-cache >out.jsonl" >narrow
	tr '\r' '\n' <narrow | grep -qE 'sm-bootstrap [12]/3 users  [0-9]+:[0-9][0-9] left'
	# it is gone at the end, and nothing of it is in the output
	[ "$(tail -c 4 shown | od -An -c | tr -d ' ')" = '\r033[K' ]
	jq -e . out.jsonl >/dev/null
}

@test "of the programs of a pipe one draws, for all" {
	on_terminal "sm-fit -j 4 $prefs >out.jsonl" >shown
	total=$(jq -s 'map(select(.type == "run").calls) | add' out.jsonl)
	last=$(jq -s 'map(select(.type == "run").calls)[-1]' out.jsonl)
	[ "$total" -gt "$last" ]
	tr '\r' '\n' <shown | grep -oE '[0-9]+ calls' | sort -n | tail -n 1 >most
	[ "$(cut -d ' ' -f 1 most)" -gt "$last" ]
}

@test "-q shows nothing, and neither does what is no terminal" {
	on_terminal "sm-split -q $prefs | sm-bootstrap -q -j 4 >out.jsonl" >shown
	[ ! -s shown ]
	sm-split "$prefs" 2>err | sm-bootstrap -j 4 >out.jsonl 2>>err
	[ ! -s err ]
}

@test "a message takes the bar's place" {
	{ cat "$prefs"; echo 'not json'; } >in.jsonl
	on_terminal "sm-split in.jsonl | sm-bootstrap -j 4 >out.jsonl" >shown
	tr -d '\r' <shown | grep -aq $'\033\\[Ksm-split: in.jsonl:37: not a JSON object'
}

@test "-v says at the end what was done" {
	sm-split -q "$prefs" | sm-bootstrap -v >out.jsonl 2>err
	[[ $(<err) =~ ^"sm-bootstrap: 3 users, "[0-9]+" calls, "[0-9]+" recorded answers, 0 retries, 0 failed, "[0-9]+" + "[0-9]+" tokens, "[0-9.]+" s"$ ]]
}
