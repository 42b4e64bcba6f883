# What quickstart.sh, base-images.sh and tests/run.sh share. Sourced, not run.

say() { printf '%s\n' "$*" >&2; }

# fail WHAT [HOW TO MEND IT]: ends the script.
fail() {
  say "error: $1"
  [ $# -lt 2 ] || say "  fix: $2"
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

is_root() { [ "$(id -u)" = 0 ]; }

# apt_install PACKAGE...: installs those that are missing.
apt_install() {
  local missing=() package there
  there=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | awk '$1 == "installed" { print $2 }') || true
  for package in "$@"; do
    [[ $'\n'"$there"$'\n' == *$'\n'"$package"$'\n'* ]] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  have apt-get || fail "these packages are missing: ${missing[*]}" "install them with your system's package manager"
  is_root || fail "these packages are missing: ${missing[*]}" "sudo apt-get install ${missing[*]}"
  say "Installing ${missing[*]}"
  # A service that a package would start has no place in a test run: 101 is Debian's "not now".
  local policy=/usr/sbin/policy-rc.d made=
  if [ ! -e $policy ]; then printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy && made=1; fi
  local log status=0
  log=$(mktemp)
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 || status=$?
  [ -z "$made" ] || rm -f $policy
  [ "$status" = 0 ] || { tail -n 20 "$log" >&2; rm -f "$log"; fail "apt-get could not install ${missing[*]}" "see the lines above"; }
  rm -f "$log"
}

# need_dotnet ROOT: puts on PATH an SDK that satisfies ROOT/global.json; installs one into ~/.dotnet when there is none.
need_dotnet() {
  local root=$1 installer
  export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
  # The SDK alone would ask for ICU, which a small machine does not have.
  export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
  if (cd "$root" && have dotnet && dotnet --version >/dev/null 2>&1); then return 0; fi
  if ! (cd "$root" && "$HOME/.dotnet/dotnet" --version >/dev/null 2>&1); then
    have curl || fail "the .NET 10 SDK is missing" "install it (https://dotnet.microsoft.com/download), or install curl and run this again"
    say "Installing the .NET 10 SDK into $HOME/.dotnet"
    installer=$(mktemp)
    curl -fsSL --max-time 60 "${DOTNET_INSTALLER:-https://dot.net/v1/dotnet-install.sh}" -o "$installer" &&
      bash "$installer" --channel 10.0 --install-dir "$HOME/.dotnet" >"$installer.log" 2>&1 || {
      tail -n 5 "$installer.log" >&2 2>/dev/null
      rm -f "$installer" "$installer.log"
      fail "the .NET 10 SDK could not be installed" "install it (https://dotnet.microsoft.com/download) and run this again"
    }
    rm -f "$installer" "$installer.log"
  fi
  export DOTNET_ROOT=$HOME/.dotnet PATH=$HOME/.dotnet:$PATH
}

# engine ENDPOINT COMMAND...: a command for the container engine at ENDPOINT (unix:///… or tcp://…), docker's or podman's.
engine() {
  local endpoint=$1
  shift
  if have docker; then
    docker -H "$endpoint" "$@"
  elif have podman; then
    podman --url "$endpoint" "$@"
  else
    fail "there is an engine at $endpoint but no command for it" "install docker's command line (Debian: docker.io) or podman"
  fi
}

engine_answers() { timeout 10 bash -c '. "$1"; engine "$2" version' _ "${BASH_SOURCE[0]}" "$1" >/dev/null 2>&1; }

# find_engine: prints the endpoint of an engine that runs; false when there is none.
find_engine() {
  local endpoint
  for endpoint in "${DOCKER_HOST:-}" unix:///var/run/docker.sock "unix://${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/docker.sock" \
    "unix://${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/podman/podman.sock" unix:///run/podman/podman.sock; do
    [ -n "$endpoint" ] || continue
    [[ $endpoint != unix://* || -S ${endpoint#unix://} ]] || continue
    if engine_answers "$endpoint"; then printf '%s\n' "$endpoint" && return 0; fi
  done
  return 1
}

# process_runs PIDFILE NAME: whether the process of that file lives and its command line contains NAME.
process_runs() {
  local pid
  pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] && [ -r "/proc/$pid/cmdline" ] && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF -- "$2"
}

# stop_process PIDFILE NAME SECONDS: TERM, then KILL after SECONDS.
stop_process() {
  process_runs "$1" "$2" || { rm -f "$1"; return 0; }
  local pid end=$((SECONDS + $3))
  pid=$(cat "$1")
  kill "$pid" 2>/dev/null || true
  while process_runs "$1" "$2"; do
    if [ $SECONDS -ge $end ]; then kill -9 "$pid" 2>/dev/null || true; fi
    read -rt 0.2 <> <(:) || true
  done
  rm -f "$1"
}

# engine_bridge DIR: dockerd's option to leave the machine's network alone. "none" would take docker0 away from an engine
# that already runs; beside one, a bridge of our own that nothing uses does not.
engine_bridge() {
  local bridge=claimed-$$
  # One that is started again has it already.
  if [ -s "$1/bridge" ]; then echo "--bridge=$(cat "$1/bridge")" && return; fi
  if [ -e /sys/class/net/docker0 ] && ip link add name "$bridge" type bridge 2>/dev/null; then
    echo "$bridge" >"$1/bridge"
    echo "--bridge=$bridge"
  else
    echo --bridge=none
  fi
}

# start_engine DIR [PLAN...]: starts a dockerd of our own with everything under DIR, by the first plan that works:
# "networks" gives containers networks of their own, "host" leaves them the machine's own network or none and touches
# neither bridges nor packet filters. DIR/plan then says which it was. The array engine_options has more of dockerd's options.
start_engine() {
  local dir=$1 plan options
  shift
  [ $# -gt 0 ] || set -- networks host
  mkdir -p "$dir"
  for plan in "$@"; do
    options=()
    # In a machine that is itself a container, bridges and packet filters are often out of reach.
    [ "$plan" = networks ] || options=("$(engine_bridge "$dir")" --iptables=false --ip-forward=false --ip-masq=false)
    rm -f "$dir/docker.pid" "$dir/docker.sock"
    setsid dockerd --data-root "$dir/data" --exec-root "$dir/exec" -H "unix://$dir/docker.sock" --pidfile "$dir/docker.pid" \
      "${options[@]}" ${engine_options[@]+"${engine_options[@]}"} >"$dir/dockerd-$plan.log" 2>&1 </dev/null &
    local pid=$! end=$((SECONDS + 60))
    while kill -0 $pid 2>/dev/null && [ $SECONDS -lt $end ]; do
      if [ -S "$dir/docker.sock" ] && engine_answers "unix://$dir/docker.sock"; then
        printf '%s\n' "$plan" >"$dir/plan"
        return 0
      fi
      read -rt 0.3 <> <(:) || true
    done
    kill $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
  done
  tail -n 5 "$dir/dockerd-$plan.log" >&2
  return 1
}

# stop_engine DIR: stops it and frees what it mounted.
stop_engine() {
  local dir=$1 mount container
  if process_runs "$dir/docker.pid" dockerd; then
    for container in $(engine "unix://$dir/docker.sock" ps -q 2>/dev/null); do
      engine "unix://$dir/docker.sock" kill "$container" >/dev/null 2>&1 || true
    done
  fi
  stop_process "$dir/docker.pid" dockerd 20
  if [ -s "$dir/bridge" ]; then
    ip link delete "$(cat "$dir/bridge")" 2>/dev/null || true
    rm -f "$dir/bridge"
  fi
  # Longest first, so that what lies inside is freed before what holds it.
  awk -v dir="$dir/" 'index($2, dir) == 1 { print length($2), $2 }' /proc/mounts | sort -rn | while read -r _ mount; do
    umount "$mount" 2>/dev/null || umount -l "$mount" || true
  done
}
