# shellcheck shell=bash
# The lab's configuration files, all under $LAB/etc.

declare -A prefix=([alpha]=a [beta]=b) nodes=([alpha]=4 [beta]=2)
# Which nodes have which type of GPU.
declare -A gpus=([alpha]='1-2:h100 3-4:a100' [beta]='1-2:h100')
declare -A ctld_port=() first_node_port=()

layout() { # what follows from $LAB and $BASE
  munge_socket=$LAB/munge/munge.sock
  mysql_socket=$LAB/mysql/mysql.sock
  dbd_port=$BASE
  ctld_port=([alpha]=$((BASE + 1)) [beta]=$((BASE + 2)))
  first_node_port=([alpha]=$((BASE + 10)) [beta]=$((BASE + 20)))
  daemons=(munged mariadbd slurmdbd slurmctld-{alpha,beta} slurmd-a{1,2,3,4} slurmd-b{1,2})
}

find_host() { # sets host and bind
  # With NoInAddrAny a daemon listens only on what the hostname resolves to. Clients must find it there, and slurmdbd
  # calls slurmctld back where its connection came from; both are 127.0.0.1, whatever other loopback address it is.
  host=$(</proc/sys/kernel/hostname)
  host=${host%%.*}
  bind=NoInAddrAny,NoCtldInAddrAny
  if [[ $(getent ahostsv4 "$host" | awk 'NR == 1 { print $1 }') != 127.0.0.1 ]]; then
    bind=
    say "note: the lab listens on every address; a line '127.0.0.1 $host' first in /etc/hosts keeps it on loopback"
  fi
}

write_slurmdbd_conf() {
  cat >"$LAB/etc/slurmdbd.conf" <<CONF
AuthType=auth/munge
AuthInfo=socket=$munge_socket
DbdHost=$host
DbdAddr=127.0.0.1
DbdPort=$dbd_port
${bind:+CommunicationParameters=$bind}
SlurmUser=slurm
LogFile=$LAB/log/slurmdbd.log
PidFile=$LAB/slurmdbd/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=slurm
StorageLoc=slurm_acct_db
CONF
  chown slurm:slurm "$LAB/etc/slurmdbd.conf"
  chmod 600 "$LAB/etc/slurmdbd.conf" # slurmdbd refuses any other mode
}

# `scheduling`, `enforce` and `job_submit` are the lab's settings, which `up` has read.
# shellcheck disable=SC2154
write_cluster_conf() { # NAME
  local name=$1 folder=$LAB/etc/$1 scheduler=
  [[ $scheduling == default ]] || scheduler='SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0'
  mkdir -p "$folder"
  [[ -z $job_submit ]] || install -m 644 "$job_submit" "$folder/job_submit.lua"
  cat >"$folder/slurm.conf" <<CONF
ClusterName=$name
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=${ctld_port[$name]}
${bind:+CommunicationParameters=$bind}
SlurmUser=slurm
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$munge_socket
StateSaveLocation=$LAB/$name/state
SlurmdSpoolDir=$LAB/$name/spool-%n
SlurmctldPidFile=$LAB/$name/slurmctld.pid
SlurmdPidFile=$LAB/$name/slurmd-%n.pid
SlurmctldLogFile=$LAB/log/slurmctld-$name.log
SlurmdLogFile=$LAB/log/slurmd-%n.log
# Nodes of 64 CPUs on a smaller machine, several on one host, no cgroups.
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
KillWait=2
MaxJobCount=100000
MaxArraySize=100001
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
PriorityType=priority/multifactor
PriorityWeightAge=1000
PriorityWeightFairshare=10000
$scheduler
${job_submit:+JobSubmitPlugins=lua}
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$dbd_port
# Clients ignore AuthInfo when they talk to slurmdbd; this is how they find the socket.
AccountingStoragePass=$munge_socket
AccountingStorageEnforce=$enforce
AccountingStorageTRES=gres/gpu,gres/gpu:h100,gres/gpu:a100,license/matlab,license/training,license/inference,license/workflow
Licenses=matlab:8,training:100000,inference:100000,workflow:100000
NodeName=DEFAULT CPUs=64 Sockets=2 CoresPerSocket=32 ThreadsPerCore=1 RealMemory=512000 State=UNKNOWN
CONF
  # Nothing here uses control groups, but slurmd looks for them unless it is told which; version 1 asks for nothing.
  printf 'CgroupPlugin=cgroup/v1\n' >"$folder/cgroup.conf"
  printf 'AutoDetect=off\n' >"$folder/gres.conf"
  write_nodes "$name" "$folder"
  printf 'PartitionName=batch Nodes=%s Default=YES MaxTime=7-0 DefaultTime=60 DefMemPerCPU=1000 State=UP\n' \
    "${prefix[$name]}[1-${nodes[$name]}]" >>"$folder/slurm.conf"
}

write_nodes() { # NAME FOLDER
  local part type range names
  for part in ${gpus[$1]}; do
    range=${part%:*} type=${part#*:}
    names="${prefix[$1]}[$range]"
    printf 'NodeName=%s NodeHostname=%s NodeAddr=127.0.0.1 Port=[%s] Gres=gpu:%s:8\n' "$names" "$host" \
      "$((first_node_port[$1] + ${range%-*} - 1))-$((first_node_port[$1] + ${range#*-} - 1))" "$type" >>"$2/slurm.conf"
    # A GPU counts only with a device file; eight names for /dev/null do.
    printf 'NodeName=%s Name=gpu Type=%s File=%s\n' "$names" "$type" "$LAB/dev/gpu[0-7]" >>"$2/gres.conf"
  done
}

write_configuration() {
  find_host
  write_slurmdbd_conf
  write_cluster_conf alpha
  write_cluster_conf beta
}

make_folders() {
  local name number
  mkdir -p "$LAB"/{etc,log,run,dev,munge,mysql/tmp,slurmdbd}
  chown mysql: "$LAB/mysql" "$LAB/mysql/tmp"
  chown slurm: "$LAB/slurmdbd" "$LAB/log"
  for number in {0..7}; do ln -sfn /dev/null "$LAB/dev/gpu$number"; done
  for name in alpha beta; do
    mkdir -p "$LAB/$name/state"
    chown slurm: "$LAB/$name" "$LAB/$name/state"
    for ((number = 1; number <= ${nodes[$name]}; number++)); do mkdir -p "$LAB/$name/spool-${prefix[$name]}$number"; done
  done
}

write_env() { # $LAB/env, for a shell to source
  local name pid word
  {
    printf 'LAB=%s\nBASE=%s\nMYSQL_UNIX_PORT=%s\n' "$LAB" "$BASE" "$mysql_socket"
    printf 'ALPHA_SLURM_CONF=%s/etc/alpha/slurm.conf\nBETA_SLURM_CONF=%s/etc/beta/slurm.conf\n' "$LAB" "$LAB"
    printf 'SLURMDBD_CONF=%s/etc/slurmdbd.conf\n' "$LAB"
    printf 'export LAB MYSQL_UNIX_PORT ALPHA_SLURM_CONF BETA_SLURM_CONF\n'
    for name in "${daemons[@]}"; do
      word=${name//-/_}
      if pid=$(live_pid "$name"); then printf 'PID_%s=%s\n' "${word^^}" "$pid"; fi
    done
  } >"$LAB/env.new"
  mv "$LAB/env.new" "$LAB/env"
}
