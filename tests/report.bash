# What the tests of sm-report share.
# shellcheck shell=bash

# shellcheck disable=SC2154 # helper.bash sets $top
# A stream of USERS users with PAIRS judged pairs each.
made_up() {
	"$top/tests/tools/made-up-stream" "$1" "$2"
}

# The JSON that a page holds under an id; of a user, that is packed.
held() {
	python3 - "$1" "$2" <<-'END'
		import base64, re, sys, zlib
		page = open(sys.argv[1], encoding="utf-8").read()
		text = re.search(f'id="{sys.argv[2]}">(.*?)</script>', page, re.S).group(1)
		print(zlib.decompress(base64.b64decode(text)).decode() if sys.argv[2].startswith("records-") else text)
	END
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
