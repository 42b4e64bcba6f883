#!/bin/sh
# Verifies this folder without the registry: needs sh, sha256sum, openssl and the plain tools of every system.
#   sh verify.sh                    with the public keys that lie here in keys/
#   sh verify.sh TRUSTED.pem        with a key that you have from the registry by a way that you trust
# It ends with VERIFIED and 0 when both statements are there and everything fits; with NOT SIGNED and 2 when one is missing.
set -eu
cd "$(dirname "$0")"
trusted="${1:-}"
missing=""
type=application/vnd.in-toto+json

fail() { echo "FAILED: $*" >&2; exit 1; }
say() { echo "ok: $*"; }
sum() { sha256sum "$1" | cut -d ' ' -f 1; }

# Lines that cannot be read are passed over by sha256sum: each must come out as OK.
[ "$(sha256sum -c SHA256SUMS 2>/dev/null | grep -c ': OK$')" -eq "$(wc -l < SHA256SUMS)" ] || { sha256sum -c SHA256SUMS 2>/dev/null | grep -v ': OK$' >&2 || true; fail "files are not those of SHA256SUMS"; }
[ "$(find . -type f ! -name SHA256SUMS | wc -l)" -eq "$(wc -l < SHA256SUMS)" ] || fail "there are files that SHA256SUMS does not name"
say "all files are those of SHA256SUMS"

for name in provenance.json contents.json; do
  envelope="renditions/$name"
  statement="statements/$name"
  if [ ! -f "$envelope" ] || [ ! -f "$statement" ] || [ ! -f "$statement.sig" ]; then
    # Whoever takes statements away mends the sums as well.
    [ -z "$trusted" ] || fail "there is no $name: nothing here is signed by $trusted that says it"
    echo "note: there is no $name: the image was not built by this registry, or before it signed, or somebody took it away"
    missing="$missing $name"
    continue
  fi
  tr -d '\n' < "$envelope" | sed 's/.*"payload":"\([^"]*\)".*/\1/' | fold -w 76 | { cat; echo; } | openssl base64 -d | cmp -s - "$statement" || fail "$statement is not what $envelope carries"
  key=$(tr -d '\n' < "$envelope" | sed 's/.*"keyid":"\([0-9a-f]*\)".*/\1/')
  pem="keys/$key.pem"
  [ -f "$pem" ] || fail "the key $key of $envelope is not in keys/"
  [ "$(openssl pkey -pubin -in "$pem" -outform DER | sha256sum | cut -d ' ' -f 1)" = "$key" ] || fail "$pem is not the key $key"
  if [ -n "$trusted" ]; then
    case "$trusted" in /*) ;; *) trusted="$OLDPWD/$trusted" ;; esac
    [ "$(openssl pkey -pubin -in "$trusted" -outform DER | sha256sum | cut -d ' ' -f 1)" = "$key" ] || fail "$envelope is signed by the key $key, which is not $trusted"
  fi
  { printf 'DSSEv1 %s %s %s ' "${#type}" "$type" "$(wc -c < "$statement" | tr -d ' ')"; cat "$statement"; } |
    openssl dgst -sha256 -verify "$pem" -signature "$statement.sig" >/dev/null 2>&1 || fail "the signature of $statement does not verify"
  say "$name is signed by the key $key"
done

# What a statement is about stands before the rest of it.
about() { sed 's/"predicateType".*//' "statements/$1"; }
if [ -z "$missing" ]; then
  grep -qF "\"sha256\":\"$(sum bundle.tar.gz)\"" statements/provenance.json || fail "bundle.tar.gz is not what the provenance says the image was built from"
  say "the provenance names bundle.tar.gz"
  for form in renditions/*; do
    name=$(basename "$form")
    [ -f "$form" ] && [ "$name" != provenance.json ] && [ "$name" != contents.json ] || continue
    if grep -qF "\"sha256\":\"$(sum "$form")\"" statements/provenance.json; then
      say "the provenance names $form"
    else
      echo "note: $form was rendered anew later; no signature covers it"
    fi
  done
  if [ -f image/manifest.json ]; then
    image=$(sum image/manifest.json)
    case "$(about provenance.json)" in *"\"sha256\":\"$image\""*) ;; *) fail "image/manifest.json is not the image that the provenance is about" ;; esac
    say "the provenance is about the image sha256:$image"
    case "$(about contents.json)" in *"\"sha256\":\"$image\""*) ;; *) fail "image/manifest.json is not the image that the list of packages is about" ;; esac
    say "the list of packages is about the image sha256:$image"
  fi
  [ "$(about provenance.json)" = "$(about contents.json)" ] || fail "the provenance and the list of packages are about different images"
fi
for below in image/*/manifest.json; do
  [ -f "$below" ] || continue
  { [ -f image/manifest.json ] && grep -qF "sha256:$(sum "$below")" image/manifest.json; } || fail "$below is no image that image/manifest.json names"
  say "image/manifest.json names $below"
done
find image -name config.json 2>/dev/null | while read -r config; do
  grep -qF "sha256:$(sum "$config")" "$(dirname "$config")/manifest.json" || fail "$config is not the configuration that its manifest names"
  say "$(dirname "$config")/manifest.json names $config"
done || exit 1
if [ -n "$missing" ]; then
  echo "NOT SIGNED: there is no$missing. The files fit SHA256SUMS, and nothing says who wrote them."
  exit 2
fi
[ -n "$trusted" ] || echo "note: compare the key with the one at the registry's address, /.well-known/evidence-keys.json, or give it: sh verify.sh KEY.pem"
echo "VERIFIED"
