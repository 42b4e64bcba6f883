"""Declares its log level itself."""
import os

name = os.environ.get('name', 'x')  # any
log_level = os.environ.get('log_level', 'DEBUG')  # how much it says
