"""Writes the rows that a query of a PostgreSQL database returns as a CSV file; the query runs in a read-only transaction."""

# claimed: category=Input
# claimed: group=Database
# claimed: displayName=PostgreSQL
# claimed: tags=postgresql, sql, csv, query
# claimed: imports=psycopg2
# claimed: input password: Secret - Password of the user
# claimed: output data: Dataset from output_data
# claimed: output rows: Integer

# pip install psycopg2-binary==2.9.10

import logging
import os
import sys

try:
    import psycopg2
    from psycopg2 import sql
except ImportError:
    sys.exit('error: input-postgres needs the package psycopg2; install it (pip install psycopg2-binary), or let the base image of the site provide it')

# Name or address of the server; several, separated by commas, are tried in turn
host = os.environ['host']

# TCP port of the server
port = int(os.environ.get('port', 5432))

# Name of the database
database = os.environ['database']

# Name of the database user; one that may only read is enough
user = os.environ['user']

password = os.environ.get('password', '').rstrip('\r\n')

# How the connection is encrypted: disable, allow, prefer, require, verify-ca or verify-full
sslmode = os.environ.get('sslmode', 'prefer')

# One SQL query that returns rows, for example SELECT * FROM measurements WHERE day >= '2024-01-01'
query = os.environ['query']

# Most rows that are accepted; more end the component with an error; 0 accepts any number
max_rows = int(os.environ.get('max_rows', 0))

# Seconds to wait for the connection
timeout = int(os.environ.get('timeout', 30))

# Seconds that the query may take; 0 sets no limit
statement_timeout = int(os.environ.get('statement_timeout', 3600))

# CSV file in UTF-8 whose first line names the columns; an empty field is NULL, a quoted empty field is an empty text
output_data = os.environ['output_data']

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')

SSL_MODES = ('disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full')


class TooMany(Exception):
    """The query returns more rows than are accepted."""


def check_request():
    if sslmode not in SSL_MODES:
        sys.exit(f'error: sslmode: {sslmode!r} is none of {", ".join(SSL_MODES)}')
    if not 0 < port < 65536:
        sys.exit(f'error: port: {port} is not between 1 and 65535')
    if timeout < 1 or max_rows < 0 or not 0 <= statement_timeout <= 2_000_000:
        sys.exit('error: timeout is at least 1 second; max_rows and statement_timeout are not negative, and no more than 2000000 seconds')


def connect():
    # A server that vanishes is noticed within a minute and a half.
    alive = {'keepalives_idle': 30, 'keepalives_interval': 15, 'keepalives_count': 4}
    connection = psycopg2.connect(
        host=host, port=port, dbname=database, user=user, password=password or None, sslmode=sslmode,
        connect_timeout=max(timeout, 2), application_name='claimed input-postgres', **alive)
    connection.set_client_encoding('UTF8')
    connection.set_session(readonly=True)
    return connection


def check_query(cursor, text):
    """The server itself reads the text as one statement that returns rows, so that it cannot end what stands around it below."""
    body = sql.SQL('DECLARE rows refcursor; BEGIN OPEN rows FOR EXECUTE {}; CLOSE rows; END').format(sql.Literal(text)).as_string(cursor)
    cursor.execute(sql.SQL('DO LANGUAGE plpgsql {}').format(sql.Literal(body)))


def export(connection, path):
    """Writes the CSV file to `path`; returns the number of rows and of bytes."""
    text = query.strip().rstrip(';').rstrip()
    with connection.cursor() as cursor, open(path, 'wb') as file:
        cursor.execute('SET statement_timeout = %s', (f'{statement_timeout}s',))
        check_query(cursor, text)
        # The line breaks keep a comment at the end of the query from what follows.
        rows = f'SELECT * FROM (\n{text}\n) AS query LIMIT {max_rows + 1}' if max_rows else text
        cursor.copy_expert(f'COPY (\n{rows}\n) TO STDOUT WITH (FORMAT csv, HEADER)', file)
        if max_rows and cursor.rowcount > max_rows:
            raise TooMany(f'the query returns more than max_rows = {max_rows} rows; add a condition or LIMIT, or raise max_rows')
        return cursor.rowcount, file.tell()


def words_of(error):
    """What the server says, on one line; PL/pgSQL's own context and text beside it do not help."""
    if error.pgcode == '57014':
        return f'the query took longer than statement_timeout = {statement_timeout} seconds'
    if error.pgcode == '42P11':
        return f'query: it has to be one statement that returns rows; the server says: {error.diag.message_primary}'
    if error.pgcode and error.diag.message_primary:
        hint = f' ({error.diag.message_hint})' if error.diag.message_hint else ''
        return f'query: {error.diag.message_primary}{hint}'
    return ' '.join(str(error).split()) or 'the connection broke'


check_request()
partial = output_data + '.part'
connection = None
try:
    connection = connect()
    count, size = export(connection, partial)
    os.replace(partial, output_data)
except (psycopg2.Error, TooMany, ValueError, OSError) as error:
    if os.path.exists(partial):
        os.remove(partial)
    sys.exit(f'error: {words_of(error) if isinstance(error, psycopg2.Error) else error}')
finally:
    if connection is not None:
        connection.close()

# Number of rows, without the line of column names
os.environ['rows'] = str(count)
logging.info('%s on %s: %d rows, %d bytes', database, host, count, size)
