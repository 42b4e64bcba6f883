"""Never closed."""
import os

name = os.environ.get('name'
print(name)
