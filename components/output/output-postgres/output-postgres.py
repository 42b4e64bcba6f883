"""Loads a CSV file into a table of a PostgreSQL database; makes the table where there is none. All rows arrive, or none."""

# claimed: category=Output
# claimed: group=Database
# claimed: displayName=PostgreSQL table
# claimed: tags=postgresql, sql, csv, table
# claimed: imports=psycopg2
# claimed: input data_csv: Dataset
# claimed: input password: Secret - Password of the user
# claimed: output rows: Integer

# pip install psycopg2-binary==2.9.10

import csv
import datetime
import io
import logging
import math
import os
import re
import sys

try:
    import psycopg2
    from psycopg2 import sql
except ImportError:
    sys.exit('error: output-postgres needs the package psycopg2; install it (pip install psycopg2-binary), or let the base image of the site provide it')

# CSV file in UTF-8 whose first line names the columns; an empty field is NULL
data_csv = os.environ['data_csv']

# Character between two values of a line
separator = os.environ.get('separator', ',')

# Name or address of the server; several, separated by commas, are tried in turn
host = os.environ['host']

# TCP port of the server
port = int(os.environ.get('port', 5432))

# Name of the database
database = os.environ['database']

# Name of the database user
user = os.environ['user']

password = os.environ.get('password', '').rstrip('\r\n')

# How the connection is encrypted: disable, allow, prefer, require, verify-ca or verify-full
sslmode = os.environ.get('sslmode', 'prefer')

# Schema of the table; it exists already
schema = os.environ.get('schema', 'public')

# Name of the table, without its schema
table = os.environ['table']

# What happens with a table that exists: fail ends with an error, append adds the rows, replace puts them in the place of all others
mode = os.environ.get('mode', 'fail').lower()

# Seconds to wait for the connection
timeout = int(os.environ.get('timeout', 30))

# Seconds that one statement may take, waiting for others included; 0 sets no limit
statement_timeout = int(os.environ.get('statement_timeout', 3600))

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')
csv.field_size_limit(1 << 30)

SSL_MODES = ('disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full')


class Refused(Exception):
    """What the user can mend."""


def is_integer(text):
    # 007 is a text: the zeros would be lost.
    return re.fullmatch(r'-?(0|[1-9][0-9]{0,999})', text) is not None


def is_bigint(text):
    return len(text) < 21 and is_integer(text) and -(1 << 63) <= int(text) < 1 << 63


def is_double(text):
    if not re.fullmatch(r'-?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?', text):
        return False
    value = float(text)
    # What a double cannot hold, the server refuses.
    return math.isfinite(value) and (value != 0 or not re.search('[1-9]', re.split('[eE]', text)[0]))


def is_date(text):
    return len(text) == 10 and is_moment(text, r'\d{4}-\d\d-\d\d', '')


def is_timestamp(text):
    return is_moment(text, r'\d{4}-\d\d-\d\d[ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?', '')


def is_timestamp_with_zone(text):
    return is_moment(text, r'\d{4}-\d\d-\d\d[ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?', r'(Z|[+-](0\d|1[0-4]):?[0-5]\d)')


def is_moment(text, form, zone):
    if not re.fullmatch(form + zone, text, re.ASCII):
        return False
    try:
        datetime.date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


# The first type that all values of a column have becomes the type of a new column; text takes the rest.
TYPES = {
    'boolean': lambda text: text.lower() in ('true', 'false'),
    'bigint': is_bigint,
    'numeric': is_integer,
    'double precision': is_double,
    'date': is_date,
    'timestamp': is_timestamp,
    'timestamp with time zone': is_timestamp_with_zone,
}


def check_request():
    if mode not in ('fail', 'append', 'replace'):
        raise Refused(f'mode: {mode!r} is none of fail, append, replace')
    if sslmode not in SSL_MODES:
        raise Refused(f'sslmode: {sslmode!r} is none of {", ".join(SSL_MODES)}')
    if not 0 < port < 65536:
        raise Refused(f'port: {port} is not between 1 and 65535')
    if timeout < 1 or not 0 <= statement_timeout <= 2_000_000:
        raise Refused('timeout is at least 1 second, statement_timeout between 0 and 2000000')
    if len(separator) != 1 or separator in '"\r\n':
        raise Refused('separator: expected one character')
    check_name('schema', schema)
    check_name('table', table)


def check_name(what, name):
    # The server would cut a longer one without a word.
    if not name or len(name.encode()) > 63:
        raise Refused(f'{what}: {name!r} is empty or has more than 63 bytes, the most that PostgreSQL takes')


def records(file):
    """The records of the open file, each with the line that it ends on; empty lines are passed over."""
    reader = csv.reader(file, delimiter=separator, strict=True)
    try:
        for record in reader:
            if record:
                yield reader.line_num, record
    except csv.Error as error:
        raise Refused(f'data_csv, line {reader.line_num}: {error}') from error
    except UnicodeDecodeError as error:
        raise Refused(f'data_csv: after line {reader.line_num} there is text that is not UTF-8; convert the file first') from error


