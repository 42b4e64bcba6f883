"""Runs in an image that exists."""
# pip install anything && nothing
import os

name = os.environ['name']  # a name
