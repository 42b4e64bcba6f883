"""Measures how fair the predictions of any classifier are to two groups of people: five metrics of AIF360, a report and a picture."""

# claimed: category=Metric
# claimed: group=AI Fairness
# claimed: displayName=AIF360 predictions
# claimed: tags=fairness, bias, aif360, report
# claimed: memory=1Gi
# claimed: imports=aif360, pandas, matplotlib
# claimed: input data_csv: Dataset
# claimed: output metric_output: Metrics from metric_output
# claimed: output report: HTML from output_report
# claimed: output picture: Artifact from output_picture

# pip install aif360==0.6.1 pandas==2.2.3 matplotlib==3.9.2

import csv
import html
import json
import logging
import math
import operator
import os
import re
import sys

import pandas as pd

# CSV file with one row per person, and a column each for the group, the actual and the predicted class
data_csv = os.environ.get('data_csv', '')

# Path of that file where data_csv is not given, for runs in a shared folder
metadata = os.environ.get('metadata', 'metadata.csv')

# Column that tells the groups apart, such as sex or age
protected_column = os.environ['protected_column']

# Who is privileged: values of that column, separated by commas (A91,A93,A94), or a comparison (>25)
privileged_group_key = os.environ['privileged_group_key']

# Who is not, in the same form; empty means everybody else
unprivileged_group_key = os.environ.get('unprivileged_group_key', '')

# Column with the actual class
target_column = os.environ.get('target_column', 'target')

# Column with the predicted class
prediction_column = os.environ.get('prediction_column', 'prediction')

# The class that is good for the person; every other class is not
favorable_label = os.environ.get('favorable_label', '1')

# JSON file with the five metrics, their bounds, which of them indicate bias, and rates for each group
metric_output = os.environ['metric_output']

# HTML report in one file, with the picture in it
output_report = os.environ['output_report']

# PNG picture: each metric and the range in which it does not indicate bias
output_picture = os.environ['output_picture']

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')

COMPARISONS = {'>=': operator.ge, '<=': operator.le, '>': operator.gt, '<': operator.lt}
RATES = {'base_rate': 'Really of the good class', 'selection_rate': 'Predicted good', 'true_positive_rate': 'True positive rate', 'false_positive_rate': 'False positive rate', 'accuracy': 'Accuracy'}


def read():
    """The table as texts; ends the program where a column is missing or a field of these columns is empty."""
    path = data_csv or metadata
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding='utf-8-sig')
    except FileNotFoundError:
        sys.exit(f"error: there is no file {path}: connect data_csv, or name the file in metadata")
    except (OSError, ValueError, pd.errors.ParserError) as error:
        sys.exit(f'error: {path} is no CSV file with a header in UTF-8: {str(error).strip()}')
    needed = (protected_column, target_column, prediction_column)
    for column in needed:
        if column not in table.columns:
            sys.exit(f"error: there is no column {column}; the columns are: {', '.join(table.columns)}")
    if table.empty:
        sys.exit(f'error: {path} has no rows')
    table = table[list(dict.fromkeys(needed))].apply(lambda values: values.fillna('').str.strip().map(plain))
    for column in needed:
        empty = table[column] == ''
        if empty.any():
            sys.exit(f'error: {empty.sum()} rows have no {column}; the first is row {empty.argmax() + 2} of the file')
    return table


def plain(value):
    """A model's 1.0 and a file's 1 are the same value."""
    return re.sub(r'^(-?\d+)\.0+$', r'\1', value)


def members(key, name):
    """Which rows are of the group that `key` describes."""
    column = table[protected_column]
    sign = next((sign for sign in COMPARISONS if key.strip().startswith(sign)), None)
    if sign is None:
        values = [plain(value.strip()) for value in next(csv.reader([key], skipinitialspace=True), []) if value.strip()]
        chosen = column.isin(values)
        absent = [value for value in values if not (column == value).any()]
        if absent and chosen.any():
            logging.warning('%s: no row has %s in %s', name, ', '.join(absent), protected_column)
    else:
        try:
            limit = float(key.strip()[len(sign):])
        except ValueError:
            sys.exit(f"error: {name}: a number must follow {sign}, as in >25; '{key}' is no comparison. A value that begins with {sign} stands in double quotes")
        numbers = pd.to_numeric(column, errors='coerce')
        if numbers.isna().any():
            sys.exit(f"error: {name}: '{key}' compares numbers, and {protected_column} is '{column[numbers.isna()].iloc[0]}' in row {numbers.isna().argmax() + 2} of the file")
        chosen = COMPARISONS[sign](numbers, limit)
    if not chosen.any():
        some = column.value_counts().index[:20]
        sys.exit(f"error: {name}: no row of {protected_column} is '{key}'; its values are: {', '.join(some)}{', …' if column.nunique() > 20 else ''}")
    return chosen


def check_classes():
    favorable, actual = plain(favorable_label.strip()), set(table[target_column])
    if favorable not in actual:
        sys.exit(f"error: favorable_label: no row has '{favorable_label}' in {target_column}; its values are: {', '.join(sorted(actual)[:20])}")
    if len(actual) == 1:
        sys.exit(f"error: every row has '{favorable}' in {target_column}: there is nothing to compare")
    strange = sorted(set(table[prediction_column]) - actual)
    if strange:
        sys.exit(f"error: {prediction_column} has '{strange[0]}', which {target_column} never has (it has {', '.join(sorted(actual)[:20])}): it must hold classes, not scores")
    if len(actual) > 2:
        logging.warning('%s has %d classes: all but %s count as unfavorable', target_column, len(actual), favorable)
    return favorable


