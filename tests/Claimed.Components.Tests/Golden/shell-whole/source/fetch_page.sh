#!/bin/bash
# Fetches a page.
#
# Follows no redirects.
# claimed: category=Input
# claimed: output page: HTML from output_page - what came back
# apt-get install -y curl jq
# @output bytes size of the page

set -euo pipefail
# where to load from
: "${url:?say where to load from}"
retries=${retries:-3}  # how often to try
: ${proxy:=}
: "${agent:-"my agent"}" "${language?which language}"
stamp="${stamp:-$(date)}"
target=/tmp/x
echo "${target:-ghost}" '${ghost:-1}' \${ghost:-1} ${#ghost} $#
for file in a b; do
  echo "${file:-ghost}"
done
cat <<'END'
it's ${ghost:-1}
END
cat <<END > /tmp/y
it's ${inside:-1}
END
if [ -n "${api_key:+set}" ]; then echo key; fi
curl "$url" -o "${output_page:-page.html}"
bytes=$(wc -c < "${output_page:-page.html}")
