# shellcheck shell=bash
# Each daemon of the lab: how it starts and when it is ready. Names: munged, mariadbd, slurmdbd,
# slurmctld-CLUSTER, slurmd-NODE.

cluster_of() { # DAEMON
  case $1 in
    *-alpha | slurmd-a*) printf alpha ;;
    *-beta | slurmd-b*) printf beta ;;
  esac
}

node_port() { # DAEMON
  local node=${1#slurmd-}
  printf '%d' $((${first_node_port[$(cluster_of "$1")]} + ${node:1} - 1))
}

with_conf() { # with_conf CLUSTER COMMAND...
  SLURM_CONF=$LAB/etc/$1/slurm.conf timeout 15 "${@:2}"
}

launch() { # DAEMON: starts the process, and does not wait for it
  local conf
  conf=$LAB/etc/$(cluster_of "$1")/slurm.conf
  case $1 in
    munged)
      spawn "$1" munged --foreground --force --num-threads=4 --socket="$munge_socket" --key-file="$LAB/munge/key" \
        --pid-file="$LAB/munge/munged.pid" --log-file="$LAB/munge/munged.log" --seed-file="$LAB/munge/seed"
      ;;
    mariadbd)
      # A tmpdir of its own: at its start it removes the temporary tables there, which could be another lab's.
      # Nothing here outlives the machine, so nothing is synced. But what was committed outlives mariadbd itself,
      # which tests kill: without that, slurmdbd forgets limits that it had confirmed.
      spawn "$1" mariadbd --no-defaults --user=mysql --datadir="$LAB/mysql/data" --tmpdir="$LAB/mysql/tmp" --socket="$mysql_socket" \
        --pid-file="$LAB/mysql/mariadbd.pid" --log-error="$LAB/mysql/mariadbd.log" --skip-networking --skip-log-bin \
        --innodb-buffer-pool-size=256M --innodb-log-file-size=64M --innodb-lock-wait-timeout=900 \
        --innodb-flush-log-at-trx-commit=2 --innodb-flush-method=nosync \
        --performance-schema=0 --max-allowed-packet=64M
      ;;
    # slurmdbd looks for its file beside the one that SLURM_CONF names.
    slurmdbd) spawn "$1" env SLURM_CONF="$LAB/etc/slurmdbd.conf" MYSQL_UNIX_PORT="$mysql_socket" slurmdbd -D ;;
    slurmctld-*) spawn "$1" env SLURM_CONF="$conf" slurmctld -D ;;
    # The marker tells `down` whose slurmstepds are this lab's.
    slurmd-*) spawn "$1" env SLURM_CONF="$conf" SLUICE_LAB="$LAB" slurmd -D -N "${1#slurmd-}" ;;
  esac
}

is_ready() { # DAEMON
  case $1 in
    munged) munge -S "$munge_socket" -n ;;
    mariadbd) mariadb-admin --no-defaults --socket="$mysql_socket" ping ;;
    # The port first: sacctmgr tries a closed one over and over.
    slurmdbd) port_open "$dbd_port" && with_conf alpha sacctmgr -nP show cluster ;;
    slurmctld-*) port_open "${ctld_port[$(cluster_of "$1")]}" && with_conf "$(cluster_of "$1")" scontrol ping | grep -q 'is UP' ;;
    slurmd-*) port_open "$(node_port "$1")" ;;
  esac
}

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

await() { # DAEMON...: until each is ready; what fails is said with the end of its log
  local name
  for name; do
    wait_until 60 ready_or_dead "$name" || fail_daemon "$name" "is not ready after 60 s"
    live_pid "$name" >/dev/null || fail_daemon "$name" "ended at its start"
  done
}

ready_or_dead() { ! live_pid "$1" >/dev/null || is_ready "$1"; }

fail_daemon() { # DAEMON WHAT
  local log lines=()
  for log in "$LAB/log/$1.out" "$LAB/log/$1.log" "$LAB/munge/$1.log" "$LAB/mysql/$1.log"; do
    [[ ! -s $log ]] || mapfile -t -O ${#lines[@]} lines < <(printf '%s:\n' "$log" && tail -n 8 "$log")
  done
  die "$1 $2" "${lines[@]}" "" "If a port or socket is taken: down --dir $LAB --wipe, then up with another --base."
}

start_missing() { # DAEMON...: launches those that don't run; sets `launched` to their number
  local name
  launched=0
  for name; do
    if ! live_pid "$name" >/dev/null; then
      launch "$name"
      launched=$((launched + 1))
    fi
  done
}
