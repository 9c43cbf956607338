#!/bin/bash -eu
# Run by OSS-Fuzz in the image of the Dockerfile here, within the sources: targets, seeds and the shared
# libraries that its runners lack go to $OUT. Compilers and flags are OSS-Fuzz's.
b=$WORK/build
mapfile -t targets < <(tests/fuzz/targets)
parts=("$b/tests/fuzz/support.o" "$b/cmd/report.a" "$b/cmd/common.a" "$b/libsm.a")
objects=("${targets[@]/#/$b/tests/fuzz/}")
make -s -j"$(nproc)" B="$b" CC="$CC" CFLAGS="$CFLAGS" HARDEN=-fPIE WARN= "${parts[@]}" "${objects[@]/%/.o}"

mkdir -p "$OUT/lib"
for target in "${targets[@]}"; do
	# shellcheck disable=SC2016,SC2086 # $ORIGIN is the loader's; lists of words
	$CXX $CXXFLAGS -o "$OUT/$target" "$b/tests/fuzz/$target.o" $LIB_FUZZING_ENGINE -Wl,-rpath,'$ORIGIN/lib' \
		-Wl,--start-group "${parts[@]}" -Wl,--end-group -ljq -lcurl -lsqlite3 -lcrypto -lm
	seeds=$(mktemp -d)
	tests/fuzz/seeds "$target" "$seeds"
	tests/fuzz/pack -d "tests/fuzz/corpus/$target.pack" "$seeds"
	(cd "$seeds" && zip -q "$OUT/${target}_seed_corpus.zip" ./*)
	printf '[libfuzzer]\nmax_len = 4096\n' >"$OUT/$target.options"
done
# What is of libc is everywhere.
ldd "$OUT/${targets[0]}" "$OUT/${targets[1]}" | awk '$2 == "=>" && $3 ~ /^\// && $1 !~ /^(libc|libm|libpthread|libdl|librt|libgcc_s)\.so/ {print $3}' |
	sort -u | xargs cp -Lt "$OUT/lib"
