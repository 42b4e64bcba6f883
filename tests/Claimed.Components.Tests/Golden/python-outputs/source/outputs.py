"""Assignments are outputs."""
import os
from os import environ

# share of right answers
os.environ['accuracy'] = str(0.5)
environ['label'] = 'cat'  # the winner
os.environ['table']: str = 'a,b'
a = os.environ['same'] = 'x'
os.environ['size'], b = '1', 2
