#!/usr/bin/env bash
# Debian's docker-registry for one test run: everything under the folder $1, on the loopback port $2, for the account of the htpasswd
# line $3 alone. Prints "ready", and when standard input ends – also because the test run was killed – stops it and removes the folder.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/lib.sh"
dir=$1 port=$2 account=$3

have docker-registry || fail "docker-registry is not installed" "bash tests/run.sh installs it (Debian: docker-registry)"

mkdir -p "$dir/data"
printf '%s\n' "$account" >"$dir/htpasswd"
cat >"$dir/config.yml" <<CONFIG
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $dir/data}}
http: {addr: "127.0.0.1:$port"}
auth: {htpasswd: {realm: test, path: $dir/htpasswd}}
CONFIG

docker-registry serve "$dir/config.yml" >"$dir/server.log" 2>&1 </dev/null &
server=$!
end() {
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  rm -rf "$dir"
}
trap end EXIT
trap 'exit 130' INT TERM

limit=$((SECONDS + 60))
while ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
  kill -0 $server 2>/dev/null && [ $SECONDS -lt $limit ] || { tail -n 30 "$dir/server.log" >&2; fail "docker-registry did not start"; }
  read -rt 0.1 <> <(:) || true
done
echo ready
while read -r _; do :; done
