# What is distributed. Whole packages are built by hand: tests/packages.
load helper

setup() {
	cd "$top" || return 1
	version=$(sed -n 's/^VERSION = //p' Makefile)
	git rev-parse -q --verify HEAD >/dev/null 2>&1 || skip "no clone with git"
}

@test "the version is the same wherever it stands" {
	[[ $(sm-split --version) == *" $version" ]]
	[[ $(grep -m 1 '^## ' CHANGELOG.md) == "## $version - "* ]]
	grep -q "/synthesizeme-$version.tar.gz\"" examples/packages/synthesizeme.rb
}

@test "make dist: what is committed and nothing else, the same bytes twice, and outside of git a word" {
	# no more is written out than make dist needs
	git clone -q --sparse . "$BATS_TEST_TMPDIR/clone"
	cd "$BATS_TEST_TMPDIR/clone"
	git sparse-checkout add examples/packages
	touch stray
	mkdir build
	[ "$(make -s dist)" = "build/synthesizeme-$version.tar.gz" ]
	mv build/*.gz first
	make -s dist
	cmp first build/*.gz
	[ "$(od -An -tx1 -j 4 -N 4 first | tr -d ' ')" = 00000000 ] # gzip's time
	tar -tf first | sed "s|^synthesizeme-$version/||" | grep -v '/$' | grep . | sort >got
	git ls-files | sort | diff - got
	tar -xf first "synthesizeme-$version/Makefile" "synthesizeme-$version/examples/packages"
	cd "synthesizeme-$version"
	run --separate-stderr env GIT_CEILING_DIRECTORIES="$PWD/.." make -s dist
	[ "$status" -ne 0 ]
	[[ $stderr == *"dist: this is no clone"* ]]
}
