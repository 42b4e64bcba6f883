"""German credit scoring: five fairness metrics of AIF360 for sex and age, before and after Adversarial Debiasing."""

# claimed: category=Metric
# claimed: group=AI Fairness
# claimed: displayName=AIF360
# claimed: tags=fairness, bias, aif360, debiasing, report
# claimed: cpu=1 memory=2Gi
# claimed: imports=aif360, fairlearn, torch, pandas, sklearn, matplotlib
# claimed: input data: Dataset
# claimed: output metrics: Metrics from output_metrics
# claimed: output report: HTML from output_report
# claimed: output picture: Artifact from output_picture

# pip install aif360==0.6.1 fairlearn==0.9.0 torch==2.5.1
# pip install pandas==2.2.3 scikit-learn==1.5.2 matplotlib==3.9.2

import html
import http.client
import json
import logging
import math
import os
import sys
import urllib.request

# The data set in the form of UCI's german.data: 20 attributes and the class (1 good, 2 bad) in each line, with blanks between them
data = os.environ.get('data', '')

# Address (http, https) or path of that file, where data is not given
data_url = os.environ.get('data_url', 'https://archive.ics.uci.edu/ml/machine-learning-databases/statlog/german/german.data')

# Protected attributes to look at, separated by commas: sex (privileged: male), age (privileged: over 25)
protected = os.environ.get('protected', 'sex,age')

# What debiases: aif360 (on TensorFlow), fairlearn (on PyTorch), or auto: aif360 where TensorFlow is installed
debiasing = os.environ.get('debiasing', 'auto')

# Weight of the adversary: more makes the groups more alike and the predictions less exact
adversary_weight = float(os.environ.get('adversary_weight', 0.1))

# How often the training rows are gone through
epochs = int(os.environ.get('epochs', 50))

# Share of the rows that metrics are computed on; the others are for training
test_share = float(os.environ.get('test_share', 0.3))

# Start of all random choices: which rows are for training, their order, first weights
seed = int(os.environ.get('seed', 1))

# JSON file with accuracy, the five metrics and their verdicts, before and after, for each protected attribute
output_metrics = os.environ['output_metrics']

# HTML report in one file, with the picture in it
output_report = os.environ['output_report']

# PNG picture: each metric before and after, and the range in which it does not indicate bias
output_picture = os.environ['output_picture']

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')

COLUMNS = [
    'status', 'month', 'credit_history', 'purpose', 'credit_amount', 'savings', 'employment', 'installment_rate', 'personal_status', 'other_debtors',
    'residence_since', 'property', 'age', 'installment_plans', 'housing', 'number_of_credits', 'skill_level', 'people_liable_for', 'telephone', 'foreign_worker', 'credit',
]
# Attributes with codes, by their place in the line: the codes of attribute 4 are A40 to A410
RANGES = {1: (1, 4), 3: (0, 4), 4: (0, 10), 6: (1, 5), 7: (1, 5), 9: (1, 5), 10: (1, 3), 12: (1, 4), 14: (1, 3), 15: (1, 3), 17: (1, 4), 19: (1, 2), 20: (1, 2)}
CODES = {place: [f'A{place}{code}' for code in range(low, high + 1)] for place, (low, high) in RANGES.items()}
MEN = ['A91', 'A93', 'A94']
GROUPS = {'sex': ('male', 'female'), 'age': ('over 25', '25 or younger')}
LARGEST = 50_000_000


def fetch():
    """The bytes of the data set."""
    if not data and '@' in data_url:
        sys.exit('error: data_url: an address with a name or password in it is not taken; download the file first and connect data')
    try:
        if data or not data_url.lower().startswith(('http://', 'https://')):
            with open(data or data_url, 'rb') as file:
                content = file.read(LARGEST + 1)
        else:
            request = urllib.request.Request(data_url, headers={'User-Agent': 'claimed-aif360'})
            with urllib.request.urlopen(request, timeout=60) as answer:
                content = answer.read(LARGEST + 1)
                announced = int(answer.headers.get('Content-Length') or len(content))
            if len(content) < min(announced, LARGEST):
                raise OSError(f'the connection broke after {len(content)} of {announced} bytes')
    except (OSError, ValueError, http.client.HTTPException) as error:
        sys.exit(f"error: {'data' if data else 'data_url'}: {data or data_url.split('?')[0]} cannot be read: {error}")
    if len(content) > LARGEST:
        sys.exit(f'error: the data set is larger than {LARGEST // 1_000_000} MB')
    return content


