#!/usr/bin/env bash
# Installs what the tests need, then checks build and format and runs every test project; with names, builds and runs those alone.
#
#   bash tests/run.sh [PROJECT...]     for example Claimed.Components.Tests; without names: all
#
# A project whose file says RunsOnBothDatabases runs twice: on SQLite, and on a private PostgreSQL (CLAIMED_TEST_DATABASE=postgres). Tests
# with the trait Database=own, which choose theirs, and Database=any, which are about pages, sessions, requests, clients' forms or containers, run once.
# Ends with "N passed, N failed" (and ", N skipped"); the exit code is 0 only when everything ran and passed.
# LONG=1 runs the long versions of tests that have one. CLAIMED_TEST_DOCKER names a container engine to use instead of a private one.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. deploy/lib.sh

# broken WHAT: ends the run when there is nothing to test.
broken() {
  say "error: $1"
  echo "0 passed, 1 failed"
  exit 1
}

# Servers and clients that the tests talk to, and the strict readers that check served files.
packages=(curl ca-certificates python3 python3-yaml python3-pytest python3-requests python3-setuptools python3-pip python3-kubernetes cwltool ipython3 python3-nbformat python3-prometheus-client r-base-core docker.io docker-compose iptables
  python3-pandas python3-sklearn python3-matplotlib python3-boto3 python3-psycopg2 python3-paho-mqtt python3-aiosmtpd python3-pytest-xdist mosquitto
  iproute2 mmdebstrap debian-archive-keyring skopeo podman catatonit buildah postgresql rabbitmq-server docker-registry faketime busybox-static nginx-light)
# A second server of the S3 protocol; benchmarks compare with the others.
[ "${LONG:-}" != 1 ] || packages+=(swift-proxy swift-account swift-container swift-object wrk)
have chromium || have google-chrome || have chromium-browser || packages+=(chromium)
# Some machines have a newer one, which Debian's does not replace.
have kubectl || packages+=(kubernetes-client)
have npm || packages+=(nodejs npm)

