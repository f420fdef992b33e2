#!/bin/sh -e
pcs property set cluster-name=gateway cluster-recheck-interval=60s concurrent-fencing=true load-threshold=10000% no-quorum-policy=stop stonith-enabled=true stonith-max-attempts=INFINITY stonith-timeout=60s
pcs resource defaults update failure-timeout=60s migration-threshold=3 resource-stickiness=100
pcs stonith create fence-host1 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.1 username=fencing pcmk_host_check=static-list pcmk_host_list=gateway1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-host2 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.2 username=fencing pcmk_host_check=static-list pcmk_host_list=gateway2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-host3 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.3 username=fencing pcmk_host_check=static-list pcmk_host_list=gateway3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host1 fence_ipmilan ip=10.0.254.1 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=gateway1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host2 fence_ipmilan ip=10.0.254.2 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=gateway2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host3 fence_ipmilan ip=10.0.254.3 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=gateway3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs resource create congress-gateway systemd:congress-gateway op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone congress-gateway-clone interleave=true
pcs resource create vip-gateway ocf:heartbeat:IPaddr2 ip=10.0.0.254 cidr_netmask=16 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs constraint colocation add vip-gateway with congress-gateway-clone score=INFINITY id=colocation-vip-gateway-congress-gateway-clone
pcs constraint order start vip-gateway then start congress-gateway-clone kind=Optional symmetrical=false id=order-vip-gateway-congress-gateway-clone
pcs stonith level add 1 gateway1 fence-host1
pcs stonith level add 2 gateway1 fence-board-host1
pcs stonith level add 1 gateway2 fence-host2
pcs stonith level add 2 gateway2 fence-board-host2
pcs stonith level add 1 gateway3 fence-host3
pcs stonith level add 2 gateway3 fence-board-host3
