"""Reads switches of its own build, as old sources do."""
import os

if bool(os.environ.get('create_image', False)):
    print('docker build')
elif bool(os.environ.get('install_requirements', False)):
    print('pip install')
repository = os.environ.get('repository')
version = os.environ.get('version')
# the model
model = os.environ.get('model', 'small')
