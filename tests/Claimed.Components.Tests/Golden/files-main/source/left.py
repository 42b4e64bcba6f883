"""The left one."""
import os

print(os.environ["a"])  # a side
