# The search finds what the reference finds: whole fits through the real pipe, against the golden
# decision function.
load helper

tools=$BATS_TEST_DIRNAME/tools
vectors=$BATS_TEST_DIRNAME/golden/search.jsonl

setup_file() {
	"$tools/golden" pairs "$BATS_FILE_TMPDIR"
	jq -r '"\(.salt) --candidates \(.candidates) --max-labeled \(.max_labeled) --stop-at \(.stop_at_score // 101)"' "$vectors" >"$BATS_FILE_TMPDIR/options"
}

# fit SALT OPTION ...: runs the pipe of the golden lines in in.jsonl, adds its stream to fits.jsonl.
fit() {
	# another mock may get the port of an earlier one: its answers must not be taken for this one's
	rm -f "$SM_CACHE"*
	mock_start --decide golden --salt "$1"
	sm-split -q in.jsonl | sm-bootstrap -q "${@:2}" | sm-persona -q | sm-demosearch -q "${@:2}" >>fits.jsonl
	mock_stop
}

# check FROM TO [OPTION ...]: all lines of that range, each named when it differs. Those of one salt and the same
# options are users of one stream.
check() {
	local line same of options
	mapfile -t of <"$BATS_FILE_TMPDIR/options"
	: >fits.jsonl
	while read -r same; do
		for ((line = $1; line <= $2; line++)); do
			if [ "${of[line]}" = "$same" ]; then cat "$BATS_FILE_TMPDIR/$line.jsonl"; fi
		done >in.jsonl
		read -ra options <<<"$same"
		fit "${options[@]}" "${@:3}"
	done < <(printf '%s\n' "${of[@]:$1:$2 - $1 + 1}" | sort -u)
	"$tools/golden" check "$1" "$2" <fits.jsonl
}

@test "small golden fits give the same candidates, scores, winners and personas" {
	check 0 7
}

@test "middle golden fits do too" {
	check 8 12
}

@test "so do large ones" {
	check 13 "$(($(wc -l <"$vectors") - 1))"
}

@test "asking what may be needed too changes nothing of it" {
	check 0 11 --speculate
}

@test "nor in the large ones" {
	check 12 "$(($(wc -l <"$vectors") - 1))" --speculate
}

@test "nor does asking one call after another, or many that may be for nothing" {
	check 0 9 --certainty 1
	check 3 12 --certainty 0.4
}

@test "a wrong score is found by the comparison" {
	check 3 3
	sed -i '0,/"score":\([0-9.]*\),"demos"/s//"score":33.33,"demos"/' fits.jsonl
	run "$tools/golden" check 3 3 <fits.jsonl
	[ "$status" -eq 1 ]
	[[ $output == "line 3: "* ]]
}
