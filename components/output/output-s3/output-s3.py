"""Uploads a file to S3 or a store that speaks its protocol, and checks what arrived."""

# claimed: category=Output
# claimed: group=Object store
# claimed: displayName=S3 upload
# claimed: tags=s3, upload, minio, ceph
# claimed: imports=boto3,botocore,s3transfer
# claimed: input data: Dataset
# claimed: input access_key_id: Secret - Key id of the account; without it the credentials of the machine or pod are used
# claimed: input secret_access_key: Secret - Secret key that belongs to access_key_id
# claimed: input session_token: Secret - Token that temporary credentials have beside their two keys
# claimed: output size: Integer

# pip install boto3==1.38.0

import hashlib
import logging
import mimetypes
import os
import re
import sys
import time
import urllib.parse

try:
    import boto3
    from boto3.exceptions import S3UploadFailedError
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError, ConnectionError as NoConnection, HTTPClientError, NoCredentialsError
except ImportError:
    sys.exit('error: output-s3 needs the package boto3; install it (pip install boto3), or let the base image of the site provide it')

# The file to upload
data = os.environ['data']

# Name of the bucket; it exists already
bucket = os.environ['bucket']

# Key that the object gets, for example results/2024/metrics.json
key = os.environ['key']

# Address of a store other than Amazon's, for example https://minio.example.org
endpoint_url = os.environ.get('endpoint_url', '')

# Region of the bucket, for example eu-central-1; empty takes the one that the machine is set to
region = os.environ.get('region', '')

access_key_id = os.environ.get('access_key_id', '').strip()
secret_access_key = os.environ.get('secret_access_key', '').strip()
session_token = os.environ.get('session_token', '').strip()

# Media type of the object, for example text/csv; empty takes the one that belongs to the ending of the key
content_type = os.environ.get('content_type', '')

# Whether an object that has the key already is replaced; otherwise the component ends with an error
overwrite = os.environ.get('overwrite', 'True').lower() in ('true', '1', 'yes')

# How often a failed upload is tried again before the component gives up
retries = int(os.environ.get('retries', 3))

# Seconds to wait for a connection and for each answer
timeout = float(os.environ.get('timeout', 60.0))

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')
for chatty in ('boto3', 'botocore', 'urllib3', 's3transfer'):
    # Their DEBUG lines have signatures and tokens.
    logging.getLogger(chatty).setLevel(logging.WARNING)


class Refused(Exception):
    """What another try would not mend."""


def check_request():
    try:
        address = urllib.parse.urlsplit(endpoint_url)
        good = address.scheme in ('http', 'https') and address.hostname and '@' not in address.netloc and address.port != 0
    except ValueError:
        good = False
    if endpoint_url and not good:
        raise Refused('endpoint_url: expected http://host:port or https://host:port, without user and password')
    if not re.fullmatch(r'[A-Za-z0-9][A-Za-z0-9._-]{1,254}', bucket):
        raise Refused(f'bucket: {bucket!r} is no name of a bucket')
    # Some stores keep objects as files, and many readers of a bucket do.
    if any(part in ('', '.', '..') for part in key.split('/')) or re.search(r'[\\\x00-\x1f\x7f]', key) or len(key.encode()) > 1024:
        raise Refused(f'key: {key!r} has an empty part, a part . or .., a control character or more than 1024 bytes; write a key such as results/metrics.json')
    if content_type and not re.fullmatch(r"[\w.+-]+/[\w.+-]+(\s*;\s*[\w-]+=[\w.+-]+)*", content_type, re.ASCII):
        raise Refused(f'content_type: {content_type!r} is no media type such as text/csv')
    if bool(access_key_id) != bool(secret_access_key):
        raise Refused('access_key_id and secret_access_key are needed both, or none of them')
    if re.search(r'[^\x21-\x7e]', access_key_id + secret_access_key + session_token):
        raise Refused('access_key_id, secret_access_key and session_token are printable ASCII without blanks')
    if os.path.isdir(data):
        raise Refused('data is a folder; pack it into one file first')
    if not os.path.isfile(data):
        raise Refused('data: there is no such file')


