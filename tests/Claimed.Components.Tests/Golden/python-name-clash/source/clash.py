"""Two names that clients cannot tell apart, and an input that is an output."""
import os

a = os.environ['Learning_Rate']
b = os.environ['learning_rate']
c = os.environ['count']
os.environ['count'] = c + '1'
