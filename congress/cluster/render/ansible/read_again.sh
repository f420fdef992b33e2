#!/bin/sh
# read_again.sh READER COMMAND start|again FILE...
# Runs COMMAND when the files are not those that READER has read last, and remembers them. With `again`, a reader that
# never read is taken for one that starts with these files.
reader=$1 command=$2 first=$3
shift 3
stamp=/var/lib/congress-cluster/read/$reader
version=$(for path; do printf '%s %s\n' "$path" "$(sha256sum <"$path" | cut -c -64)"; done | sha256sum | cut -c -64)
last=$(cat "$stamp" 2>/dev/null)
if [ "$last" = "$version" ]; then
    echo "the same"
    exit 0
fi
if [ -n "$last" ] || [ "$first" = start ]; then
    sh -c "$command" || exit 1
fi
mkdir -p "${stamp%/*}"
echo "$version" >"$stamp"
echo changed
