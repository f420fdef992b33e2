#!/bin/sh
# Makes sure that the servers are installed which tests and demos start, and starts none of them: servers.sh [SET...]
# Sets: databases broker galera balancer cluster faults lab monitoring browser; all of them without a name. `ha` is what
# `make ha-demo` needs, `control` what a rehearsed control plane runs on.
set -eu
PATH=$PATH:/usr/sbin:/sbin

has() { command -v "$1" >/dev/null; }
any() { for each in "$@"; do [ ! -e "$each" ] || return 0; done; return 1; }

packages_of() {
    case "$1" in
        databases) echo mariadb-server postgresql ;;
        broker) echo rabbitmq-server ;;
        galera) echo mariadb-server galera-4 rsync iproute2 ;;
        balancer) echo haproxy ;;
        cluster) echo pacemaker pacemaker-cli-utils corosync resource-agents crmsh pcs libxml2-utils systemd gettext-base openssl keepalived python3-apt ;;
        faults) echo iproute2 nftables libfaketime ;;
        browser) echo chromium fonts-dejavu-core ;;
        monitoring) echo prometheus prometheus-alertmanager ;;
        lab) echo memcached socat netcat-openbsd curl iproute2 procps passwd ;;
        *) echo "servers.sh: there is no set $1" >&2; return 1 ;;
    esac
}

installed() {
    case "$1" in
        databases) has mariadbd && { has initdb || any /usr/lib/postgresql/*/bin/initdb; } ;;
        broker) has rabbitmq-server ;;
        galera)
            has mariadbd && has rsync && has ip &&
                any /usr/lib/galera/libgalera_smm.so /usr/lib64/galera-4/libgalera_smm.so ;;
        balancer) has haproxy ;;
        cluster)
            has pacemakerd && has crm_resource && has corosync && has ocf-tester && has crm && has pcs &&
                has xmllint && has systemd-analyze && has envsubst && has openssl && has keepalived &&
                /usr/bin/python3 -c 'import apt' 2>/dev/null ;; # what Ansible installs packages with
        lab) has memcached && has socat && has nc && has curl && has ip && has pgrep && has useradd ;;
        browser) has chromium ;;
        monitoring) has prometheus && has promtool && has prometheus-alertmanager ;;
        faults) has ip && has nft && any /usr/lib/*/faketime/libfaketime.so.1 /usr/lib*/faketime/libfaketime.so.1 ;;
    esac
}

case "$*" in
    '') set -- databases broker galera balancer cluster faults lab monitoring browser ;;
    ha) set -- galera broker balancer ;;
    control) set -- galera broker balancer cluster lab ;;
esac
missing=
for set in "$@"; do
    packages=$(packages_of "$set")
    installed "$set" || missing="$missing $packages"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! has apt-get; then
    echo "servers are missing that $* need; install, as Debian calls the packages:$missing" >&2
    exit 1
fi
# Only the programs are wanted: no server of the distribution is to start by itself.
policy=/usr/sbin/policy-rc.d
made=no
[ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' > "$policy"; chmod +x "$policy"; made=yes; }
trap '[ "$made" = no ] || rm -f "$policy"' EXIT
apt-get update -q
# shellcheck disable=SC2086  # words are wanted
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
