# shellcheck shell=bash
# The demo's own services: an agent a cluster as user slurm, and sluiced. Their folder is $LAB, their pid files and
# logs are in $LAB/run and $LAB/log; the Slurm lab itself is in $LAB/lab.

services=(sluiced agent-alpha agent-beta)

install_binaries() { # FOLDER: copies, which every user can run whatever the checkout's mode is
  local name
  for name in sluiced sluice sluice-slurm-agent; do
    [[ -x $1/$name ]] || die "$1/$name is not built" "make build"
  done
  mkdir -p "$LAB/bin"
  install -m 755 "$1"/{sluiced,sluice,sluice-slurm-agent} "$LAB/bin"
  export PATH="$LAB/bin:$PATH" SLUICE_SOCKET="$LAB/sluiced.sock"
}

write_settings() {
  local cluster
  for cluster in alpha beta; do
    install -d -o slurm -g slurm "$LAB/$cluster" "$LAB/$cluster/state"
    cat >"$LAB/$cluster/agent.yaml" <<YAML
cluster: $cluster
slurm_conf: $LAB/lab/etc/$cluster/slurm.conf
socket: $LAB/$cluster/agent.sock
group: slurm
allow: [root]
state_directory: $LAB/$cluster/state
YAML
  done
  cat >"$LAB/sluiced.yaml" <<YAML
socket: $SLUICE_SOCKET
ledger: $LAB/ledger.sqlite
agents:
  - {cluster: alpha, address: "unix://$LAB/alpha/agent.sock"}
  - {cluster: beta, address: "unix://$LAB/beta/agent.sock"}
YAML
}

start_services() {
  local cluster
  write_settings
  for cluster in alpha beta; do
    spawn "agent-$cluster" setpriv --reuid slurm --regid slurm --init-groups \
      "$LAB/bin/sluice-slurm-agent" --config "$LAB/$cluster/agent.yaml"
  done
  spawn sluiced "$LAB/bin/sluiced" --config "$LAB/sluiced.yaml"
  wait_until 30 ready_or_dead || die "sluiced and its agents are not ready after 30 s" "$(sluice status 2>&1)"
  services_live || die "a service ended at its start"
  say "sluiced and both agents are ready"
}

services_live() {
  local name
  for name in "${services[@]}"; do live_pid "$name" >/dev/null || return 1; done
}

ready_or_dead() {
  ! services_live || [[ $(sluice cluster list -nP 2>/dev/null | grep -c '|ready|') == 2 ]]
}

stop_services() { end_daemons "${services[@]}"; }

show_logs() {
  local name
  for name in "${services[@]}"; do
    [[ ! -s ${LAB:-}/log/$name.out ]] || tail -n 8 "$LAB/log/$name.out" | sed "s/^/  $name: /" >&2
  done
}

create_project() {
  cat >"$LAB/projects.yaml" <<YAML
projects:
  - name: demo
    limits: {cpu: ${cap:?}}
    members: {alice: user, bob: user}
    clusters: {alpha: {account: demo}, beta: {account: demo}}
YAML
  say "project demo: at most $cap CPUs at once, over both clusters; alice and bob"
  sluice apply -f "$LAB/projects.yaml" --reason 'the demonstration'
  wait_until 30 project_ok || die "project demo is not ok after 30 s" "$(sluice quota show demo 2>&1)"
}

project_ok() { sluice quota list -nP | grep -q '^demo|ok|'; }

write_demo_env() { # FILE: for bash and sh
  cat >"$1" <<ENV
SLUICE_SOCKET='$SLUICE_SOCKET'
ALPHA_SLURM_CONF='$LAB/lab/etc/alpha/slurm.conf'
BETA_SLURM_CONF='$LAB/lab/etc/beta/slurm.conf'
case ":\$PATH:" in
  *":$LAB/bin:"*) ;;
  *) PATH='$LAB/bin':\$PATH ;;
esac
export SLUICE_SOCKET ALPHA_SLURM_CONF BETA_SLURM_CONF PATH
ENV
}
