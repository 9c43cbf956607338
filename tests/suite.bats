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

# Something that each program can read, and has to write, of a mock that runs.
make_input() {
	mock_start --decide longer
	sm-fit -q --test 2 "$prefs" >users.jsonl
	sm-judge -q users.jsonl >verdicts.jsonl
	jq -nc 'range(400) | [{role: "user", content: "question \(.)"}]' >requests.jsonl
}

# The same, made by the first test that asks.
input() {
	local made=$BATS_FILE_TMPDIR/input
	if [ -e "$made" ]; then
		cp "$made"/* .
		mock_start --decide longer
	else
		make_input
		mkdir "$made.part"
		cp users.jsonl verdicts.jsonl requests.jsonl cache.db "$made.part"
		mv "$made.part" "$made"
	fi
}

# on_input PROGRAM: runs it on that.
on_input() {
	case $1 in
	sm-split | sm-fit) "$1" -q "$prefs" ;;
	sm-eval | sm-plan | sm-report) "$1" -q verdicts.jsonl ;;
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

@test "--help and the page give options in groups, no group without one and none twice" {
	for program in sm-judge sm-demosearch sm-llm sm-split sm-fit; do
		"$program" --help | grep -E '^[A-Z][^:]*:$' >groups
		grep -qxE 'General:' groups
		[ -z "$(sort groups | uniq -d)" ]
		# behind each title comes an option
		! "$program" --help | grep -E -A 1 '^[A-Z][^:]*:$' | grep -vE '^ |^--$|^[A-Z][^:]*:$' || false
		[ "$program" = sm-fit ] || diff <(sed 's/:$//' groups) <("$program" --manual options | sed -n 's/^\.Ss //p')
	done
	sm-judge --help | sed -n '/^Limits and cost:$/,/^$/p' | grep -q -- --max-calls
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
	input
	for program in $programs; do
		status=0
		on_input "$program" 2>err >/dev/full || status=$?
		[ "$status" -eq 3 ] || { echo "$program: $status"; false; }
		[[ $(<err) == *"$program: cannot write output: No space left on device; "* ]] || [ "$program" = sm-fit ]
	done
}

@test "when nobody reads on, a program ends with 141 and says nothing" {
	input
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

@test "a program whose standard error is closed keeps messages out of its files" {
	input
	head -n 3 "$prefs" >bad.jsonl
	echo 'not JSON' >>bad.jsonl
	sed -n 4,36p "$prefs" >>bad.jsonl
	sm-split bad.jsonl 2>/dev/null | jq -c 'del(.seconds)' >want.jsonl || true
	[ "$(grep -c '"type":"pair"' want.jsonl)" -eq 36 ]
	for way in 'sm-split bad.jsonl' 'sm-split <bad.jsonl' 'sm-split bad.jsonl <&-'; do
		status=0
		eval "$way 2>&- >got.jsonl" || status=$?
		[ "$status" -eq 1 ]
		jq -c 'del(.seconds)' got.jsonl | cmp - want.jsonl
	done
	on_input sm-fit 2>&- >got.jsonl
	[ "$(jq -r 'select(.type == "demos" and .stage == "demosearch").user_id' got.jsonl | xargs)" = "brief warm careful" ]
	jq -nc '{type: "verdict", user_id: "a"}' >>verdicts.jsonl
	sm-report --html page.html verdicts.jsonl 2>&- || [ $? -eq 1 ]
	grep -q '</html>' page.html
	run ! grep -q 'sm-report:' page.html
}

@test "closed input and output are told, and nothing else is read or written in their place" {
	input
	for program in $programs; do
		status=0
		on_input "$program" 2>err >&- || status=$?
		[ "$status" -eq 3 ] || { echo "$program: $status"; false; }
		[[ $(<err) == *"$program: cannot write output: "* ]] || [ "$program" = sm-fit ]
	done
	run --separate-stderr bash -c 'sm-split <&-'
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-split: stdin: cannot read: "* ]]
	run --separate-stderr bash -c 'sm-fit <&-'
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-fit: stdin: cannot read: "* ]]
	run --separate-stderr bash -c 'sm-fit - <&-'
	[ "$status" -eq 3 ]
	[ "$(on_input sm-fit <&- | jq -r 'select(.type == "demos" and .stage == "demosearch").user_id' | xargs)" = "brief warm careful" ]
}

@test "an option that is cut short, or has an argument too many, is told as what it is" {
	run --separate-stderr sm-judge --max 3 </dev/null
	[ "$status" -eq 2 ]
	[ "$stderr" = "sm-judge: option --max is short for several: --max-tokens, --max-calls, --max-cost; see --help for the options" ]
	run --separate-stderr sm-judge --max=3 </dev/null
	[[ $stderr == "sm-judge: option --max is short for several: "* ]]
	run --separate-stderr sm-split --quiet=3 </dev/null
	[ "$status" -eq 2 ]
	[ "$stderr" = "sm-split: option --quiet takes no argument; see --help for the options" ]
	run --separate-stderr sm-split --verb </dev/null
	[ "$status" -eq 0 ]
	run --separate-stderr sm-split -Z </dev/null
	[ "$stderr" = "sm-split: unknown option -Z; see --help for the options" ]
	run --separate-stderr sm-split --ratio </dev/null
	[ "$stderr" = "sm-split: option --ratio needs an argument; see --help for the options" ]
}

@test "the first reason that ends a run is its exit status" {
	mock_start --decide longer
	sm-split -q --test 2 "$prefs" >pairs.jsonl
	mkfifo slow # the answers are missed before the second file is looked for
	{ cat pairs.jsonl && sleep 1; } >slow &
	run --separate-stderr sm-judge -q --replay slow nowhere.jsonl
	[ "$status" -eq 8 ]
	[[ $stderr == *"no recorded answer"*"nowhere.jsonl: cannot open"* ]]
	run --separate-stderr sm-judge -q --replay nowhere.jsonl pairs.jsonl
	[ "$status" -eq 3 ]
}

@test "an option that is slightly misspelt: did you mean" {
	while read -r program given meant; do
		run --separate-stderr "$program" "$given" </dev/null
		[ "$status" -eq 2 ]
		[ "$stderr" = "$program: unknown option ${given%%=*}${given#"${given%%=*}"}; did you mean --$meant? --help tells the options" ] ||
			{ echo "$stderr"; false; }
	done <<'EOF'
sm-judge --modell model
sm-judge --modle model
sm-judge --temprature=1 temperature
sm-judge --dry_run dry-run
sm-judge --max-cals max-calls
sm-split --shufle=3 shuffle
sm-import --colums columns
sm-eval --tabel table
sm-cache --oldr older
EOF
	run --separate-stderr sm-fit --jobbs 2 </dev/null
	[ "$status" -eq 2 ]
	[ "$stderr" = "sm-fit: unknown option --jobbs; did you mean --jobs? --help tells the options" ]
	run --separate-stderr sm-fit --shufle=1 </dev/null
	[ "$stderr" = "sm-fit: unknown option --shufle; did you mean --shuffle? --help tells the options" ]
	# hidden options, and those of other programs, are none
	run --separate-stderr sm-split --manua </dev/null
	[[ $stderr != *manual* ]]
	run --separate-stderr sm-split --modell </dev/null
	[ "$stderr" = "sm-split: unknown option --modell; see --help for the options" ]
	run --separate-stderr sm-split "--$(printf 'x%.0s' {1..500})" </dev/null
	[[ $stderr == *"see --help for the options" ]]
}

@test "what ends several programs of a pipe at once is told once; of two commands each tells it" {
	unset SM_BASE_URL SM_MODEL
	# they must run at the same time, for which a busy machine may need several tries
	once() { # LINE COMMAND
		local i
		for ((i = 0; i < 10; i++)); do
			bash -c "$2" >out 2>err || true
			grep -q "$1" err || return 1
			[ "$(wc -l <err)" -gt 1 ] || return 0
		done
		return 1
	}
	once "needs OPENAI_API_KEY" "sm-fit -q -M openai/m $prefs"
	once '`n` cannot be set' "sm-split -q $prefs | sm-bootstrap -M m --set n=2 | sm-judge -M m --set n=2"
	# different errors are told each, and the exit statuses stay
	{ sm-judge -M m --set n=2 </dev/null | sm-judge -M m --set model=x; } >out 2>err || [ $? -eq 2 ]
	[ "$(wc -l <err)" -eq 2 ]
	# one after the other, into the same file
	{ sm-judge -M openai/m </dev/null | cat; sm-judge -M openai/m </dev/null | cat; } >out 2>err
	[ "$(wc -l <err)" -eq 2 ]
	# into different files each is told
	{ sm-judge -M openai/m </dev/null 2>err1 | sm-judge -M openai/m >out 2>err2; } || [ $? -eq 2 ]
	[ -s err1 ]
	[ -s err2 ]
}

@test "a program that waits for a terminal says so once, and none does where it reads something else" {
	mock_start --decide longer
	for program in $programs; do
		case $program in sm-cache | sm-report) continue ;; esac # without an answer to read, or a file to write
		words=$(words "$program")
		# the terminal ends at once: control-D
		printf '\004' | script -qec "$program $words" /dev/null >shown || true
		[ "$(grep -c 'reads standard input, from the terminal' shown)" -eq 1 ] || { echo "$program: $(<shown)"; false; }
		# shellcheck disable=SC2086 # one word, or none
		run "$program" $words </dev/null
		[[ $output != *"from the terminal"* ]]
	done
	printf '\004' | script -qec "sm-split -q" /dev/null >shown
	[[ $(<shown) != *"from the terminal"* ]]
	printf '\004' | script -qec "sm-split $prefs" /dev/null >shown
	[[ $(<shown) != *"from the terminal"* ]]
	printf '\004' | script -qec "cat $prefs | sm-split" /dev/null >shown
	[[ $(<shown) != *"from the terminal"* ]]
}
