# shellcheck shell=bash
# The demo's work, and its own count of what runs.

slurm_in() { # CLUSTER COMMAND...
  SLURM_CONF=$LAB/lab/etc/$1/slurm.conf timeout 20 "${@:2}"
}

submit_jobs() { # CLUSTER NUMBER: of 1 or 2 CPUs and 4 to 9 s, from alice and bob in turn
  local number user
  for ((number = 0; number < $2; number++)); do
    user=alice
    ((number % 2 == 0)) || user=bob
    slurm_in "$1" setpriv --reuid "$user" --regid "$user" --init-groups \
      sbatch --quiet --account=demo --chdir=/tmp --output=/dev/null --mem=1M \
      --cpus-per-task=$((1 + number % 3 / 2)) --wrap "exec sleep $((4 + number * 7 % 6))" >/dev/null
  done
}

withdraw_jobs() { # CLUSTER: those that wait
  slurm_in "$1" scancel --account=demo --state=PENDING
}

used_cpus() { # CLUSTER: of jobs that run, are suspended or are being configured
  local cpus sum=0
  cpus=$(slurm_in "$1" squeue -h -A demo -t RUNNING,SUSPENDED,CONFIGURING -o %C) || return 1
  for cpus in $cpus; do sum=$((sum + cpus)); done
  printf '%d' "$sum"
}

sample_forever() { # a line a look: ALPHA BETA
  local before beta after
  while true; do
    # Alpha twice, and the lower counts: a job that ends there between two reads must not count beside its successor.
    if before=$(used_cpus alpha) && beta=$(used_cpus beta) && after=$(used_cpus alpha); then
      printf '%d %d\n' $((before < after ? before : after)) "$beta"
    else
      printf 'failed\n'
    fi
    sleep 0.05
  done >>"$LAB/samples"
}

start_sampler() {
  sample_forever </dev/null 2>/dev/null &
  sampler=$!
}

stop_sampler() {
  [[ -n ${sampler:-} ]] || return 0
  kill "$sampler" 2>/dev/null || true
  wait "$sampler" 2>/dev/null || true
  sampler=
}

mark_samples() { printf 'moved\n' >>"$LAB/samples"; }

summarize() { # CAP: fails when more was seen, or when nothing was
  awk -v cap="$1" '
    $1 == "failed" { failed++; next }
    $1 == "moved" { moved = 1; next }
    {
      looks++
      sum = $1 + $2
      total += sum
      if (sum > peak) peak = sum
      if (sum > cap) over++
      if (sum == cap) full++
      if (!moved && $2 > before) before = $2
      if (moved && $2 > after) after = $2
    }
    END {
      if (looks == 0) { print "no sample could be taken"; exit 1 }
      printf "squeue was read on both clusters %d times (%d more failed).\n", looks, failed
      printf "Peak: %d CPUs at once over both clusters; the cap is %d. At the cap: %d%% of the looks; on average: %.1f.\n",
        peak, cap, full * 100 / looks, total / looks
      printf "Beta at most: %d while alpha had work too, %d once alpha had none.\n", before, after
      if (over) printf "THE CAP DID NOT HOLD in %d looks.\n", over
      if (peak == 0) print "NOTHING RAN."
      exit over > 0 || peak == 0
    }' "$LAB/samples"
}
