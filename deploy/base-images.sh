#!/usr/bin/env bash
# Makes the images that builds start from out of Debian packages, for machines that cannot pull any.
#
#   deploy/base-images.sh [--cache DIR] [--load ENDPOINT] python|notebook|shell|library|NAME:TAG=PACKAGE,PACKAGE... ...
#
# "library" has what the components of components/starter.txt need beside Python, for sites without a package index. The last
# makes an image of that name from packages of your choice.
# Prints one line per image: its name and the archive that holds it (readable by docker load, podman load and skopeo's
# docker-archive:). Archives are kept in the cache under the hash of their recipe. --load puts them into the engine
# at ENDPOINT (unix:///path or a path).
#
# CLAIMED_CACHE          where archives are kept (default: ~/.cache/claimed-registry)
# CLAIMED_DEBIAN_SUITE   which Debian (default: bookworm)
# CLAIMED_DEBIAN_MIRROR  from where (default: what this machine's apt uses for that suite, else deb.debian.org)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib.sh"

suite=${CLAIMED_DEBIAN_SUITE:-bookworm}
cache=${CLAIMED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/claimed-registry}
endpoint=
kinds=()
while [ $# -gt 0 ]; do
  case $1 in
    --cache) cache=${2:?--cache needs a folder} && shift 2 ;;
    --load) endpoint=${2:?--load needs an endpoint} && shift 2 ;;
    python | notebook | shell | library | ?*:?*=?*) kinds+=("$1") && shift ;;
    *) fail "unknown argument '$1'" "deploy/base-images.sh [--cache DIR] [--load ENDPOINT] python|notebook|shell|library|NAME:TAG=PACKAGE,PACKAGE ..." ;;
  esac
