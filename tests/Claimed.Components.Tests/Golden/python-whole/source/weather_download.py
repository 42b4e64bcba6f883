"""
Downloads the measurements of a weather station.

Each day becomes a row; days without data are left out.
"""
# pip install requests==2.31.0 pandas>=2
# claimed: category=Input
# claimed: group=Weather
# claimed: tags=download, station

import logging
import os
import sys

import pandas as pd
import requests

# number of the station
station = os.environ.get('station')
# first day, as YYYY-MM-DD
first_day = os.environ.get('first_day', '2020-01-01')
days = int(os.environ.get('days', '30'))  # how many days to load
# seconds before a request is given up
timeout = float(os.getenv('timeout', '7.5'))
# also load days that are not verified yet
unverified = bool(os.environ.get('unverified', 'False') == 'True')
# more parameters of the request
parameters = json.loads(os.environ.get('parameters', '{"unit": "metric"}'))
# where the table goes
target = os.environ.get('target', 'weather.csv')

table = pd.DataFrame(requests.get('https://weather.example.org', timeout=timeout).json())
table.to_csv(target)
# rows that were written
os.environ['rows'] = str(len(table))
