"""Downloads a file from a URL, checks its SHA-256 and retries when the other side fails."""

# claimed: category=Input
# claimed: group=Download
# claimed: tags=download, http, ftp
# claimed: output data: Dataset from output_data

import hashlib
import logging
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

# Address of the file: http, https or ftp
url = os.environ['url']

# Expected SHA-256 of the file, 64 hexadecimal digits; empty accepts any content
sha256 = os.environ.get('sha256', '')

# How often a failed download is tried again before the component gives up
retries = int(os.environ.get('retries', 3))

# Seconds to wait for an answer, and at most between two pieces of the file
timeout = float(os.environ.get('timeout', 30.0))

# Largest file that is accepted, in megabytes; 0 accepts any size
max_megabytes = int(os.environ.get('max_megabytes', 0))

# The downloaded file
output_data = os.environ['output_data']

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')


class Refused(Exception):
    """What another try would not mend."""


def check_request():
    if urllib.parse.urlsplit(url).scheme not in ('http', 'https', 'ftp'):
        raise Refused(f"url: '{url}' is not an http, https or ftp address")
    if sha256 and (len(sha256) != 64 or set(sha256.lower()) - set('0123456789abcdef')):
        raise Refused('sha256: expected 64 hexadecimal digits or nothing')


def download(partial):
    """Writes the file to the path `partial`; returns its SHA-256 and its size in bytes."""
    digest, size = hashlib.sha256(), 0
    request = urllib.request.Request(url, headers={'User-Agent': 'claimed-input-url'})
    with urllib.request.urlopen(request, timeout=timeout) as answer, open(partial, 'wb') as file:
        announced = answer.headers.get('Content-Length')
        while piece := answer.read(1 << 20):
            size += len(piece)
            if max_megabytes and size > max_megabytes * 1_000_000:
                raise Refused(f'the file is larger than max_megabytes = {max_megabytes}')
            digest.update(piece)
            file.write(piece)
    if announced is not None and size != int(announced):
        raise OSError(f'the connection broke after {size} of {announced} bytes')
    return digest.hexdigest(), size


def is_final(error):
    """4xx answers stay as they are, except 408 (timeout) and 429 (too many requests)."""
    return isinstance(error, urllib.error.HTTPError) and 400 <= error.code < 500 and error.code not in (408, 429)


def download_with_retries(partial):
    for attempt in range(retries + 1):
        try:
            return download(partial)
        except (OSError, EOFError) as error:
            if is_final(error) or attempt == retries:
                raise Refused(f'{url}: {error} (try {attempt + 1} of {retries + 1})') from error
            pause = min(2 ** attempt, 30)
            logging.warning('%s: %s; trying again in %d s', url, error, pause)
            time.sleep(pause)


partial = output_data + '.part'
try:
    check_request()
    found, size = download_with_retries(partial)
    if sha256 and found != sha256.lower():
        raise Refused(f'{url} has the SHA-256 {found}, expected {sha256.lower()}')
    os.replace(partial, output_data)
    logging.info('%s: %d bytes, SHA-256 %s', url, size, found)
except Refused as error:
    if os.path.exists(partial):
        os.remove(partial)
    sys.exit(f'error: {error}')
