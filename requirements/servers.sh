#!/bin/sh
# Makes sure that the servers which the tests start are installed: MariaDB, PostgreSQL and RabbitMQ.
set -eu
installed() {
    command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || return 1
    command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || return 1
    command -v rabbitmq-server >/dev/null || [ -x /usr/sbin/rabbitmq-server ]
}
installed && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "the tests start MariaDB, PostgreSQL and RabbitMQ; install mariadb-server, postgresql and rabbitmq-server" >&2
    exit 1
fi
# Only the programs are wanted: no server of the distribution is to start by itself.
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d.congress
policy=/usr/sbin/policy-rc.d
[ -e "$policy" ] && made=no || { cp /usr/sbin/policy-rc.d.congress "$policy"; chmod +x "$policy"; made=yes; }
rm -f /usr/sbin/policy-rc.d.congress
trap '[ "$made" = no ] || rm -f "$policy"' EXIT
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends mariadb-server postgresql rabbitmq-server
