#!/bin/sh
# Fills the lines @SYNOPSIS@ and @OPTIONS@ of a manual page from the program's own option table.
# usage: fill.sh BINDIR PAGE
set -eu
program=$1/$(basename "${2%.*}")
while IFS= read -r line; do
	case $line in
	@SYNOPSIS@) "$program" --manual synopsis ;;
	@OPTIONS@) "$program" --manual options ;;
	*) printf '%s\n' "$line" ;;
	esac
done <"$2"
