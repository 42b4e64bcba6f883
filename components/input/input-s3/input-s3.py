"""Downloads one object, or all objects below a prefix, from S3 or a store that speaks its protocol; every object is checked and retried."""

# claimed: category=Input
# claimed: group=Object store
# claimed: displayName=S3
# claimed: tags=s3, download, minio, ceph
# claimed: imports=boto3,botocore
# claimed: input access_key_id: Secret - Key id of the account; without it the credentials of the machine or pod are used
# claimed: input secret_access_key: Secret - Secret key that belongs to access_key_id
# claimed: input session_token: Secret - Token that temporary credentials have beside their two keys
# claimed: output data: Dataset from output_data
# claimed: output objects: Integer
# claimed: output size: Integer

# pip install boto3==1.38.0

import hashlib
import logging
import os
import re
import shutil
import sys
import time
import urllib.parse
import zipfile

try:
    import boto3
    from botocore import UNSIGNED
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError, ConnectionError as NoConnection, HTTPClientError, IncompleteReadError, NoCredentialsError
except ImportError:
    sys.exit('error: input-s3 needs the package boto3; install it (pip install boto3), or let the base image of the site provide it')

# Name of the bucket
bucket = os.environ['bucket']

# Key of one object, for example data/iris.csv; it is handed on as it is
key = os.environ.get('key', '')

# Beginning of the keys of many objects, for example data/2024/; they are handed on as one ZIP archive
prefix = os.environ.get('prefix', '')

# Address of a store other than Amazon's, for example https://minio.example.org
endpoint_url = os.environ.get('endpoint_url', '')

# Region of the bucket, for example eu-central-1; empty takes the one that the machine is set to
region = os.environ.get('region', '')

access_key_id = os.environ.get('access_key_id', '').strip()
secret_access_key = os.environ.get('secret_access_key', '').strip()
session_token = os.environ.get('session_token', '').strip()

# Whether to ask without any credentials, as public buckets allow
anonymous = os.environ.get('anonymous', 'False').lower() in ('true', '1', 'yes')

# How often a failed request is tried again before the component gives up
retries = int(os.environ.get('retries', 3))

# Seconds to wait for a connection, and at most between two pieces of an object
timeout = float(os.environ.get('timeout', 30.0))

# Largest total that is accepted, in megabytes; 0 accepts any size
max_megabytes = int(os.environ.get('max_megabytes', 0))

# The object's bytes, or a ZIP archive of all objects below the prefix
output_data = os.environ['output_data']

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')
for chatty in ('boto3', 'botocore', 'urllib3', 's3transfer'):
    # Their DEBUG lines have signatures and tokens.
    logging.getLogger(chatty).setLevel(logging.WARNING)


class Refused(Exception):
    """What another try would not mend."""


def connect():
    try:
        address = urllib.parse.urlsplit(endpoint_url)
        good = address.scheme in ('http', 'https') and address.hostname and '@' not in address.netloc and address.port != 0
    except ValueError:
        good = False
    if endpoint_url and not good:
        raise Refused('endpoint_url: expected http://host:port or https://host:port, without user and password')
    if not re.fullmatch(r'[A-Za-z0-9][A-Za-z0-9._-]{1,254}', bucket):
        raise Refused(f'bucket: {bucket!r} is no name of a bucket')
    if bool(key) == bool(prefix):
        raise Refused('set either key, for one object, or prefix, for all objects below it')
    if bool(access_key_id) != bool(secret_access_key):
        raise Refused('access_key_id and secret_access_key are needed both, or none of them')
    if re.search(r'[^\x21-\x7e]', access_key_id + secret_access_key + session_token):
        raise Refused('access_key_id, secret_access_key and session_token are printable ASCII without blanks')
    settings = {'connect_timeout': timeout, 'read_timeout': timeout, 'retries': {'max_attempts': 0}}
    if endpoint_url:
        settings['s3'] = {'addressing_style': 'path'}
    if anonymous:
        settings['signature_version'] = UNSIGNED
    return boto3.client(
        's3', endpoint_url=endpoint_url or None, region_name=region or None, config=Config(**settings),
        aws_access_key_id=access_key_id or None, aws_secret_access_key=secret_access_key or None, aws_session_token=session_token or None)


def is_final(error):
    """4xx answers stay as they are, except 408 (timeout) and 429 (too many requests)."""
    if isinstance(error, ClientError):
        status = error.response.get('ResponseMetadata', {}).get('HTTPStatusCode', 0)
        return 300 <= status < 500 and status not in (408, 429)
    return isinstance(error, BotoCoreError) and not isinstance(error, (NoConnection, HTTPClientError, IncompleteReadError))


