#!/bin/sh
# Writes C source that holds the given files as strings (see builtin.h).
set -eu
echo '#include "builtin.h"'
echo 'const struct sm_builtin sm_builtins[] = {'
for file; do
	name=${file##*/}
	case $name in
	*.jq | *.jsonl) name=${name%.*} ;;
	esac
	case $file in */formats/*) name=formats/$name ;; esac
	printf '{"%s",\n' "$name"
	# "??" begins a trigraph
	sed 's/\\/\\\\/g; s/"/\\"/g; s/?/\\?/g; s/^/"/; s/$/\\n"/' "$file"
	echo '},'
done
echo '{0, 0}};'
