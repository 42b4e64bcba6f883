#!/usr/bin/env bash
# A container engine for one test run: starts dockerd with everything under the folder $1, listening also at port $2 for
# whoever has a certificate of $1/certificates, prints "ready", and when standard input ends – also because the test run was
# killed – stops it and removes the folder.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/lib.sh"
dir=$1
engine_options=(-H "tcp://127.0.0.1:$2" --tlsverify --tlscacert "$1/certificates/ca.pem" --tlscert "$1/certificates/server-cert.pem" --tlskey "$1/certificates/server-key.pem")

end() {
  stop_engine "$dir"
  rm -rf "$dir"
}
trap end EXIT
trap 'exit 130' INT TERM

have dockerd || fail "dockerd is not installed" "bash tests/run.sh installs it (Debian: docker.io); or let CLAIMED_TEST_DOCKER name an engine"
is_root || fail "a private dockerd needs root" "run the tests as root, or let CLAIMED_TEST_DOCKER name an engine (unix:///var/run/docker.sock)"
start_engine "$dir" host
echo ready
cat >/dev/null
