#!/bin/sh -e
pcs property set cluster-name=nova cluster-recheck-interval=60s concurrent-fencing=true load-threshold=10000% no-quorum-policy=stop stonith-enabled=true stonith-max-attempts=INFINITY stonith-timeout=60s
pcs resource defaults update failure-timeout=60s migration-threshold=3 resource-stickiness=100
pcs stonith create fence-host1 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.1 username=fencing pcmk_host_check=static-list pcmk_host_list=nova1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-host2 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.2 username=fencing pcmk_host_check=static-list pcmk_host_list=nova2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-host3 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.3 username=fencing pcmk_host_check=static-list pcmk_host_list=nova3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host1 fence_ipmilan ip=10.0.254.1 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=nova1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host2 fence_ipmilan ip=10.0.254.2 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=nova2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host3 fence_ipmilan ip=10.0.254.3 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=nova3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs resource create nova-novncproxy systemd:nova-novncproxy op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone nova-novncproxy-clone interleave=true
pcs resource create nova-api systemd:nova-api op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone nova-api-clone interleave=true
pcs resource create nova-api-metadata systemd:nova-api-metadata op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone nova-api-metadata-clone interleave=true
pcs resource create nova-scheduler systemd:nova-scheduler op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone nova-scheduler-clone interleave=true
pcs resource create nova-conductor systemd:nova-conductor op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone nova-conductor-clone interleave=true
pcs constraint order start nova-novncproxy-clone then start nova-api-clone kind=Optional symmetrical=false id=order-nova-novncproxy-clone-nova-api-clone
pcs constraint order start nova-api-clone then start nova-api-metadata-clone kind=Optional symmetrical=false id=order-nova-api-clone-nova-api-metadata-clone
pcs constraint order start nova-api-metadata-clone then start nova-scheduler-clone kind=Optional symmetrical=false id=order-nova-api-metadata-clone-nova-scheduler-clone
pcs constraint order start nova-scheduler-clone then start nova-conductor-clone kind=Optional symmetrical=false id=order-nova-scheduler-clone-nova-conductor-clone
pcs stonith level add 1 nova1 fence-host1
pcs stonith level add 2 nova1 fence-board-host1
pcs stonith level add 1 nova2 fence-host2
pcs stonith level add 2 nova2 fence-board-host2
pcs stonith level add 1 nova3 fence-host3
pcs stonith level add 2 nova3 fence-board-host3
