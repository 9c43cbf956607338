# The library for programs of one's own: what make install-lib installs, and the example that links it.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	make_top install-lib
	export PKG_CONFIG_PATH=$PWD/root/lib/pkgconfig
	read -ra flags <<<"$(pkg-config --cflags --libs synthesizeme)"
	strict=(-std=c17 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -Wmissing-prototypes)
	# a library with sanitizers wants them in the program too
	! nm "$B/libsm.a" 2>/dev/null | grep -q __asan_init || strict+=('-fsanitize=address,undefined')
}

make_top() {
	make -s -C "$top" -o "$B/libsm.a" "$1" B="$B" BIN="$BIN" PREFIX="$PWD/root" >/dev/null
}

@test "the example is built by the words of its page and counts as sm-eval does" {
	gcc "${strict[@]}" -o accuracy "$top/examples/library/accuracy.c" "${flags[@]}"
	mock_start --decide longer
	sm-split -q --test 4 "$top/examples/prefs.jsonl" | sm-judge -q --order forward >verdicts.jsonl
	./accuracy <verdicts.jsonl >got
	sm-eval -q --ci wilson verdicts.jsonl |
		jq -r 'select(.type == "result" and .user_id) | [.user_id, .n, (.accuracy * .n | round), .ci.low, .ci.high] | @tsv' |
		awk '{ printf "%s: %d of %d, %.3f to %.3f\n", $1, $3, $2, $4, $5 }' >want
	[ "$(wc -l <want)" -eq 3 ]
	diff <(sort want) <(sort got)
	run ./accuracy <<<'{"type":"verdict","user_id":"a"}'
	[ "$status" -eq 1 ]
	[[ $output == "accuracy: line 1: "* ]]
}

@test "each stable header stands on those that are installed, and the page names it" {
	mapfile -t headers < <(cd root/include/synthesizeme && find . -name '*.h' | sed 's|^\./||')
	[ "${#headers[@]}" -eq 11 ]
	for header in "${headers[@]}"; do
		printf '#include "%s"\nint main(void) { return 0; }\n' "$header" >one.c
		gcc "${strict[@]}" -fsyntax-only "-I$PWD/root/include/synthesizeme" one.c
		grep -q "$(basename "$header")" "$top/examples/library/README.md"
	done
}

@test "the version is that of the programs, and make uninstall leaves nothing" {
	[ "$(pkg-config --modversion synthesizeme)" = "$(sm-split --version | sed 's/.* //')" ]
	make_top uninstall
	[ -z "$(find root ! -type d)" ]
}
