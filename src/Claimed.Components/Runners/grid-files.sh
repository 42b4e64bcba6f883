#!/bin/sh
# Writes what a grid works on, one a line: of a list ($1: .txt, .csv or .json), else the files of comma-separated patterns ($2). Of each path
# only what the regular expression $3 matches, when there is one; paths with the same part are one.
newline='
'

fail() {
    printf 'claimed: %s\n' "$1" >&2
    exit 2
}

of_patterns() {
    IFS=,
    set -f
    # Unquoted, here and below: first the commas divide, then the patterns become paths.
    set -- $1
    set +f
    IFS=
    for pattern in "$@"; do
        pattern=$(printf '%s' "$pattern" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//')
        case $pattern in
        *://*) fail "gw_file_path_pattern is of an object store; mount the files" ;;
        esac
        for path in $pattern; do
            case $path in
            *"$newline"*) fail "the name of a file has a line break" ;;
            esac
            [ ! -e "$path" ] || printf '%s\n' "$path"
        done
    done
}

# Fields may be quoted; a quote in one is doubled.
of_csv() {
    awk '
    function fields(line, into,   n, at, c, quoted, text) {
        n = 0; text = ""; quoted = 0
        for (at = 1; at <= length(line); at++) {
            c = substr(line, at, 1)
            if (c == "\"" && quoted && substr(line, at + 1, 1) == "\"") { text = text c; at++ }
            else if (c == "\"") quoted = !quoted
            else if (c == "," && !quoted) { into[++n] = text; text = "" }
            else text = text c
        }
        into[++n] = text
        return n
    }
    { sub(/\r$/, "") }
    NR == 1 { n = fields($0, head); for (i = 1; i <= n; i++) if (head[i] == "filename") column = i
        if (!column && n == 1) column = 1
        if (!column) exit 3
        next }
    { fields($0, value); print value[column] }' "$1" || fail "the batch file has no column 'filename'"
}

# The keys of the outermost object.
of_json() {
    awk '
    { text = text $0 "\n" }
    END {
        depth = 0; wanted = 0
        for (at = 1; at <= length(text); at++) {
            c = substr(text, at, 1)
            if (c == "\"") {
                word = ""
                for (at++; (c = substr(text, at, 1)) != "\"" && at <= length(text); at++) {
                    if (c == "\\") { c = substr(text, ++at, 1); if (c !~ /["\\\/]/) exit 3 }
                    word = word c
                }
                if (depth == 1 && wanted) { print word; wanted = 0 }
            }
            else if (c == "{" || c == "[") { depth++; if (depth == 1) { if (c == "[") exit 3; wanted = 1 } }
            else if (c == "}" || c == "]") depth--
            else if (c == "," && depth == 1) wanted = 1
        }
    }' "$1" || fail "the batch file is no JSON object whose keys are paths without escapes other than \\\\, \\\" and \\/"
}

list() {
    if [ -n "$1" ]; then
        [ -f "$1" ] || fail "gw_batch_file names no file: '$1'"
        case $1 in
        *.csv) of_csv "$1" ;;
        *.json) of_json "$1" ;;
        *.txt) tr ',' '\n' <"$1" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//' ;;
        *) fail "gw_batch_file is a .txt, .csv or .json file" ;;
        esac
    elif [ -n "$2" ]; then
        of_patterns "$2"
    else
        fail "missing input: gw_batch_file or gw_file_path_pattern"
    fi
}

found=$(list "$1" "$2") || exit 2
part=$3
export part
printf '%s\n' "$found" | awk '
    $0 == "" { next }
    ENVIRON["part"] != "" { if (!match($0, ENVIRON["part"]) || !RLENGTH) { print "claimed: gw_group_by matches nothing in " $0 > "/dev/stderr"; exit 2 } $0 = substr($0, RSTART, RLENGTH) }
    !seen[$0]++'
