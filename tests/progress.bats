# The progress bar: one for the pipe, on a terminal, and nowhere else.
load helper

setup() {
	prefs=$BATS_TEST_DIRNAME/../examples/prefs.jsonl
	cd "$BATS_TEST_TMPDIR" || return 1
	mock_start --decide longer --latency 100
}

# on_terminal COMMAND: what it shows on a terminal of 120 columns, escapes and all.
on_terminal() {
	TERM=${TERMINAL-xterm} script -qec "stty cols ${COLUMNS_OF_TERMINAL:-120}; $1" /dev/null </dev/null
}

esc=$'\033'

# lines FILE: what was drawn, a line each, without escapes.
lines() {
	sed -z "s/$esc\[[0-9]*[mK]//g" "$1" | tr '\r' '\n'
}

@test "shows users done, calls, recorded answers, tokens and the time that is left" {
	# the user whose search is the shortest first: so there is a time when some users are done
	tac "$prefs" >turned.jsonl
	on_terminal "sm-split -q turned.jsonl | sm-bootstrap -j 4 >out.jsonl" >shown
	lines shown | grep -qE '^[0-9]+:[0-9][0-9]  [0-9]+%  [0-9]+:[0-9][0-9] left  bootstrap [0-9] of 3  [0-9]+ calls  [0-9]+ under way  [0-9]+k? \+ [0-9]+k? tokens$'
	# it is gone at the end, and nothing of it is in the output
	[ "$(tail -c 4 shown | od -An -c | tr -d ' ')" = '\r033[K' ]
	jq -e . out.jsonl >/dev/null
	# what is known already is told as such
	on_terminal "sm-split -q turned.jsonl | sm-bootstrap -j 4 --candidates 12 >more.jsonl" >again
	lines again | grep -qE ' [1-9][0-9]* stored  '
}

@test "no line is wider than the terminal: what does not fit is left out, the time last" {
	head -n 12 "$prefs" >one.jsonl
	for columns in 80 40 22; do
		COLUMNS_OF_TERMINAL=$columns on_terminal "{ cat one.jsonl; sleep 0.3; } | sm-fit --no-cache -j 1 --candidates 1 >out.jsonl" >shown
		sed -z "s/$esc\[[0-9]*[mK]//g" shown | tr '\r' '\n' | grep -v '^sm-' >lines
		[ -z "$(awk -v columns="$columns" 'length($0) >= columns' lines)" ]
		grep -qE '^[0-9]+:[0-9][0-9]  [0-9]+%  [0-9]+:[0-9][0-9] left' lines
	done
}

@test "the pipe as a whole: how far each stage is, and the time that is left before a user is done" {
	mock_start --decide longer --latency 250
	on_terminal "{ cat $prefs; sleep 0.3; } | sm-fit -j 1 --candidates 1 >out.jsonl" >shown
	! lines shown | grep -q " of 0+" || false
	lines shown | grep -qE '  bootstrap [0-9] persona [0-9] demosearch [0-9] of 3  '
	# the first line that tells a time comes while no user is through the first stage
	first=$(lines shown | grep -m 1 ' left ')
	[[ $first == *' bootstrap 0 '* ]] || { lines shown | grep . | head -n 20; false; }
	# it never goes back
	lines shown | sed -n 's/.*  \([0-9]*\)%  .*/\1/p' >percent
	sort -n percent | cmp - percent
	[ "$(tail -n 1 percent)" -ge 50 ]
}

@test "a judge whose personas vote is a third through after a third of its calls" {
	seq 3 -1 1 | sed 's/.*/{"type":"persona","user_id":"a","stage":"persona","persona":"Likes &","rank":&}/' >in.jsonl
	seq 0 7 | sed 's/.*/{"type":"pair","user_id":"a","index":&,"context":[{"role":"user","content":"Owls &?"}],"chosen":"yes","rejected":"no"}/' >>in.jsonl
	on_terminal "sm-judge --personas 3 --order forward -j 1 in.jsonl >out.jsonl" >shown
	lines shown | sed -n 's/.*  \([0-9]*\)%  .* \([0-9]*\) calls  .*/\1 \2/p' >drawn
	[ "$(awk '$2 >= 4 && $2 <= 8' drawn | wc -l)" -gt 0 ]
	[ "$(awk '$2 <= 8 && $1 > 40' drawn)" = "" ]
}

