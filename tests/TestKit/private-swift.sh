#!/usr/bin/env bash
# Runs Debian's OpenStack Swift with its S3 interface on loopback: one node in one process, everything under the folder $2, on four ports
# from $1 on, with a bucket "registry" (key test:tester, secret testing). Prints "ready", and ends with its standard input; removes the folder.
#
#   private-swift.sh PORT FOLDER
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../../deploy/lib.sh"
have swift-proxy-server || fail "Swift is not installed" "LONG=1 bash tests/run.sh installs it (Debian: swift-proxy swift-account swift-container swift-object)"
# Not whichever comes first: Swift is a package of the system's own.
exec /usr/bin/python3 "$here/private-swift.py" "$@"
