import os

name = os.environ.get('name')  # a name
