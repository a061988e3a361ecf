# shellcheck shell=bash
# What every script of the lab begins with: strict bash, a known environment, words for people.

set -euo pipefail
umask 022
export PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C

# A caller's own Slurm settings must not leak into the lab's commands and daemons.
while read -r name; do unset "$name"; done \
  < <(compgen -e | grep -E '^(SLURM|SBATCH|SRUN|SALLOC|SQUEUE|SACCT|SINFO|SCONTROL|MYSQL)' || true)

started_us=${EPOCHREALTIME/./}

say() { # one line of progress, with the seconds since the script began
  local us=$((${EPOCHREALTIME/./} - started_us))
  printf '%4d.%02ds  %s\n' $((us / 1000000)) $((us % 1000000 / 10000)) "$*"
}

die() { # the first argument says what is wrong, further ones what to do
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  shift
  (($# == 0)) || printf '  %s\n' "$@" >&2
  exit 1
}

usage() { # wrong arguments; each script has its $usage
  printf '%s: %s\nusage: %s\n' "${0##*/}" "$1" "${usage:?}" >&2
  exit 2
}

need_root() { [[ $EUID == 0 ]] || die "this needs root: the lab's daemons run jobs as other users"; }

wait_until() { # wait_until SECONDS COMMAND...: true as soon as COMMAND is; false when time is up
  local until_us=$((${EPOCHREALTIME/./} + $1 * 1000000))
  shift
  until "$@" >/dev/null 2>&1; do
    ((${EPOCHREALTIME/./} < until_us)) || return 1
    sleep 0.03
  done
}

open_lab() { # the folder of a lab that `up` has made: reads its settings, and waits for others at work on it
  [[ -n ${LAB:-} ]] || usage "no folder: give --dir DIR, or set LAB"
  LAB=$(realpath -m -- "$LAB")
  [[ -f $LAB/settings ]] || die "$LAB is no lab" "slurm-conf/lab/up --dir $LAB makes one"
  lock_lab
  # shellcheck source=/dev/null
  . "$LAB/settings"
}

lock_lab() { # one script at a time changes a lab; daemons don't inherit the lock (see spawn)
  exec 9>>"$LAB/lock"
  flock -w 120 9 || die "another lab script has been at work on $LAB for two minutes"
}