done
[ ${#kinds[@]} -gt 0 ] || fail "no image named" "name one or more of python, notebook, shell, library"
[[ -z $endpoint || $endpoint == *://* ]] || endpoint=unix://$endpoint

# Notebooks need all that scripts need, so one root serves both. munkres is there so that apt does not choose scipy
# and, through it, a C++ compiler.
declare -A packages=(
  [python]=python3,python-is-python3,python3-pip,ipython3,python3-nbformat,python3-pandas,python3-matplotlib,python3-requests,python3-munkres
  [shell]=ca-certificates,curl
)
packages[library]=${packages[python]%,python3-munkres},python3-sklearn,python3-boto3,python3-psycopg2,python3-paho-mqtt,python3-kubernetes
declare -A names=(
  [python]='claimed/base-python:1 claimed/base-notebook:1'
  [shell]='claimed/base-shell:1'
  [library]='claimed/base-library:1'
)

# sources: the archive lines to install from.
sources() {
  if [ -n "${CLAIMED_DEBIAN_MIRROR:-}" ]; then
    echo "deb $CLAIMED_DEBIAN_MIRROR $suite main"
    return
  fi
  local own
  own=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    awk -v s="$suite" '$1 ~ /^https?:/ && $3 == "main" && ($2 == s || $2 == s "-updates" || $2 == s "-security") { print "deb", $1, $2, $3 }' | sort -u)
  if grep -q " $suite main\$" <<<"$own"; then
    echo "$own"
  else
    echo "deb http://deb.debian.org/debian $suite main"
    echo "deb http://deb.debian.org/debian-security $suite-security main"
  fi
}

# archive_date: when the newest of the archive's indexes was made, in seconds. Everything that the making itself writes
# gets this time, so that the same packages give the same bytes.
archive_date() {
  local uri release newest=0 seconds
  while read -r _ uri release _; do
    /usr/lib/apt/apt-helper -o APT::Sandbox::User=root download-file "${uri%/}/dists/$release/InRelease" "$1/InRelease" >/dev/null || return 1
    seconds=$(date -d "$(sed -n 's/^Date: //p' "$1/InRelease" | head -n 1)" +%s)
    [ "$seconds" -le "$newest" ] || newest=$seconds
  done <"$1/sources.list"
  echo "$newest"
}

# Runs inside the new root's making: adds the user that containers run as and drops what no container reads.
trim='set -eu
cd "$1"
chroot . useradd --uid 1000 --gid 0 --create-home --shell /bin/sh claimed
chmod g=u home/claimed
# Debian calls it ipython3 alone.
[ ! -e usr/bin/ipython3 ] || ln -s ipython3 usr/bin/ipython
rm -rf var/log/* var/cache/ldconfig/aux-cache var/cache/debconf/*-old var/lib/dpkg/*-old etc/*-
rm -rf usr/share/unicode usr/lib/python3/dist-packages/sympy usr/lib/python3/dist-packages/mpmath
for python in usr/lib/python3*; do
  [ ! -d "$python" ] || find "$python" -type d -name tests -prune -exec rm -rf {} +
done'

# Debian's scipy brings a C++ compiler with it, which no component calls: four tenths of the image.
compilers='
rm -rf usr/include usr/lib/gcc usr/lib/python3*/config-* usr/lib/python3/dist-packages/pythran usr/share/gdb usr/share/perl usr/lib/*-linux-gnu*/perl
rm -f usr/bin/*-12 usr/bin/*-linux-gnu-* usr/bin/gcc* usr/bin/g++ usr/bin/cc usr/bin/c++ usr/bin/cpp usr/lib/*-linux-gnu*/lib[alt]san.so* usr/lib/*-linux-gnu*/libubsan.so* usr/lib/*-linux-gnu*/*.a'
# trim_of KIND: what runs inside the root of that kind.
trim_of() {
  printf '%s' "$trim"
  [ "$1" != library ] || printf '%s' "$compilers"
}

# make KIND ARCHIVE: writes the image archive.
make() {
  local kind=$1 archive=$2 work config options=() line
  have mmdebstrap || apt_install mmdebstrap debian-archive-keyring
  work=$(mktemp -d "$cache/making.XXXXXX")
  chmod 755 "$work"
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  # Proxies and credentials that this machine's apt uses hold for the new root's apt too, but do not stay in it.
  apt-config dump | grep -E '^Acquire::(https?)::' >"$work/apt.conf" || true
  local auth
  for auth in /etc/apt/auth.conf /etc/apt/auth.conf.d/*; do
    [ ! -r "$auth" ] || options+=("--setup-hook=mkdir -p \"\$1/etc/apt/auth.conf.d\" && cp '$auth' \"\$1/etc/apt/auth.conf.d/\"")
  done
  while read -r line; do
    [ -z "$line" ] || options+=("--aptopt=$line")
  done <"$work/apt.conf"
  is_root && options+=(--mode=root)
  sources >"$work/sources.list"
  printf '%s\n' "$trim" >"$work/trim.sh"
  SOURCE_DATE_EPOCH=$(archive_date "$work") || fail "the Debian mirror does not answer: $(head -n 1 "$work/sources.list")" "CLAIMED_DEBIAN_MIRROR names another"
  export SOURCE_DATE_EPOCH
  TMPDIR=$work mmdebstrap --quiet --variant=minbase "${options[@]}" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Check-Valid-Until "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --include="${packages[$kind]}" \
    --customize-hook="rm -rf \"\$1/etc/apt/auth.conf.d\"; sed -i '/^Acquire::https\\?::/d' \"\$1/etc/apt/apt.conf.d/99mmdebstrap\"" \
    --customize-hook="sh '$work/trim.sh' \"\$1\"" \
    "$suite" "$work/layer.tar" "$work/sources.list" >"$work/log" 2>&1 || {
    tail -n 15 "$work/log" >&2
    fail "the ${kind} image could not be made" "see the lines above; CLAIMED_DEBIAN_MIRROR names another Debian mirror"
  }
  local layer tags created
  layer=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
  created=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
  tags=$(printf '"%s",' ${names[$kind]})
  cat >"$work/config.json" <<JSON
{"architecture":"$(dpkg --print-architecture)","os":"linux","created":"$created","config":{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","LANG=C.UTF-8","PIP_BREAK_SYSTEM_PACKAGES=1"],"Cmd":["sh"]},"rootfs":{"type":"layers","diff_ids":["sha256:$layer"]},"history":[{"created":"$created","comment":"Debian $suite: ${packages[$kind]}"}]}
JSON
  config=$(sha256sum "$work/config.json" | cut -d' ' -f1)
  mv "$work/config.json" "$work/$config.json"
  echo "[{\"Config\":\"$config.json\",\"RepoTags\":[${tags%,}],\"Layers\":[\"layer.tar\"]}]" >"$work/manifest.json"
  tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf "$work/image.tar" manifest.json "$config.json" layer.tar
  echo "sha256:$config" >"$archive.id.part"
  mv "$archive.id.part" "$archive.id"
  mv "$work/image.tar" "$archive"
  rm -rf "$work"
  trap - EXIT
}

mkdir -p "$cache"
# Archives of recipes that nobody has used for a month.
find "$cache" -maxdepth 1 -name 'base-*.tar*' -mtime +30 -delete
# Folders of makings that were killed a day ago or more. What was mounted in them still is: never remove through that.
find "$cache" -maxdepth 1 -name 'making.*' -mtime +0 | while read -r killed; do
  grep -F " $killed/" /proc/mounts | cut -d' ' -f2 | sort -r | xargs -r -n 1 umount
  rm -rf --one-file-system "$killed"
done
declare -A loaded=()
for kind in "${kinds[@]}"; do
  label=claimed/base-$kind:1
  root=${kind/notebook/python}
  if [[ $kind == *=* ]]; then
    label=${kind%%=*}
    root=$(tr -c 'a-z0-9\n' - <<<"$label")
    names[$root]=$label
    packages[$root]=${kind#*=}
  fi
  trimming=$(trim_of "$root")
  recipe=$(printf '%s\n' "$suite" "${CLAIMED_DEBIAN_MIRROR:-}" "${packages[$root]}" "${names[$root]}" "$trimming" "$(declare -f make)" | sha256sum | cut -c1-16)
  archive=$cache/base-$root-$recipe.tar
  if [ ! -s "$archive" ]; then
    (
      # Whoever comes second waits here and then finds the archive.
      flock 9
      if [ ! -s "$archive" ]; then
        say "Making ${names[$root]} from Debian packages (once; it takes a minute or two)"
        trim=$trimming make "$root" "$archive"
      fi
    ) 9>"$cache/base-$root.lock"
  fi
  touch "$archive" "$archive.id"
  if [ -n "$endpoint" ] && [ -z "${loaded[$root]:-}" ]; then
    for name in ${names[$root]}; do
      if [ "$(engine "$endpoint" image inspect -f '{{.Id}}' "$name" 2>/dev/null)" != "$(cat "$archive.id")" ]; then
        engine "$endpoint" load -q -i "$archive" >/dev/null
        break
      fi
    done
    loaded[$root]=1
  fi
  echo "$label $archive"
done
