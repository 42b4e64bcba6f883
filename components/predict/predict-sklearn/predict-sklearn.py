"""Predicts with a scikit-learn model for each row of a CSV file: the columns of the file, the prediction and its probability."""

# claimed: category=Predict
# claimed: group=Tabular
# claimed: displayName=scikit-learn prediction
# claimed: tags=scikit-learn, classification, regression, csv
# claimed: input model: Model
# claimed: input data_csv: Dataset
# claimed: output predictions: Dataset from output_predictions
# claimed: imports=pandas, sklearn, joblib

# pip install pandas==2.2.3 scikit-learn==1.5.2 joblib==1.4.2

import logging
import os
import sys
import warnings

try:
    import joblib
    import pandas as pd
    from sklearn.compose import ColumnTransformer
except ImportError as error:
    sys.exit(f'error: predict-sklearn needs the packages pandas, scikit-learn and joblib ({error}); install them with: pip install pandas scikit-learn joblib')

# Fitted scikit-learn pipeline in the format of joblib; reading it runs code, so it must come from someone you trust
model = os.environ['model']

# CSV file whose first line names the columns; the model's must be among them
data_csv = os.environ['data_csv']

# Name of the new column with the predictions
prediction_column = os.environ.get('prediction_column', 'prediction')

# Which probabilities are written: predicted (of the predicted class, in the column probability), all (a column probability_CLASS for each class) or none
probabilities = os.environ.get('probabilities', 'predicted')

# CSV file with the columns of data_csv, the predictions and the probabilities
output_predictions = os.environ['output_predictions']

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')
logging.captureWarnings(True)

# What a field holds when it holds no value, as in the component that trains.
MISSING = ('', 'NA', 'N/A', '#N/A', 'NaN', 'nan', 'null', 'NULL', 'None')


def load(path):
    """The model and the names of its columns."""
    try:
        loaded = joblib.load(path)
    except OSError as error:
        sys.exit(f'error: model: {path}: {error.strerror or error}')
    except Exception as error:  # a broken or foreign file may raise anything
        sys.exit(f'error: model: {path} is no model that joblib can read with these packages: {type(error).__name__}: {error}')
    if not hasattr(loaded, 'predict'):
        sys.exit(f'error: model: {path} holds a {type(loaded).__name__}, which predicts nothing')
    if not hasattr(loaded, 'feature_names_in_'):
        sys.exit('error: model: it was not fitted on a table with named columns')
    return loaded, [str(name) for name in loaded.feature_names_in_]


def read(path):
    """All fields as text, so that they are written as they were."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('error', pd.errors.ParserWarning)
            data = pd.read_csv(path, dtype=str, keep_default_na=False, index_col=False, encoding='utf-8-sig')
    except (pd.errors.EmptyDataError, pd.errors.ParserError, pd.errors.ParserWarning, UnicodeDecodeError, OSError) as error:
        sys.exit(f'error: data_csv: {error}')
    if data.empty:
        sys.exit('error: data_csv has no rows')
    return data.fillna('')


def kinds(fitted):
    """The names of the columns with numbers and with categories, or None where the pipeline does not tell."""
    for _, step in getattr(fitted, 'steps', []):
        if isinstance(step, ColumnTransformer) and {name for name, _, _ in step.transformers_} >= {'numeric', 'categorical'}:
            columns = {name: list(names) for name, _, names in step.transformers_}
            return columns['numeric'], columns['categorical']
    return None


def as_numbers(values):
    """The column as numbers, and which of its values are none."""
    numbers = pd.to_numeric(values, errors='coerce').astype(float)
    return numbers, numbers.isna() & values.notna()


def features_of(data, columns, told):
    features = {}
    for name in columns:
        values = data[name].mask(data[name].isin(MISSING))
        numbers, wrong = as_numbers(values)
        if told is not None and name in told[0]:
            if wrong.any():
                sys.exit(f'error: data_csv: row {wrong.argmax() + 2}: {name} must be a number for this model, not {values[wrong.argmax()]!r}')
            features[name] = numbers
        else:
            features[name] = values.astype(object) if told is not None or wrong.any() else numbers
    return pd.DataFrame(features)


if probabilities not in ('predicted', 'all', 'none'):
    sys.exit(f"error: probabilities: expected predicted, all or none, not '{probabilities}'")
fitted, columns = load(model)
data = read(data_csv)
lacking = [name for name in columns if name not in data.columns]
if lacking:
    sys.exit(f'error: data_csv: the model needs the columns {", ".join(lacking)}; the columns are: {", ".join(data.columns)}')
features = features_of(data, columns, kinds(fitted))
new = {}
try:
    new[prediction_column] = fitted.predict(features)
    if probabilities != 'none' and hasattr(fitted, 'predict_proba'):
        found = fitted.predict_proba(features)
        if probabilities == 'all':
            new.update({f'probability_{name}': found[:, i] for i, name in enumerate(fitted.classes_)})
        else:
            new['probability'] = found[range(len(found)), [list(fitted.classes_).index(value) for value in new[prediction_column]]]
except Exception as error:  # the model is not ours
    sys.exit(f'error: the model does not take these rows: {type(error).__name__}: {error}')
taken = [name for name in new if name in data.columns]
if taken:
    sys.exit(f'error: data_csv has a column {", ".join(taken)} already; choose another prediction_column or leave it out')

data.assign(**new).to_csv(output_predictions + '.part', index=False)
os.replace(output_predictions + '.part', output_predictions)
logging.info('%d rows predicted by %s', len(data), type(fitted.steps[-1][1] if hasattr(fitted, 'steps') else fitted).__name__)
