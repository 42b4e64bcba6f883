"""Predicts with packages from a file."""
# pip install joblib==1.3.2
import os

import sklearn

model = os.environ['model']  # where the model lies
