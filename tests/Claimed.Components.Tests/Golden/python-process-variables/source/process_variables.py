"""Variables of the process are no ports."""
import os

home = os.environ['HOME']
path = os.environ.get('PATH', '/bin')
os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
os.environ['CUDA_VISIBLE_DEVICES'] = '0'
name = os.environ['name']  # an input
