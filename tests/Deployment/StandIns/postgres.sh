#!/usr/bin/env bash
# PostgreSQL under the variables of the public image: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB, PGDATA. LISTEN names the address.
set -euo pipefail
bin=$(ls -d /usr/lib/postgresql/*/bin)
export PATH=$bin:$PATH
as() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }

mkdir -p "$PGDATA" /var/run/postgresql /var/log/postgresql
chown -R postgres "$PGDATA" /var/run/postgresql
chmod 700 "$PGDATA"
cd /
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  install -o postgres -m 600 /dev/null /run/password
  echo "$POSTGRES_PASSWORD" >/run/password
  as initdb -U "$POSTGRES_USER" --pwfile=/run/password --auth-host=scram-sha-256 --auth-local=trust -E UTF8 --locale=C.UTF-8 \
    --locale-provider=icu --icu-locale=en-US >/dev/null
  rm /run/password
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
  as pg_ctl -w -o "-c listen_addresses=" start >/dev/null
  as createdb -U "$POSTGRES_USER" "$POSTGRES_DB"
  as pg_ctl -w stop >/dev/null
fi
exec setpriv --reuid postgres --regid postgres --init-groups postgres -c "listen_addresses=${LISTEN:-*}"
