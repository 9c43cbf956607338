#!/bin/sh
# Writes C source that holds the given jq programs as strings (see builtin.h).
set -eu
echo '#include "builtin.h"'
echo 'const struct sm_builtin sm_builtin_prompts[] = {'
for file; do
	name=${file##*/}
	printf '{"%s",\n' "${name%.jq}"
	sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$/\\n"/' "$file"
	echo '},'
done
echo '{0, 0}};'
