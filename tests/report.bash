# What the tests of sm-report share.
# shellcheck shell=bash

# shellcheck disable=SC2154 # helper.bash sets $top
# A stream of USERS users with PAIRS judged pairs each, which is made once in a file of tests.
made_up() {
	local made=$BATS_FILE_TMPDIR/made-up-$1-$2.jsonl
	[ -e "$made" ] || "$top/tests/tools/made-up-stream" "$1" "$2" >"$made"
	cat "$made"
}

# All that a page holds, in one object.
all_held() {
	"$top/tests/tools/held" "$1"
}

# The JSON that a page holds under an id.
held() {
	all_held "$1" | jq --arg id "$2" '.[$id] // error("nothing under \($id)")'
}

# Runs the steps on standard input in a browser.
browser() {
	command -v chromedriver >/dev/null || skip "no browser: examples/install-needs browser"
	"$top/tests/tools/browser" "$@"
}

# The texts of an SVG, a line each.
texts() {
	python3 - "$1" <<-'END'
		import sys, xml.etree.ElementTree as tree
		for element in tree.parse(sys.argv[1]).iter("{http://www.w3.org/2000/svg}text"):
		    print("".join(element.itertext()).strip())
	END
}
