#!/usr/bin/env bash
# A registry on this machine, from nothing to the first built component.
#
#   deploy/quickstart.sh            sees to the SDK and a container engine, starts the registry, seeds components/
#   deploy/quickstart.sh --stop     stops it; the data stays
#   deploy/quickstart.sh --remove   stops it and removes the data, the images and the engine that it started
#
# Safe to run twice: what already runs is used as it is.
#
# CLAIMED_DATA          where everything is kept (default: data/ in this repository)
# CLAIMED_PORT          port of the registry (default: 8080)
# CLAIMED_PYTHON_IMAGE  public image that builds start from where images can be pulled (default: python:3.12-slim)
# CLAIMED_SHELL_IMAGE   the same for shell components (default: debian:bookworm-slim)
# CLAIMED_PULL_TIMEOUT  seconds after which pulling counts as impossible (default: 120)
# DOCKER_HOST           container engine to use; any Builds__… or Registry__… setting of the service is passed on
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/deploy/lib.sh"

data=${CLAIMED_DATA:-$root/data}
port=${CLAIMED_PORT:-8080}
url=${Registry__PublicUrl:-http://localhost:$port}
local_url=http://127.0.0.1:$port
seed=$root/components

mkdir -p "$data"
data=$(cd "$data" && pwd)
own_engine=$data/engine
pid=$data/registry.pid
log=$data/registry.log
program=$data/program/Claimed.Registry.dll

stop_all() {
  stop_process "$pid" "$program" 40
  [ ! -d "$own_engine" ] || stop_engine "$own_engine"
}

remove_all() {
  local endpoint image
  stop_process "$pid" "$program" 40
  endpoint=$(cat "$data/endpoint" 2>/dev/null || true)
  # Our own engine goes with all it holds; from another one, only what we put there.
  if [ -n "$endpoint" ] && [ ! -d "$own_engine" ]; then
    for image in $(engine "$endpoint" image ls -q --filter label=claimed.registry.bundle | sort -u) $(cat "$data/images" 2>/dev/null); do
      engine "$endpoint" image rm -f "$image" >/dev/null 2>&1 || true
    done
  fi
  stop_all
  # Only what this script or the registry made: somebody may have pointed CLAIMED_DATA at a folder of theirs.
  (cd "$data" && rm -rf engine program store registry.log registry.pid endpoint network images provided)
  rmdir "$data" 2>/dev/null || say "$data still holds files that are not the registry's; they stay."
  say "Removed. Archives of base images stay in ${CLAIMED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/claimed-registry}."
}

# see_to_engine: sets endpoint and network.
see_to_engine() {
  if [ -S "$own_engine/docker.sock" ] && engine_answers "unix://$own_engine/docker.sock"; then
    endpoint=unix://$own_engine/docker.sock
  elif endpoint=$(find_engine); then
    say "Container engine: $endpoint"
  elif is_root && have apt-get; then
    apt_install docker.io iptables
    start_engine "$own_engine" || fail "a container engine could not be started" "see $own_engine, or start one and let DOCKER_HOST name it"
    endpoint=unix://$own_engine/docker.sock
    say "Container engine: started one in $own_engine"
  elif [ -S /var/run/docker.sock ]; then
    fail "the container engine at /var/run/docker.sock does not answer to $(id -un)" "sudo usermod -aG docker $(id -un), log in again, and run this again"
  else
    fail "no container engine runs here" "start Docker or Podman (podman system service), or let DOCKER_HOST name one, and run this again"
  fi
  network=default
  if [ "$endpoint" = "unix://$own_engine/docker.sock" ]; then
    case $(cat "$own_engine/plan") in host) network=host ;; esac
  fi
}

have_base_images() {
  local name
  [ -s "$data/images" ] || return 1
  for name in $(cat "$data/images"); do
    engine "$endpoint" image inspect "$name" >/dev/null 2>&1 || return 1
  done
}

pull_base_images() {
  local python=${CLAIMED_PYTHON_IMAGE:-python:3.12-slim} shell=${CLAIMED_SHELL_IMAGE:-debian:bookworm-slim} options=()
  timeout "${CLAIMED_PULL_TIMEOUT:-120}" bash -c '. "$1"; engine "$2" pull -q "$3" && engine "$2" pull -q "$4"' _ \
    "$root/deploy/lib.sh" "$endpoint" "$python" "$shell" >/dev/null 2>&1 || return 1
  [ $network = default ] || options=(--network "$network")
  engine "$endpoint" build -q "${options[@]}" --build-arg "BASE=$python" -t claimed/base-python:1 -t claimed/base-notebook:1 \
    "$root/deploy/base" >/dev/null 2>&1 || return 1
  engine "$endpoint" tag "$shell" claimed/base-shell:1
  say "Base images: on $python and $shell"
}

# see_to_base_images: pulls where it can, makes them from Debian packages where not.
see_to_base_images() {
  have_base_images && return
  local made=()
  if pull_base_images; then
    : >"$data/provided"
  else
    say "Base images: none can be pulled here, so they are made from Debian packages"
    # One for scripts and notebooks, with all that the starter set asks for.
    bash "$root/deploy/base-images.sh" --load "$endpoint" library shell >/dev/null
    made=(claimed/base-library:1)
    engine "$endpoint" tag claimed/base-library:1 claimed/base-python:1
    engine "$endpoint" tag claimed/base-library:1 claimed/base-notebook:1
    echo pandas numpy matplotlib requests ipython nbformat scikit_learn joblib boto3 psycopg2_binary paho_mqtt kubernetes >"$data/provided"
  fi
  printf '%s\n' claimed/base-python:1 claimed/base-notebook:1 claimed/base-shell:1 ${made[@]+"${made[@]}"} >"$data/images"
}

