"""Inputs that have no default are required, whichever way they are read."""
import os

# how many
count = int(os.getenv('count'))
# how much
share = float(os.environ['share'])
# which
name = os.environ.get('name')
# loud or not
loud = bool(os.environ['loud'] == 'True')
