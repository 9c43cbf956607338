# A Slurm cluster of two virtual nodes on this machine, for tests. Needs root and Debian's slurm-wlm and munge.
# shellcheck shell=bash

# Skips the test where there can be none.
need_slurm() {
	[ "$(id -u)" -eq 0 ] || skip "Slurm's daemons need root"
	command -v slurmctld slurmd munged sbatch >/dev/null || skip "no Slurm: examples/install-needs cluster"
}

cluster_start() {
	local host port=$((12000 + RANDOM % 2000 * 4)) i
	host=$(hostname)
	cluster=$BATS_FILE_TMPDIR/slurm
	mkdir -p "$cluster"/{state,log,spool-n1,spool-n2}
	if ! munge -n 2>/dev/null | unmunge >/dev/null 2>&1; then
		install -d -o munge -g munge -m 755 /run/munge
		runuser -u munge -- /usr/sbin/munged 3>&- 4>&-
		started_munge=yes
	fi
	cat >"$cluster/slurm.conf" <<-END
		ClusterName=one
		SlurmctldHost=$host(127.0.0.1)
		SlurmUser=root
		AuthType=auth/munge
		MpiDefault=none
		ProctrackType=proctrack/linuxproc
		TaskPlugin=task/none
		ReturnToService=2
		SlurmctldPidFile=$cluster/slurmctld.pid
		SlurmdPidFile=$cluster/slurmd-%n.pid
		SlurmctldPort=$port
		StateSaveLocation=$cluster/state
		SlurmdSpoolDir=$cluster/spool-%n
		SlurmctldLogFile=$cluster/log/slurmctld.log
		SlurmdLogFile=$cluster/log/slurmd-%n.log
		SwitchType=switch/none
		SchedulerType=sched/backfill
		SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1,batch_sched_delay=0
		SelectType=select/cons_tres
		SelectTypeParameters=CR_Core
		JobAcctGatherType=jobacct_gather/none
		AccountingStorageType=accounting_storage/none
		SlurmdParameters=config_overrides
		PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
		NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=2 State=UNKNOWN
		NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=2 State=UNKNOWN
	END
	# Newer ones want control groups, which a chroot has not, unless they are told otherwise.
	[[ $(slurmctld -V) == "slurm-wlm "2[0-2].* ]] || echo 'CgroupPlugin=disabled' >"$cluster/cgroup.conf"
	export SLURM_CONF=$cluster/slurm.conf
	slurmctld 3>&- 4>&-
	slurmd -N n1 3>&- 4>&-
	slurmd -N n2 3>&- 4>&-
	for ((i = 0; i < 100; i++)); do
		[ "$(sinfo -h -N -o '%N %t' 2>/dev/null | grep -c idle)" -eq 2 ] && return
		sleep 0.2
	done
	cat "$cluster"/log/*.log >&2
	return 1
}

cluster_stop() {
	local name
	for name in slurmd-n1 slurmd-n2 slurmctld; do
		[ -s "$cluster/$name.pid" ] && kill "$(cat "$cluster/$name.pid")" 2>/dev/null
	done
	[ -z "${started_munge-}" ] || pkill -x munged
	sleep 1 # the daemons still write their state
}

# Waits until no job is left. A controller that is too busy to answer has told nothing.
cluster_wait() {
	local i left
	for ((i = 0; i < 240; i++)); do
		if left=$(squeue -h) && [ -z "$left" ]; then return 0; fi
		sleep 0.5
	done
	squeue >&2
	return 1
}
