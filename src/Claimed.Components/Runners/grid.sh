#!/bin/sh
# Runs a component once per file, together with any number of other containers that are given the same folder: run name=value …
# Who creates x.lock has x. Its time is refreshed while the work goes on; when it stays old for gw_lock_timeout seconds, whoever creates
# x.lock.2 has x, and so on: a name that is created once tells one from the other, which removing and creating x.lock again would not.
here=$(dirname -- "$0")
newline='
'

fail() {
    printf 'claimed: %s\n' "$1" >&2
    exit 2
}

say() {
    printf 'claimed: %s\n' "$1" >&2
}

is_given() {
    case $1 in
    '' | '{{$'*'}}') return 1 ;;
    esac
}

# The setting $1 from the arguments, else the environment, else $2.
setting() {
    found=
    while IFS= read -r line; do
        case $line in
        "$1="*) found=${line#*=} ;;
        esac
    done <"$work/settings"
    is_given "$found" || found=$(printenv "$1") || found=
    is_given "$found" || found=$2
    printf '%s' "$found"
}

whole_number() {
    # A shell takes 010 for eight.
    case $2 in
    '' | *[!0-9]* | 0?*) fail "$1 is '$2'; write a number of seconds" ;;
    esac
}

folder=
heart=
clean() {
    [ -z "$heart" ] || kill "$heart" 2>/dev/null
    [ -z "$folder" ] || rm -f -- "$folder/.time-$me" "$folder/.start-$me" "$folder/.mark-$me"
    rm -rf -- "$work"
}

me=$(uname -n)-$$-$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')
work=$(mktemp -d) || fail "no temporary folder can be made"
trap clean EXIT
: >"$work/settings"
: >"$work/current"

# The wrapper's settings stay here; everything else goes to each run, as it came.
arguments=$#
while [ "$arguments" -gt 0 ]; do
    name=${1%%=*}
    case $1 in
    *=*) ;;
    *) fail "the argument '$1' is not of the form name=value" ;;
    esac
    # grep takes each line of a pattern for one.
    case $name in
    *"$newline"*) fail "the name of an argument has several lines" ;;
    esac
    cut -f 1 "$here/grid.tsv" | grep -Fxq -- "$name" || fail "'$name' is not declared by this component; declared are: $(cut -f 1 "$here/grid.tsv" | paste -s -d , - | sed 's/,/, /g')"
    case $1 in
    gw_*"$newline"*) fail "$name has several lines" ;;
    gw_*) printf '%s\n' "$1" >>"$work/settings" ;;
    *)
        set -- "$@" "$1"
        if is_given "${1#*=}"; then
            printf '%s\n' "$name" >>"$work/given"
        fi
        ;;
    esac
    shift
    arguments=$((arguments - 1))
done

tab=$(printf '\t')
missing=
while IFS=$tab read -r name variable required; do
    if [ "$required" = 0 ] || [ "$name" = gw_coordinator_path ] || grep -Fxqs -- "$name" "$work/given" || is_given "$(printenv "$name")" || is_given "$(printenv "$variable")"; then
        continue
    fi
    missing="$missing${missing:+, }$name"
done <"$here/grid.tsv"

folder=$(setting gw_coordinator_path '')
[ -n "$folder" ] || missing="$missing${missing:+, }gw_coordinator_path"
[ -z "$missing" ] || fail "missing input: $missing; pass each as name=value or as an environment variable"
case $folder in
*://*) fail "gw_coordinator_path is '${folder%%:*}://…': work is shared out in a folder that all containers mount, not in an object store" ;;
esac
timeout=$(setting gw_lock_timeout 10800)
stagger=$(setting gw_max_time_wait_staggering 60)
whole_number gw_lock_timeout "$timeout"
whole_number gw_max_time_wait_staggering "$stagger"
case $(setting gw_ignore_error_files False) in
[Tt]rue | TRUE | 1) again=1 ;;
[Ff]alse | FALSE | 0) again= ;;
*) fail "gw_ignore_error_files is neither True nor False" ;;
esac

input=$(cat "$here/grid")
# A lock is refreshed often enough that a slow disk does not make it look old.
beat=$((timeout / 6))
[ "$beat" -ge 1 ] || beat=1
[ "$beat" -le 60 ] || beat=60
[ "$timeout" -ge 3 ] || timeout=3

if [ "$stagger" -gt 0 ]; then
    delay=$(($(od -An -N2 -tu2 /dev/urandom) % (stagger + 1)))
    say "begins in $delay seconds"
    sleep "$delay" &
    wait $!
fi
{ mkdir -p -- "$folder" && : >"$folder/.start-$me"; } || fail "the folder '$folder' cannot be written"

# What to work on, one a line. A csv file has a column 'filename', or one column alone; of a json file the keys count.
sh "$here/grid-files.sh" "$(setting gw_batch_file '')" "$(setting gw_file_path_pattern '')" "$(setting gw_group_by '')" >"$work/files" || exit 2
count=$(grep -c . "$work/files") || fail "there is nothing to work on: no file matches"

