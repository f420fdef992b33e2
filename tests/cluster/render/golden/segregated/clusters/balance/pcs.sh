#!/bin/sh -e
pcs property set cluster-name=balance cluster-recheck-interval=60s concurrent-fencing=true load-threshold=10000% no-quorum-policy=stop stonith-enabled=true stonith-max-attempts=INFINITY stonith-timeout=60s
pcs resource defaults update failure-timeout=60s migration-threshold=3 resource-stickiness=100
pcs stonith create fence-host1 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.1 username=fencing pcmk_host_check=static-list pcmk_host_list=balance1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-host2 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.2 username=fencing pcmk_host_check=static-list pcmk_host_list=balance2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-host3 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.3 username=fencing pcmk_host_check=static-list pcmk_host_list=balance3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host1 fence_ipmilan ip=10.0.254.1 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=balance1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host2 fence_ipmilan ip=10.0.254.2 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=balance2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host3 fence_ipmilan ip=10.0.254.3 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=balance3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs resource create haproxy systemd:haproxy op start timeout=120s stop timeout=120s monitor interval=2s timeout=30s clone haproxy-clone interleave=true
pcs resource create vip-database ocf:heartbeat:IPaddr2 ip=10.0.200.1 cidr_netmask=16 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs resource create vip-keystone ocf:heartbeat:IPaddr2 ip=10.0.200.2 cidr_netmask=16 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs resource create vip-glance ocf:heartbeat:IPaddr2 ip=10.0.200.3 cidr_netmask=16 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs resource create vip-cinder ocf:heartbeat:IPaddr2 ip=10.0.200.4 cidr_netmask=16 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs resource create vip-swift ocf:heartbeat:IPaddr2 ip=10.0.200.5 cidr_netmask=16 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs resource create vip-placement ocf:heartbeat:IPaddr2 ip=10.0.200.6 cidr_netmask=16 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs resource create vip-neutron ocf:heartbeat:IPaddr2 ip=10.0.200.7 cidr_netmask=16 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs resource create vip-nova ocf:heartbeat:IPaddr2 ip=10.0.200.8 cidr_netmask=16 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs resource create vip-gnocchi ocf:heartbeat:IPaddr2 ip=10.0.200.9 cidr_netmask=16 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs resource create vip-aodh ocf:heartbeat:IPaddr2 ip=10.0.200.10 cidr_netmask=16 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs resource create vip-heat ocf:heartbeat:IPaddr2 ip=10.0.200.11 cidr_netmask=16 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs resource create vip-congress ocf:heartbeat:IPaddr2 ip=10.0.200.12 cidr_netmask=16 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs resource create vip-horizon ocf:heartbeat:IPaddr2 ip=192.0.2.100 cidr_netmask=24 nic=eth1 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs constraint colocation add vip-database with haproxy-clone score=INFINITY id=colocation-vip-database-haproxy-clone
pcs constraint order start vip-database then start haproxy-clone kind=Optional symmetrical=false id=order-vip-database-haproxy-clone
pcs constraint colocation add vip-keystone with haproxy-clone score=INFINITY id=colocation-vip-keystone-haproxy-clone
pcs constraint order start vip-keystone then start haproxy-clone kind=Optional symmetrical=false id=order-vip-keystone-haproxy-clone
pcs constraint colocation add vip-glance with haproxy-clone score=INFINITY id=colocation-vip-glance-haproxy-clone
pcs constraint order start vip-glance then start haproxy-clone kind=Optional symmetrical=false id=order-vip-glance-haproxy-clone
pcs constraint colocation add vip-cinder with haproxy-clone score=INFINITY id=colocation-vip-cinder-haproxy-clone
pcs constraint order start vip-cinder then start haproxy-clone kind=Optional symmetrical=false id=order-vip-cinder-haproxy-clone
pcs constraint colocation add vip-swift with haproxy-clone score=INFINITY id=colocation-vip-swift-haproxy-clone
pcs constraint order start vip-swift then start haproxy-clone kind=Optional symmetrical=false id=order-vip-swift-haproxy-clone
pcs constraint colocation add vip-placement with haproxy-clone score=INFINITY id=colocation-vip-placement-haproxy-clone
pcs constraint order start vip-placement then start haproxy-clone kind=Optional symmetrical=false id=order-vip-placement-haproxy-clone
pcs constraint colocation add vip-neutron with haproxy-clone score=INFINITY id=colocation-vip-neutron-haproxy-clone
pcs constraint order start vip-neutron then start haproxy-clone kind=Optional symmetrical=false id=order-vip-neutron-haproxy-clone
pcs constraint colocation add vip-nova with haproxy-clone score=INFINITY id=colocation-vip-nova-haproxy-clone
pcs constraint order start vip-nova then start haproxy-clone kind=Optional symmetrical=false id=order-vip-nova-haproxy-clone
pcs constraint colocation add vip-gnocchi with haproxy-clone score=INFINITY id=colocation-vip-gnocchi-haproxy-clone
pcs constraint order start vip-gnocchi then start haproxy-clone kind=Optional symmetrical=false id=order-vip-gnocchi-haproxy-clone
pcs constraint colocation add vip-aodh with haproxy-clone score=INFINITY id=colocation-vip-aodh-haproxy-clone
pcs constraint order start vip-aodh then start haproxy-clone kind=Optional symmetrical=false id=order-vip-aodh-haproxy-clone
pcs constraint colocation add vip-heat with haproxy-clone score=INFINITY id=colocation-vip-heat-haproxy-clone
pcs constraint order start vip-heat then start haproxy-clone kind=Optional symmetrical=false id=order-vip-heat-haproxy-clone
pcs constraint colocation add vip-congress with haproxy-clone score=INFINITY id=colocation-vip-congress-haproxy-clone
pcs constraint order start vip-congress then start haproxy-clone kind=Optional symmetrical=false id=order-vip-congress-haproxy-clone
pcs constraint colocation add vip-horizon with haproxy-clone score=INFINITY id=colocation-vip-horizon-haproxy-clone
pcs constraint order start vip-horizon then start haproxy-clone kind=Optional symmetrical=false id=order-vip-horizon-haproxy-clone
pcs stonith level add 1 balance1 fence-host1
pcs stonith level add 2 balance1 fence-board-host1
pcs stonith level add 1 balance2 fence-host2
pcs stonith level add 2 balance2 fence-board-host2
pcs stonith level add 1 balance3 fence-host3
pcs stonith level add 2 balance3 fence-board-host3
