"""Reads a variable twice, once with another default."""
import os

first = os.environ['limit']
second = int(os.environ.get('limit', '10'))  # the limit
third = os.environ.get('limit', 'ten')
