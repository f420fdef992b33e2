#!/bin/sh
# Runs a command and shows what it said only when it fails: quietly.sh COMMAND...
log=$(mktemp)
"$@" > "$log" 2>&1
status=$?
[ "$status" = 0 ] || cat "$log" >&2
rm -f "$log"
exit "$status"
