#!/bin/sh -e
pcs property set cluster-name=congress cluster-recheck-interval=60s concurrent-fencing=true load-threshold=10000% no-quorum-policy=stop stonith-enabled=true stonith-max-attempts=INFINITY stonith-timeout=60s
pcs resource defaults update failure-timeout=60s migration-threshold=3 resource-stickiness=100
pcs stonith create fence-host1 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.1 username=fencing pcmk_host_check=static-list pcmk_host_list=congress1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-host2 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.2 username=fencing pcmk_host_check=static-list pcmk_host_list=congress2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-host3 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.3 username=fencing pcmk_host_check=static-list pcmk_host_list=congress3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host1 fence_ipmilan ip=10.0.254.1 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=congress1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host2 fence_ipmilan ip=10.0.254.2 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=congress2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host3 fence_ipmilan ip=10.0.254.3 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=congress3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs resource create congress-api systemd:congress-api op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone congress-api-clone interleave=true
pcs resource create congress-datasource ocf:openstack:congress-datasource binary=/usr/local/bin/congress-server config=/etc/congress/congress.conf user=congress node_id=datasource-node additional_parameters=--config-file=/etc/congress/datasources.conf op start timeout=60s stop timeout=30s monitor interval=5s timeout=10s meta migration-threshold=3 failure-timeout=60s
pcs constraint order start congress-api-clone then start congress-datasource kind=Optional symmetrical=false id=order-congress-api-clone-congress-datasource
pcs stonith level add 1 congress1 fence-host1
pcs stonith level add 2 congress1 fence-board-host1
pcs stonith level add 1 congress2 fence-host2
pcs stonith level add 2 congress2 fence-board-host2
pcs stonith level add 1 congress3 fence-host3
pcs stonith level add 2 congress3 fence-board-host3