# One process for the whole time: it ends with this one, and with the run that outlives it.
(
    while sleep "$beat"; do
        { read -r run && IFS= read -r lock; } <"$work/current" 2>/dev/null || lock=
        kill -0 "$$" 2>/dev/null || { [ -n "$lock" ] && kill -0 "$run" 2>/dev/null; } || exit
        [ -z "$lock" ] || touch -c -- "$lock"
    done
) >/dev/null 2>&1 </dev/null &
heart=$!

run=
lock=
stop() {
    trap '' TERM INT
    if [ -n "$run" ]; then
        kill -s TERM "$run" 2>/dev/null
        wait "$run"
    fi
    # Nothing is known of this file: others begin it at once.
    [ -z "$lock" ] || release
    exit "$1"
}
trap 'stop 143' TERM
trap 'stop 130' INT

# Whether the lock $1 was left alone for too long. Both times are of the folder's file system, whatever clocks the machines have.
is_old() {
    : >"$folder/.time-$me"
    now=$(stat -c %Y -- "$folder/.time-$me") && since=$(stat -c %Y -- "$1" 2>/dev/null) && [ $((now - since)) -gt "$timeout" ]
}

# What follows runs for every file, of which there may be a million: it starts no process that a shell does not need.
create() {
    set -C
    { printf '%s\n' "$me" >"$1"; } 2>/dev/null
    created=$?
    set +C
    return "$created"
}

# Sets nth to the lock number $1 of $mark.
name_lock() {
    nth=$mark.lock
    [ "$1" -eq 1 ] || nth=$nth.$1
}

# A file that failed before this began is tried once more, if that is wanted.
is_done() {
    [ -e "$mark.processed" ] && return
    [ -e "$mark.err" ] || return
    [ -z "$again" ] || [ "$mark.err" -nt "$folder/.start-$me" ] || grep -Fxqs -- "$mark" "$work/mine"
}

release() {
    each=1
    while [ "$each" -lt "$generation" ]; do
        name_lock "$each"
        rm -f -- "$nth"
        each=$((each + 1))
    done
    rm -f -- "$lock"
    lock=
}

# Makes this worker the only one that has $mark: sets lock and generation, or fails.
acquire() {
    generation=1
    if ! create "$mark.lock"; then
        while [ -e "$mark.lock.$((generation + 1))" ]; do
            generation=$((generation + 1))
        done
        name_lock "$generation"
        before=$nth
        is_old "$before" || return 1
        generation=$((generation + 1))
        create "$mark.lock.$generation" || return 1
    fi
    name_lock "$generation"
    lock=$nth
    # Another may have been faster: then its lock comes after this one, or the one before this is no longer what it was.
    if [ -e "$mark.lock.$((generation + 1))" ] || { [ "$generation" -gt 1 ] && ! is_old "$before"; }; then
        rm -f -- "$lock"
        lock=
        return 1
    fi
    [ "$generation" -eq 1 ] || say "takes over $file, which $(cat "$before") left"
    if is_done; then
        release
        return 1
    fi
}

work_on() {
    mark=$folder/${file#/}
    case /$file/ in
    */../*) fail "'$file' leads out of its folder" ;;
    esac
    is_done && return
    [ -d "${mark%/*}" ] || mkdir -p -- "${mark%/*}" || fail "a folder for the marks of '$file' cannot be made"
    if ! acquire; then
        is_done || left=$((left + 1))
        return
    fi
    sh "$here/run-once" "$@" "$input=$file" 9<&- &
    run=$!
    printf '%s\n%s\n' "$run" "$lock" >"$work/next" && mv -- "$work/next" "$work/current"
    wait "$run"
    status=$?
    run=
    if [ -e "$mark.lock.$((generation + 1))" ]; then
        say "$file was taken over by another: this one was not heard of for $timeout seconds"
        lock=
        left=$((left + 1))
        return
    fi
    if [ "$status" -eq 0 ]; then
        mark_with processed "$me"
        [ ! -e "$mark.err" ] || rm -f -- "$mark.err"
    else
        mark_with err "exit code $status, $me"
        printf '%s\n' "$mark" >>"$work/mine"
    fi
    release
}

# Complete or not there: who sees the mark looks no further.
mark_with() {
    printf '%s\n' "$2" >"$folder/.mark-$me" && mv -- "$folder/.mark-$me" "$mark.$1" || fail "the mark of '$file' cannot be written"
}

while :; do
    left=0
    while IFS= read -r file <&9; do
        work_on "$@"
    done 9<"$work/files"
    [ "$left" -gt 0 ] || break
    # Others are at work. One that dies leaves its file to whoever is still here.
    sleep "$beat" &
    wait $!
done

failed=0
while IFS= read -r file; do
    mark=$folder/${file#/}
    if [ ! -e "$mark.processed" ]; then
        failed=$((failed + 1))
        say "failed: $file: $(cat "$mark.err")"
    fi
done <"$work/files"
say "$((count - failed)) of $count files are processed, $failed failed"
[ "$failed" -eq 0 ]
