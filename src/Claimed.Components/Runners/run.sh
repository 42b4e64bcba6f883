#!/bin/sh
# Starts a component: run name=value …
# Inputs are values or paths of files, outputs are paths to write to; each may also be an environment variable.
# The exit code is that of the component, or 2 when an argument is unknown or an input is missing.
case $0 in
*/*) here=${0%/*} ;;
*) here=. ;;
esac
# An engine that names the program itself does so behind the image's entry point.
if [ "${1:-}" = /opt/claimed/run ]; then
    shift
fi
export CLAIMED_SOURCES="${CLAIMED_SOURCES:-/home/claimed}"

# The image may run under a user id that has no entry in /etc/passwd and does not own the home directory.
if [ ! -w "${HOME:-/}" ]; then
    export HOME=/tmp
fi
export USER="${USER:-claimed}" LOGNAME="${LOGNAME:-claimed}"

if [ -f "$here/runner.R" ]; then
    exec Rscript "$here/runner.R" "$@"
fi
if [ -f "$here/runner.sh" ]; then
    IFS= read -r source <"$here/source" || :
    shell=$(sed -n '1s|^#![[:space:]]*\(/usr/bin/env[[:space:]]\{1,\}\)\{0,1\}||p' "$CLAIMED_SOURCES/$source")
    # Unquoted: the line may carry options of the shell.
    exec ${shell:-sh} "$here/runner.sh" "$here" "$@"
fi
if command -v python >/dev/null; then
    exec python "$here/runner.py" "$@"
fi
exec python3 "$here/runner.py" "$@"
