#!/bin/sh
# Starts this host's member of the message bus, in place of the server's own command.
#
# A member without data joins those that take clients. If it found none it would begin a bus of its own, which can never
# become one with the other; so only the first of the members begins, and the others wait for somebody to join. A member
# with data knows its peers, and waits for them by itself.
#
# Only who begins a bus reads the accounts from their file, until it serves with them for the first time. A member that
# comes back may have a file from before a password changed, and would change it back for all.
set -eu
: "${CONF:=/etc/rabbitmq/member.conf}" # may set what follows
# shellcheck disable=SC1090
[ ! -r "$CONF" ] || . "$CONF"
: "${NODE:?the name of this member, as rabbit@node1}"
: "${OTHERS:=}"   # HOST/PORT of the other members, where they take clients
: "${BEGINS:=no}" # yes: this is the member that may be the only one
: "${OWN:?HOST/PORT where this member takes clients}"
: "${DATA:=/var/lib/rabbitmq/mnesia/$NODE}"
: "${DEFINITIONS:=/etc/rabbitmq/definitions.json}"
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

beginning=$DATA.beginning
if [ -z "$(ls -A "$DATA" 2>/dev/null)" ]; then
    rm -f "$beginning"
    if [ "$BEGINS" != yes ]; then
        echo "$NODE has no data and waits for one of $OTHERS"
        # Whoever started this sets the limit.
        until somebody_is_there; do sleep 1; done
    elif ! somebody_is_there; then
        mkdir -p "${DATA%/*}"
        : > "$beginning"
    fi
fi
if [ -e "$beginning" ]; then
    echo "$NODE begins with the accounts of $DEFINITIONS"
    # It serves when it has them. One that dies before reads them again.
    {
        until takes_clients "$OWN"; do
            kill -0 $$ 2>/dev/null || exit 0
            sleep 1
        done
        rm -f "$beginning"
    } </dev/null >/dev/null 2>&1 &
    set -- -rabbit load_definitions "\"$DEFINITIONS\""
fi
exec $SERVER "$@"
