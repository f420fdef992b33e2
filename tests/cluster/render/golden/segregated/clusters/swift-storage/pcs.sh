#!/bin/sh -e
pcs property set cluster-name=swift-storage cluster-recheck-interval=60s concurrent-fencing=true load-threshold=10000% no-quorum-policy=stop stonith-enabled=true stonith-max-attempts=INFINITY stonith-timeout=60s
pcs resource defaults update failure-timeout=60s migration-threshold=3 resource-stickiness=100
pcs stonith create fence-host1 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.1 username=fencing pcmk_host_check=static-list pcmk_host_list=swift-storage1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-host2 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.2 username=fencing pcmk_host_check=static-list pcmk_host_list=swift-storage2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-host3 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.3 username=fencing pcmk_host_check=static-list pcmk_host_list=swift-storage3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host1 fence_ipmilan ip=10.0.254.1 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=swift-storage1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host2 fence_ipmilan ip=10.0.254.2 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=swift-storage2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host3 fence_ipmilan ip=10.0.254.3 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=swift-storage3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs resource create swift-disk ocf:heartbeat:Filesystem device=/dev/disk/by-label/swift directory=/srv/node/d1 fstype=xfs options=noatime force_clones=true op start timeout=120s stop timeout=120s monitor interval=10s timeout=40s clone swift-disk-clone interleave=true
pcs resource create swift-account systemd:swift-account op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone swift-account-clone interleave=true
pcs resource create swift-container systemd:swift-container op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone swift-container-clone interleave=true
pcs resource create swift-object systemd:swift-object op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone swift-object-clone interleave=true
pcs constraint order start swift-disk-clone then start swift-account-clone kind=Mandatory id=order-swift-disk-clone-swift-account-clone
pcs constraint colocation add swift-account-clone with swift-disk-clone score=INFINITY id=colocation-swift-account-clone-swift-disk-clone
pcs constraint order start swift-disk-clone then start swift-container-clone kind=Mandatory id=order-swift-disk-clone-swift-container-clone
pcs constraint colocation add swift-container-clone with swift-disk-clone score=INFINITY id=colocation-swift-container-clone-swift-disk-clone
pcs constraint order start swift-disk-clone then start swift-object-clone kind=Mandatory id=order-swift-disk-clone-swift-object-clone
pcs constraint colocation add swift-object-clone with swift-disk-clone score=INFINITY id=colocation-swift-object-clone-swift-disk-clone
pcs stonith level add 1 swift-storage1 fence-host1
pcs stonith level add 2 swift-storage1 fence-board-host1
pcs stonith level add 1 swift-storage2 fence-host2
pcs stonith level add 2 swift-storage2 fence-board-host2
pcs stonith level add 1 swift-storage3 fence-host3
pcs stonith level add 2 swift-storage3 fence-board-host3
