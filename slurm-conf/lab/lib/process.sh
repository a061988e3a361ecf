# shellcheck shell=bash
# Daemons as processes: start them detached, know them again, end them. Only what a pid file of this lab names is ever
# signalled, and only while it is still that process.
#
# A pid file holds "PID TICKS"; TICKS is when the process started (field 22 of /proc/PID/stat), since a bare
# pid may by now belong to somebody else. A zombie counts as gone: in a container nobody may ever reap it.

stat_fields() { # PID: sets `fields` to what follows the name in /proc/PID/stat: state, parent, group, session...
  local stat=''
  # bash 5.2 ends the script when $(<FILE) fails here, as it does for a process that ends meanwhile.
  { read -rd '' stat <"/proc/$1/stat" || [[ -n $stat ]]; } 2>/dev/null || return 1
  read -ra fields <<<"${stat##*) }"
}

start_ticks() { # PID: prints when it started; fails when it is gone
  local fields
  stat_fields "$1" && [[ ${fields[0]} != [ZX] ]] && printf '%s' "${fields[19]}"
}

live_pid() { # NAME: prints the daemon's pid; fails when it doesn't run
  local pid ticks
  [[ -s $LAB/run/$1.pid ]] && read -r pid ticks <"$LAB/run/$1.pid" && [[ $(start_ticks "$pid") == "$ticks" ]] &&
    printf '%s' "$pid"
}

spawn() { # spawn NAME COMMAND...: starts it in a session of its own, with no terminal, standard input or open file of ours
  local name=$1 pid
  shift
  (
    cd /
    for fd in /proc/"$BASHPID"/fd/*; do
      fd=${fd##*/}
      ((fd <= 2 || fd == 255)) || eval "exec $fd>&-"
    done
    # Nor does it inherit signals that the caller ignores or blocks, as test runners do: it must hear SIGTERM.
    exec env --default-signal setsid "$@" </dev/null >>"$LAB/log/$name.out" 2>&1
  ) &
  pid=$!
  disown
  printf '%s %s\n' "$pid" "$(start_ticks "$pid")" >"$LAB/run/$name.pid"
}

all_gone() { # PID... as given to end_processes, each PID:TICKS
  local each
  for each; do [[ $(start_ticks "${each%:*}") != "${each#*:}" ]] || return 1; done
}

end_processes() { # end_processes SECONDS PID:TICKS...: SIGTERM, wait, SIGKILL
  local seconds=$1 each
  shift
  (($# > 0)) || return 0
  for each; do
    # SIGCONT, for one that was stopped would never see the SIGTERM.
    all_gone "$each" || kill -TERM "${each%:*}" 2>/dev/null || true
    all_gone "$each" || kill -CONT "${each%:*}" 2>/dev/null || true
  done
  wait_until "$seconds" all_gone "$@" && return
  for each; do all_gone "$each" || kill -KILL "${each%:*}" 2>/dev/null || true; done
  wait_until 10 all_gone "$@" || die "a process does not die even by SIGKILL: $*" "is its disk hanging?"
}

end_daemons() { # end_daemons NAME...: all at once, 15 s to end by themselves
  local name pid found=()
  for name; do
    if pid=$(live_pid "$name"); then found+=("$pid:$(start_ticks "$pid")"); fi
  done
  end_processes 15 "${found[@]}"
  for name; do rm -f "$LAB/run/$name.pid"; done
}

end_job_processes() { # what jobs left running: slurmd's end doesn't end its slurmstepds
  local fields file pid sessions=' ' found=()
  # Each slurmstepd has a session of its own with its job in it, and the marker that its slurmd was started with.
  for file in /proc/[0-9]*/comm; do
    pid=${file//[!0-9]/}
    [[ $(cat "$file" 2>/dev/null) == slurmstepd ]] || continue
    grep -qzxF "SLUICE_LAB=$LAB" "/proc/$pid/environ" 2>/dev/null || continue
    if stat_fields "$pid"; then sessions+="${fields[3]} "; fi
  done
  [[ $sessions != ' ' ]] || return 0
  for file in /proc/[0-9]*/stat; do
    pid=${file//[!0-9]/}
    if stat_fields "$pid" && [[ $sessions == *" ${fields[3]} "* ]]; then found+=("$pid:${fields[19]}"); fi
  done
  end_processes 3 "${found[@]}"
}
