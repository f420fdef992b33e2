#!/bin/sh -e
pcs property set cluster-name=control cluster-recheck-interval=60s concurrent-fencing=true load-threshold=10000% no-quorum-policy=stop stonith-enabled=true stonith-max-attempts=INFINITY stonith-timeout=60s
pcs resource defaults update failure-timeout=60s migration-threshold=3 resource-stickiness=100
pcs stonith create fence-power-node1 fence_ipmilan ip=10.0.0.211 lanplus=1 'password=<secret power>' username=admin pcmk_host_check=static-list pcmk_host_list=node1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-power-node2 fence_ipmilan ip=10.0.0.212 lanplus=1 'password=<secret power>' username=admin pcmk_host_check=static-list pcmk_host_list=node2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-power-node3 fence_ipmilan ip=10.0.0.213 lanplus=1 'password=<secret power>' username=admin pcmk_host_check=static-list pcmk_host_list=node3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs resource create haproxy systemd:haproxy op start timeout=120s stop timeout=120s monitor interval=2s timeout=30s clone haproxy-clone interleave=true
pcs resource create galera ocf:heartbeat:galera wsrep_cluster_address=gcomm://node1,node2,node3 enable_creation=true additional_parameters=--open-files-limit=16384 config=/etc/mysql/my.cnf datadir=/var/lib/mysql log=/var/log/mysql/error.log pid=/run/mysqld/mysqld.pid socket=/run/mysqld/mysqld.sock op start timeout=120s stop timeout=120s promote timeout=300s demote timeout=120s monitor interval=5s timeout=30s role=Promoted monitor interval=10s timeout=30s role=Unpromoted promotable galera-clone interleave=true ordered=true promoted-max=3
pcs resource create congress-galera-check systemd:congress-galera-check op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone congress-galera-check-clone interleave=true
pcs resource create rabbitmq systemd:rabbitmq-server op start timeout=360s stop timeout=150s monitor interval=5s timeout=30s clone rabbitmq-clone interleave=true
pcs resource create memcached systemd:memcached op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone memcached-clone interleave=true
pcs resource create keystone systemd:keystone op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone keystone-clone interleave=true
pcs resource create congress-api systemd:congress-api op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone congress-api-clone interleave=true
pcs resource create congress-datasource ocf:openstack:congress-datasource binary=/usr/local/bin/congress-server config=/etc/congress/congress.conf user=congress node_id=datasource-node additional_parameters=--config-file=/etc/congress/datasources.conf op start timeout=60s stop timeout=30s monitor interval=5s timeout=10s meta migration-threshold=3 failure-timeout=60s
pcs resource create vip-api ocf:heartbeat:IPaddr2 ip=10.0.0.100 cidr_netmask=24 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs resource create vip-database ocf:heartbeat:IPaddr2 ip=10.0.0.101 cidr_netmask=24 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs constraint order start haproxy-clone then start keystone-clone kind=Optional symmetrical=false id=order-haproxy-clone-keystone-clone
pcs constraint order promote galera-clone then start keystone-clone kind=Mandatory id=order-galera-clone-keystone-clone
pcs constraint order start rabbitmq-clone then start keystone-clone kind=Optional symmetrical=false id=order-rabbitmq-clone-keystone-clone
pcs constraint order start memcached-clone then start keystone-clone kind=Optional symmetrical=false id=order-memcached-clone-keystone-clone
pcs constraint order start haproxy-clone then start congress-api-clone kind=Optional symmetrical=false id=order-haproxy-clone-congress-api-clone
pcs constraint order start haproxy-clone then start congress-datasource kind=Optional symmetrical=false id=order-haproxy-clone-congress-datasource
pcs constraint order promote galera-clone then start congress-api-clone kind=Mandatory id=order-galera-clone-congress-api-clone
pcs constraint order promote galera-clone then start congress-datasource kind=Optional symmetrical=false id=order-galera-clone-congress-datasource
pcs constraint order start rabbitmq-clone then start congress-api-clone kind=Optional symmetrical=false id=order-rabbitmq-clone-congress-api-clone
pcs constraint order start rabbitmq-clone then start congress-datasource kind=Optional symmetrical=false id=order-rabbitmq-clone-congress-datasource
pcs constraint order start keystone-clone then start congress-api-clone kind=Optional symmetrical=false id=order-keystone-clone-congress-api-clone
pcs constraint order start keystone-clone then start congress-datasource kind=Optional symmetrical=false id=order-keystone-clone-congress-datasource
pcs constraint order start congress-api-clone then start congress-datasource kind=Optional symmetrical=false id=order-congress-api-clone-congress-datasource
pcs constraint colocation add vip-api with haproxy-clone score=INFINITY id=colocation-vip-api-haproxy-clone
pcs constraint order start vip-api then start haproxy-clone kind=Optional symmetrical=false id=order-vip-api-haproxy-clone
pcs constraint colocation add vip-database with haproxy-clone score=INFINITY id=colocation-vip-database-haproxy-clone
pcs constraint order start vip-database then start haproxy-clone kind=Optional symmetrical=false id=order-vip-database-haproxy-clone
pcs stonith level add 1 node1 fence-power-node1
pcs stonith level add 1 node2 fence-power-node2
pcs stonith level add 1 node3 fence-power-node3
