#!/usr/bin/env bash
# Runs npm's s3rver on loopback with a bucket "registry" (key S3RVER, secret S3RVER); prints "ready", and ends with its standard input.
#
#   private-s3rver.sh PORT FOLDER [keep]    removes the folder at the end, unless it is told to keep it
#
# The package is kept in the cache (CLAIMED_CACHE, default ~/.cache/claimed-registry), once for every version.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=3.7.1
cache=${CLAIMED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/claimed-registry}
folder=$cache/s3rver-$version
if [ ! -d "$folder" ]; then
  mkdir -p "$cache"
  fresh=$(mktemp -d "$cache/s3rver.XXXXXX")
  trap 'rm -rf "$fresh"' EXIT
  npm install --prefix "$fresh" --no-audit --no-fund --ignore-scripts --silent "s3rver@$version" >&2
  # Another run may have been faster.
  mv -T "$fresh" "$folder" 2>/dev/null || [ -d "$folder" ]
fi
export S3RVER=$folder/node_modules/s3rver
exec node "$here/private-s3rver.mjs" "$@"