table = read()
favorable = check_classes()
privileged = members(privileged_group_key, 'privileged_group_key')
unprivileged = members(unprivileged_group_key, 'unprivileged_group_key') if unprivileged_group_key.strip() else ~privileged
if (privileged & unprivileged).any():
    sys.exit(f'error: {(privileged & unprivileged).sum()} rows are of both groups; the first is row {(privileged & unprivileged).argmax() + 2} of the file')
if not unprivileged.any():
    sys.exit(f"error: privileged_group_key: every row is '{privileged_group_key}', so nobody is left to compare with")
left_out = int((~privileged & ~unprivileged).sum())

logging.disable(logging.WARNING)  # aif360 warns of each optional library that it does without
try:
    import aif360
    import fairness_report
    import numpy as np
    from aif360.datasets import BinaryLabelDataset
    from aif360.metrics import BinaryLabelDatasetMetric, ClassificationMetric
except ImportError as missing:
    sys.exit(f'error: this component needs aif360 and matplotlib ({str(missing).split(chr(10))[0]}): pip install aif360==0.6.1, or a base image or wheelhouse of the site that has it')
logging.disable(logging.NOTSET)

rows = privileged | unprivileged
frame = pd.DataFrame({'group': privileged[rows].astype(float), 'label': (table[target_column] == favorable)[rows].astype(float)})
actual = BinaryLabelDataset(favorable_label=1, unfavorable_label=0, df=frame, label_names=['label'], protected_attribute_names=['group'])
predicted = actual.copy()
predicted.labels = (table[prediction_column] == favorable)[rows].to_numpy(dtype=float).reshape(-1, 1)
groups = {'unprivileged_groups': [{'group': 0.0}], 'privileged_groups': [{'group': 1.0}]}
truth, measured = BinaryLabelDatasetMetric(actual, **groups), ClassificationMetric(actual, predicted, **groups)


def number(compute, **of):
    """A figure of AIF360; None where it is not defined, as a rate among no people is."""
    with np.errstate(all='ignore'):
        value = float(compute(**of))
    return value if math.isfinite(value) else None


def rates(of_privileged):
    return {
        'rows': int(measured.num_instances(privileged=of_privileged)),
        'base_rate': number(truth.base_rate, privileged=of_privileged),
        'selection_rate': number(measured.selection_rate, privileged=of_privileged),
        'true_positive_rate': number(measured.true_positive_rate, privileged=of_privileged),
        'false_positive_rate': number(measured.false_positive_rate, privileged=of_privileged),
        'accuracy': number(measured.accuracy, privileged=of_privileged),
    }


values = {name: number(getattr(measured, name)) for name in fairness_report.METRICS}
biased = fairness_report.biased(values)
undefined = [name for name, value in values.items() if value is None]
headline = f'{len(biased)} of {len(values)} metrics indicate bias' + (f', {len(undefined)} cannot be computed' if undefined else '')
keys = {'privileged': privileged_group_key.strip(), 'unprivileged': unprivileged_group_key.strip() or f'not {privileged_group_key.strip()}'}
metrics = {
    'library': {'aif360': aif360.__version__},
    'data': {
        'rows': len(table), 'rows_in_neither_group': left_out, 'protected_column': protected_column, 'target_column': target_column,
        'prediction_column': prediction_column, 'favorable_label': favorable,
        'statistical_parity_difference': number(truth.statistical_parity_difference), 'disparate_impact': number(truth.disparate_impact),
    },
    'groups': {name: {'key': keys[name], **rates(name == 'privileged')} for name in keys},
    'bounds': fairness_report.BOUNDS,
    'accuracy': number(measured.accuracy), 'metrics': values, 'biased': biased, 'biased_count': len(biased), 'undefined': undefined,
}
logging.info('accuracy %.3f; %s: %s', metrics['accuracy'], headline, ', '.join(biased) or 'none')


def write(path, content):
    """Whole or not at all."""
    with open(path + '.part', 'wb') as file:
        file.write(content)
    os.replace(path + '.part', path)


title = f'{protected_column}: {headline}'
introduction = f'''Predictions in <code>{html.escape(prediction_column)}</code> against <code>{html.escape(target_column)}</code>, favorable class <code>{html.escape(favorable)}</code>:
{fairness_report.share(metrics['accuracy'])} of {len(frame)} rows are predicted right.{f" {left_out} more rows are of neither group and left out." if left_out else ""}'''
people = [
    fairness_report.row([f"{name}<small>{html.escape(group['key'])}</small>", group['rows'], *(fairness_report.share(group[rate]) for rate in RATES)])
    for name, group in metrics['groups'].items()]
in_data = [fairness_report.figure_of(metrics['data'][name]) for name in ('statistical_parity_difference', 'disparate_impact')]
rest = f'''{fairness_report.table({'Value': values})}
<table>{fairness_report.row(['Group', 'Rows', *RATES.values()], 'th')}{''.join(people)}</table>
<p>In the data themselves, before any prediction: statistical parity difference {in_data[0]}, disparate impact {in_data[1]}.
Computed by AIF360 {html.escape(aif360.__version__)}.</p>'''
picture = fairness_report.draw([(title, {'metric': values})])
write(output_picture, picture)
write(output_report, fairness_report.page(title, introduction, picture, rest).encode())
write(metric_output, json.dumps(metrics, indent=2, ensure_ascii=False, allow_nan=False).encode())
