# Runs a shell script with its declared ports in the shell of its first line. $1 is the folder of this file, the rest are name=value.
claimed_folder=$1
shift
claimed_tab=$(printf '\t')
claimed_newline='
'

claimed_fail() {
    printf 'claimed: %s\n' "$1" >&2
    exit 2
}

# KFP's launcher passes an omitted optional input as the literal {{$.…}}.
claimed_is_given() {
    case $1 in
    '' | '{{$'*'}}') return 1 ;;
    esac
}

claimed_names=$(cut -f 2 "$claimed_folder/ports.tsv")
claimed_is_declared() {
    case $1 in
    '' | *[!A-Za-z0-9_]*) return 1 ;;
    esac
    case $claimed_newline$claimed_names$claimed_newline in
    *"$claimed_newline$1$claimed_newline"*) ;;
    *) return 1 ;;
    esac
}

claimed_state() {
    if [ -e "$1" ]; then
        ls -dlin --time-style=full-iso "$1" 2>/dev/null || ls -dlin "$1"
    fi
}

claimed_json() {
    printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g; s/'"$claimed_tab"'/\\t/g' | awk 'BEGIN { printf "\"" } { printf "%s%s", (NR > 1 ? "\\n" : ""), $0 } END { printf "\"" }'
}

# Calls $1 with direction, name, variable, passing, type and required of each port. Empty columns do not occur.
claimed_each_port() {
    while IFS=$claimed_tab read -r claimed_direction claimed_name claimed_variable claimed_passing claimed_type claimed_required <&9; do
        "$1"
    done 9<"$claimed_folder/ports.tsv"
}

claimed_read_port() {
    eval "claimed_value=\${claimed_argument_$claimed_name-}"
    for claimed_candidate in "$claimed_name" "$claimed_variable"; do
        case $claimed_direction:$claimed_candidate in
        output:PATH | output:HOME | output:USER | output:LOGNAME | output:SHELL | output:LANG | output:PWD | output:HOSTNAME | output:TMPDIR | output:LD_LIBRARY_PATH) continue ;;
        esac
        claimed_is_given "$claimed_value" || eval "claimed_value=\${$claimed_candidate-}"
        if [ "$claimed_direction" = output ]; then
            unset "$claimed_candidate"
        fi
    done
    claimed_is_given "$claimed_value" || claimed_value=
    if [ "$claimed_direction" = output ]; then
        claimed_read_output
    elif [ -n "$claimed_value" ]; then
        claimed_fits || claimed_odd="$claimed_odd${claimed_odd:+; }'$claimed_name' takes a number of type $claimed_type, which '$(printf '%.80s' "$claimed_value")' is not"
        export "$claimed_variable=$claimed_value"
    else
        # The script's own default counts only while the variable is absent.
        unset "$claimed_variable"
        if [ "$claimed_required" = 1 ]; then
            claimed_missing="$claimed_missing${claimed_missing:+, }$claimed_name ($claimed_type)"
        fi
    fi
}

# Whether a port that takes a number is given one; sources read numbers in ways of their own, so 3.0 is an Integer, too.
claimed_fits() {
    case $claimed_type:$claimed_value in
    Integer:*"$claimed_newline"* | Float:*"$claimed_newline"*) return 1 ;;
    Integer:*[!0-9]*) claimed_number='[0-9]+(\.0*)?([eE][+]?[0-9]+)?' ;;
    Float:*[!0-9]*) claimed_number='([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[iI][nN][fF]|[nN][aA][nN]' ;;
    *) return ;;
    esac
    printf '%s\n' "$claimed_value" | grep -Eqx "[[:space:]]*[+-]?($claimed_number)[[:space:]]*"
}

