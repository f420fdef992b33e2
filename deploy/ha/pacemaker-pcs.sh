#!/bin/sh
# Resources of Pacemaker, for pcs, which takes VIP from its environment. The same as pacemaker.crm, which says why.
set -eu
: "${PCS:=pcs}"  # may have options, as `pcs -f cib.xml`

$PCS resource create congress-vip ocf:heartbeat:IPaddr2 "ip=$VIP" cidr_netmask=24 \
    op start interval=0s timeout=20s \
    op stop interval=0s timeout=20s \
    op monitor interval=5s timeout=20s --group congress-balancer
$PCS resource create congress-haproxy systemd:haproxy \
    op monitor interval=5s timeout=20s --group congress-balancer
$PCS resource create congress-datasource ocf:openstack:congress-datasource \
    config=/etc/congress/congress.conf user=congress node_id=datasource-node \
    op start interval=0s timeout=60s \
    op stop interval=0s timeout=20s \
    op monitor interval=5s timeout=10s \
    meta migration-threshold=3 failure-timeout=60s
$PCS constraint order start congress-balancer then start congress-datasource kind=Optional
