# The search finds what the reference finds: whole fits through the real pipe, against the golden
# decision function.
load helper

tools=$BATS_TEST_DIRNAME/tools
vectors=$BATS_TEST_DIRNAME/golden/search.jsonl

setup_file() {
	"$tools/golden" pairs "$BATS_FILE_TMPDIR"
	jq -r '"\(.salt) --candidates \(.candidates) --max-labeled \(.max_labeled) --stop-at \(.stop_at_score // 101)"' "$vectors" >"$BATS_FILE_TMPDIR/options"
}

# fit LINE [OPTION ...]: runs the pipe of golden line LINE, leaves its stream in LINE.jsonl.
fit() {
	local line=$1 salt options
	read -r salt options < <(sed -n "$((line + 1))p" "$BATS_FILE_TMPDIR/options")
	read -ra options <<<"$options ${*:2}"
	# another mock may get the port of an earlier one: its answers must not be taken for this one's
	rm -f "$SM_CACHE"*
	mock_start --decide golden --salt "$salt"
	sm-split -q "$BATS_FILE_TMPDIR/$line.jsonl" | sm-bootstrap -q "${options[@]}" |
		sm-persona -q | sm-demosearch -q "${options[@]}" >"$line.jsonl"
	mock_stop
}

# check FROM TO [OPTION ...]: all lines of that range, each named when it differs.
check() {
	local line streams=()
	for ((line = $1; line <= $2; line++)); do
		fit "$line" "${@:3}"
		streams+=("$line.jsonl")
	done
	"$tools/golden" check "${streams[@]}"
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
	fit 3
	sed -i '0,/"score":\([0-9.]*\),"demos"/s//"score":33.33,"demos"/' 3.jsonl
	run "$tools/golden" check 3.jsonl
	[ "$status" -eq 1 ]
}
