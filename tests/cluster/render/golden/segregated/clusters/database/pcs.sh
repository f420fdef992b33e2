#!/bin/sh -e
pcs property set cluster-name=database cluster-recheck-interval=60s concurrent-fencing=true load-threshold=10000% no-quorum-policy=stop stonith-enabled=true stonith-max-attempts=INFINITY stonith-timeout=60s
pcs resource defaults update failure-timeout=60s migration-threshold=3 resource-stickiness=100
pcs stonith create fence-host1 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.1 username=fencing pcmk_host_check=static-list pcmk_host_list=database1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-host2 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.2 username=fencing pcmk_host_check=static-list pcmk_host_list=database2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-host3 fence_virsh identity_file=/etc/fencing.key ip=10.0.0.3 username=fencing pcmk_host_check=static-list pcmk_host_list=database3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host1 fence_ipmilan ip=10.0.254.1 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=database1 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host2 fence_ipmilan ip=10.0.254.2 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=database2 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs stonith create fence-board-host3 fence_ipmilan ip=10.0.254.3 lanplus=1 'password=<secret boards>' username=admin pcmk_host_check=static-list pcmk_host_list=database3 pcmk_off_timeout=20s pcmk_reboot_timeout=40s op monitor interval=60s timeout=20s
pcs resource create galera ocf:heartbeat:galera wsrep_cluster_address=gcomm://database1,database2,database3 enable_creation=true additional_parameters=--open-files-limit=16384 config=/etc/mysql/my.cnf datadir=/var/lib/mysql log=/var/log/mysql/error.log pid=/run/mysqld/mysqld.pid socket=/run/mysqld/mysqld.sock op start timeout=120s stop timeout=120s promote timeout=300s demote timeout=120s monitor interval=5s timeout=30s role=Promoted monitor interval=10s timeout=30s role=Unpromoted promotable galera-clone interleave=true ordered=true promoted-max=3
pcs resource create congress-galera-check systemd:congress-galera-check op start timeout=120s stop timeout=120s monitor interval=5s timeout=30s clone congress-galera-check-clone interleave=true
pcs stonith level add 1 database1 fence-host1
pcs stonith level add 2 database1 fence-board-host1
pcs stonith level add 1 database2 fence-host2
pcs stonith level add 2 database2 fence-board-host2
pcs stonith level add 1 database3 fence-host3
pcs stonith level add 2 database3 fence-board-host3