def open_data():
    return open(data_csv, encoding='utf-8-sig', newline='')


def examine():
    """Reads the whole file before anything is written; returns the columns with the type each would have, and the number of rows."""
    with open_data() as file:
        lines = records(file)
        _, names = next(lines, (0, None))
        if names is None:
            raise Refused('data_csv is empty; its first line has to name the columns')
        for i, name in enumerate(names):
            check_name(f'data_csv: the name of column {i + 1}', name)
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise Refused(f'data_csv: more than one column has the name {", ".join(twice)}')
        possible, seen, count = [list(TYPES) for _ in names], [False] * len(names), 0
        for line, record in lines:
            if len(record) != len(names):
                raise Refused(f'data_csv, line {line}: {len(record)} fields, but there are {len(names)} columns')
            count += 1
            for i, value in enumerate(record):
                if '\0' in value:
                    raise Refused(f'data_csv, line {line}: a NUL character, which PostgreSQL cannot store')
                if value:
                    seen[i] = True
                    if possible[i]:
                        possible[i] = [kind for kind in possible[i] if TYPES[kind](value)]
    return {name: kinds[0] if kinds and filled else 'text' for name, kinds, filled in zip(names, possible, seen)}, count


class CopyText:
    """The file again as COPY wants it: every value quoted, so that none is taken for NULL or for the end of the data."""

    def __init__(self, file):
        self.records, self.ready = records(file), io.StringIO()

    def read(self, _size):
        self.ready.seek(0)
        self.ready.truncate()
        while self.ready.tell() < 1 << 16 and (found := next(self.records, None)):
            self.ready.write(','.join('"' + value.replace('"', '""') + '"' if value else '' for value in found[1]) + '\n')
        return self.ready.getvalue()


def existing_columns(cursor):
    """Names of the table's columns, or None when there is no such table."""
    cursor.execute(
        'SELECT a.attname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace '
        'LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped '
        'WHERE n.nspname = %s AND c.relname = %s ORDER BY a.attnum', (schema, table))
    rows = cursor.fetchall()
    return [name for name, in rows if name is not None] if rows else None


def prepare_table(cursor, target, columns):
    there = existing_columns(cursor)
    if there is None:
        parts = [sql.SQL('{} {}').format(sql.Identifier(name), sql.SQL(kind)) for name, kind in columns.items()]
        cursor.execute(sql.SQL('CREATE TABLE {} ({})').format(target, sql.SQL(', ').join(parts)))
        logging.info('%s.%s is new: %s', schema, table, ', '.join(f'{name} {kind}' for name, kind in columns.items()))
        return
    if mode == 'fail':
        raise Refused(f'the table {schema}.{table} exists already; choose mode append or replace, or another table')
    if unknown := [name for name in columns if name not in there]:
        raise Refused(f'the table {schema}.{table} has no column {", ".join(unknown)}; its columns are: {", ".join(there)}')
    if mode == 'replace':
        cursor.execute(sql.SQL('TRUNCATE {}').format(target))


def load(connection, columns, count):
    """One transaction: the caller commits."""
    target = sql.Identifier(schema, table)
    with connection.cursor() as cursor, open_data() as file:
        cursor.execute('SET statement_timeout = %s', (f'{statement_timeout}s',))
        prepare_table(cursor, target, columns)
        names = sql.SQL(', ').join(map(sql.Identifier, columns))
        cursor.copy_expert(sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv, HEADER, NULL '')").format(target, names), CopyText(file))
        if cursor.rowcount not in (-1, count):
            raise Refused(f'the server took {cursor.rowcount} of {count} rows; nothing was stored')


def words_of(error):
    """What the server says, on one line, and in which line and column of the file."""
    if error.pgcode == '57014':
        return f'a statement took longer than statement_timeout = {statement_timeout} seconds; nothing was stored'
    if error.pgcode and error.diag.message_primary:
        parts = (error.diag.message_primary, error.diag.message_detail, error.diag.context, error.diag.message_hint)
        return '; '.join(' '.join(part.split()) for part in parts if part)
    return ' '.join(str(error).split()) or 'the connection broke; nothing was stored'


connection = None
try:
    check_request()
    columns, count = examine()
    connection = psycopg2.connect(
        host=host, port=port, dbname=database, user=user, password=password or None, sslmode=sslmode, connect_timeout=max(timeout, 2),
        application_name='claimed output-postgres', keepalives_idle=30, keepalives_interval=15, keepalives_count=4)
    connection.set_client_encoding('UTF8')
    load(connection, columns, count)
    connection.commit()
except (psycopg2.Error, Refused, OSError, ValueError) as error:
    sys.exit(f'error: {words_of(error) if isinstance(error, psycopg2.Error) else error}')
finally:
    if connection is not None:
        # What was not committed is undone.
        connection.close()

# Number of rows that were loaded
os.environ['rows'] = str(count)
logging.info('%s.%s of %s on %s: %d rows (%s)', schema, table, database, host, count, mode)