def parse(content):
    """The rows of the data set; ends the program at the first line that is not as it must be."""
    try:
        lines = content.decode('ascii').splitlines()
    except UnicodeDecodeError:
        sys.exit('error: the data set is no plain text; expected lines such as in german.data')
    rows = []
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if not fields:
            continue
        if len(fields) != len(COLUMNS):
            sys.exit(f'error: line {number} of the data set has {len(fields)} values, expected {len(COLUMNS)} with blanks between them: {line[:80]!r}')
        for place, (name, value) in enumerate(zip(COLUMNS, fields), 1):
            if place in CODES and value not in CODES[place]:
                sys.exit(f'error: line {number} of the data set: {name} (value {place}) is {value[:20]!r}, expected {CODES[place][0]} to {CODES[place][-1]}')
            if place not in CODES and not (value.isdigit() and len(value) < 10):
                sys.exit(f'error: line {number} of the data set: {name} (value {place}) is {value[:20]!r}, expected a whole number')
        if fields[-1] not in ('1', '2'):
            sys.exit(f'error: line {number} of the data set: the class is {fields[-1]}, expected 1 (good) or 2 (bad)')
        rows.append(fields)
    if len(rows) < 50:
        sys.exit(f'error: the data set has {len(rows)} rows, too few to train and to test; expected 1,000 or at least 50')
    return rows


attributes = list(dict.fromkeys(name.strip() for name in protected.split(',') if name.strip()))
if not attributes or set(attributes) - set(GROUPS):
    sys.exit(f"error: protected: '{protected}' must be sex, age, or both with a comma between them")
if debiasing not in ('auto', 'aif360', 'fairlearn'):
    sys.exit(f"error: debiasing: '{debiasing}' must be auto, aif360 or fairlearn")
if not 0.05 <= test_share <= 0.9:
    sys.exit(f'error: test_share: {test_share} must be from 0.05 to 0.9')
if not 1 <= epochs <= 10_000 or not 0 <= adversary_weight <= 1000 or not 0 <= seed < 2**31:
    sys.exit('error: epochs must be from 1 to 10000, adversary_weight from 0 to 1000, seed from 0 to 2147483647')
rows = parse(fetch())

logging.disable(logging.WARNING)  # aif360 warns of each optional library that it does without
try:
    import aif360
    import fairness_report
    import numpy as np
    import pandas as pd
    import sklearn
    from aif360.datasets import StandardDataset
    from aif360.metrics import BinaryLabelDatasetMetric, ClassificationMetric
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler
except ImportError as missing:
    sys.exit(f'error: this component needs aif360, scikit-learn and matplotlib ({str(missing).split(chr(10))[0]}): pip install aif360==0.6.1, or a base image or wheelhouse of the site that has them')
tensorflow = fairlearn = None
try:
    if debiasing != 'fairlearn':
        import tensorflow
        from aif360.algorithms.inprocessing import AdversarialDebiasing
except ImportError:
    if debiasing == 'aif360':
        sys.exit("error: debiasing=aif360 needs TensorFlow: pip install 'aif360[AdversarialDebiasing]==0.6.1', a base image that has it, or debiasing=fairlearn")
    tensorflow = None
try:
    if tensorflow is None:
        import fairlearn
        import torch
        from fairlearn.adversarial import AdversarialFairnessClassifier
except ImportError as missing:
    sys.exit(f'error: Adversarial Debiasing needs TensorFlow, or fairlearn and PyTorch ({str(missing).split(chr(10))[0]}): pip install fairlearn==0.9.0 torch==2.5.1, or a base image that has them')
logging.disable(logging.NOTSET)


