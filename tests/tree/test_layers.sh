#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The dependency rule of docs/architecture.md: lib/base <- lib/* <- udf, ingest; udf and ingest never include each other; lib/market
# and lib/capture do no I/O. And what has no place anywhere: functions that cannot be used safely.
. tests/lib.sh

includes() { grep -rnE "#include \"($2)/" "$1" --include='*.[ch]' || :; }
refuse() { [ -z "$1" ] || fail "$2
$1"; }

refuse "$(includes lib/base 'native|market|net|capture|lake|udf|ingest')" "lib/base includes a layer above it"
for part in native market net capture; do
    others=$(printf 'native\nmarket\nnet\ncapture\nlake\n' | grep -vx "$part" | paste -sd '|' -)
    refuse "$(includes lib/$part "$others")" "lib/$part includes a sibling"
    refuse "$(grep -rnE '#include "(udf|ta|source|sink)\.h"' lib/$part || :)" "lib/$part includes a program's header"
done
refuse "$(grep -rnE '#include "(\.\./)*ingest/' udf || :)" "udf includes ingest"
refuse "$(grep -rnE '#include "(\.\./)*udf/' ingest || :)" "ingest includes udf"
refuse "$(grep -nE '\b(fopen|open|socket|read|write|printf|getenv)\(' lib/market/*.[ch] lib/capture/*.[ch] || :)" "lib/market or lib/capture does I/O"
refuse "$(grep -rnE '\b(gets|strcpy|strcat|sprintf|strtok|atoi|atof|system|popen|mktemp|tmpnam|alloca)\(' lib udf ingest hub --include='*.[ch]' || :)" \
    "a function that cannot be used safely"
for file in $(find lib udf ingest hub tests bench -name '*.[ch]'); do
    head -n 1 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || fail "$file does not begin with its licence"
done
echo "the layers hold"
