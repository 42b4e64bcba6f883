"""Trains a scikit-learn model on a CSV file: categories become columns of 0 and 1, numbers are scaled, and the whole is one pipeline."""

# claimed: category=Train
# claimed: group=Tabular
# claimed: displayName=scikit-learn training
# claimed: tags=scikit-learn, classification, regression, csv
# claimed: input data_csv: Dataset
# claimed: output model: Model from output_model
# claimed: output metrics: Metrics from output_metrics
# claimed: imports=pandas, sklearn, joblib

# pip install pandas==2.2.3 scikit-learn==1.5.2 joblib==1.4.2

import importlib
import json
import logging
import os
import sys
import warnings

try:
    import joblib
    import pandas as pd
    from sklearn.base import is_classifier
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.metrics import get_scorer
    from sklearn.model_selection import KFold, StratifiedKFold, cross_validate
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
except ImportError as error:
    sys.exit(f'error: train-sklearn needs the packages pandas, scikit-learn and joblib ({error}); install them with: pip install pandas scikit-learn joblib')

# CSV file whose first line names the columns
data_csv = os.environ['data_csv']

# Column that the model learns to predict: a class, or for a regression a number
target_column = os.environ.get('target_column', 'target')

# What is trained: logistic-regression, decision-tree, random-forest, extra-trees, gradient-boosting, hist-gradient-boosting, nearest-neighbors, support-vectors, naive-bayes, neural-network, linear-regression, ridge-regression, lasso-regression, random-forest-regression, gradient-boosting-regression or nearest-neighbors-regression
estimator = os.environ.get('estimator', 'logistic-regression')

# Parameters of the estimator by the names of scikit-learn, for example {"n_estimators": 300, "max_depth": 4}
parameters = json.loads(os.environ.get('parameters', '{}'))

# Columns that the model must not see, separated by commas
ignored_columns = os.environ.get('ignored_columns', '')

# Columns whose numbers are codes of categories, separated by commas; columns with text are categories anyway
categorical_columns = os.environ.get('categorical_columns', '')

# Number of parts for cross-validation; 0 trains without it
folds = int(os.environ.get('folds', 5))

# Number behind all random choices: the same number and file give the same model
seed = int(os.environ.get('seed', 0))

# Largest number of different values of a category; more of them are usually names or numbers of the rows
max_categories = int(os.environ.get('max_categories', 500))

# The fitted pipeline, in the format of joblib
output_model = os.environ['output_model']

# JSON file with the scores on the training data and in cross-validation
output_metrics = os.environ['output_metrics']

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')
logging.captureWarnings(True)

# Module, class and what differs from the defaults of scikit-learn.
ESTIMATORS = {
    'logistic-regression': ('linear_model', 'LogisticRegression', {'max_iter': 1000}),
    'decision-tree': ('tree', 'DecisionTreeClassifier', {}),
    'random-forest': ('ensemble', 'RandomForestClassifier', {}),
    'extra-trees': ('ensemble', 'ExtraTreesClassifier', {}),
    'gradient-boosting': ('ensemble', 'GradientBoostingClassifier', {}),
    'hist-gradient-boosting': ('ensemble', 'HistGradientBoostingClassifier', {}),
    'nearest-neighbors': ('neighbors', 'KNeighborsClassifier', {}),
    'support-vectors': ('svm', 'SVC', {'probability': True}),
    'naive-bayes': ('naive_bayes', 'GaussianNB', {}),
    'neural-network': ('neural_network', 'MLPClassifier', {'max_iter': 500}),
    'linear-regression': ('linear_model', 'LinearRegression', {}),
    'ridge-regression': ('linear_model', 'Ridge', {}),
    'lasso-regression': ('linear_model', 'Lasso', {}),
    'random-forest-regression': ('ensemble', 'RandomForestRegressor', {}),
    'gradient-boosting-regression': ('ensemble', 'GradientBoostingRegressor', {}),
    'nearest-neighbors-regression': ('neighbors', 'KNeighborsRegressor', {}),
}
CLASSIFICATION = ('accuracy', 'balanced_accuracy', 'f1_macro')
REGRESSION = ('r2', 'neg_mean_absolute_error', 'neg_root_mean_squared_error')

