# shellcheck shell=bash
# A lab has 32 ports from its base up. Labs on one machine write their bases into one list, so that those
# started at the same moment don't choose the same.

port_list=/run/sluice-lab-ports # "BASE FOLDER" a line
first_base=20800
last_base=32000 # below the kernel's ephemeral ports
ports_per_lab=32

listening_ports() { # decimal, one a line: sockets in state LISTEN (0A), of IPv4 and IPv6
  local address state port
  while read -r _ address _ state _; do
    [[ $state == 0A ]] || continue
    port=$((16#${address##*:}))
    printf '%d\n' "$port"
  done < <(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null)
}

base_problem() { # BASE: prints why it can't be had; nothing when it can
  local base=$1 port other folder
  while read -r other folder; do
    if [[ $folder != "$LAB" && -f $folder/settings ]] && ((other < base + ports_per_lab && base < other + ports_per_lab)); then
      printf 'the lab in %s has ports %d to %d' "$folder" "$other" $((other + ports_per_lab - 1))
      return
    fi
  done <"$port_list"
  for port in "${listeners[@]}"; do
    if ((port >= base && port < base + ports_per_lab)); then
      printf 'something listens on port %d' "$port"
      return
    fi
  done
}

claim_base() { # claim_base [BASE]: sets BASE to it, or to the first that is free, and writes that down
  local wanted=${1:-} candidate problem listeners kept
  touch "$port_list"
  exec 8<>"$port_list"
  flock -w 30 8 || die "$port_list has been locked for 30 s by another lab"
  mapfile -t listeners < <(listening_ports)
  if [[ -n $wanted ]]; then
    problem=$(base_problem "$wanted")
    [[ -z $problem ]] || die "base port $wanted can't be used: $problem" "leave out --base and a free range is chosen"
    BASE=$wanted
  else
    for ((candidate = first_base; candidate < last_base; candidate += ports_per_lab)); do
      [[ -n $(base_problem "$candidate") ]] || break
    done
    ((candidate < last_base)) || die "no free range of $ports_per_lab ports from $first_base to $last_base"
    BASE=$candidate
  fi
  kept=$(while read -r other folder; do
    [[ $folder == "$LAB" || ! -f $folder/settings ]] || printf '%s %s\n' "$other" "$folder"
  done <"$port_list")
  printf '%s\n' ${kept:+"$kept"} "$BASE $LAB" >"$port_list"
}