def prepare():
    """Training and test rows as AIF360's own GermanDataset has them: one column per code, sex and age as 0 and 1; features standardised."""
    people = pd.DataFrame(rows, columns=COLUMNS).astype({name: int for place, name in enumerate(COLUMNS, 1) if place not in CODES})
    people['sex'] = np.where(people['personal_status'].isin(MEN), *GROUPS['sex'])
    coded = [name for place, name in enumerate(COLUMNS, 1) if place in CODES and name != 'personal_status']
    every = StandardDataset(
        people, label_name='credit', favorable_classes=[1], protected_attribute_names=['sex', 'age'],
        privileged_classes=[['male'], lambda years: years > 25], categorical_features=coded, features_to_drop=['personal_status'])
    train, test = every.split([1 - test_share], shuffle=True, seed=seed)
    for name, part in (('training', train), ('test', test)):
        for attribute in attributes:
            for group, value in zip(GROUPS[attribute], (1, 0)):
                labels = part.labels[part.protected_attributes[:, part.protected_attribute_names.index(attribute)] == value]
                if len(set(labels.ravel())) < 2:
                    sys.exit(f'error: the {name} rows have no good or no bad credit of anybody who is {group}: more rows, another seed or another test_share is needed')
    scale = StandardScaler().fit(train.features)
    train.features, test.features = scale.transform(train.features), scale.transform(test.features)
    return every, train, test


def by_aif360(attribute, debias):
    """Whether each test row is predicted good, by AIF360's network with or without its adversary."""
    tf = tensorflow.compat.v1
    tf.disable_eager_execution()
    tf.reset_default_graph()
    with tf.Session() as session:
        model = AdversarialDebiasing(
            unprivileged_groups=[{attribute: 0}], privileged_groups=[{attribute: 1}], scope_name=f'{attribute}_{debias}', sess=session, seed=seed,
            adversary_loss_weight=adversary_weight, num_epochs=epochs, debias=debias)
        return model.fit(train).predict(test).labels.ravel() == 1


def by_logistic_regression():
    """The same by the model that fairlearn's network is without its adversary."""
    model = LogisticRegression(max_iter=1000, random_state=seed).fit(train.features, train.labels.ravel() == 1)
    return model.predict(test.features)


