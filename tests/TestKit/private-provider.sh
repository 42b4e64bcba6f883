#!/usr/bin/env bash
# Runs npm's certified OpenID Connect provider on loopback; prints "ready", and ends with its standard input.
#
#   private-provider.sh PORT REDIRECT_URI
#
# The package is kept in the cache (CLAIMED_CACHE, default ~/.cache/claimed-registry), once for every version.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=9.13.3
cache=${CLAIMED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/claimed-registry}
folder=$cache/oidc-provider-$version
if [ ! -d "$folder" ]; then
  mkdir -p "$cache"
  fresh=$(mktemp -d "$cache/oidc-provider.XXXXXX")
  trap 'rm -rf "$fresh"' EXIT
  npm install --prefix "$fresh" --no-audit --no-fund --ignore-scripts --silent "oidc-provider@$version" >&2
  # Another run may have been faster.
  mv -T "$fresh" "$folder" 2>/dev/null || [ -d "$folder" ]
fi
export OIDC_PROVIDER=$folder/node_modules/oidc-provider/lib/index.js
exec node "$here/private-provider.mjs" "$@"
