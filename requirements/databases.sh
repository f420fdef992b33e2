#!/bin/sh
# Makes sure that the database servers which the tests start are installed: MariaDB and PostgreSQL.
set -eu
installed() {
    command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || return 1
    command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}
installed && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "the tests start MariaDB and PostgreSQL; install the packages mariadb-server and postgresql" >&2
    exit 1
fi
# Only the programs are wanted: no server of the distribution is to start by itself.
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d.congress
policy=/usr/sbin/policy-rc.d
[ -e "$policy" ] && made=no || { cp /usr/sbin/policy-rc.d.congress "$policy"; chmod +x "$policy"; made=yes; }
rm -f /usr/sbin/policy-rc.d.congress
trap '[ "$made" = no ] || rm -f "$policy"' EXIT
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends mariadb-server postgresql
