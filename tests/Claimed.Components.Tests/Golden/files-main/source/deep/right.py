"""The right one."""
import os

print(os.environ["b"])  # the other side
