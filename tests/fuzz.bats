# What fuzzing once found stays found: every target reads its corpus, its seeds, and some inputs that are
# made from them, the same each time. See fuzz/README.md.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# The leaks of a build with sanitizers: libjq's own are left out, for which its stacks must be seen.
export ASAN_OPTIONS=fast_unwind_on_malloc=0
export LSAN_OPTIONS=suppressions=$top/tests/fuzz/libjq.supp:print_suppressions=0

# replay TARGET RUNS
replay() {
	mkdir "$1"
	"$top/tests/fuzz/seeds" "$1" "$1"
	"$B/fuzz/$1" -n "$2" "$top/tests/fuzz/corpus/$1.pack" "$1"/seed-* >out 2>&1 || { cat out; return 1; }
}

@test "fuzz: every target has a corpus and seeds, and what is at hand of both is read as it must be" {
	for target in $("$top/tests/fuzz/targets"); do
		replay "$target" 200
		[[ $(<out) =~ ^[0-9]+\ inputs,\ 200\ made ]] || { cat out; false; }
	done
}

@test "fuzz: an input that breaks a target is kept" {
	printf 'x' >input
	cat >broken.c <<-'END'
		#include "tests/fuzz/support.h"
		int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
		{
			REQUIRE(size != 1 || data[0] != 'x');
			return 0;
		}
	END
	sanitizers=
	if nm "$B/tests/fuzz/driver.o" | grep -q __asan; then sanitizers=-fsanitize=address,undefined; fi
	gcc -std=c17 ${sanitizers:+"$sanitizers"} -I"$top" -o broken broken.c "$B"/tests/fuzz/{driver,inputs,support}.o -Wl,--start-group "$B/libsm.a" \
		"$B/cmd/common.a" -Wl,--end-group -ljq -lcurl -lsqlite3 -lcrypto -lm
	run ./broken input
	[ "$status" -gt 128 ] || [ "$status" -eq 1 ]
	[[ $output == *"not so: size != 1"* ]]
	cmp input crash-broken
}

@test "fuzz: a pack holds any bytes" {
	printf 'a\\\n\x00\xff"' >one
	printf '' >two
	"$top/tests/fuzz/pack" one two >all.pack
	[ "$(tail -n 1 all.pack)" = 'a\\\n\x00\xff"' ]
	mkdir back
	"$top/tests/fuzz/pack" -d all.pack back
	[ "$(find back -type f | wc -l)" -eq 2 ]
	cmp one "back/$(sha1sum <one | cut -d ' ' -f 1)"
}
