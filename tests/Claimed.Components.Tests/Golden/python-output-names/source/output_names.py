"""The oldest way to name outputs."""
import os

# where to write
output_data_csv = os.environ.get('output_data_csv', 'data.csv')
output_folder = os.environ.get('output_folder', 'out')  # folder of the pictures
