"""Counts words."""
import os

# the text
text = os.environ.get('text')
print(len(text.split()))
