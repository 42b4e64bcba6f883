"""Runs one SQL query over one or two CSV files, the tables `data` and `data2`, and writes its result as CSV."""

# claimed: category=Transform
# claimed: group=SQL
# claimed: displayName=SQL
# claimed: tags=csv, sqlite, query, join, aggregate
# claimed: input data_csv: Dataset
# claimed: input data_csv_2: Dataset
# claimed: output result: Dataset from output_result

import csv
import logging
import os
import re
import sqlite3
import sys
import time

# CSV file whose first line names the columns: the table data
data_csv = os.environ['data_csv']

# Second CSV file: the table data2
data_csv_2 = os.environ.get('data_csv_2', '')

# One SELECT of SQLite, for example: select country, avg(age) as age from data group by country
query = os.environ['query']

# Character between two values of a line, in the files and in the result
separator = os.environ.get('separator', ',')

# Seconds that the query may take
timeout = float(os.environ.get('timeout', 300.0))

# CSV file with the rows of the result
output_result = os.environ['output_result']

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')
csv.field_size_limit(1 << 30)

INTEGER = re.compile(r'[+-]?(0|[1-9][0-9]{0,17})')
REAL = re.compile(r'[+-]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][+-]?[0-9]{1,3})?')

# What a query may do; everything else that SQLite knows (ATTACH, PRAGMA, CREATE, INSERT …) changes or reads something else.
ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
FORBIDDEN_FUNCTIONS = ('load_extension', 'fts3_tokenizer')


def records(path):
    """The lines of a CSV file as lists, with their line numbers; ends the program where it is none."""
    try:
        with open(path, encoding='utf-8-sig', newline='') as file:
            reader = csv.reader(file, delimiter=separator, strict=True)
            width = None
            for record in reader:
                if not record:
                    continue
                width = width or len(record)
                if len(record) != width:
                    sys.exit(f'error: {path}: line {reader.line_num} has {len(record)} values, the first line has {width}')
                yield record
    except UnicodeDecodeError as error:
        sys.exit(f'error: {path}: it is not UTF-8: {error}')
    except csv.Error as error:
        sys.exit(f'error: {path}: line {reader.line_num}: {error}')
    except OSError as error:
        sys.exit(f'error: {path}: {error.strerror}')


def kind(value):
    """0 for an integer, 1 for a real number, 2 for text: the higher fits what the lower fits. 007 and 0041 are text, as are numbers that would lose digits."""
    return 0 if INTEGER.fullmatch(value) else 1 if REAL.fullmatch(value) and not re.match(r'[+-]?0[0-9]', value) else 2


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def load(database, table, path):
    """Reads the file twice, for the types of its columns and for its rows, so that it may be larger than the memory."""
    names = next(records(path), None)
    if names is None:
        sys.exit(f'error: {path}: the file is empty; its first line must name the columns')
    names = [name.strip() for name in names]
    seen = set()
    for name in names:
        # Names are the same for SQLite whatever their case.
        if not name or name.lower() in seen:
            sys.exit(f"error: {path}: the first line has {'a column without name' if not name else f'the column {name} twice'}")
        seen.add(name.lower())
    kinds = [-1] * len(names)
    rows = records(path)
    next(rows)
    for record in rows:
        kinds = [found if found == 2 or value == '' else max(found, kind(value)) for found, value in zip(kinds, record)]
    types = ['TEXT' if found in (-1, 2) else 'REAL' if found == 1 else 'INTEGER' for found in kinds]
    rows = records(path)
    next(rows)
    try:
        database.execute(f"CREATE TABLE {table} ({', '.join(f'{quoted(name)} {type_}' for name, type_ in zip(names, types))})")
        database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(names))})", ([value if value else None for value in record] for record in rows))
    except sqlite3.Error as error:
        sys.exit(f'error: {path}: {error}')
    logging.info('%s: %s', table, ', '.join(f'{name} {type_}' for name, type_ in zip(names, types)))
    return f"{table} ({', '.join(names)})"


def is_allowed(action, _, function, *__):
    allowed = action in ALLOWED and not (action == sqlite3.SQLITE_FUNCTION and function.lower() in FORBIDDEN_FUNCTIONS)
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def write(rows, names, path):
    """Number of rows written."""
    with open(path, 'w', encoding='utf-8', newline='') as file:
        writer = csv.writer(file, delimiter=separator, lineterminator='\n')
        writer.writerow(names)
        number = 0
        for number, row in enumerate(rows, 1):
            writer.writerow([value.hex() if isinstance(value, bytes) else value for value in row])
        return number


if len(separator) != 1 or separator in '"\r\n':
    sys.exit(f"error: separator: expected one character, not '{separator}'")
if not timeout > 0:
    sys.exit('error: timeout: expected seconds, more than 0')

# A database without a name lies in a temporary file of its own.
database = sqlite3.connect('')
tables = [load(database, 'data', data_csv)]
if data_csv_2:
    tables.append(load(database, 'data2', data_csv_2))
database.commit()
if hasattr(database, 'setlimit'):
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 100_000_000)
database.set_authorizer(is_allowed)
deadline = time.monotonic() + timeout
database.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)

partial = output_result + '.part'
try:
    rows = database.execute(query)
    if rows.description is None:
        sys.exit('error: query: expected one SELECT')
    names = [column[0] for column in rows.description]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        sys.exit(f"error: query: the result has several columns called {', '.join(sorted(twice))}; give them names with AS")
    number = write(rows, names, partial)
    os.replace(partial, output_result)
except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError) as error:
    if time.monotonic() > deadline:
        sys.exit(f'error: query: it took longer than timeout = {timeout:g} s')
    if any(word in str(error) for word in ('not authorized', 'authorization denied', 'prohibited')):
        sys.exit(f'error: query: {error}; only SELECT over the tables is allowed')
    sys.exit(f"error: query: {error}; the tables are {' and '.join(tables)}")
finally:
    if os.path.exists(partial):
        os.remove(partial)
logging.info('%d rows', number)
