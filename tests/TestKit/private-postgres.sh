#!/usr/bin/env bash
# A PostgreSQL server for one test run: everything under the folder $1, on the loopback port $2, further arguments as server settings
# (name=value). Its databases have ICU's en-US order, which sorts text otherwise than by bytes. Prints "ready", and when standard input
# ends – also because the test run was killed – stops it and removes the folder. The line "stop" on standard input ends it by an immediate
# shutdown and answers "stopped"; "start" starts it again and answers "ready".
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/lib.sh"
dir=$1 port=$2
shift 2

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v pg_ctl || true)")
[ -x "$bin/initdb" ] || fail "PostgreSQL is not installed" "bash tests/run.sh installs it (Debian: postgresql)"

# The server refuses to run as root.
as() { if is_root; then runuser -u postgres -- "$@"; else "$@"; fi; }

stop() { (cd / && as "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop) </dev/null >/dev/null 2>&1; }

end() {
  stop || true
  rm -rf "$dir"
}
trap end EXIT
trap 'exit 130' INT TERM

mkdir -p "$dir/run"
chmod 755 "$dir"
if is_root; then chown -R postgres "$dir"; fi
cd /
as "$bin/initdb" -D "$dir/data" -U registry -E UTF8 --locale=C.UTF-8 --locale-provider=icu --icu-locale=en-US -A trust >"$dir/initdb.log" 2>&1 ||
  { cat "$dir/initdb.log" >&2; fail "initdb failed"; }
options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$dir/run -c max_connections=400"
for setting in "$@"; do options+=" -c $setting"; done
start() {
  as "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/server.log" -w -t 60 -o "$options" start </dev/null >/dev/null ||
    { cat "$dir/data/server.log" >&2; fail "PostgreSQL did not start"; }
  echo ready
}

start
while read -r word; do
  case $word in
    stop) stop && echo stopped ;;
    start) start ;;
  esac
done