def connect():
    settings = {'connect_timeout': timeout, 'read_timeout': timeout, 'retries': {'max_attempts': 0}}
    if endpoint_url:
        settings['s3'] = {'addressing_style': 'path'}
    keys = {'aws_access_key_id': access_key_id or None, 'aws_secret_access_key': secret_access_key or None, 'aws_session_token': session_token or None}
    try:
        # Stores other than Amazon's may not know the checksums that newer versions of boto3 add by themselves.
        config = Config(request_checksum_calculation='when_required', **settings)
    except TypeError:
        config = Config(**settings)
    return boto3.client('s3', endpoint_url=endpoint_url or None, region_name=region or None, config=config, **keys)


def status_of(error):
    # An upload in one piece or in several wraps what the store answered.
    if isinstance(error, S3UploadFailedError) and isinstance(error.__context__, ClientError):
        error = error.__context__
    return error.response.get('ResponseMetadata', {}).get('HTTPStatusCode', 0) if isinstance(error, ClientError) else 0


def is_final(error):
    """4xx answers stay as they are, except 408 (timeout) and 429 (too many requests)."""
    if status := status_of(error):
        return 300 <= status < 500 and status not in (408, 429)
    return isinstance(error, BotoCoreError) and not isinstance(error, (NoConnection, HTTPClientError))


def words_of(error):
    if isinstance(error, NoCredentialsError):
        return f'{uri}: there are no credentials; set access_key_id and secret_access_key'
    source = error.__context__ if isinstance(error, S3UploadFailedError) and error.__context__ else error
    if isinstance(source, ClientError):
        answer = source.response.get('Error', {})
        return f"{uri}: {answer.get('Code', '')} {answer.get('Message', '')}".strip()
    return f'{uri}: {source}'


def found(client):
    """What the store says of the object, or None when there is none."""
    try:
        return client.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if status_of(error) == 404:
            return None
        raise


def digest_of(path):
    digest = hashlib.md5(usedforsecurity=False)
    with open(path, 'rb') as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def upload(client):
    """Uploads the file, in parts when it is large; the key shows it only when it is complete. Returns its bytes."""
    media = content_type or mimetypes.guess_type(key)[0] or 'application/octet-stream'
    client.upload_file(data, bucket, key, ExtraArgs={'ContentType': media})
    size, there = os.path.getsize(data), found(client)
    if there is None or there['ContentLength'] != size:
        raise OSError(f"{there['ContentLength'] if there else 0} of {size} bytes arrived")
    tag = there.get('ETag', '').strip('"').lower()
    if re.fullmatch('[0-9a-f]{32}', tag) and there.get('ServerSideEncryption') in (None, 'AES256') and tag != digest_of(data):
        raise OSError('the store says that other content arrived')
    return size


def with_retries(call):
    for attempt in range(retries + 1):
        try:
            return call()
        except (ClientError, BotoCoreError, S3UploadFailedError, OSError) as error:
            if is_final(error) or attempt == retries:
                raise Refused(f'{words_of(error)} (try {attempt + 1} of {retries + 1})') from error
            pause = min(2 ** attempt, 30)
            logging.warning('%s; trying again in %d s', words_of(error), pause)
            time.sleep(pause)


try:
    check_request()
    uri = f's3://{bucket}/{key}'
    client = connect()
    if not overwrite and with_retries(lambda: found(client)):
        raise Refused(f'{uri} exists already; choose another key, or set overwrite')
    size = with_retries(lambda: upload(client))
except (Refused, BotoCoreError, ValueError) as error:
    sys.exit(f'error: {error}')

# Address of the object, s3://bucket/key
os.environ['uri'] = uri
# Its bytes
os.environ['size'] = str(size)
logging.info('%s: %d bytes', uri, size)