@test "calls and costs are told against their caps" {
	echo '{"model":"mock","in":10,"out":10}' >prices.jsonl
	on_terminal "sm-fit -j 4 --max-calls 5000 --max-cost 20 --prices prices.jsonl $prefs >out.jsonl" >shown
	lines shown | grep -qE ' [0-9]+ of 5000 calls  \$[0-9]+\.[0-9]+ of \$20'
	[ "$(grep -c '^{"type":"run",.*"cost":[0-9]' out.jsonl)" -eq 3 ]
}

@test "a file tells about how many users it has before they are read" {
	for i in 1 2 3 4 5 6 7 8; do
		sed "s/\"user_id\":\"/&$i/; s/\"user_id\": \"/&$i/" "$prefs"
	done | sed 's/}$/,"split":"test"}/' >judged.jsonl
	on_terminal "sm-judge -j 2 judged.jsonl >out.jsonl" >shown
	lines shown | grep -qE ' left  judge [0-9]+ of ~[0-9]+  '
}

@test "a terminal that cannot erase gets a line now and then" {
	TERMINAL=dumb on_terminal "sm-fit -j 2 $prefs >out.jsonl" >shown
	run ! grep -q "$esc" shown
	grep -qE '^[0-9]+:[0-9][0-9]  [0-9]+%  .*bootstrap [0-9] ' shown
	[ "$(wc -l <shown)" -lt 30 ]
}

@test "records and tables on the same terminal do not run into the line" {
	sed 's/}$/,"split":"test"}/' "$prefs" >judged.jsonl
	on_terminal "sm-judge -j 8 --only judged.jsonl" >shown
	# a record begins where the line was erased, or behind another record
	[ "$(grep -c '{"type":"verdict"' shown)" -eq 72 ]
	[ "$(grep '{"type":"verdict"' shown | grep -vcE "^([^{]*$esc\[K)?\{")" -eq 0 ]
	on_terminal "sm-judge -j 8 --no-cache --only judged.jsonl | sm-eval --table --color never" >shown
	tr '\r' '\n' <shown | grep -qE "^($esc\[K)?user +pairs"
}

@test "of the programs of a pipe one draws, for all" {
	on_terminal "sm-fit -j 4 $prefs >out.jsonl" >shown
	read -r total last < <(jq -rs 'map(select(.type == "run").calls) | "\(add) \(.[-1])"' out.jsonl)
	[ "$total" -gt "$last" ]
	lines shown | grep -oE '[0-9]+ calls' | sort -n | tail -n 1 >most
	[ "$(cut -d ' ' -f 1 most)" -gt "$last" ]
}

@test "-q shows nothing, and neither does what is no terminal" {
	on_terminal "sm-split -q $prefs | sm-bootstrap -q -j 4 >out.jsonl" >shown
	[ ! -s shown ]
	sm-split "$prefs" 2>err | sm-bootstrap -j 4 >out.jsonl 2>>err
	[ ! -s err ]
}

@test "a message takes the bar's place, also that of a program which does not draw" {
	echo '{"expect": {"contains": ["You describe one user"]}, "fault": "400"}' >script.jsonl
	mock_start --decide longer --latency 100 --script script.jsonl
	tac "$prefs" >turned.jsonl
	for quiet in "" -q; do
		on_terminal "sm-split -q turned.jsonl | sm-bootstrap --no-cache -j 8 | sm-persona $quiet >out.jsonl; true" >shown
		sed "s/$esc\[[0-9]*m//g" shown | tr -d '\r' >plain
		grep -q "$esc\[Ksm-persona: user " plain
		# nothing stands before it but what was erased, and nothing behind it
		run ! grep -qE "[a-z]sm-persona: user" plain
		grep -o "sm-persona: user .*" plain >told
		[ "$(wc -l <told)" -eq 3 ]
		run ! grep -q "$esc" told
	done
}

@test "-v says at the end what was done" {
	sm-split -q "$prefs" | sm-bootstrap -v >out.jsonl 2>err
	[[ $(<err) =~ ^"sm-bootstrap: 3 users, "[0-9]+" calls, "[0-9]+" recorded answers, 0 retries, 0 failed, "[0-9]+" + "[0-9]+" tokens, "[0-9.]+" s"$ ]]
}
