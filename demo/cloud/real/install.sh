#!/bin/sh
# Installs the services that are recorded: database and broker from Debian, the OpenStack services from PyPI in a venv
# of their own. Nothing is started. Usage: install.sh DIRECTORY
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=${1:?directory for the venv}
mkdir -p "$root"

if ! command -v mariadbd >/dev/null || ! [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]; then
    # NOTE: exit code 101 keeps the packages from starting daemons of their own on the machine's default ports
    guard=/usr/sbin/policy-rc.d
    if ! [ -e "$guard" ]; then
        printf '#!/bin/sh\nexit 101\n' > "$guard"
        chmod +x "$guard"
        trap 'rm -f "$guard"' EXIT
    fi
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        mariadb-server rabbitmq-server python3-venv
fi

[ -x "$root/venv/bin/pip" ] || python3 -m venv "$root/venv"
"$root/venv/bin/pip" install -q -r "$here/requirements.txt"
rm -rf "$root/backends"
cp -r "$here/backends" "$root/backends"  # a build leaves files beside the source
"$root/venv/bin/pip" install -q --no-build-isolation "$root/backends"
rm -rf "$root/backends"
