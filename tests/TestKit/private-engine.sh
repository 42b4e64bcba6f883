#!/usr/bin/env bash
# A container engine for one test run: starts dockerd with everything under the folder $1, prints "ready", and when
# standard input ends – also because the test run was killed – stops it and removes the folder.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/lib.sh"
dir=$1

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
