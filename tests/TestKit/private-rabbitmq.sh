#!/usr/bin/env bash
# A RabbitMQ broker for one test run: everything under the folder $1, on the loopback port $2 (and $2 + 1 for its own use). Prints
# "ready", and when standard input ends – also because the test run was killed – stops it and removes the folder. The line "stop" on
# standard input stops the broker and answers "stopped"; "kill" ends it without warning and answers "killed"; "start" starts it again and answers "ready".
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/lib.sh"
dir=$1 port=$2

program=/usr/lib/rabbitmq/bin
[ -x $program/rabbitmq-server ] || fail "RabbitMQ is not installed" "bash tests/run.sh installs it (Debian: rabbitmq-server)"

mkdir -p "$dir/home" "$dir/mnesia" "$dir/log"
chmod 755 "$dir"
if is_root; then chown -R rabbitmq "$dir"; fi

# The broker's scripts want its own user, its own folders and no word of the machine's other broker. Its port mapper is of this run alone.
as() {
  local settings=(HOME="$dir/home" PATH="$PATH" LANG=C.UTF-8 RABBITMQ_NODENAME="test$port@localhost" RABBITMQ_NODE_IP_ADDRESS=127.0.0.1
    RABBITMQ_NODE_PORT="$port" RABBITMQ_DIST_PORT="$((port + 1))" ERL_EPMD_PORT="$((port + 2))" ERL_EPMD_ADDRESS=127.0.0.1
    RABBITMQ_BASE="$dir" RABBITMQ_MNESIA_BASE="$dir/mnesia" RABBITMQ_LOG_BASE="$dir/log" RABBITMQ_PID_FILE="$dir/home/pid"
    RABBITMQ_CONFIG_FILE="$dir/none" RABBITMQ_ADVANCED_CONFIG_FILE="$dir/none" RABBITMQ_CONF_ENV_FILE="$dir/none"
    RABBITMQ_ENABLED_PLUGINS_FILE="$dir/home/plugins" RABBITMQ_LOGS=- RABBITMQ_USE_LONGNAME=false)
  if is_root; then setpriv --reuid rabbitmq --regid rabbitmq --init-groups env -i "${settings[@]}" "$@"; else env "${settings[@]}" "$@"; fi
}

start() {
  as "$program/rabbitmq-server" >"$dir/server.log" 2>&1 </dev/null &
  server=$!
  local end=$((SECONDS + 200))
  while ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    kill -0 $server 2>/dev/null && [ $SECONDS -lt $end ] || { tail -n 30 "$dir/server.log" >&2; fail "RabbitMQ did not start"; }
    read -rt 0.2 <> <(:) || true
  done
  echo ready
}

# stop SIGNAL: to the whole group, until nothing of it is left.
stop() {
  local signal=$1 end=$((SECONDS + 15))
  while kill -"$signal" -- -"$server" 2>/dev/null; do
    [ $SECONDS -lt $end ] || signal=KILL
    read -rt 0.3 <> <(:) || true
  done
  wait "$server" 2>/dev/null || true
}

end() {
  stop KILL
  kill -- -"$mapper" 2>/dev/null || true
  rm -rf "$dir"
}
trap end EXIT
trap 'exit 130' INT TERM

cd /
# Each in a process group of its own, so that it ends with all that it started.
set -m
# In the foreground: one that the broker starts would outlive it.
as epmd >/dev/null 2>&1 </dev/null &
mapper=$!
start
while read -r word; do
  case $word in
    stop) stop TERM && echo stopped ;;
    kill) stop KILL && echo killed ;;
    start) start ;;
  esac
done
