#!/bin/sh -e
pcs property set cluster-name=compute-compute1 cluster-recheck-interval=60s concurrent-fencing=true load-threshold=10000% no-quorum-policy=stop stonith-enabled=true stonith-max-attempts=INFINITY stonith-timeout=60s
pcs resource defaults update failure-timeout=60s migration-threshold=3 resource-stickiness=100
pcs stonith create fence-board-compute1 fence_ipmilan ip=10.0.254.11 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=compute1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs resource create nova-instances ocf:heartbeat:Filesystem device=storage.example.org:/instances directory=/var/lib/nova/instances fstype=nfs options=vers=4.2,soft,timeo=100 op start timeout=240s stop timeout=120s monitor interval=10s timeout=40s clone nova-instances-clone interleave=true
pcs resource create openvswitch-agent-compute systemd:neutron-openvswitch-agent op start timeout=120s stop timeout=120s monitor interval=10s timeout=30s clone openvswitch-agent-compute-clone interleave=true
pcs resource create libvirtd-compute systemd:libvirtd op start timeout=120s stop timeout=120s monitor interval=10s timeout=30s clone libvirtd-compute-clone interleave=true
pcs resource create nova-compute systemd:nova-compute op start timeout=300s stop timeout=120s monitor interval=10s timeout=30s clone nova-compute-clone interleave=true
pcs resource create ceilometer-compute systemd:ceilometer-agent-compute op start timeout=120s stop timeout=120s monitor interval=10s timeout=30s clone ceilometer-compute-clone interleave=true
pcs constraint order start nova-instances-clone then start libvirtd-compute-clone kind=Mandatory id=order-nova-instances-clone-libvirtd-compute-clone
pcs constraint order start libvirtd-compute-clone then start nova-compute-clone kind=Mandatory id=order-libvirtd-compute-clone-nova-compute-clone
pcs constraint colocation add libvirtd-compute-clone with nova-instances-clone score=INFINITY id=colocation-libvirtd-compute-clone-nova-instances-clone
pcs constraint colocation add nova-compute-clone with libvirtd-compute-clone score=INFINITY id=colocation-nova-compute-clone-libvirtd-compute-clone
pcs constraint order start openvswitch-agent-compute-clone then start nova-compute-clone kind=Optional symmetrical=false id=order-openvswitch-agent-compute-clone-nova-compute-clone
pcs stonith level add 1 compute1 fence-board-compute1