def words_of(error, what):
    if isinstance(error, NoCredentialsError):
        return f'{what}: there are no credentials; set access_key_id and secret_access_key, or anonymous for a public bucket'
    if isinstance(error, ClientError):
        answer = error.response.get('Error', {})
        return f"{what}: {answer.get('Code', '')} {answer.get('Message', '')}".strip()
    return f'{what}: {error}'


def with_retries(what, call):
    for attempt in range(retries + 1):
        try:
            return call()
        except (ClientError, BotoCoreError, OSError) as error:
            if is_final(error) or attempt == retries:
                raise Refused(f'{words_of(error, what)} (try {attempt + 1} of {retries + 1})') from error
            pause = min(2 ** attempt, 30)
            logging.warning('%s; trying again in %d s', words_of(error, what), pause)
            time.sleep(pause)


def check_total(size):
    if max_megabytes and size > max_megabytes * 1_000_000:
        raise Refused(f'the objects have more than max_megabytes = {max_megabytes}')


def download(client, name, path, before=0):
    """Writes the object to `path`; returns its size in bytes. `before` counts the bytes of earlier objects."""
    answer = client.get_object(Bucket=bucket, Key=name)
    check_total(before + answer['ContentLength'])
    digest, size = hashlib.md5(usedforsecurity=False), 0
    with open(path, 'wb') as file:
        # Too few bytes are an error of read.
        while piece := answer['Body'].read(1 << 20):
            size += len(piece)
            digest.update(piece)
            file.write(piece)
    # The ETag is the MD5 of the content unless the object came in parts or is encrypted with a key of its own.
    tag = answer.get('ETag', '').strip('"').lower()
    if re.fullmatch('[0-9a-f]{32}', tag) and answer.get('ServerSideEncryption') in (None, 'AES256') and not answer.get('SSECustomerAlgorithm'):
        if digest.hexdigest() != tag:
            raise OSError(f'the content has the MD5 {digest.hexdigest()}, the store says {tag}')
    return size


def keys_below(client):
    """All objects below the prefix, in the order of their keys; those that only stand for a folder are left out."""
    pages = client.get_paginator('list_objects_v2').paginate(Bucket=bucket, Prefix=prefix)
    found = sorted((item for page in pages for item in page.get('Contents', [])), key=lambda item: item['Key'])
    return [item for item in found if not (item['Key'].endswith('/') and item['Size'] == 0)]


def name_in_archive(name):
    """The key without the folders of the prefix. One that would leave the folder it is unpacked in ends the program."""
    short = name[prefix.rfind('/') + 1:]
    if any(part in ('', '.', '..') for part in short.split('/')) or re.search(r'[\\\x00-\x1f\x7f]', short) or re.match('[A-Za-z]:', short):
        raise Refused(f'{name!r}: this key is no safe name for a file; download it alone by key')
    return short


def download_all(client, path):
    """Writes the archive to `path`; returns the number of objects and their bytes."""
    items = with_retries(f's3://{bucket}/{prefix}', lambda: keys_below(client))
    if not items:
        raise Refused(f's3://{bucket}/{prefix}: there are no objects below this prefix')
    check_total(sum(item['Size'] for item in items))
    names = {item['Key']: name_in_archive(item['Key']) for item in items}
    total, piece = 0, path + '.object'
    try:
        with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
            for item in items:
                what = f"s3://{bucket}/{item['Key']}"
                total += with_retries(what, lambda name=item['Key']: download(client, name, piece, total))
                entry = zipfile.ZipInfo(names[item['Key']], item['LastModified'].timetuple()[:6])
                entry.compress_type = zipfile.ZIP_DEFLATED
                with open(piece, 'rb') as content, archive.open(entry, 'w', force_zip64=True) as file:
                    shutil.copyfileobj(content, file, 1 << 20)
                logging.debug('%s: %d bytes', what, item['Size'])
    finally:
        if os.path.exists(piece):
            os.remove(piece)
    return len(items), total


partial = output_data + '.part'
try:
    client = connect()
    if key:
        count, size = 1, with_retries(f's3://{bucket}/{key}', lambda: download(client, key, partial))
    else:
        count, size = download_all(client, partial)
    os.replace(partial, output_data)
except (Refused, BotoCoreError, ValueError, OSError) as error:
    if os.path.exists(partial):
        os.remove(partial)
    sys.exit(f'error: {error}')

# Number of objects that were downloaded
os.environ['objects'] = str(count)
# Their bytes together, before the archive compressed them
os.environ['size'] = str(size)
logging.info('s3://%s/%s: %d objects, %d bytes', bucket, key or prefix, count, size)
