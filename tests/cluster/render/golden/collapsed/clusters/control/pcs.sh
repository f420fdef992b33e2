#!/bin/sh -e
pcs property set cluster-name=control cluster-recheck-interval=60s concurrent-fencing=true load-threshold=10000% no-quorum-policy=stop stonith-enabled=true stonith-max-attempts=INFINITY stonith-timeout=70s
pcs resource defaults update failure-timeout=60s migration-threshold=3 resource-stickiness=100
pcs stonith create fence-board-control1 fence_ipmilan ip=10.0.1.11 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=control1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-control2 fence_ipmilan ip=10.0.1.12 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=control2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-control3 fence_ipmilan ip=10.0.1.13 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=control3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-compute1 fence_ipmilan ip=10.0.1.21 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=compute1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-compute2 fence_ipmilan ip=10.0.1.22 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=compute2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-outlets fence_apc_snmp ip=10.0.1.100 'snmp_priv_passwd=<secret outlets>' snmp_version=3 pcmk_host_check=static-list 'pcmk_host_map=control1:1;control2:2;control3:3;compute1:4;compute2:5' pcmk_off_timeout=30s pcmk_reboot_timeout=60s op monitor interval=60s timeout=30s
pcs resource create haproxy systemd:haproxy op start timeout=120s stop timeout=120s monitor interval=2s timeout=30s clone haproxy-clone interleave=true
pcs resource create galera ocf:heartbeat:galera wsrep_cluster_address=gcomm://control1,control2,control3 enable_creation=true additional_parameters=--open-files-limit=16384 config=/etc/mysql/my.cnf datadir=/var/lib/mysql log=/var/log/mysql/error.log pid=/run/mysqld/mysqld.pid socket=/run/mysqld/mysqld.sock op start timeout=120s stop timeout=120s promote timeout=300s demote timeout=120s monitor interval=5s timeout=30s role=Promoted monitor interval=10s timeout=30s role=Unpromoted promotable galera-clone interleave=true ordered=true promoted-max=3
pcs resource create congress-galera-check systemd:congress-galera-check op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone congress-galera-check-clone interleave=true
pcs resource create rabbitmq systemd:rabbitmq-server op start timeout=360s stop timeout=150s monitor interval=5s timeout=30s clone rabbitmq-clone interleave=true
pcs resource create memcached systemd:memcached op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone memcached-clone interleave=true
pcs resource create mongod systemd:mongod op start timeout=300s stop timeout=120s monitor interval=5s timeout=30s clone mongod-clone interleave=true
pcs resource create redis ocf:heartbeat:redis config=/etc/redis/redis.conf user=redis wait_last_known_master=true op start timeout=120s stop timeout=120s promote timeout=120s demote timeout=120s notify timeout=90s monitor interval=5s timeout=60s role=Promoted monitor interval=10s timeout=60s role=Unpromoted promotable redis-clone interleave=true ordered=true notify=true promoted-max=1
pcs resource create keystone systemd:keystone op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone keystone-clone interleave=true
pcs resource create swift-disk ocf:heartbeat:Filesystem device=/dev/disk/by-label/swift directory=/srv/node/d1 fstype=xfs options=noatime force_clones=true op start timeout=120s stop timeout=120s monitor interval=10s timeout=40s clone swift-disk-clone interleave=true
pcs resource create swift-account systemd:swift-account op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone swift-account-clone interleave=true
pcs resource create swift-container systemd:swift-container op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone swift-container-clone interleave=true
pcs resource create swift-object systemd:swift-object op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone swift-object-clone interleave=true
pcs resource create swift-proxy systemd:swift-proxy op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone swift-proxy-clone interleave=true
pcs resource create swift-object-expirer systemd:swift-object-expirer op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s
pcs resource create glance-api systemd:glance-api op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone glance-api-clone interleave=true
pcs resource create cinder-api systemd:cinder-api op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone cinder-api-clone interleave=true
pcs resource create cinder-scheduler systemd:cinder-scheduler op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone cinder-scheduler-clone interleave=true
pcs resource create cinder-volume systemd:cinder-volume op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s
pcs resource create placement-api systemd:placement-api op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone placement-api-clone interleave=true
pcs resource create neutron-api systemd:neutron-api op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone neutron-api-clone interleave=true
pcs resource create neutron-rpc-server systemd:neutron-rpc-server op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone neutron-rpc-server-clone interleave=true
pcs resource create neutron-openvswitch-agent systemd:neutron-openvswitch-agent op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone neutron-openvswitch-agent-clone interleave=true
pcs resource create neutron-dhcp-agent systemd:neutron-dhcp-agent op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone neutron-dhcp-agent-clone interleave=true
pcs resource create neutron-l3-agent systemd:neutron-l3-agent op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone neutron-l3-agent-clone interleave=true
pcs resource create neutron-metadata-agent systemd:neutron-metadata-agent op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone neutron-metadata-agent-clone interleave=true
pcs resource create nova-novncproxy systemd:nova-novncproxy op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone nova-novncproxy-clone interleave=true
pcs resource create nova-api systemd:nova-api op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone nova-api-clone interleave=true
pcs resource create nova-api-metadata systemd:nova-api-metadata op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone nova-api-metadata-clone interleave=true
pcs resource create nova-scheduler systemd:nova-scheduler op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone nova-scheduler-clone interleave=true
pcs resource create nova-conductor systemd:nova-conductor op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone nova-conductor-clone interleave=true
pcs resource create gnocchi-api systemd:gnocchi-api op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone gnocchi-api-clone interleave=true
pcs resource create gnocchi-metricd systemd:gnocchi-metricd op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone gnocchi-metricd-clone interleave=true
pcs resource create ceilometer-agent-central systemd:ceilometer-agent-central op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone ceilometer-agent-central-clone interleave=true
pcs resource create ceilometer-agent-notification systemd:ceilometer-agent-notification op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone ceilometer-agent-notification-clone interleave=true
pcs resource create aodh-api systemd:aodh-api op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone aodh-api-clone interleave=true
pcs resource create aodh-evaluator systemd:aodh-evaluator op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone aodh-evaluator-clone interleave=true
pcs resource create aodh-notifier systemd:aodh-notifier op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone aodh-notifier-clone interleave=true
pcs resource create aodh-listener systemd:aodh-listener op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone aodh-listener-clone interleave=true
pcs resource create heat-api systemd:heat-api op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone heat-api-clone interleave=true
pcs resource create heat-api-cfn systemd:heat-api-cfn op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone heat-api-cfn-clone interleave=true
pcs resource create heat-engine systemd:heat-engine op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone heat-engine-clone interleave=true
pcs resource create apache2 systemd:apache2 op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone apache2-clone interleave=true
pcs resource create congress-api systemd:congress-api op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone congress-api-clone interleave=true
pcs resource create congress-datasource ocf:openstack:congress-datasource binary=/usr/local/bin/congress-server config=/etc/congress/congress.conf user=congress node_id=datasource-node additional_parameters=--config-file=/etc/congress/datasources.conf op start timeout=60s stop timeout=30s monitor interval=5s timeout=10s meta migration-threshold=3 failure-timeout=60s
pcs resource create congress-gateway systemd:congress-gateway op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone congress-gateway-clone interleave=true
pcs resource create nova-instances ocf:heartbeat:Filesystem device=storage.example.org:/instances directory=/var/lib/nova/instances fstype=nfs options=vers=4.2,soft,timeo=100 op start timeout=240s stop timeout=120s monitor interval=10s timeout=40s clone nova-instances-clone interleave=true
pcs resource create openvswitch-agent-compute systemd:neutron-openvswitch-agent op start timeout=120s stop timeout=120s monitor interval=10s timeout=30s clone openvswitch-agent-compute-clone interleave=true
pcs resource create libvirtd-compute systemd:libvirtd op start timeout=120s stop timeout=120s monitor interval=10s timeout=30s clone libvirtd-compute-clone interleave=true
pcs resource create nova-compute systemd:nova-compute op start timeout=300s stop timeout=120s monitor interval=10s timeout=30s clone nova-compute-clone interleave=true
pcs resource create ceilometer-compute systemd:ceilometer-agent-compute op start timeout=120s stop timeout=120s monitor interval=10s timeout=30s clone ceilometer-compute-clone interleave=true
pcs resource create vip-api ocf:heartbeat:IPaddr2 ip=10.0.0.100 cidr_netmask=24 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs resource create vip-database ocf:heartbeat:IPaddr2 ip=10.0.0.101 cidr_netmask=24 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs resource create vip-redis ocf:heartbeat:IPaddr2 ip=10.0.0.102 cidr_netmask=24 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs resource create vip-gateway ocf:heartbeat:IPaddr2 ip=10.0.0.1 cidr_netmask=24 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs resource create vip-horizon ocf:heartbeat:IPaddr2 ip=192.0.2.100 cidr_netmask=24 nic=eth1 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs resource create compute1 ocf:pacemaker:remote server=10.0.0.21 reconnect_interval=60 op monitor interval=20s timeout=30s start timeout=60s stop timeout=60s
pcs resource create compute2 ocf:pacemaker:remote server=10.0.0.22 reconnect_interval=60 op monitor interval=20s timeout=30s start timeout=60s stop timeout=60s
pcs node attribute control1 membership=full
pcs node attribute control2 membership=full
pcs node attribute control3 membership=full
pcs node attribute compute1 membership=remote
pcs node attribute compute2 membership=remote
pcs constraint order start haproxy-clone then start keystone-clone kind=Optional symmetrical=false id=order-haproxy-clone-keystone-clone
pcs constraint order promote galera-clone then start keystone-clone kind=Mandatory id=order-galera-clone-keystone-clone
pcs constraint order start rabbitmq-clone then start keystone-clone kind=Optional symmetrical=false id=order-rabbitmq-clone-keystone-clone
pcs constraint order start memcached-clone then start keystone-clone kind=Optional symmetrical=false id=order-memcached-clone-keystone-clone
pcs constraint order start keystone-clone then start swift-disk-clone kind=Optional symmetrical=false id=order-keystone-clone-swift-disk-clone
pcs constraint order start keystone-clone then start swift-proxy-clone kind=Optional symmetrical=false id=order-keystone-clone-swift-proxy-clone
pcs constraint order start keystone-clone then start swift-object-expirer kind=Optional symmetrical=false id=order-keystone-clone-swift-object-expirer
pcs constraint order start swift-account-clone then start swift-proxy-clone kind=Optional symmetrical=false id=order-swift-account-clone-swift-proxy-clone
pcs constraint order start swift-account-clone then start swift-object-expirer kind=Optional symmetrical=false id=order-swift-account-clone-swift-object-expirer
pcs constraint order start keystone-clone then start glance-api-clone kind=Optional symmetrical=false id=order-keystone-clone-glance-api-clone
pcs constraint order start keystone-clone then start cinder-api-clone kind=Optional symmetrical=false id=order-keystone-clone-cinder-api-clone
pcs constraint order start keystone-clone then start cinder-scheduler-clone kind=Optional symmetrical=false id=order-keystone-clone-cinder-scheduler-clone
pcs constraint order start keystone-clone then start cinder-volume kind=Optional symmetrical=false id=order-keystone-clone-cinder-volume
pcs constraint order start keystone-clone then start placement-api-clone kind=Optional symmetrical=false id=order-keystone-clone-placement-api-clone
pcs constraint order start keystone-clone then start neutron-api-clone kind=Optional symmetrical=false id=order-keystone-clone-neutron-api-clone
pcs constraint order start keystone-clone then start neutron-rpc-server-clone kind=Optional symmetrical=false id=order-keystone-clone-neutron-rpc-server-clone
pcs constraint order start neutron-rpc-server-clone then start neutron-openvswitch-agent-clone kind=Optional symmetrical=false id=order-neutron-rpc-server-clone-neutron-openvswitch-agent-clone
pcs constraint order start keystone-clone then start nova-novncproxy-clone kind=Optional symmetrical=false id=order-keystone-clone-nova-novncproxy-clone
pcs constraint order start keystone-clone then start nova-api-clone kind=Optional symmetrical=false id=order-keystone-clone-nova-api-clone
pcs constraint order start keystone-clone then start nova-api-metadata-clone kind=Optional symmetrical=false id=order-keystone-clone-nova-api-metadata-clone
pcs constraint order start keystone-clone then start nova-scheduler-clone kind=Optional symmetrical=false id=order-keystone-clone-nova-scheduler-clone
pcs constraint order start keystone-clone then start nova-conductor-clone kind=Optional symmetrical=false id=order-keystone-clone-nova-conductor-clone
pcs constraint order start placement-api-clone then start nova-novncproxy-clone kind=Optional symmetrical=false id=order-placement-api-clone-nova-novncproxy-clone
pcs constraint order start placement-api-clone then start nova-api-clone kind=Optional symmetrical=false id=order-placement-api-clone-nova-api-clone
pcs constraint order start placement-api-clone then start nova-api-metadata-clone kind=Optional symmetrical=false id=order-placement-api-clone-nova-api-metadata-clone
pcs constraint order start placement-api-clone then start nova-scheduler-clone kind=Optional symmetrical=false id=order-placement-api-clone-nova-scheduler-clone
pcs constraint order start placement-api-clone then start nova-conductor-clone kind=Optional symmetrical=false id=order-placement-api-clone-nova-conductor-clone
pcs constraint order start keystone-clone then start gnocchi-api-clone kind=Optional symmetrical=false id=order-keystone-clone-gnocchi-api-clone
pcs constraint order start keystone-clone then start gnocchi-metricd-clone kind=Optional symmetrical=false id=order-keystone-clone-gnocchi-metricd-clone
pcs constraint order promote redis-clone then start gnocchi-api-clone kind=Optional symmetrical=false id=order-redis-clone-gnocchi-api-clone
pcs constraint order promote redis-clone then start gnocchi-metricd-clone kind=Optional symmetrical=false id=order-redis-clone-gnocchi-metricd-clone
pcs constraint order start keystone-clone then start ceilometer-agent-central-clone kind=Optional symmetrical=false id=order-keystone-clone-ceilometer-agent-central-clone
pcs constraint order start keystone-clone then start ceilometer-agent-notification-clone kind=Optional symmetrical=false id=order-keystone-clone-ceilometer-agent-notification-clone
pcs constraint order promote redis-clone then start ceilometer-agent-central-clone kind=Optional symmetrical=false id=order-redis-clone-ceilometer-agent-central-clone
pcs constraint order promote redis-clone then start ceilometer-agent-notification-clone kind=Optional symmetrical=false id=order-redis-clone-ceilometer-agent-notification-clone
pcs constraint order start gnocchi-api-clone then start ceilometer-agent-central-clone kind=Optional symmetrical=false id=order-gnocchi-api-clone-ceilometer-agent-central-clone
pcs constraint order start gnocchi-api-clone then start ceilometer-agent-notification-clone kind=Optional symmetrical=false id=order-gnocchi-api-clone-ceilometer-agent-notification-clone
pcs constraint order start keystone-clone then start aodh-api-clone kind=Optional symmetrical=false id=order-keystone-clone-aodh-api-clone
pcs constraint order start keystone-clone then start aodh-evaluator-clone kind=Optional symmetrical=false id=order-keystone-clone-aodh-evaluator-clone
pcs constraint order start keystone-clone then start aodh-notifier-clone kind=Optional symmetrical=false id=order-keystone-clone-aodh-notifier-clone
pcs constraint order start keystone-clone then start aodh-listener-clone kind=Optional symmetrical=false id=order-keystone-clone-aodh-listener-clone
pcs constraint order promote redis-clone then start aodh-api-clone kind=Optional symmetrical=false id=order-redis-clone-aodh-api-clone
pcs constraint order promote redis-clone then start aodh-evaluator-clone kind=Optional symmetrical=false id=order-redis-clone-aodh-evaluator-clone
pcs constraint order promote redis-clone then start aodh-notifier-clone kind=Optional symmetrical=false id=order-redis-clone-aodh-notifier-clone
pcs constraint order promote redis-clone then start aodh-listener-clone kind=Optional symmetrical=false id=order-redis-clone-aodh-listener-clone
pcs constraint order start gnocchi-api-clone then start aodh-api-clone kind=Optional symmetrical=false id=order-gnocchi-api-clone-aodh-api-clone
pcs constraint order start gnocchi-api-clone then start aodh-evaluator-clone kind=Optional symmetrical=false id=order-gnocchi-api-clone-aodh-evaluator-clone
pcs constraint order start gnocchi-api-clone then start aodh-notifier-clone kind=Optional symmetrical=false id=order-gnocchi-api-clone-aodh-notifier-clone
pcs constraint order start gnocchi-api-clone then start aodh-listener-clone kind=Optional symmetrical=false id=order-gnocchi-api-clone-aodh-listener-clone
pcs constraint order start keystone-clone then start heat-api-clone kind=Optional symmetrical=false id=order-keystone-clone-heat-api-clone
pcs constraint order start keystone-clone then start heat-api-cfn-clone kind=Optional symmetrical=false id=order-keystone-clone-heat-api-cfn-clone
pcs constraint order start keystone-clone then start heat-engine-clone kind=Optional symmetrical=false id=order-keystone-clone-heat-engine-clone
pcs constraint order start keystone-clone then start apache2-clone kind=Optional symmetrical=false id=order-keystone-clone-apache2-clone
pcs constraint order start haproxy-clone then start congress-api-clone kind=Optional symmetrical=false id=order-haproxy-clone-congress-api-clone
pcs constraint order start haproxy-clone then start congress-datasource kind=Optional symmetrical=false id=order-haproxy-clone-congress-datasource
pcs constraint order promote galera-clone then start congress-api-clone kind=Mandatory id=order-galera-clone-congress-api-clone
pcs constraint order promote galera-clone then start congress-datasource kind=Optional symmetrical=false id=order-galera-clone-congress-datasource
pcs constraint order start rabbitmq-clone then start congress-api-clone kind=Optional symmetrical=false id=order-rabbitmq-clone-congress-api-clone
pcs constraint order start rabbitmq-clone then start congress-datasource kind=Optional symmetrical=false id=order-rabbitmq-clone-congress-datasource
pcs constraint order start keystone-clone then start congress-api-clone kind=Optional symmetrical=false id=order-keystone-clone-congress-api-clone
pcs constraint order start keystone-clone then start congress-datasource kind=Optional symmetrical=false id=order-keystone-clone-congress-datasource
pcs constraint order start nova-conductor-clone then start openvswitch-agent-compute-clone kind=Optional symmetrical=false id=order-nova-conductor-clone-openvswitch-agent-compute-clone
pcs constraint order start nova-conductor-clone then start nova-compute-clone kind=Optional symmetrical=false id=order-nova-conductor-clone-nova-compute-clone
pcs constraint order start nova-api-clone then start openvswitch-agent-compute-clone kind=Optional symmetrical=false id=order-nova-api-clone-openvswitch-agent-compute-clone
pcs constraint order start nova-api-clone then start nova-compute-clone kind=Optional symmetrical=false id=order-nova-api-clone-nova-compute-clone
pcs constraint order start neutron-rpc-server-clone then start openvswitch-agent-compute-clone kind=Optional symmetrical=false id=order-neutron-rpc-server-clone-openvswitch-agent-compute-clone
pcs constraint order start neutron-rpc-server-clone then start nova-compute-clone kind=Optional symmetrical=false id=order-neutron-rpc-server-clone-nova-compute-clone
pcs constraint location haproxy-clone rule id=location-haproxy-clone-membership-remote-rule constraint-id=location-haproxy-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location galera-clone rule id=location-galera-clone-membership-remote-rule constraint-id=location-galera-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location congress-galera-check-clone rule id=location-congress-galera-check-clone-membership-remote-rule constraint-id=location-congress-galera-check-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location rabbitmq-clone rule id=location-rabbitmq-clone-membership-remote-rule constraint-id=location-rabbitmq-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location memcached-clone rule id=location-memcached-clone-membership-remote-rule constraint-id=location-memcached-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location mongod-clone rule id=location-mongod-clone-membership-remote-rule constraint-id=location-mongod-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location redis-clone rule id=location-redis-clone-membership-remote-rule constraint-id=location-redis-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location keystone-clone rule id=location-keystone-clone-membership-remote-rule constraint-id=location-keystone-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint order start swift-disk-clone then start swift-account-clone kind=Mandatory id=order-swift-disk-clone-swift-account-clone
pcs constraint colocation add swift-account-clone with swift-disk-clone score=INFINITY id=colocation-swift-account-clone-swift-disk-clone
pcs constraint order start swift-disk-clone then start swift-container-clone kind=Mandatory id=order-swift-disk-clone-swift-container-clone
pcs constraint colocation add swift-container-clone with swift-disk-clone score=INFINITY id=colocation-swift-container-clone-swift-disk-clone
pcs constraint order start swift-disk-clone then start swift-object-clone kind=Mandatory id=order-swift-disk-clone-swift-object-clone
pcs constraint colocation add swift-object-clone with swift-disk-clone score=INFINITY id=colocation-swift-object-clone-swift-disk-clone
pcs constraint location swift-disk-clone rule id=location-swift-disk-clone-membership-remote-rule constraint-id=location-swift-disk-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location swift-account-clone rule id=location-swift-account-clone-membership-remote-rule constraint-id=location-swift-account-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location swift-container-clone rule id=location-swift-container-clone-membership-remote-rule constraint-id=location-swift-container-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location swift-object-clone rule id=location-swift-object-clone-membership-remote-rule constraint-id=location-swift-object-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint order start swift-proxy-clone then start swift-object-expirer kind=Optional symmetrical=false id=order-swift-proxy-clone-swift-object-expirer
pcs constraint location swift-proxy-clone rule id=location-swift-proxy-clone-membership-remote-rule constraint-id=location-swift-proxy-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location swift-object-expirer rule id=location-swift-object-expirer-membership-remote-rule constraint-id=location-swift-object-expirer-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location glance-api-clone rule id=location-glance-api-clone-membership-remote-rule constraint-id=location-glance-api-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint order start cinder-api-clone then start cinder-scheduler-clone kind=Optional symmetrical=false id=order-cinder-api-clone-cinder-scheduler-clone
pcs constraint order start cinder-scheduler-clone then start cinder-volume kind=Optional symmetrical=false id=order-cinder-scheduler-clone-cinder-volume
pcs constraint location cinder-api-clone rule id=location-cinder-api-clone-membership-remote-rule constraint-id=location-cinder-api-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location cinder-scheduler-clone rule id=location-cinder-scheduler-clone-membership-remote-rule constraint-id=location-cinder-scheduler-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location cinder-volume rule id=location-cinder-volume-membership-remote-rule constraint-id=location-cinder-volume-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location placement-api-clone rule id=location-placement-api-clone-membership-remote-rule constraint-id=location-placement-api-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location neutron-api-clone rule id=location-neutron-api-clone-membership-remote-rule constraint-id=location-neutron-api-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location neutron-rpc-server-clone rule id=location-neutron-rpc-server-clone-membership-remote-rule constraint-id=location-neutron-rpc-server-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint order start neutron-openvswitch-agent-clone then start neutron-dhcp-agent-clone kind=Optional symmetrical=false id=order-neutron-openvswitch-agent-clone-neutron-dhcp-agent-clone
pcs constraint order start neutron-dhcp-agent-clone then start neutron-l3-agent-clone kind=Optional symmetrical=false id=order-neutron-dhcp-agent-clone-neutron-l3-agent-clone
pcs constraint order start neutron-l3-agent-clone then start neutron-metadata-agent-clone kind=Optional symmetrical=false id=order-neutron-l3-agent-clone-neutron-metadata-agent-clone
pcs constraint location neutron-openvswitch-agent-clone rule id=location-neutron-openvswitch-agent-clone-membership-remote-rule constraint-id=location-neutron-openvswitch-agent-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location neutron-dhcp-agent-clone rule id=location-neutron-dhcp-agent-clone-membership-remote-rule constraint-id=location-neutron-dhcp-agent-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location neutron-l3-agent-clone rule id=location-neutron-l3-agent-clone-membership-remote-rule constraint-id=location-neutron-l3-agent-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location neutron-metadata-agent-clone rule id=location-neutron-metadata-agent-clone-membership-remote-rule constraint-id=location-neutron-metadata-agent-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint order start nova-novncproxy-clone then start nova-api-clone kind=Optional symmetrical=false id=order-nova-novncproxy-clone-nova-api-clone
pcs constraint order start nova-api-clone then start nova-api-metadata-clone kind=Optional symmetrical=false id=order-nova-api-clone-nova-api-metadata-clone
pcs constraint order start nova-api-metadata-clone then start nova-scheduler-clone kind=Optional symmetrical=false id=order-nova-api-metadata-clone-nova-scheduler-clone
pcs constraint order start nova-scheduler-clone then start nova-conductor-clone kind=Optional symmetrical=false id=order-nova-scheduler-clone-nova-conductor-clone
pcs constraint location nova-novncproxy-clone rule id=location-nova-novncproxy-clone-membership-remote-rule constraint-id=location-nova-novncproxy-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location nova-api-clone rule id=location-nova-api-clone-membership-remote-rule constraint-id=location-nova-api-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location nova-api-metadata-clone rule id=location-nova-api-metadata-clone-membership-remote-rule constraint-id=location-nova-api-metadata-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location nova-scheduler-clone rule id=location-nova-scheduler-clone-membership-remote-rule constraint-id=location-nova-scheduler-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location nova-conductor-clone rule id=location-nova-conductor-clone-membership-remote-rule constraint-id=location-nova-conductor-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location gnocchi-api-clone rule id=location-gnocchi-api-clone-membership-remote-rule constraint-id=location-gnocchi-api-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location gnocchi-metricd-clone rule id=location-gnocchi-metricd-clone-membership-remote-rule constraint-id=location-gnocchi-metricd-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint order start ceilometer-agent-central-clone then start ceilometer-agent-notification-clone kind=Optional symmetrical=false id=order-ceilometer-agent-central-clone-ceilometer-agent-notification-clone
pcs constraint location ceilometer-agent-central-clone rule id=location-ceilometer-agent-central-clone-membership-remote-rule constraint-id=location-ceilometer-agent-central-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location ceilometer-agent-notification-clone rule id=location-ceilometer-agent-notification-clone-membership-remote-rule constraint-id=location-ceilometer-agent-notification-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint order start aodh-api-clone then start aodh-evaluator-clone kind=Optional symmetrical=false id=order-aodh-api-clone-aodh-evaluator-clone
pcs constraint order start aodh-evaluator-clone then start aodh-notifier-clone kind=Optional symmetrical=false id=order-aodh-evaluator-clone-aodh-notifier-clone
pcs constraint order start aodh-notifier-clone then start aodh-listener-clone kind=Optional symmetrical=false id=order-aodh-notifier-clone-aodh-listener-clone
pcs constraint location aodh-api-clone rule id=location-aodh-api-clone-membership-remote-rule constraint-id=location-aodh-api-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location aodh-evaluator-clone rule id=location-aodh-evaluator-clone-membership-remote-rule constraint-id=location-aodh-evaluator-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location aodh-notifier-clone rule id=location-aodh-notifier-clone-membership-remote-rule constraint-id=location-aodh-notifier-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location aodh-listener-clone rule id=location-aodh-listener-clone-membership-remote-rule constraint-id=location-aodh-listener-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint order start heat-api-clone then start heat-api-cfn-clone kind=Optional symmetrical=false id=order-heat-api-clone-heat-api-cfn-clone
pcs constraint order start heat-api-cfn-clone then start heat-engine-clone kind=Optional symmetrical=false id=order-heat-api-cfn-clone-heat-engine-clone
pcs constraint location heat-api-clone rule id=location-heat-api-clone-membership-remote-rule constraint-id=location-heat-api-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location heat-api-cfn-clone rule id=location-heat-api-cfn-clone-membership-remote-rule constraint-id=location-heat-api-cfn-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location heat-engine-clone rule id=location-heat-engine-clone-membership-remote-rule constraint-id=location-heat-engine-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location apache2-clone rule id=location-apache2-clone-membership-remote-rule constraint-id=location-apache2-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint order start congress-api-clone then start congress-datasource kind=Optional symmetrical=false id=order-congress-api-clone-congress-datasource
pcs constraint location congress-api-clone rule id=location-congress-api-clone-membership-remote-rule constraint-id=location-congress-api-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location congress-datasource rule id=location-congress-datasource-membership-remote-rule constraint-id=location-congress-datasource-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint location congress-gateway-clone rule id=location-congress-gateway-clone-membership-remote-rule constraint-id=location-congress-gateway-clone-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint order start nova-instances-clone then start libvirtd-compute-clone kind=Mandatory id=order-nova-instances-clone-libvirtd-compute-clone
pcs constraint order start libvirtd-compute-clone then start nova-compute-clone kind=Mandatory id=order-libvirtd-compute-clone-nova-compute-clone
pcs constraint colocation add libvirtd-compute-clone with nova-instances-clone score=INFINITY id=colocation-libvirtd-compute-clone-nova-instances-clone
pcs constraint colocation add nova-compute-clone with libvirtd-compute-clone score=INFINITY id=colocation-nova-compute-clone-libvirtd-compute-clone
pcs constraint order start openvswitch-agent-compute-clone then start nova-compute-clone kind=Optional symmetrical=false id=order-openvswitch-agent-compute-clone-nova-compute-clone
pcs constraint location nova-instances-clone rule id=location-nova-instances-clone-membership-full-rule constraint-id=location-nova-instances-clone-membership-full resource-discovery=never score=-INFINITY membership eq full
pcs constraint location openvswitch-agent-compute-clone rule id=location-openvswitch-agent-compute-clone-membership-full-rule constraint-id=location-openvswitch-agent-compute-clone-membership-full resource-discovery=never score=-INFINITY membership eq full
pcs constraint location libvirtd-compute-clone rule id=location-libvirtd-compute-clone-membership-full-rule constraint-id=location-libvirtd-compute-clone-membership-full resource-discovery=never score=-INFINITY membership eq full
pcs constraint location nova-compute-clone rule id=location-nova-compute-clone-membership-full-rule constraint-id=location-nova-compute-clone-membership-full resource-discovery=never score=-INFINITY membership eq full
pcs constraint location ceilometer-compute-clone rule id=location-ceilometer-compute-clone-membership-full-rule constraint-id=location-ceilometer-compute-clone-membership-full resource-discovery=never score=-INFINITY membership eq full
pcs constraint colocation add vip-api with haproxy-clone score=INFINITY id=colocation-vip-api-haproxy-clone
pcs constraint order start vip-api then start haproxy-clone kind=Optional symmetrical=false id=order-vip-api-haproxy-clone
pcs constraint location vip-api rule id=location-vip-api-membership-remote-rule constraint-id=location-vip-api-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint colocation add vip-database with haproxy-clone score=INFINITY id=colocation-vip-database-haproxy-clone
pcs constraint order start vip-database then start haproxy-clone kind=Optional symmetrical=false id=order-vip-database-haproxy-clone
pcs constraint location vip-database rule id=location-vip-database-membership-remote-rule constraint-id=location-vip-database-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint colocation add vip-redis with Promoted redis-clone score=INFINITY id=colocation-vip-redis-redis-clone
pcs constraint order promote redis-clone then start vip-redis kind=Optional symmetrical=false id=order-redis-clone-vip-redis
pcs constraint location vip-redis rule id=location-vip-redis-membership-remote-rule constraint-id=location-vip-redis-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint colocation add vip-gateway with congress-gateway-clone score=INFINITY id=colocation-vip-gateway-congress-gateway-clone
pcs constraint order start vip-gateway then start congress-gateway-clone kind=Optional symmetrical=false id=order-vip-gateway-congress-gateway-clone
pcs constraint location vip-gateway rule id=location-vip-gateway-membership-remote-rule constraint-id=location-vip-gateway-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs constraint colocation add vip-horizon with haproxy-clone score=INFINITY id=colocation-vip-horizon-haproxy-clone
pcs constraint order start vip-horizon then start haproxy-clone kind=Optional symmetrical=false id=order-vip-horizon-haproxy-clone
pcs constraint location vip-horizon rule id=location-vip-horizon-membership-remote-rule constraint-id=location-vip-horizon-membership-remote resource-discovery=never score=-INFINITY membership eq remote
pcs stonith level add 1 control1 fence-board-control1
pcs stonith level add 2 control1 fence-outlets
pcs stonith level add 1 control2 fence-board-control2
pcs stonith level add 2 control2 fence-outlets
pcs stonith level add 1 control3 fence-board-control3
pcs stonith level add 2 control3 fence-outlets
pcs stonith level add 1 compute1 fence-board-compute1
pcs stonith level add 2 compute1 fence-outlets
pcs stonith level add 1 compute2 fence-board-compute2
pcs stonith level add 2 compute2 fence-outlets
