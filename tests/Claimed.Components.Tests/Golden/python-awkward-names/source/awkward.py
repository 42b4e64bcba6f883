"""Environment variables whose names clients do not take."""
import os

a = os.environ.get('class', 'x')  # a keyword of Python
b = os.environ.get('yes', 'x')  # a boolean of YAML
c = os.environ.get('self', 'x')  # reserved
d = os.environ.get('double__score', 'x')  # two underscores
e = os.environ.get('_leading', 'x')  # begins with an underscore
f = os.environ.get('UPPER_CASE', 'x')  # capitals
g = os.environ.get('with-hyphen', 'x')  # a hyphen
os.environ['inputs'] = 'x'
os.environ['my_output_table'] = 'x'