claimed_read_output() {
    if [ -z "$claimed_value" ] && [ "$claimed_passing" = file ]; then
        claimed_value=outputs/$claimed_name
    fi
    case $claimed_value in
    '' | /*) ;;
    *) claimed_value=$PWD/$claimed_value ;;
    esac
    eval "claimed_path_$claimed_name=\$claimed_value"
}

claimed_prepare_output() {
    if [ "$claimed_direction" = input ]; then
        return
    fi
    eval "claimed_value=\$claimed_path_$claimed_name"
    if [ -z "$claimed_value" ]; then
        return
    fi
    mkdir -p -- "$(dirname -- "$claimed_value")" || claimed_fail "the directory of the output '$claimed_name' cannot be made"
    eval "claimed_before_$claimed_name=\$(claimed_state \"\$claimed_value\")"
    # A script that names another variable for the port reads the path there; others only assign the value.
    if [ "$claimed_passing" = file ] || [ "$claimed_name" != "$claimed_variable" ]; then
        export "$claimed_variable=$claimed_value"
    fi
}

claimed_write_output() {
    if [ "$claimed_direction" = input ]; then
        return
    fi
    eval "claimed_path=\$claimed_path_$claimed_name; claimed_before=\${claimed_before_$claimed_name-}; claimed_is_set=\${$claimed_variable+1}; claimed_value=\${$claimed_variable-}"
    if [ "$claimed_value" = "$claimed_path" ] && { [ "$claimed_passing" = file ] || [ "$claimed_name" != "$claimed_variable" ]; }; then
        claimed_is_set=
    fi
    if [ -n "$claimed_result" ] && [ "$claimed_passing" = value ]; then
        claimed_count=$((claimed_count + 1))
        claimed_last=$(claimed_json "$claimed_value")
        claimed_values="$claimed_values${claimed_values:+, }\"$claimed_name\": $claimed_last"
    fi
    if [ -z "$claimed_path" ] || [ "$(claimed_state "$claimed_path")" != "$claimed_before" ]; then
        return
    fi
    if [ -z "$claimed_is_set" ]; then
        printf "claimed: the component ended without the output '%s'\n" "$claimed_name" >&2
    elif [ "$claimed_passing" = file ] && [ -e "$claimed_value" ]; then
        cp -R -- "$claimed_value" "$claimed_path"
    else
        printf '%s' "$claimed_value" >"$claimed_path"
    fi
}

claimed_write_outputs() {
    claimed_count=0
    claimed_values=
    claimed_each_port claimed_write_output
    if [ "$claimed_count" -eq 1 ] && [ -n "$claimed_result" ]; then
        printf '%s' "$claimed_last" >"$claimed_result"
    elif [ -n "$claimed_result" ]; then
        printf '{%s}' "$claimed_values" >"$claimed_result"
    fi
}

# $1 is the command at which the shell ends. bash comes here on a signal, too, with the status of the command before; it then names a
# command of the source, otherwise the one that runs the source.
claimed_finish() {
    claimed_status=$?
    command trap - EXIT
    claimed_flags=$-
    set +eu
    case $1 in
    '' | '. '* | exit* | return*)
        [ "$claimed_status" -ne 0 ] || claimed_write_outputs
        ;;
    esac
    case $claimed_flags in *u*) set -u ;; esac
    if [ -n "$claimed_last_words" ]; then
        claimed_status_is "$claimed_status"
        eval "$claimed_last_words"
    fi
    exit "$claimed_status"
}

claimed_status_is() {
    return "$1"
}

claimed_is_subshell() {
    [ "${BASHPID:-$(exec sh -c 'echo $PPID')}" != "$$" ]
}

# What the source wants done at its end is done behind the outputs.
claimed_trap() {
    if [ $# -lt 2 ] || claimed_is_subshell; then
        command trap "$@"
        return
    fi
    if [ "$1" = -- ]; then
        shift
    fi
    claimed_action=$1
    shift
    for claimed_condition in "$@"; do
        case $claimed_condition:$claimed_action in
        EXIT:- | 0:-) claimed_last_words= ;;
        EXIT:* | 0:*) claimed_last_words=$claimed_action ;;
        *) command trap -- "$claimed_action" "$claimed_condition" ;;
        esac
    done
}

claimed_result=
for claimed_argument in "$@"; do
    case $claimed_argument in
    claimed.result=*)
        claimed_result=${claimed_argument#*=}
        continue
        ;;
    *=*) ;;
    *) claimed_fail "the argument '$claimed_argument' is not of the form name=value" ;;
    esac
    claimed_name=${claimed_argument%%=*}
    if ! claimed_is_declared "$claimed_name"; then
        claimed_fail "'$claimed_name' is not declared by this component; declared are: $(printf '%s\n' "$claimed_names" | paste -s -d , - | sed 's/,/, /g')"
    fi
    eval "claimed_argument_$claimed_name=\${claimed_argument#*=}"
done

claimed_missing=
claimed_odd=
claimed_each_port claimed_read_port
if [ -n "$claimed_missing" ]; then
    claimed_fail "missing input: $claimed_missing; pass each as name=value or as an environment variable"
fi
if [ -n "$claimed_odd" ]; then
    claimed_fail "$claimed_odd"
fi
claimed_each_port claimed_prepare_output

IFS= read -r claimed_source <"$claimed_folder/source" || :
claimed_source=$CLAIMED_SOURCES/$claimed_source
claimed_last_words=
set --
trap 'claimed_finish "${BASH_COMMAND-}"' EXIT
# bash by itself does not look at aliases in scripts; as `sh`, and elsewhere, no function can take the place of `trap`.
case ${BASH_VERSION:+bash}:${SHELLOPTS-} in
bash:*posix* | :*) alias trap=claimed_trap ;;
*) eval 'trap() { claimed_trap "$@"; }' ;;
esac
. "$claimed_source"
