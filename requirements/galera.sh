#!/bin/sh
# Makes sure that what a Galera cluster needs is installed: MariaDB, the library that replicates, rsync. Starts nothing.
set -eu
installed() {
    command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || return 1
    command -v rsync >/dev/null || return 1
    [ -e /usr/lib/galera/libgalera_smm.so ] || [ -e /usr/lib64/galera-4/libgalera_smm.so ]
}
installed && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "a Galera cluster is needed; install the packages mariadb-server, galera-4 and rsync" >&2
    exit 1
fi
# Only the programs are wanted: no server of the distribution is to start by itself.
policy=/usr/sbin/policy-rc.d
made=no
[ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' > "$policy"; chmod +x "$policy"; made=yes; }
trap '[ "$made" = no ] || rm -f "$policy"' EXIT
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends mariadb-server galera-4 rsync iproute2
