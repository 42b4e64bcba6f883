"""Names that only the source can compute."""
import os

for key in ('a', 'b'):
    print(os.environ.get(key))
    os.environ[key + '_done'] = 'True'
name = os.environ.get('name')  # an input
