#!/usr/bin/env bash
# Who gets a credit: the whole pipeline, from the UCI data to reports on fairness, with docker alone. Each step is the image of a component of the registry;
# the containers share one folder.
#
#   bash run-local.sh [--registry HOST:PORT] [--docker ENDPOINT] [--data URL] [--folder FOLDER] [--tag TAG] [--network NETWORK] [--without fairness]
#
#   --registry HOST:PORT   where the images are; localhost:8080 without it
#   --docker ENDPOINT      the engine to use, as for docker -H; else the one that docker uses
#   --data URL             the data in the layout of german.data; UCI's without it
#   --folder FOLDER        where all files go, on the machine of the engine; ./german-credit-run without it. Files of an earlier run are replaced
#   --tag TAG              version or channel of the components; latest without it
#   --network NETWORK      network of the container that downloads, as for docker run --network; all others have none
#   --without fairness     leaves out the steps of aif360-predictions, whose image is a large one to build
set -euo pipefail

registry=localhost:8080
data=https://archive.ics.uci.edu/ml/machine-learning-databases/statlog/german/german.data
folder=german-credit-run
tag=latest
network=
fairness=yes
docker=(docker)
# Meanings of the codes: https://doi.org/10.24432/C5NC77
columns="status duration credit_history purpose credit_amount savings employment installment_rate personal_status other_debtors residence_since property age other_installment_plans housing existing_credits job dependents telephone foreign_worker target"

fail() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

usage() { sed -n '2,/^set -e/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; }

while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage && exit ;;
    --registry | --docker | --data | --folder | --tag | --network | --without) [ $# -gt 1 ] && [ -n "$2" ] || fail "$1 needs a value; --help tells more" ;;
    *) fail "there is no option '$1'; --help tells more" ;;
  esac
  case $1 in
    --registry) registry=${2#http://} && registry=${registry#https://} && registry=${registry%/} ;;
    --docker) docker=(docker -H "$2") ;;
    --data) data=$2 ;;
    --folder) folder=$2 ;;
    --tag) tag=$2 ;;
    --network) network=$2 ;;
    --without) [ "$2" = fairness ] && fairness= || fail "only 'fairness' can be left out, not '$2'" ;;
  esac
  shift 2
done

image() { printf '%s/claimed/%s:%s' "$registry" "$1" "$tag"; }

# step NAME COMPONENT INPUT=VALUE... runs one container; files are paths in /data.
step() {
  local name=$1 component=$2 nets=(--network none) code=0
  shift 2
  if [ "$component" = input-url ]; then
    nets=(${network:+--network "$network"})
  fi
  printf '\n== %s\n' "$name"
  "${docker[@]}" run --rm --user "$(id -u):0" ${nets[@]+"${nets[@]}"} -v "$folder:/data" "$(image "$component")" "$@" \
    || code=$?
  [ "$code" = 0 ] || fail "the step '$name' ($(image "$component")) ended with code $code; what it said stands above"
}

command -v docker >/dev/null || fail "there is no program 'docker'; install Docker, or Podman with its 'docker'"
"${docker[@]}" version >/dev/null 2>&1 || fail "no container engine answers${DOCKER_HOST:+ at $DOCKER_HOST}: start it, or name one with --docker"
mkdir -p "$folder" 2>/dev/null && [ -w "$folder" ] || fail "the folder '$folder' cannot be written; name another with --folder"
folder=$(cd "$folder" && pwd)

components=(input-url filter-csv train-test-split train-sklearn predict-sklearn confusion-matrix ${fairness:+aif360-predictions})
for component in "${components[@]}"; do
  # An image that is here already does, where the registry cannot be asked.
  if ! said=$("${docker[@]}" pull -q "$(image "$component")" 2>&1) && ! "${docker[@]}" image inspect "$(image "$component")" >/dev/null 2>&1; then
    hint="is the registry at $registry, and is the component built there?"
    [ "$component" != aif360-predictions ] || hint="if it was not built yet, it is being built now that it was asked for: wait, and run this again; the rest runs with --without fairness"
    fail "the image $(image "$component") cannot be had: $said; $hint"
  fi
done

step input input-url url="$data" data=/data/german.data
step filter filter-csv data_csv=/data/german.data separator=' ' column_names="$columns" expression='credit_amount > 0' filtered=/data/credits.csv
step split train-test-split data_csv=/data/credits.csv test_share=0.3 stratify_column=target seed=1 train=/data/train.csv test=/data/test.csv
step train train-sklearn data_csv=/data/train.csv estimator=logistic-regression model=/data/model.joblib metrics=/data/training.json
step predict predict-sklearn model=/data/model.joblib data_csv=/data/test.csv predictions=/data/predictions.csv
step confusion confusion-matrix data_csv=/data/predictions.csv metrics=/data/confusion.json picture=/data/confusion.png
if [ -n "$fairness" ]; then
  # A91, A93 and A94 are men; credits are good for those who are predicted 1.
  step fairness-sex aif360-predictions data_csv=/data/predictions.csv protected_column=personal_status privileged_group_key=A91,A93,A94 favorable_label=1 \
    metric_output=/data/fairness-sex.json report=/data/fairness-sex.html picture=/data/fairness-sex.png
  step fairness-age aif360-predictions data_csv=/data/predictions.csv protected_column=age privileged_group_key='>25' favorable_label=1 \
    metric_output=/data/fairness-age.json report=/data/fairness-age.html picture=/data/fairness-age.png
fi

printf '\nDone.\n  scores in training   %s\n  scores of the test   %s\n  confusion matrix     %s\n  predictions          %s\n' \
  "$folder/training.json" "$folder/confusion.json" "$folder/confusion.png" "$folder/predictions.csv"
if [ -n "$fairness" ]; then
  printf '  fairness, %s        %s, picture %s\n' sex "$folder/fairness-sex.html" "$folder/fairness-sex.png" age "$folder/fairness-age.html" "$folder/fairness-age.png"
fi
