# A sample of what `make torture` does: calls of the C library fail, one a run, in a small run of every
# program; see torture/run. Not with sanitizers, which have an allocator of their own.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	need_preload
}

# failing WHAT PROGRAM ARG ...: with the call that WHAT names failing.
failing() {
	FAIL=$1 LD_PRELOAD=$B/fail.so run --separate-stderr "${@:2}"
}

@test "torture: whatever fails, the end is clear, files are whole, and the store is sound" {
	run "$top/tests/torture/run" -n 2 alloc write rename open
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[[ ${lines[-1]} =~ ^[0-9]{3}\ failures\ injected,\ 0\ ended\ wrong$ ]] || { echo "$output"; false; }
}

@test "torture: killed at some points, and files that may not grow" {
	run "$top/tests/torture/run" -n 2 kill disk
	[ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "torture: out of memory is 3, whoever asked for it" {
	head -n 4 "$top/examples/prefs.jsonl" >in.jsonl
	FAIL_COUNTS=counts LD_PRELOAD=$B/fail.so sm-import -q rows in.jsonl >/dev/null
	calls=$(awk '$1 == "alloc" {print $2}' counts)
	seen=0
	for at in 0 1 2 3 4 5 6 7 8; do
		failing "alloc,$((calls * (10 + at) / 20)),once" sm-import -q rows in.jsonl
		[ "$status" -ne 3 ] || [ "$stderr" = "out of memory" ]
		[ "$status" -ne 3 ] || seen=$((seen + 1))
	done
	[ "$seen" -gt 4 ] # libjq's compiler aborts at some
}

@test "torture: an output that cannot be written is 3, and says why" {
	failing write,1,once sm-split -q "$top/examples/prefs.jsonl"
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-split: cannot write output: No space left on device; "* ]]
}

@test "torture: the shim fails, and kills, where it is told" {
	printf 'text\n' >in
	failing write,1,once cat in
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	failing write,2,once cat in
	[ "$status" -eq 0 ]
	failing write,1,kill cat in
	[ "$status" -eq 137 ]
}
