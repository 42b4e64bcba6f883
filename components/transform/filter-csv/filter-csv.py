"""Keeps the rows of a CSV file for which an expression holds, for example `age >= 18 and country == "CH"`."""

# claimed: category=Transform
# claimed: group=Filter
# claimed: tags=csv, pandas, rows
# claimed: imports=pandas
# claimed: input data_csv: Dataset
# claimed: output filtered: Dataset from output_filtered

# pip install pandas==2.2.3

import ast
import csv
import logging
import os
import sys
import warnings

import pandas as pd

# CSV file whose first line names the columns, unless column_names does
data_csv = os.environ['data_csv']

# Which rows stay: comparisons of columns, numbers and texts, joined by and, or, not; a column with spaces stands in backticks
expression = os.environ['expression']

# Columns to keep, separated by commas; empty keeps all
columns = os.environ.get('columns', '')

# Character between two values of a line, in the input and, unless output_separator says another, in the result
separator = os.environ.get('separator', ',')

# Names of the columns of a file without a heading line, separated by commas or blanks; the result then has a heading
column_names = os.environ.get('column_names', '')

# Character between two values of a line of the result; empty takes a comma where column_names is given, else the separator
output_separator = os.environ.get('output_separator', '')

# CSV file with the rows that stay
output_filtered = os.environ['output_filtered']

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')

# What an expression may be made of: no calls, no attributes, no subscripts, so that it can only look at the data.
ALLOWED = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.Invert, ast.USub, ast.UAdd,
    ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.BitAnd, ast.BitOr,
    ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn,
    ast.Name, ast.Load, ast.Constant, ast.List, ast.Tuple,
)


def as_identifiers(text, names):
    """Writes `column name` in backticks as a plain name; returns the text and the columns by those names."""
    pieces = text.split('`')
    if len(pieces) % 2 == 0:
        sys.exit('error: expression: a backtick is not closed')
    stand_ins = {}
    for i in range(1, len(pieces), 2):
        if pieces[i] not in names:
            sys.exit(f'error: expression: there is no column `{pieces[i]}`; the columns are: {", ".join(names)}')
        stand_in = f'column_{i}'
        while stand_in in names:
            stand_in += '_'
        stand_ins[stand_in] = pieces[i]
        pieces[i] = stand_in
    return ''.join(pieces), stand_ins


def check(text, names):
    """Ends the program unless the expression only compares columns and literals."""
    try:
        tree = ast.parse(text, mode='eval')
    except SyntaxError as error:
        sys.exit(f"error: expression: {error.msg} at character {error.offset} of '{text}'")
    for node in ast.walk(tree):
        if not isinstance(node, ALLOWED):
            sys.exit(f'error: expression: {type(node).__name__} is not allowed; use columns, literals, comparisons, and, or, not')
        if isinstance(node, ast.Name) and node.id not in names:
            sys.exit(f'error: expression: there is no column {node.id}; the columns are: {", ".join(names)}')


def headless(given):
    """What pandas is told about a file whose columns are named by somebody else."""
    names = [name.strip() for name in given.split(',') if name.strip()] if ',' in given else given.split()
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        sys.exit(f'error: column_names: {", ".join(twice)} stands there twice')
    with open(data_csv, encoding='utf-8', newline='') as file:
        first = next(csv.reader(file, delimiter=separator), [])
    if len(first) != len(names):
        sys.exit(f'error: column_names: {len(names)} names for {len(first)} values in the first line of the file')
    return {'header': None, 'names': names, 'index_col': False}


for port, character in (('separator', separator), ('output_separator', output_separator or ',')):
    if len(character) != 1:
        sys.exit(f"error: {port}: expected one character, not '{character}'")
try:
    with warnings.catch_warnings():
        warnings.simplefilter('error', pd.errors.ParserWarning)
        data = pd.read_csv(data_csv, sep=separator, **(headless(column_names) if column_names.strip() else {}))
except (ValueError, csv.Error, pd.errors.ParserWarning, OSError) as error:
    sys.exit(f'error: data_csv: {error}')
names = [str(name) for name in data.columns]
kept = [name.strip() for name in columns.split(',') if name.strip()]
unknown = [name for name in kept if name not in names]
if unknown:
    sys.exit(f'error: columns: there is no column {", ".join(unknown)}; the columns are: {", ".join(names)}')

text, stand_ins = as_identifiers(expression.strip(), names)
check(text, set(names) | set(stand_ins))
view = data.assign(**{stand_in: data[name] for stand_in, name in stand_ins.items()})
try:
    rows = view.eval(text, engine='python', local_dict={}, global_dict={})
except (TypeError, ValueError) as error:
    types = ', '.join(f'{name}: {dtype}' for name, dtype in data.dtypes.items())
    sys.exit(f'error: expression: {error}; the columns are {types}')
if getattr(rows, 'dtype', None) != bool:
    sys.exit('error: expression: it must be true or false for each row, for example age >= 18')

result = data.loc[rows, kept or names]
result.to_csv(output_filtered + '.part', index=False, sep=output_separator or (',' if column_names.strip() else separator))
os.replace(output_filtered + '.part', output_filtered)
logging.info('%d of %d rows stay', len(result), len(data))
