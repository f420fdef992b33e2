#!/bin/sh -e
pcs property set cluster-name=neutron-agents cluster-recheck-interval=60s concurrent-fencing=true load-threshold=10000% no-quorum-policy=stop stonith-enabled=true stonith-max-attempts=INFINITY stonith-timeout=60s
pcs resource defaults update failure-timeout=60s migration-threshold=3 resource-stickiness=100
pcs stonith create fence-host1 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.1 username=fencing pcmk_host_check=static-list pcmk_host_list=neutron-agents1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-host2 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.2 username=fencing pcmk_host_check=static-list pcmk_host_list=neutron-agents2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-host3 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.3 username=fencing pcmk_host_check=static-list pcmk_host_list=neutron-agents3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host1 fence_ipmilan ip=10.0.254.1 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=neutron-agents1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host2 fence_ipmilan ip=10.0.254.2 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=neutron-agents2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host3 fence_ipmilan ip=10.0.254.3 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=neutron-agents3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs resource create neutron-openvswitch-agent systemd:neutron-openvswitch-agent op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone neutron-openvswitch-agent-clone interleave=true
pcs resource create neutron-dhcp-agent systemd:neutron-dhcp-agent op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone neutron-dhcp-agent-clone interleave=true
pcs resource create neutron-l3-agent systemd:neutron-l3-agent op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone neutron-l3-agent-clone interleave=true
pcs resource create neutron-metadata-agent systemd:neutron-metadata-agent op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone neutron-metadata-agent-clone interleave=true
pcs constraint order start neutron-openvswitch-agent-clone then start neutron-dhcp-agent-clone kind=Optional symmetrical=false id=order-neutron-openvswitch-agent-clone-neutron-dhcp-agent-clone
pcs constraint order start neutron-dhcp-agent-clone then start neutron-l3-agent-clone kind=Optional symmetrical=false id=order-neutron-dhcp-agent-clone-neutron-l3-agent-clone
pcs constraint order start neutron-l3-agent-clone then start neutron-metadata-agent-clone kind=Optional symmetrical=false id=order-neutron-l3-agent-clone-neutron-metadata-agent-clone
pcs stonith level add 1 neutron-agents1 fence-host1
pcs stonith level add 2 neutron-agents1 fence-board-host1
pcs stonith level add 1 neutron-agents2 fence-host2
pcs stonith level add 2 neutron-agents2 fence-board-host2
pcs stonith level add 1 neutron-agents3 fence-host3
pcs stonith level add 2 neutron-agents3 fence-board-host3