# What a field holds when it holds no value; the component that predicts takes the same.
MISSING = ('', 'NA', 'N/A', '#N/A', 'NaN', 'nan', 'null', 'NULL', 'None')
MOST_CLASSES = 100


def build(name, given):
    """The estimator, with parameters that it has."""
    if name not in ESTIMATORS:
        sys.exit(f"error: estimator: there is no '{name}'; it is one of: {', '.join(ESTIMATORS)}")
    if not isinstance(given, dict):
        sys.exit('error: parameters: expected a JSON object, for example {"max_depth": 4}')
    module, kind, defaults = ESTIMATORS[name]
    built = getattr(importlib.import_module(f'sklearn.{module}'), kind)(**defaults)
    known = built.get_params(deep=False)
    unknown = [key for key in given if key not in known or key == 'random_state']
    if 'random_state' in unknown:
        sys.exit('error: parameters: random_state is set by the input seed')
    if unknown:
        sys.exit(f"error: parameters: {name} has no {', '.join(unknown)}; it has: {', '.join(key for key in known if key != 'random_state')}")
    if 'random_state' in known:
        given = {**given, 'random_state': seed}
    return built.set_params(**given)


def read(path):
    """All fields as text, so that 007 stays what it is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('error', pd.errors.ParserWarning)
            data = pd.read_csv(path, dtype=str, keep_default_na=False, index_col=False, encoding='utf-8-sig')
    except (pd.errors.EmptyDataError, pd.errors.ParserError, pd.errors.ParserWarning, UnicodeDecodeError, OSError) as error:
        sys.exit(f'error: data_csv: {error}')
    if data.empty:
        sys.exit('error: data_csv has no rows')
    return data.fillna('')


def chosen(text, port, names):
    columns = [name.strip() for name in text.split(',') if name.strip()]
    unknown = [name for name in columns if name not in names]
    if unknown:
        sys.exit(f'error: {port}: there is no column {", ".join(unknown)}; the columns are: {", ".join(names)}')
    return columns


def as_numbers(values):
    """The column as numbers, or None where it is none."""
    try:
        return pd.to_numeric(values).astype(float)
    except (ValueError, TypeError):
        return None


def target_of(data, is_class):
    values = data[target_column].str.strip()
    if (values == '').any():
        sys.exit(f'error: {(values == "").sum()} rows have no {target_column}; the first is row {(values == "").argmax() + 2} of the file')
    numbers = as_numbers(values)
    if not is_class:
        if numbers is None:
            sys.exit(f'error: target_column: {estimator} predicts numbers, and {target_column} holds text such as {values.iloc[0]!r}')
        return numbers
    if numbers is not None:
        if (numbers % 1 != 0).any():
            sys.exit(f'error: target_column: {target_column} holds numbers that are no classes; take one of the regressions as estimator')
        values = numbers.astype('int64')
    if not 2 <= values.nunique() <= MOST_CLASSES:
        sys.exit(f'error: target_column: {target_column} has {values.nunique()} classes, expected 2 to {MOST_CLASSES}; for numbers take one of the regressions as estimator')
    return values


def features_of(data, ignored, coded):
    """The columns that the model sees, and the names of those with numbers and with categories."""
    features, numeric, categorical = {}, [], []
    for name in data.columns:
        if name == target_column or name in ignored:
            continue
        values = data[name].mask(data[name].isin(MISSING))
        if values.isna().all():
            logging.warning('%s has no values and is left out', name)
            continue
        numbers = None if name in coded else as_numbers(values)
        if numbers is None and values.nunique() > max_categories:
            sys.exit(f'error: {name} has {values.nunique()} different values, more than max_categories = {max_categories}; name it in ignored_columns or allow more')
        features[name] = values.astype(object) if numbers is None else numbers
        (categorical if numbers is None else numeric).append(name)
    if not features:
        sys.exit(f'error: data_csv has no column to learn from beside {target_column}')
    return pd.DataFrame(features), numeric, categorical


def pipeline_of(model, numeric, categorical):
    columns = ColumnTransformer([
        ('numeric', Pipeline([('fill', SimpleImputer(strategy='median')), ('scale', StandardScaler())]), numeric),
        ('categorical', Pipeline([('fill', SimpleImputer(strategy='constant', fill_value='missing')), ('encode', OneHotEncoder(handle_unknown='ignore', sparse_output=False))]), categorical),
    ], sparse_threshold=0)
    return Pipeline([('columns', columns), ('model', model)])


def named(score):
    """scikit-learn counts errors below zero, so that more is better; people do not."""
    return score[4:] if score.startswith('neg_') else score


def plain(score, value):
    return float(-value if score.startswith('neg_') else value)


def cross_validation(pipeline, features, target, scores):
    parts = min(folds, int(target.value_counts().min()) if is_classifier(pipeline) else len(target) // 2)
    if parts < 2:
        if folds > 0:
            logging.warning('no cross-validation: %s', 'folds must be 2 or more' if folds < 2 else f'too few rows{" of one class" if is_classifier(pipeline) else ""}')
        return None
    if parts < folds:
        logging.warning('cross-validation in %d instead of %d parts: there are no more rows%s', parts, folds, ' of one class' if is_classifier(pipeline) else '')
    kind = StratifiedKFold if is_classifier(pipeline) else KFold
    found = cross_validate(pipeline, features, target, cv=kind(parts, shuffle=True, random_state=seed), scoring=list(scores), error_score='raise')
    told = {'folds': parts}
    for score in scores:
        values = [plain(score, value) for value in found[f'test_{score}']]
        told[named(score)] = {'mean': float(pd.Series(values).mean()), 'std': float(pd.Series(values).std(ddof=0)), 'values': values}
    return told


if not 0 <= seed < 2 ** 32:
    sys.exit(f'error: seed: expected a number from 0 to {2 ** 32 - 1}, not {seed}')
model = build(estimator, parameters)
scores = CLASSIFICATION if is_classifier(model) else REGRESSION
data = read(data_csv)
names = list(data.columns)
if target_column not in names:
    sys.exit(f'error: target_column: there is no column {target_column}; the columns are: {", ".join(names)}')
target = target_of(data, is_classifier(model))
features, numeric, categorical = features_of(data, chosen(ignored_columns, 'ignored_columns', names), chosen(categorical_columns, 'categorical_columns', names))
pipeline = pipeline_of(model, numeric, categorical)
try:
    validated = cross_validation(pipeline, features, target, scores)
    pipeline.fit(features, target)
except (ValueError, TypeError, MemoryError) as error:
    sys.exit(f'error: {estimator} cannot be trained: {error}')

metrics = {
    'estimator': estimator,
    'class': f'{type(model).__module__}.{type(model).__name__}',
    'parameters': {key: value for key, value in model.get_params(deep=False).items() if isinstance(value, (str, int, float, bool, list, dict, type(None)))},
    'rows': len(data),
    'columns': {'numeric': numeric, 'categorical': categorical},
    'classes': [value.item() if hasattr(value, 'item') else value for value in pipeline.classes_] if is_classifier(model) else None,
    'training': {named(score): plain(score, get_scorer(score)(pipeline, features, target)) for score in scores},
    'cross_validation': validated,
}
joblib.dump(pipeline, output_model + '.part')
os.replace(output_model + '.part', output_model)
with open(output_metrics + '.part', 'w', encoding='utf-8') as file:
    json.dump(metrics, file, indent=2, ensure_ascii=False)
os.replace(output_metrics + '.part', output_metrics)
first = named(scores[0])
logging.info('%s of %d rows: %s %.4f in training%s', estimator, len(data), first, metrics['training'][first], f", {validated[first]['mean']:.4f} in cross-validation" if validated else '')
