#!/usr/bin/env bash
# A container engine for one test run: starts dockerd with everything under the folder $1, listening also at port $2 for
# whoever has a certificate of $1/certificates, prints "ready", and when standard input ends – also because the test run was
# killed – stops it and removes the folder. A line "kill" ends dockerd without warning, "start" starts it again; the answers are
# "killed" and "ready".
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/lib.sh"
dir=$1
engine_options=(-H "tcp://127.0.0.1:$2" --tlsverify --tlscacert "$1/certificates/ca.pem" --tlscert "$1/certificates/server-cert.pem" --tlskey "$1/certificates/server-key.pem")

end() {
  stop_engine "$dir"
  # What a dockerd that was killed has lost sight of.
  local shim
  for shim in $(pgrep -f "containerd-shim.*$dir/exec/" || true); do
    pkill -9 -P "$shim" || true
    kill -9 "$shim" 2>/dev/null || true
  done
  rm -rf "$dir"
}
trap end EXIT
trap 'exit 130' INT TERM

have dockerd || fail "dockerd is not installed" "bash tests/run.sh installs it (Debian: docker.io); or let CLAIMED_TEST_DOCKER name an engine"
is_root || fail "a private dockerd needs root" "run the tests as root, or let CLAIMED_TEST_DOCKER name an engine (unix:///var/run/docker.sock)"
start_engine "$dir" host
echo ready
while read -r word; do
  case $word in
    kill)
      kill -9 "$(cat "$dir/docker.pid")"
      while process_runs "$dir/docker.pid" dockerd; do read -rt 0.1 <> <(:) || true; done
      # Its containerd dies with it. Where nobody collects the dead, the next dockerd would wait for the one of that number.
      rm -f "$dir/exec/containerd/containerd.pid"
      echo killed
      ;;
    start)
      start_engine "$dir" host || fail "dockerd did not start again"
      echo ready
      ;;
  esac
done
