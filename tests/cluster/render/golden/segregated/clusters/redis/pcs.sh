#!/bin/sh -e
pcs property set cluster-name=redis cluster-recheck-interval=60s concurrent-fencing=true load-threshold=10000% no-quorum-policy=stop stonith-enabled=true stonith-max-attempts=INFINITY stonith-timeout=60s
pcs resource defaults update failure-timeout=60s migration-threshold=3 resource-stickiness=100
pcs stonith create fence-host1 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.1 username=fencing pcmk_host_check=static-list pcmk_host_list=redis1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-host2 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.2 username=fencing pcmk_host_check=static-list pcmk_host_list=redis2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-host3 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.3 username=fencing pcmk_host_check=static-list pcmk_host_list=redis3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host1 fence_ipmilan ip=10.0.254.1 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=redis1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host2 fence_ipmilan ip=10.0.254.2 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=redis2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host3 fence_ipmilan ip=10.0.254.3 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=redis3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs resource create redis ocf:heartbeat:redis config=/etc/redis/redis.conf user=redis wait_last_known_master=true op start timeout=120s stop timeout=120s promote timeout=120s demote timeout=120s notify timeout=90s monitor interval=5s timeout=60s role=Promoted monitor interval=10s timeout=60s role=Unpromoted promotable redis-clone interleave=true ordered=true notify=true promoted-max=1
pcs resource create vip-redis ocf:heartbeat:IPaddr2 ip=10.0.200.100 cidr_netmask=16 nic=eth0 op monitor interval=2s timeout=20s start timeout=20s stop timeout=20s
pcs constraint colocation add vip-redis with Promoted redis-clone score=INFINITY id=colocation-vip-redis-redis-clone
pcs constraint order promote redis-clone then start vip-redis kind=Optional symmetrical=false id=order-redis-clone-vip-redis
pcs stonith level add 1 redis1 fence-host1
pcs stonith level add 2 redis1 fence-board-host1
pcs stonith level add 1 redis2 fence-host2
pcs stonith level add 2 redis2 fence-board-host2
pcs stonith level add 1 redis3 fence-host3
pcs stonith level add 2 redis3 fence-board-host3
