# The search finds what the reference finds: whole fits through the real pipe, against the golden
# decision function.
load helper

tools=$BATS_TEST_DIRNAME/tools
vectors=$BATS_TEST_DIRNAME/golden/search.jsonl

# fit LINE [OPTION ...]: runs the pipe of golden line LINE, leaves its stream in out.jsonl.
fit() {
	local line=$1 golden options
	shift
	golden=$(sed -n "$((line + 1))p" "$vectors")
	# another mock may get the port of an earlier one: its answers must not be taken for this one's
	rm -f "$SM_CACHE"*
	mock_start --decide golden --salt "$(jq -r .salt <<<"$golden")"
	mapfile -t options < <(jq -r '"--candidates", .candidates, "--max-labeled", .max_labeled,
		"--stop-at", (.stop_at_score // 101)' <<<"$golden")
	"$tools/golden" pairs "$line" | sm-split -q | sm-bootstrap -q "${options[@]}" "$@" |
		sm-persona -q | sm-demosearch -q "${options[@]}" "$@" >"$BATS_TEST_TMPDIR/out.jsonl"
	mock_stop
}

# check FROM TO [OPTION ...]: all lines of that range, each named when it differs.
check() {
	local line wrong=0
	for line in $(seq "$1" "$2"); do
		fit "$line" "${@:3}"
		"$tools/golden" check "$line" <"$BATS_TEST_TMPDIR/out.jsonl" || { echo "line $line"; wrong=1; }
	done
	return "$wrong"
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
	sed -i '0,/"score":\([0-9.]*\),"demos"/s//"score":33.33,"demos"/' "$BATS_TEST_TMPDIR/out.jsonl"
	run "$tools/golden" check 3 <"$BATS_TEST_TMPDIR/out.jsonl"
	[ "$status" -eq 1 ]
}