# Where no package index answers, builds use the packages that the base images have, and need no network.
see_to_requirements() {
  provided=
  curl -fsL --max-time 10 -o /dev/null "${PIP_INDEX_URL:-https://pypi.org/simple}/pip/" && return
  provided=$(cat "$data/provided")
  network=none
  say "Requirements: no package index answers, so builds use what the base images have: ${provided:-nothing}"
}

ready() { curl -fs --max-time 5 -o /dev/null "$local_url/health/ready"; }

start_registry() {
  local name
  if curl -s --max-time 2 -o /dev/null "$local_url/"; then
    fail "port $port is taken by another program" "stop it, or run this with CLAIMED_PORT=8081"
  fi
  say "Building the registry"
  if ! dotnet publish "$root/src/Claimed.Registry" -c Release -o "$data/program" -v quiet -clp:NoSummary >"$data/publish.log" 2>&1; then
    tail -n 20 "$data/publish.log" >&2
    fail "the registry could not be built" "see the lines above"
  fi
  rm -f "$data/publish.log"
  export ASPNETCORE_URLS=${ASPNETCORE_URLS:-http://localhost:$port}
  export Registry__PublicUrl=$url Registry__DataPath=$data/store Registry__Seed=${Registry__Seed:-$seed}
  export Registry__SeedBuilds=${Registry__SeedBuilds:-starter} Builds__Endpoint=${Builds__Endpoint:-$endpoint}
  export Builds__BaseImages__python=${Builds__BaseImages__python:-claimed/base-python:1}
  export Builds__BaseImages__notebook=${Builds__BaseImages__notebook:-claimed/base-notebook:1}
  export Builds__BaseImages__shell=${Builds__BaseImages__shell:-claimed/base-shell:1}
  if [ $network != default ]; then export Builds__NetworkMode=$network; fi
  if [ $network = host ]; then export Builds__AllowHostNetwork=true; fi
  for name in $provided; do export "Builds__Requirements__$name=provided"; done
  # A session of its own: it outlives this terminal.
  (cd "$data" && exec setsid dotnet "$program" >>"$log" 2>&1 </dev/null) &
  echo $! >"$pid"
  local end=$((SECONDS + 60))
  until ready; do
    if ! kill -0 "$(cat "$pid")" 2>/dev/null || [ $SECONDS -ge $end ]; then
      tail -n 15 "$log" >&2
      fail "the registry did not start" "see $log"
    fi
    read -rt 0.3 <> <(:) || true
  done
}

# wait_for_component NAME: until its newest version is built; true when it is ready.
wait_for_component() {
  local end=$((SECONDS + 300)) state=
  while [ $SECONDS -lt $end ]; do
    state=$(curl -fs --max-time 5 "$local_url/api/v1/components/claimed/$1/versions" | grep -o '"state": *"[a-z]*"' | head -n 1 | cut -d'"' -f4) || true
    case $state in
      ready) return 0 ;;
      failed) return 1 ;;
    esac
    read -rt 1 <> <(:) || true
  done
  return 1
}

case ${1:-} in
  --stop) stop_all && say "Stopped. The data stays in $data; deploy/quickstart.sh starts it again." && exit 0 ;;
  --remove) remove_all && exit 0 ;;
  '') ;;
  *) fail "unknown argument '$1'" "deploy/quickstart.sh [--stop|--remove]" ;;
esac

have curl || apt_install curl ca-certificates
need_dotnet "$root"
see_to_engine
echo "$endpoint" >"$data/endpoint"
see_to_base_images
if process_runs "$pid" "$program" && ready; then
  say "The registry already runs."
else
  see_to_requirements
  start_registry
fi

# What is not in the starter set is built when somebody asks for it.
if [ -e "$seed/starter.txt" ]; then
  first=$(basename "$(sed 's/#.*//' "$seed/starter.txt" | awk 'NF { print $1 }' | head -n 1)")
else
  first=$(basename "$(find "$seed" -mindepth 2 -maxdepth 2 -type d | sort | head -n 1)")
fi
say "Waiting until claimed/$first is built"
if ! wait_for_component "$first"; then
  say "error: claimed/$first was not built within five minutes"
  say "  fix: see $url/ for its log, and $log"
  exit 1
fi
example=
[ "$first" != input-url ] || example='-e url=https://example.org/ -e data=/tmp/page '
version=$(curl -fs --max-time 5 "$local_url/api/v1/components/claimed/$first/versions/latest" | grep -o '"version": *"[^"]*"' | head -n 1 | cut -d'"' -f4)
docker_command="docker"
[ "$endpoint" = unix:///var/run/docker.sock ] || docker_command="docker -H $endpoint"
cat <<END

The registry runs, and claimed/$first $version is built.
  components    $url/
  Swagger UI    $url/swagger
  Elyra         $url/catalogs/elyra/claimed/url-catalog.json?runtime=kfp
  run one       $docker_command run --rm $example${url#*://}/claimed/$first:$version
  admin token   $data/store/admin-token
  log           $log
  stop          bash deploy/quickstart.sh --stop
  remove all    bash deploy/quickstart.sh --remove
END
