#!/bin/sh
# Writes C source that holds the given files as the list sm_NAME_texts (see texts.h).
# usage: texts.sh NAME FILE ...
set -eu
echo '#include "lib/base/texts.h"'
printf 'const struct sm_builtin sm_%s_texts[] = {\n' "$1"
shift
for file; do
	name=${file##*/}
	case $name in
	*.jq | *.jsonl) name=${name%.*} ;;
	esac
	printf '{"%s",\n' "$name"
	# "??" begins a trigraph
	sed 's/\\/\\\\/g; s/"/\\"/g; s/?/\\?/g; s/^/"/; s/$/\\n"/' "$file"
	echo '},'
done
echo '{0, 0}};'
