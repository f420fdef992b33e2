#!/bin/sh
# Once, on any node of the broker. $RABBITMQCTL may have options.
set -eu
: "${RABBITMQCTL:=rabbitmqctl}"

# Streams are cut in whole segments. With RabbitMQ's 500 MB each of them would keep as much on every disk.
$RABBITMQCTL set_policy congress-streams '_fanout$' '{"stream-max-segment-size-bytes": 20000000}' --apply-to queues
