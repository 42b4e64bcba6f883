"""Divides the rows of a CSV file at random into one part for training and one for testing."""

# claimed: category=Transform
# claimed: group=Split
# claimed: displayName=Train/test split
# claimed: tags=csv, holdout, stratified, scikit-learn
# claimed: input data_csv: Dataset
# claimed: output train: Dataset from output_train
# claimed: output test: Dataset from output_test
# claimed: imports=sklearn

# pip install scikit-learn==1.5.2

import csv
import logging
import os
import sys

try:
    from sklearn.model_selection import train_test_split
except ImportError:
    sys.exit('error: train-test-split needs the package scikit-learn; install it with: pip install scikit-learn')

# CSV file whose first line names the columns
data_csv = os.environ['data_csv']

# Share of the rows that are kept for testing, more than 0 and less than 1
test_share = float(os.environ.get('test_share', 0.2))

# Number that chooses the rows: the same number and file give the same parts
seed = int(os.environ.get('seed', 0))

# Column whose values, such as classes, have the same shares in both parts; empty divides without regard to values
stratify_column = os.environ.get('stratify_column', '')

# Character between two values of a line, in the file and in both parts
separator = os.environ.get('separator', ',')

# CSV file with the rows for training, in the order of the file
output_train = os.environ['output_train']

# CSV file with the rows for testing, in the order of the file
output_test = os.environ['output_test']

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')
csv.field_size_limit(1 << 30)


def read(path):
    """The heading and the rows, each as many values as the heading has."""
    try:
        with open(path, encoding='utf-8-sig', newline='') as file:
            reader = csv.reader(file, delimiter=separator, strict=True)
            rows = []
            for row in reader:
                if not row:
                    continue
                rows.append(row)
                if len(row) != len(rows[0]):
                    sys.exit(f'error: {path}: line {reader.line_num} has {len(row)} values, the first line has {len(rows[0])}')
    except UnicodeDecodeError as error:
        sys.exit(f'error: {path}: it is not UTF-8: {error}')
    except csv.Error as error:
        sys.exit(f'error: {path}: line {reader.line_num}: {error}')
    except OSError as error:
        sys.exit(f'error: {path}: {error.strerror}')
    if not rows:
        sys.exit(f'error: {path}: the file is empty; its first line must name the columns')
    return rows[0], rows[1:]


def write(path, rows):
    with open(path + '.part', 'w', encoding='utf-8', newline='') as file:
        csv.writer(file, delimiter=separator, lineterminator='\n').writerows(rows)
    os.replace(path + '.part', path)


if not 0 < test_share < 1:
    sys.exit(f'error: test_share: expected more than 0 and less than 1, not {test_share:g}')
if not 0 <= seed < 2 ** 32:
    sys.exit(f'error: seed: expected a number from 0 to {2 ** 32 - 1}, not {seed}')
if len(separator) != 1 or separator in '"\r\n':
    sys.exit(f"error: separator: expected one character, not '{separator}'")

names, rows = read(data_csv)
if stratify_column and stratify_column not in names:
    sys.exit(f'error: stratify_column: there is no column {stratify_column}; the columns are: {", ".join(names)}')
groups = [row[names.index(stratify_column)] for row in rows] if stratify_column else None
try:
    train, test = train_test_split(range(len(rows)), test_size=test_share, random_state=seed, stratify=groups)
except ValueError as error:
    sys.exit(f'error: {len(rows)} rows cannot be divided with test_share = {test_share:g}{f" and by {stratify_column}" if groups else ""}: {error}')

write(output_train, [names, *(rows[i] for i in sorted(train))])
write(output_test, [names, *(rows[i] for i in sorted(test))])
logging.info('%d rows for training, %d for testing', len(train), len(test))
