#!/bin/sh
# Starts this host's member of the message bus, in place of the server's own command.
#
# A member without data joins those that take clients. If it found none it would begin a bus of its own, which can never
# become one with the other; so only the first of the members begins, and the others wait for somebody to join. A member
# with data knows its peers, and waits for them by itself.
set -eu
: "${CONF:=/etc/rabbitmq/member.conf}" # may set what follows
# shellcheck disable=SC1090
[ ! -r "$CONF" ] || . "$CONF"
: "${NODE:?the name of this member, as rabbit@node1}"
: "${OTHERS:=}"   # HOST/PORT of the other members, where they take clients
: "${BEGINS:=no}" # yes: this is the member that may be the only one
: "${DATA:=/var/lib/rabbitmq/mnesia/$NODE}"
: "${SERVER:=/usr/lib/rabbitmq/bin/rabbitmq-server}"

takes_clients() {
    timeout 2 bash -c ": </dev/tcp/$1" 2>/dev/null
}

somebody_is_there() {
    for member in $OTHERS; do
        ! takes_clients "$member" || return 0
    done
    return 1
}

if [ "$BEGINS" != yes ] && [ -z "$(ls -A "$DATA" 2>/dev/null)" ]; then
    echo "$NODE has no data and waits for one of $OTHERS"
    # Whoever started this sets the limit.
    until somebody_is_there; do sleep 1; done
fi
exec $SERVER
