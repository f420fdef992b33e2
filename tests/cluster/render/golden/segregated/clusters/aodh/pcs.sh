#!/bin/sh -e
pcs property set cluster-name=aodh cluster-recheck-interval=60s concurrent-fencing=true load-threshold=10000% no-quorum-policy=stop stonith-enabled=true stonith-max-attempts=INFINITY stonith-timeout=60s
pcs resource defaults update failure-timeout=60s migration-threshold=3 resource-stickiness=100
pcs stonith create fence-host1 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.1 username=fencing pcmk_host_check=static-list pcmk_host_list=aodh1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-host2 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.2 username=fencing pcmk_host_check=static-list pcmk_host_list=aodh2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-host3 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.3 username=fencing pcmk_host_check=static-list pcmk_host_list=aodh3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host1 fence_ipmilan ip=10.0.254.1 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=aodh1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host2 fence_ipmilan ip=10.0.254.2 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=aodh2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host3 fence_ipmilan ip=10.0.254.3 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=aodh3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs resource create aodh-api systemd:aodh-api op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone aodh-api-clone interleave=true
pcs resource create aodh-evaluator systemd:aodh-evaluator op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone aodh-evaluator-clone interleave=true
pcs resource create aodh-notifier systemd:aodh-notifier op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone aodh-notifier-clone interleave=true
pcs resource create aodh-listener systemd:aodh-listener op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone aodh-listener-clone interleave=true
pcs constraint order start aodh-api-clone then start aodh-evaluator-clone kind=Optional symmetrical=false id=order-aodh-api-clone-aodh-evaluator-clone
pcs constraint order start aodh-evaluator-clone then start aodh-notifier-clone kind=Optional symmetrical=false id=order-aodh-evaluator-clone-aodh-notifier-clone
pcs constraint order start aodh-notifier-clone then start aodh-listener-clone kind=Optional symmetrical=false id=order-aodh-notifier-clone-aodh-listener-clone
pcs stonith level add 1 aodh1 fence-host1
pcs stonith level add 2 aodh1 fence-board-host1
pcs stonith level add 1 aodh2 fence-host2
pcs stonith level add 2 aodh2 fence-board-host2
pcs stonith level add 1 aodh3 fence-host3
pcs stonith level add 2 aodh3 fence-board-host3
