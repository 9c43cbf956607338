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

# The JSON that a page holds under a name.
held() {
	case $2 in
	shared) sed -n 's|.* id="shared">\(.*\)</script>$|\1|p' "$1" | grep . ;; # a line that is not packed
	*) "$top/tests/tools/held" "$1" "$2" ;;
	esac
}

# One browser for the tests of a file, started in setup_file: to start one takes longer than what most tests do in it.
# It ends when nobody holds its input open any more: after browser_end, or without it when the tests are killed.
browser_start() {
	command -v chromedriver >/dev/null || return 0
	export BATS_NO_PARALLELIZE_WITHIN_FILE=true # they share it
	mkfifo "$BATS_FILE_TMPDIR"/{calls,said}
	HOME=$BATS_FILE_TMPDIR "$top/tests/tools/browser" --stay <"$BATS_FILE_TMPDIR/calls" >"$BATS_FILE_TMPDIR/said" 3>&- 4>&- &
	browser_pid=$!
	exec {browser_calls}>"$BATS_FILE_TMPDIR/calls" {browser_said}<"$BATS_FILE_TMPDIR/said"
	export browser_calls browser_said
}

# For teardown_file.
browser_end() {
	[ -n "${browser_pid-}" ] || return 0
	exec {browser_calls}>&- {browser_said}<&-
	wait "$browser_pid"
}

# Runs the steps on standard input in the file's browser, see tests/tools/browser --stay.
browser() {
	local line
	command -v chromedriver >/dev/null || skip "no browser: examples/install-needs browser"
	{
		printf '%s\n' "in $PWD" "open $*"
		cat
		echo end
	} >&"$browser_calls"
	while IFS= read -r line; do
		case $line in
		end) return 0 ;;
		end:*) break ;;
		*) printf '%s\n' "$line" ;;
		esac
	done <&"$browser_said"
	echo "browser${line#end}" >&2
	return 1
}

# The texts of an SVG, a line each; of several, each behind its file and a colon.
texts() {
	python3 - "$@" <<-'END'
		import sys, xml.etree.ElementTree as tree
		for file in sys.argv[1:]:
		    for element in tree.parse(file).iter("{http://www.w3.org/2000/svg}text"):
		        print(f"{file}:" * (len(sys.argv) > 2) + "".join(element.itertext()).strip())
	END
}
