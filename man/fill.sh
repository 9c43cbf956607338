#!/bin/sh
# Fills the lines @SYNOPSIS@ and @OPTIONS@ of a manual page from the program's own option table, and @FORMATS@ from the
# comments that the formats of sm-import begin with: each line of them is a line here, `names` stand in backquotes.
# usage: fill.sh BINDIR PAGE
set -eu
program=$1/$(basename "${2%.*}")

# shellcheck disable=SC2016 # backquotes are what sed looks for
formats() {
	"$program" --list | while read -r name _; do
		echo ".It Cm $name"
		"$program" --show "$name" | sed -n '/^#/!q; s/^# \{0,1\}//; 1s/$/./; /^$/d; p' |
			sed 's/\\/\\e/g; s/`\([^`]*\)`/\\fB\1\\fP/g; s/--\([a-z]\)/\\-\\-\1/g; s/^\([.'\'']\)/\\\&\1/'
	done
}

while IFS= read -r line; do
	case $line in
	@SYNOPSIS@) "$program" --manual synopsis ;;
	@OPTIONS@) "$program" --manual options | sed "s/ in ${program##*/}(1)//" ;; # which this page is
	@FORMATS@) formats ;;
	*) printf '%s\n' "$line" ;;
	esac
done <"$2"
