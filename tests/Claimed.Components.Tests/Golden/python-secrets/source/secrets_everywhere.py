"""Secrets as inputs, and secrets in defaults."""
import os

user = os.environ.get('user', 'nobody')  # who
password = os.environ.get('password', 'example-password')  # of the database
api_key = os.environ.get('api_key')  # of the service
access_token = os.environ['access_token']  # for the repository
cos_connection = os.environ.get('cos_connection', 'cos://some_key:some_secret@host/bucket')  # where to
url = os.environ.get('url', 'https://me:example-secret@host.example.org/')  # with credentials in it
max_tokens = int(os.environ.get('max_tokens', '100'))  # no secret
key_column = os.environ.get('key_column', 'id')  # no secret