def by_fairlearn(attribute):
    """The same by fairlearn: one layer for the classifier; the adversary learns faster, since it must keep up with what it judges."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    classifier = torch.nn.Sequential(torch.nn.Linear(train.features.shape[1], 1), torch.nn.Sigmoid())
    adversary = torch.nn.Sequential(torch.nn.Linear(1, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1), torch.nn.Sigmoid())
    model = AdversarialFairnessClassifier(
        backend='torch', predictor_model=classifier, adversary_model=adversary, constraints='demographic_parity', alpha=adversary_weight,
        predictor_optimizer=lambda network: torch.optim.Adam(network.parameters(), lr=0.01),
        adversary_optimizer=lambda network: torch.optim.Adam(network.parameters(), lr=0.05),
        epochs=epochs, batch_size=64, shuffle=True, random_state=seed)
    belongs = train.protected_attributes[:, train.protected_attribute_names.index(attribute)]
    model.fit(train.features, (train.labels.ravel() == 1).astype(float), sensitive_features=belongs)
    if not all(weights.isfinite().all() for weights in classifier.parameters()):
        sys.exit('error: the debiased classifier has learned nothing, its weights are no numbers: another seed or a smaller adversary_weight is needed')
    return np.asarray(model.predict(test.features)).ravel() == 1


def finite(value):
    """A figure of AIF360; None where it is not defined, as a ratio to nobody is."""
    return float(value) if math.isfinite(value) else None


def measure(good, attribute):
    """Accuracy, the five metrics and their verdicts for these predictions of the test rows."""
    predicted = test.copy()
    predicted.labels = np.where(good, test.favorable_label, test.unfavorable_label).reshape(-1, 1)
    with np.errstate(all='ignore'):
        metric = ClassificationMetric(test, predicted, unprivileged_groups=[{attribute: 0}], privileged_groups=[{attribute: 1}])
        values = {name: finite(getattr(metric, name)()) for name in fairness_report.METRICS}
        biased = fairness_report.biased(values)
        return {
            'accuracy': finite(metric.accuracy()), 'metrics': values, 'biased': biased, 'biased_count': len(biased),
            'undefined': [name for name, value in values.items() if value is None],
            'predicted_good': {group: finite(metric.selection_rate(privileged=privileged)) for group, privileged in zip(GROUPS[attribute], (True, False))},
        }


def in_data(attribute):
    """What the data themselves say before any prediction, and how many people are of each group."""
    metric = BinaryLabelDatasetMetric(every, unprivileged_groups=[{attribute: 0}], privileged_groups=[{attribute: 1}])
    return {
        'statistical_parity_difference': finite(metric.statistical_parity_difference()), 'disparate_impact': finite(metric.disparate_impact()),
        'rows': {group: int(metric.num_instances(privileged=privileged)) for group, privileged in zip(GROUPS[attribute], (True, False))},
    }


every, train, test = prepare()
if tensorflow:
    debiased_by = f'AIF360 {aif360.__version__} AdversarialDebiasing on TensorFlow {tensorflow.__version__}'
    plain_by = 'the same network without its adversary (debias=False)'
    plain = by_aif360(attributes[0], debias=False)
else:
    debiased_by = f'fairlearn {fairlearn.__version__} AdversarialFairnessClassifier on PyTorch {torch.__version__}'
    plain_by = f'scikit-learn {sklearn.__version__} LogisticRegression, the same model without an adversary'
    plain = by_logistic_regression()
results = {}
for attribute in attributes:
    debiased = by_aif360(attribute, debias=True) if tensorflow else by_fairlearn(attribute)
    results[attribute] = {
        'privileged': GROUPS[attribute][0], 'unprivileged': GROUPS[attribute][1], 'data': in_data(attribute),
        'before': measure(plain, attribute), 'after': measure(debiased, attribute),
    }
metrics = {
    'library': {'aif360': aif360.__version__, 'debiasing': debiased_by, 'before': plain_by},
    'data': {'rows': len(rows), 'training': len(train.labels), 'test': len(test.labels)},
    'settings': {'seed': seed, 'epochs': epochs, 'adversary_weight': adversary_weight, 'test_share': test_share},
    'bounds': fairness_report.BOUNDS,
    'attributes': results,
}


STAGES = {'before': 'before', 'after': 'after debiasing'}


def headline(attribute):
    before, after = (results[attribute][stage] for stage in STAGES)
    return f"{attribute}: metrics that indicate bias {before['biased_count']} of 5 before, {after['biased_count']} of 5 after; accuracy {before['accuracy']:.0%} and {after['accuracy']:.0%}"


def section(attribute):
    """The part of the report on one attribute."""
    before, after = (results[attribute][stage] for stage in STAGES)
    data_alone, groups = results[attribute]['data'], GROUPS[attribute]
    rates = [fairness_report.row([f'Predicted good, {group}', *(fairness_report.share(stage['predicted_good'][group]) for stage in (before, after))]) for group in groups]
    return f'''<h2>{headline(attribute)}</h2>
{fairness_report.table({STAGES[stage]: results[attribute][stage]['metrics'] for stage in STAGES})}
<table>{fairness_report.row(['', *STAGES.values()], 'th')}{fairness_report.row(['Predicted right', fairness_report.share(before['accuracy']), fairness_report.share(after['accuracy'])])}{''.join(rates)}</table>
<p>In the data themselves: {data_alone['rows'][groups[0]]} people are {groups[0]}, {data_alone['rows'][groups[1]]} are {groups[1]}; statistical parity difference
{fairness_report.figure_of(data_alone['statistical_parity_difference'])}, disparate impact {fairness_report.figure_of(data_alone['disparate_impact'])}.</p>'''


def write(path, content):
    """Whole or not at all."""
    with open(path + '.part', 'wb') as file:
        file.write(content)
    os.replace(path + '.part', path)


for attribute in attributes:
    logging.info('%s', headline(attribute))
introduction = f'''Debiased by <b>{html.escape(debiased_by)}</b>; before that by {html.escape(plain_by)}. Both learned from {len(train.labels)} rows; all figures
are of the other {len(test.labels)} (seed {seed}), computed by AIF360 {html.escape(aif360.__version__)}.'''
picture = fairness_report.draw([(headline(attribute), {STAGES[stage]: results[attribute][stage]['metrics'] for stage in STAGES}) for attribute in attributes])
report = fairness_report.page('Fairness of German credit scoring', introduction, picture, ''.join(section(attribute) for attribute in attributes))
write(output_picture, picture)
write(output_report, report.encode())
write(output_metrics, json.dumps(metrics, indent=2, ensure_ascii=False, allow_nan=False).encode())
