#!/bin/sh
# Restart the broker's node of this host when it runs and takes no clients for two minutes; to be run now and then
# (rabbitmq-rejoin.timer). One that was cut off and comes back can wait for ever for an answer that its peers believe
# to have given (Erlang 25 with RabbitMQ 3.10, "Global hang workaround" in its log), and a restart is all it needs.
# A node that waits for the others to come back is not harmed by one.
set -eu
: "${PORT:=5672}"
: "${PATIENCE:=120}" # seconds
: "${SINCE:=/run/rabbitmq-rejoin}"
: "${RUNS:=systemctl --quiet is-active rabbitmq-server}"
: "${RESTART:=systemctl restart rabbitmq-server}"

if ! $RUNS || [ -n "$(ss --no-header --listening --tcp --numeric "sport = :$PORT")" ]; then
    rm -f "$SINCE"
    exit 0
fi
now=$(cut -d . -f 1 /proc/uptime)
[ -s "$SINCE" ] || echo "$now" > "$SINCE"
since=$(cat "$SINCE")
[ $((now - since)) -ge "$PATIENCE" ] || exit 0
echo "the broker has taken no clients for $((now - since)) seconds and is restarted" >&2
rm -f "$SINCE"
exec $RESTART
