#!/bin/sh
# Makes a virtual environment unless it is there: venv.sh DIRECTORY. PYTHON names another interpreter than python3.
set -eu
directory=${1:?directory of the virtual environment}
python=${PYTHON:-python3}
[ ! -x "$directory/bin/pip" ] || exit 0
[ ! -f "$directory" ] || rm "$directory"  # tox points to its own environment with such a file

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Congress needs Python 3.11 or newer; say which with PYTHON=/path/to/python make ..." >&2
    exit 1
}
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends python3-venv
    else
        echo "Python's venv module is missing; install the package python3-venv of your distribution" >&2
        exit 1
    fi
fi
"$python" -m venv "$directory"
"$directory/bin/pip" install --upgrade 'pip>=25.1'
