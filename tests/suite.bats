# What every program of the suite does alike.
load helper

setup() {
	prefs=$BATS_TEST_DIRNAME/../examples/prefs.jsonl
	cd "$BATS_TEST_TMPDIR" || return 1
	programs=$(cd "$BIN" && echo sm-*)
}

# words PROGRAM: the operands without which it does nothing.
words() {
	case $1 in
	sm-prompt) echo persona ;;
	sm-export) echo chat ;;
	sm-cache) echo import ;;
	sm-import) echo rows ;;
	esac
}

# Something that each program can read, and has to write.
make_input() {
	mock_start --decide longer
	sm-fit -q --test 2 "$prefs" >users.jsonl
	sm-judge -q users.jsonl >verdicts.jsonl
	jq -nc 'range(400) | [{role: "user", content: "question \(.)"}]' >requests.jsonl
}

# one PROGRAM: runs it on that.
on_input() {
	case $1 in
	sm-split | sm-fit) "$1" -q "$prefs" ;;
	sm-eval | sm-report) "$1" -q verdicts.jsonl ;;
	sm-prompt) sm-prompt -q judge users.jsonl ;;
	sm-export) sm-export -q inspect users.jsonl ;;
	sm-cache) sm-cache -q export ;;
	sm-import) sm-import -q rows "$prefs" ;;
	sm-llm) sm-llm -q requests.jsonl ;;
	*) "$1" -q users.jsonl ;;
	esac
}

@test "--help answers on standard output, with usage, options and where to read on" {
	for program in $programs; do
		run --separate-stderr "$program" --help
		[ "$status" -eq 0 ]
		[ -z "$stderr" ]
		[[ $output == "Usage: $program "* ]]
		[[ $output == *"man $program"* ]]
		[[ $output == *--quiet* ]]
	done
}

@test "--version names the suite" {
	for program in $programs; do
		run --separate-stderr "$program" --version
		[ "$status" -eq 0 ]
		[[ $output == *"(synthesizeme) "[0-9]* ]]
	done
}

@test "an unknown option is usage: 2, one line, with where to look" {
	for program in $programs; do
		run --separate-stderr "$program" --nonsense </dev/null
		[ "$status" -eq 2 ]
		[ -z "$output" ]
		[ "$stderr" = "$program: unknown option --nonsense; see --help for the options" ]
	done
}

@test "a file that is not there is 3, and the others are read" {
	mock_start --decide longer
	for program in $programs; do
		# shellcheck disable=SC2046 # one word, or none
		run --separate-stderr "$program" -q $(words "$program") nowhere.jsonl </dev/null
		[ "$status" -eq 3 ]
		[[ $stderr == *"nowhere.jsonl: cannot open"* ]]
	done
	run --separate-stderr sm-split -q nowhere.jsonl "$prefs"
	[ "$status" -eq 3 ]
	[ "$(grep -c '"type":"pair"' <<<"$output")" -eq 36 ]
}

@test "a full disk is said, with exit status 3" {
	make_input
	for program in $programs; do
		run bash -c "$(declare -f on_input); prefs=$prefs; on_input $program >/dev/full"
		[ "$status" -eq 3 ] || { echo "$program: $status"; false; }
		[[ $output == *"$program: cannot write output: No space left on device; "* ]] || [ "$program" = sm-fit ]
	done
}

@test "when nobody reads on, a program ends with 141 and says nothing" {
	make_input
	# A pipe without a reader from the start, so that no output is small enough to get away.
	mkfifo pipe
	exec {reader}<>pipe
	exec {gone}>pipe {reader}>&-
	for program in $programs; do
		status=0
		on_input "$program" 2>err 1>&"$gone" || status=$?
		[ "$status" -eq 141 ] || { echo "$program: $status"; cat err; false; }
		[ ! -s err ] || { echo "$program"; cat err; false; }
	done
	exec {gone}>&-
}

@test "secrets of the environment appear nowhere" {
	export SM_API_KEY=sk-never-to-be-seen-0123456789
	mock_start --decide longer
	make_input
	for program in $programs; do
		on_input "$program" >>all.out 2>>all.err
		"$program" --help >>all.out
		"$program" -v --nonsense >>all.out 2>>all.err || true
	done
	sm-cache export >>all.out
	run grep -l never-to-be-seen all.out all.err users.jsonl verdicts.jsonl "$SM_CACHE"*
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	# it was sent all the same
	[ "$(jq -r .authorization "$BATS_TEST_TMPDIR/mock.log" | sort -u)" = "Bearer $SM_API_KEY" ]
}
