#!/bin/sh
# Writes C source that holds the given files as strings (see builtin.h).
set -eu
echo '#include "builtin.h"'
echo 'const struct sm_builtin sm_builtins[] = {'
for file; do
	name=${file##*/}
	case $file in */formats/*) name=formats/$name ;; esac
	printf '{"%s",\n' "${name%.*}"
	sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$/\\n"/' "$file"
	echo '},'
done
echo '{0, 0}};'
