import os

print(os.environ["b"])
