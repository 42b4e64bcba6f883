#!/usr/bin/env bash
# Puts into the engine at $1 what stands in for public images where none can be pulled, made from this machine's .NET and from Debian
# packages: claimed/test-sdk:1, claimed/test-runtime:1, claimed/test-postgres:1, claimed/test-rabbitmq:1. Those that are there stay.
# Needs claimed/base-shell:1 in the engine.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../../..
. "$root/deploy/lib.sh"
endpoint=$1

has() { engine "$endpoint" image inspect "$1" >/dev/null 2>&1; }

need_dotnet "$root"
dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
nuget=${NUGET_PACKAGES:-$HOME/.nuget/packages}

# packages: the folders of the packages that the program is built from, by its lock files.
packages() {
  python3 - "$root"/src/*/packages.lock.json "$root"/migrations/*/packages.lock.json <<'PYTHON'
import json
import sys

found = set()
for path in sys.argv[1:]:
    with open(path, encoding='utf-8') as file:
        for framework in json.load(file)['dependencies'].values():
            found.update(f'{name.lower()}/{each["resolved"].lower()}' for name, each in framework.items() if each['type'] != 'Project')
print('\n'.join(sorted(found)))
PYTHON
}

# image NAME CONTENT: the shell image with what the function CONTENT writes as archives into a container.
image() {
  local container
  container=$(engine "$endpoint" create claimed/base-shell:1 true)
  "$2" "$container"
  engine "$endpoint" commit --change 'ENV PATH=/usr/share/dotnet:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    --change 'ENV DOTNET_CLI_TELEMETRY_OPTOUT=1' --change 'ENV DOTNET_NOLOGO=1' --change 'ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1' \
    --change 'ENV NUGET_PACKAGES=/packages' "$container" "$1" >/dev/null
  engine "$endpoint" rm "$container" >/dev/null
}

runtime() {
  tar -C "$dotnet" --transform 's,^,usr/share/dotnet/,' -c dotnet host shared | engine "$endpoint" cp - "$1:/"
}

sdk() {
  tar -C "$dotnet" --transform 's,^,usr/share/dotnet/,' --exclude='*.resources.dll' --exclude='*/FSharp' --exclude='*/DotnetTools' --exclude='*/TestHost*' \
    -c dotnet host shared sdk packs | engine "$endpoint" cp - "$1:/"
  # No source of packages: what is missing must fail at once, not after asking a network that is not there.
  echo '<configuration><packageSources><clear /></packageSources></configuration>' >"$work/NuGet.Config"
  tar -C "$work" -c NuGet.Config | engine "$endpoint" cp - "$1:/"
  packages | tar -C "$nuget" --transform 's,^,packages/,' -c -T - | engine "$endpoint" cp - "$1:/"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
has claimed/test-runtime:1 || image claimed/test-runtime:1 runtime
has claimed/test-sdk:1 || image claimed/test-sdk:1 sdk
if ! has claimed/test-postgres:1 || ! has claimed/test-rabbitmq:1; then
  bash "$root/deploy/base-images.sh" --load "$endpoint" claimed/test-servers:1=postgresql,rabbitmq-server >/dev/null
  for server in postgres rabbitmq; do
    # Debian's wrapper of the broker keeps the word to stop to itself, and whoever asked waits out the whole grace.
    signal=SIGTERM
    [ $server = postgres ] || signal=SIGKILL
    engine "$endpoint" build -q -t "claimed/test-$server:1" --network none -f - "$here" >/dev/null <<DOCKERFILE
FROM claimed/test-servers:1
COPY $server.sh /entrypoint.sh
STOPSIGNAL $signal
ENTRYPOINT ["bash", "/entrypoint.sh"]
DOCKERFILE
  done
fi
