import os

print(os.environ["a"])
