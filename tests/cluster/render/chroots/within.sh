#!/bin/sh
# within.sh DIRECTORY COMMAND...: runs the command where DIRECTORY/node1 to node3 are nodes. In a mount namespace of its
# own (`unshare --mount`), so that nothing is left of them.
set -eu
directory=$1 here=$(dirname "$(readlink -f "$0")")
shift
mount --make-rprivate /
mkdir -p "$directory/disks"
# What nodes write cannot lie on what may be an overlay itself.
mount -t tmpfs disks "$directory/disks"
for node in node1 node2 node3; do
    disk=$directory/disks/$node
    mkdir -p "$disk/changes" "$disk/work" "$directory/$node"
    mount -t overlay overlay -o "lowerdir=/,upperdir=$disk/changes,workdir=$disk/work" "$directory/$node"
    root=$directory/$node
    mount --rbind /dev "$root/dev"
    mount -t proc proc "$root/proc"
    mount -t tmpfs tmp "$root/tmp"
    mount -t tmpfs run "$root/run"
    mkdir -p "$root/usr/local/sbin"
    rm -rf "$root/etc/rabbitmq" "$root/etc/haproxy" "$root/etc/corosync" "$root/var/lib/congress-cluster"
    mkdir -p "$root/var/lib/stand-in"
    [ -e "$root/var/lib/stand-in/cib.xml" ] || cp "$directory/cib.xml" "$root/var/lib/stand-in/cib.xml"
    cp "$here/programs/systemctl" "$root/usr/local/sbin/systemctl"
    for program in crm_node crm_resource corosync-cfgtool sysctl rabbitmqctl rabbitmq-queues rabbitmq-diagnostics mariadb \
        socat nc ss; do
        cp "$here/programs/anything" "$root/usr/local/sbin/$program"
    done
    for account in rabbitmq mysql haproxy memcache; do
        chroot "$root" id "$account" > /dev/null 2>&1 || chroot "$root" useradd --system --user-group "$account"
    done
done
exec "$@"
