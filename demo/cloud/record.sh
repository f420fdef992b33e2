#!/bin/sh
# Records the demo's cloud again from nothing: installs the real services, starts them, fills them through their APIs,
# records, changes, records, stops them. Needs root on Debian, 1 GB of disk, 3 GB of memory, about five minutes.
# Usage: demo/cloud/record.sh [PYTHON-WITH-CONGRESS]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=${1:-$here/../../.venv/bin/python}
export CLOUD_ROOT="${CLOUD_ROOT:-$here/../../var/cloud}"
mkdir -p "$CLOUD_ROOT"
CLOUD_ROOT=$(cd "$CLOUD_ROOT" && pwd)

"$here/real/install.sh" "$CLOUD_ROOT"
cloud() { "$CLOUD_ROOT/venv/bin/python" "$here/real/$1.py" "$2"; }
[ ! -d "$CLOUD_ROOT/run" ] || cloud cloud destroy
trap 'cloud cloud down' EXIT
cloud cloud up
cloud populate before
"$python" "$here/record.py" before
cloud populate after
"$python" "$here/record.py" after