known=()
for file in $(grep -l '<IsTestProject>true' tests/*/*.csproj); do
  known+=("$(basename "$file" .csproj)")
done
projects=("$@")
[ $# -gt 0 ] || projects=("${known[@]}")
for project in "${projects[@]}"; do
  [[ " ${known[*]} " == *" $project "* ]] || broken "there is no test project '$project'; there are: ${known[*]}"
done

if have apt-get; then
  (apt_install "${packages[@]}") || broken "the tests' packages could not be installed"
fi
(need_dotnet "$PWD") || broken "there is no .NET SDK"
need_dotnet "$PWD"
if is_root || have mmdebstrap; then
  # What stands in for public images of servers, too: made beside tests it takes ten times as long.
  images=(python notebook shell)
  [[ " ${projects[*]} " != *" Library "* ]] || images+=(library)
  [[ " ${projects[*]} " != *" Deployment "* ]] || images+=(claimed/test-servers:1=postgresql,rabbitmq-server)
  bash deploy/base-images.sh "${images[@]}" >/dev/null || broken "the base images could not be made"
fi

dotnet restore --locked-mode -v quiet || broken "packages could not be restored; 'dotnet restore --force-evaluate' rewrites lock files that are out of date"
# Compilers and tests end so soon that what they call is hardly worth compiling twice, and watching how it runs is not: a third of the
# processor time of a build, a fifth of that of tests. Code that is mapped once, and not once to write and once to run it, saves a fifth of a start.
export DOTNET_TieredPGO=0 DOTNET_TC_CallCountThreshold=500 DOTNET_EnableWriteXorExecute=0
# One compiler for all projects has itself compiled only once; it ends before the tests begin.
shared=(-p:UseSharedCompilation=true)
if [ $# -eq 0 ]; then
  dotnet build -c Release --no-restore -warnaserror -v quiet -clp:NoSummary "${shared[@]}" || broken "the build failed"
else
  for project in "${projects[@]}"; do
    dotnet build "tests/$project" -c Release --no-restore -warnaserror -v quiet -clp:NoSummary "${shared[@]}" || broken "the build failed"
  done
fi

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
# Tests start and kill the program some hundred times: compiled ahead, as operators run it, that takes a third of the time. What they
# call themselves is built as it is for operators, too, and only once.
if [[ " ${projects[*]} " == *" Claimed.Registry.Tests "* || " ${projects[*]} " == *" EndToEnd "* || " ${projects[*]} " == *" Faults "* || " ${projects[*]} " == *" Library "* ]]; then
  # The build has analysed the same source.
  dotnet publish src/Claimed.Registry -c Release -v quiet -nologo -p:RunAnalyzers=false "${shared[@]}" -o "$results/program" || broken "the program could not be published"
  # A test host runs the same code in its own process: with the compiled files of the published program it need not compile it once more.
  for project in "${projects[@]}"; do
    for file in "tests/$project/bin/Release/net10.0"/*.{dll,pdb}; do
      [ ! -e "$results/program/${file##*/}" ] || cp "$results/program/${file##*/}" "$file"
    done
  done
fi
dotnet build-server shutdown --vbcscompiler >/dev/null
export CLAIMED_TEST_PROGRAM=$results/program/Claimed.Registry.dll CLAIMED_BENCHMARK_PROGRAM=$results/program/Claimed.Registry
others=0
runs=()
for project in "${projects[@]}"; do
  runs+=("$project")
  ! grep -q '<RunsOnBothDatabases>true' "tests/$project/$project.csproj" || runs+=("$project@postgres")
done
# What hangs ends; a hundred kills of everything take their time. A machine that does other things beside takes twice as long as one that does not.
limit=70m
[ "${LONG:-}" != 1 ] || limit=4h
# run_one RUN: runs it and prints what came of it.
run_one() {
  local run=$1 database= filter=() code
  if [[ $run == *@postgres ]]; then database=postgres filter=(--filter-not-trait Database=own --filter-not-trait Database=any); fi
  CLAIMED_TEST_DATABASE=$database timeout $limit dotnet test --project "tests/${run%@*}" -c Release "${filter[@]}" --no-build --no-ansi --no-progress \
    --results-directory "$results" --report-xunit-trx --report-xunit-trx-filename "$run.trx" >"$results/$run.log" 2>&1
  code=$?
  echo "$code" >"$results/$run.code"
  say "--- $run"
  # A run that passed needs one line; one that did not shows all it said.
  if [ $code = 0 ]; then tail -n 1 "$results/$run.log"; else cat "$results/$run.log"; fi
  # What its faults did; a long run writes the same into docs/reliability.md.
  if [[ $run == Faults* ]]; then sed -n '/^|/p' tests/Faults/bin/Release/net10.0/reliability.md; fi
}

# The program's image is compiled in a container and its services have minutes to be healthy: beside all else that takes six times as long.
lanes=()
if [[ " ${runs[*]} " == *" Deployment "* ]]; then
  run_one Deployment &
  lanes+=($!)
fi
# Style is checked by the build, white space here.
if [ $# -eq 0 ] && ! dotnet format whitespace --folder . --verify-no-changes; then
  say "error: the white space differs; 'dotnet format whitespace' mends it"
  others=1
fi
wait "${lanes[@]}"

# Three lanes side by side, because much of the time is waiting: for engines, browsers, and programs that are killed and start again. With more,
# two cores are waited for so long that requests meet their time limits.
lane() {
  local run
  for run in $1; do
    [[ " ${runs[*]} " != *" $run "* ]] || run_one "$run"
  done
}
# What waits most goes beside what computes.
own_lanes=('EndToEnd EndToEnd@postgres Fuzz' 'Library Faults')
lanes=()
for own in "${own_lanes[@]}"; do
  lane "$own" &
  lanes+=($!)
done
for run in "${runs[@]}"; do
  [[ " Deployment ${own_lanes[*]} " == *" $run "* ]] || run_one "$run"
done
wait "${lanes[@]}"

# Figures, not tests: with LONG=1 and no names, a missed target fails the run.
if [ "${LONG:-}" = 1 ] && [ $# -eq 0 ]; then
  say "--- Benchmarks"
  dotnet run -c Release --project tests/Benchmarks -- --write docs/performance.md || others=$((others + 1))
fi

# A run counts by its own report; one that ran no test, died, or failed without naming a test is a failure itself.
python3 - "$results" "$others" "${runs[@]}" <<'PYTHON'
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

folder, passed, failed, skipped = pathlib.Path(sys.argv[1]), 0, int(sys.argv[2]), 0
# The logs above are long: which tests failed, and why, stands together at the end, too.
reasons = []
for run in sys.argv[3:]:
    code = int((folder / f'{run}.code').read_text())
    outcomes = []
    try:
        report = ElementTree.parse(folder / f'{run}.trx')
        results = report.findall('.//{*}UnitTestResult')
        outcomes = [result.get('outcome') for result in results]
        for result in results:
            if result.get('outcome') not in ('Passed', 'NotExecuted'):
                message = (result.findtext('.//{*}ErrorInfo/{*}Message') or 'no message').strip()
                where = [line.strip() for line in (result.findtext('.//{*}ErrorInfo/{*}StackTrace') or '').splitlines() if '.cs:line' in line]
                reasons.append('\n    '.join([f'{run}: {result.get("testName")}', *message[:1500].splitlines(), *where[:4]]))
    except (OSError, ElementTree.ParseError) as error:
        log = (folder / f'{run}.log').read_text(errors='replace').splitlines()
        print('\n    '.join([f'{run}: no report ({error}); the end of what it said:', *(line[:500] for line in log[-30:])]))
    good, ignored = outcomes.count('Passed'), outcomes.count('NotExecuted')
    bad = len(outcomes) - good - ignored
    if good + bad == 0 or (code != 0 and bad == 0):
        print(f'{run}: ended with exit code {code} after {good + bad} tests')
        bad += 1
    passed, failed, skipped = passed + good, failed + bad, skipped + ignored
for reason in reasons[:40]:
    print(f'failed: {reason}')
print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
sys.exit(1 if failed else 0)
PYTHON
