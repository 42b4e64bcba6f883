#!/usr/bin/env bash
# A Podman service for one test run: starts it with everything under the folder $1, prints "ready", and when standard
# input ends – also because the test run was killed – stops it, ends what its builds left running, and removes the folder.
# A line "kill" ends the service without warning, "start" starts it again; the answers are "killed" and "ready".
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/lib.sh"
dir=$1
pids=()

end() {
  local pid process
  for pid in ${pids[@]+"${pids[@]}"}; do kill -9 -- "-$pid" 2>/dev/null || true; done
  for process in /proc/[0-9]*; do
    [[ $(readlink "$process/root" 2>/dev/null) != "$dir"/* ]] || kill -9 "${process#/proc/}" 2>/dev/null || true
  done
  podman_here pod rm --all --force --time 0 >/dev/null 2>&1 || true
  podman_here rm --all --force --time 0 >/dev/null 2>&1 || true
  awk -v dir="$dir/" 'index($2, dir) == 1 { print length($2), $2 }' /proc/mounts | sort -rn | while read -r _ mount; do
    umount "$mount" 2>/dev/null || umount -l "$mount" || true
  done
  rm -rf "$dir"
}
trap end EXIT
trap 'exit 130' INT TERM

have podman || fail "podman is not installed" "bash tests/run.sh installs it (Debian: podman)"
have catatonit || fail "catatonit is not installed" "bash tests/run.sh installs it (Debian: catatonit); Podman makes pods with it"
is_root || fail "a private Podman service needs root" "run the tests as root"

mkdir -p "$dir/tmp"
# No more than a machine that is itself a container may hand on, and than the service leaves itself. Locks in files, because those in memory are one set for all of the machine.
cat >"$dir/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
CONF
export CONTAINERS_CONF=$dir/containers.conf TMPDIR=$dir/tmp

podman_here() {
  podman --root "$dir/root" --runroot "$dir/run" --tmpdir "$dir/libpod" --storage-driver "$driver" --network-config-dir "$dir/networks" "$@"
}
driver=overlay
podman_here info >/dev/null 2>&1 || { rm -rf "$dir/root" "$dir/run" "$dir/libpod" && driver=vfs; }

start() {
  setsid podman --root "$dir/root" --runroot "$dir/run" --tmpdir "$dir/libpod" --storage-driver "$driver" --network-config-dir "$dir/networks" \
    system service --time=0 "unix://$dir/podman.sock" >>"$dir/podman.log" 2>&1 </dev/null &
  pids+=($!)
  until [ -S "$dir/podman.sock" ] && curl -sf --unix-socket "$dir/podman.sock" http://podman/_ping >/dev/null; do
    kill -0 "${pids[-1]}" 2>/dev/null || { cat "$dir/podman.log" >&2 && fail "podman did not start"; }
    read -rt 0.1 <> <(:) || true
  done
  echo ready
}

start
while read -r word; do
  case $word in
    kill) kill -9 "${pids[-1]}" && { wait "${pids[-1]}" 2>/dev/null || true; } && echo killed ;;
    start) start ;;
  esac
done
