#!/usr/bin/env bash
# Whether the registry in this container is ready: for HEALTHCHECK, in images that have neither curl nor wget.
set -u
address=${ASPNETCORE_URLS%%;*}
address=${address#*://}
address=${address%/}
host=${address%:*} port=${address##*:}
case $host in
  '*' | '+' | 0.0.0.0 | '[::]' | localhost) host=127.0.0.1 ;;
esac
exec 3<>"/dev/tcp/$host/$port" || exit 1
printf 'GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r answer <&3 || exit 1
case $answer in
  'HTTP/1.1 200'*) exit 0 ;;
esac
# What docker inspect then shows.
while read -r line; do printf '%s\n' "$line"; done <&3
exit 1
