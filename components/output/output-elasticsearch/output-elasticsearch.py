"""Sends the rows of a CSV or JSON lines file to an index of Elasticsearch or OpenSearch, in batches, and reports each document that is refused."""

# claimed: category=Output
# claimed: group=Search
# claimed: displayName=Elasticsearch
# claimed: tags=elasticsearch, opensearch, index, search
# claimed: input data: Dataset
# claimed: input password: Secret - Password of the user
# claimed: input api_key: Secret - Encoded API key of Elasticsearch, in the place of user and password
# claimed: output documents: Integer

import base64
import csv
import email.utils
import http.client
import json
import logging
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

# CSV file whose first line names the fields, or JSON lines file with one object a line; in UTF-8
data = os.environ['data']

# Form of the file: csv or jsonl
format = os.environ.get('format', 'csv').lower()

# Address of the cluster, for example https://search.example.org:9200
endpoint_url = os.environ['endpoint_url']

# Name of the index; it is made by the cluster when it is missing
index = os.environ['index']

# Column whose values become the ids of the documents; a document of that id is replaced. Empty gives each row an id of its own
id_column = os.environ.get('id_column', '')

# Name of the user; empty asks without user and password
user = os.environ.get('user', '')

password = os.environ.get('password', '').rstrip('\r\n')
api_key = os.environ.get('api_key', '').strip()

# Most documents in one request; a request also ends at 5 megabytes
batch_size = int(os.environ.get('batch_size', 1000))

# How often a request or document is sent again that the cluster has no time for
retries = int(os.environ.get('retries', 5))

# Seconds to wait for an answer
timeout = float(os.environ.get('timeout', 60.0))

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')
csv.field_size_limit(1 << 30)

MAX_BYTES = 5_000_000
SHOWN = 10
# Too many requests, a cluster that starts or a proxy that has lost it.
BUSY = (408, 429, 502, 503, 504)


class Refused(Exception):
    """What another try would not mend."""


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Another server must not get the credentials."""

    def redirect_request(self, *_):
        return None


def check_request():
    try:
        address = urllib.parse.urlsplit(endpoint_url)
        good = address.scheme in ('http', 'https') and address.hostname and '@' not in address.netloc and not address.query and address.port != 0
    except ValueError:
        good = False
    if not good or re.search(r'[^\x21-\x7e]', endpoint_url):
        raise Refused('endpoint_url: expected http://host:port or https://host:port, without user and password')
    if not re.fullmatch(r'[^\s\\/*?"<>|,#:A-Z\x00-\x1f]+', index) or index[0] in '-_+' or index in ('.', '..') or len(index.encode()) > 255:
        raise Refused(f'index: {index!r} is no name of an index; use small letters, digits, - and _, with a letter or digit first')
    if format not in ('csv', 'jsonl'):
        raise Refused(f'format: {format!r} is neither csv nor jsonl')
    if batch_size < 1 or retries < 0 or not timeout > 0:
        raise Refused('batch_size and timeout are positive, retries is not negative')
    if api_key and (user or password):
        raise Refused('set either api_key, or user and password')
    if password and not user:
        raise Refused('a password needs a user')
    if re.search(r'[^\x21-\x7e]', api_key):
        raise Refused('api_key: expected printable ASCII without blanks')
    if ':' in user:
        raise Refused('user: a colon cannot be part of the name')


def is_number(text):
    # JSON's numbers; 007 is a text.
    return len(text) < 40 and re.fullmatch(r'-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?', text) and abs(float(text)) != float('inf')


def rows(file):
    """The rows of the CSV file, each with the line that it ends on."""
    reader = csv.reader(file, strict=True)
    try:
        names = next(reader, None)
        if not names:
            raise Refused('data: the first line has to name the fields')
        if '' in names or len(set(names)) < len(names):
            raise Refused('data: each column needs a name of its own')
        for values in reader:
            if values:
                if len(values) != len(names):
                    raise Refused(f'data, line {reader.line_num}: {len(values)} fields, but there are {len(names)} columns')
                yield reader.line_num, dict(zip(names, values))
    except csv.Error as error:
        raise Refused(f'data, line {reader.line_num}: {error}') from error


def objects(file):
    """The objects of the JSON lines file, each with its line."""
    for line, text in enumerate(file, 1):
        if text.strip():
            try:
                found = json.loads(text, parse_constant=not_json, parse_float=finite)
            except (ValueError, RecursionError) as error:
                raise Refused(f'data, line {line}: {error or "nested too deeply"}; is it format = csv?') from error
            if not isinstance(found, dict):
                raise Refused(f'data, line {line}: expected a JSON object')
            yield line, found


def not_json(word):
    raise ValueError(f'{word} is no JSON')


def finite(text):
    if abs(float(text)) == float('inf'):
        raise ValueError(f'{text} is too large')
    return float(text)


def lines_of_data():
    with open(data, encoding='utf-8-sig', newline='') as file:
        try:
            yield from (rows if format == 'csv' else objects)(file)
        except UnicodeDecodeError as error:
            raise Refused('data: there is text that is not UTF-8; convert the file first') from error


def examine():
    """Reads the whole file before anything is sent; returns the number of documents, and the columns of numbers and of truth values."""
    numbers, truths, filled, count = None, None, set(), 0
    for line, document in lines_of_data():
        count += 1
        if id_column and not 0 < len(id_of(document, line).encode()) <= 512:
            raise Refused(f'data, line {line}: the id in {id_column} is empty or has more than 512 bytes')
        if format == 'csv':
            numbers, truths = (set(document), set(document)) if numbers is None else (numbers, truths)
            numbers = {name for name in numbers if not document[name] or is_number(document[name])}
            truths = {name for name in truths if document[name].lower() in ('', 'true', 'false')}
            filled.update(name for name, value in document.items() if value)
    return count, (numbers or set()) & filled, (truths or set()) & filled


def id_of(document, line):
    if id_column not in document:
        raise Refused(f'data, line {line}: there is no {id_column}; the fields are: {", ".join(document)}')
    value = document[id_column]
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise Refused(f'data, line {line}: the id in {id_column} is neither a text nor a number')
    return str(value)


def documents():
    """Line, action and document of each row as the two lines of the bulk interface. A row's own id makes a second try replace the first."""
    for line, document in lines_of_data():
        name = id_of(document, line) if id_column else uuid.uuid4().hex
        if format == 'csv':
            document = {field: value_of(field, text) for field, text in document.items() if text}
        yield line, (json.dumps({'index': {'_id': name}}) + '\n' + json.dumps(document, allow_nan=False) + '\n').encode()


def value_of(field, text):
    if field in numbers:
        return json.loads(text)
    return text.lower() == 'true' if field in truths else text


def batches():
    batch, size = [], 0
    for item in documents():
        if batch and (len(batch) == batch_size or size + len(item[1]) > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item[1])
    if batch:
        yield batch


def authorization():
    if api_key:
        return {'Authorization': f'ApiKey {api_key}'}
    return {'Authorization': 'Basic ' + base64.b64encode(f'{user}:{password}'.encode()).decode()} if user else {}


def pause_of(headers, attempt):
    """Seconds until the next try: what the server asks for, at most five minutes, or 1, 2, 4 …"""
    asked = headers.get('Retry-After', '') if headers else ''
    moment = email.utils.parsedate_tz(asked)
    wished = float(asked) if re.fullmatch('[0-9]{1,9}', asked) else email.utils.mktime_tz(moment) - time.time() if moment else 2 ** attempt
    return max(0.0, min(wished, 300.0 if asked else 30.0))


def words_of(answer):
    """The reason that the cluster gives, at most 300 characters."""
    text = answer.read(100_000).decode('utf-8', 'replace')
    try:
        error = json.loads(text)['error']
        text = error if isinstance(error, str) else error['reason']
    except (ValueError, TypeError, KeyError):
        pass
    return ' '.join(str(text).split())[:300]


def send(body):
    """One request; returns the items of the answer, or the pause in seconds and the reason for another try."""
    request = urllib.request.Request(f"{endpoint_url.rstrip('/')}/{urllib.parse.quote(index)}/_bulk", body, {'Content-Type': 'application/x-ndjson', **authorization()})
    try:
        with opener.open(request, timeout=timeout) as answer:
            return json.load(answer)['items'], None, ''
    except urllib.error.HTTPError as error:
        with error:
            reason = f'{error.code} {words_of(error)}'.strip()
            if error.code in BUSY:
                return None, error.headers, reason
        hint = {401: '; check user and password, or api_key', 413: '; choose a smaller batch_size'}.get(error.code, '')
        raise Refused(f'{place}: {reason}{hint}') from error
    except (OSError, http.client.HTTPException) as error:
        return None, None, str(getattr(error, 'reason', error)) or type(error).__name__
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f'{place}: the answer is none of the bulk interface; is this address Elasticsearch or OpenSearch?') from error


def deliver(batch):
    """Sends one batch, again where the cluster has no time; returns the refused documents as (line, reason)."""
    refused = []
    for attempt in range(retries + 1):
        items, headers, reason = send(b''.join(document for _, document in batch))
        if items is not None:
            if len(items) != len(batch):
                raise Refused(f'{place}: {len(items)} answers to {len(batch)} documents')
            waiting = []
            for sent, item in zip(batch, items):
                result = next(iter(item.values()))
                if result['status'] in BUSY:
                    waiting.append(sent)
                    reason = f"{result['status']} {reason_of(result)}"
                elif result['status'] >= 300:
                    refused.append((sent[0], reason_of(result)))
            batch = waiting
            if not batch:
                return refused
        if attempt < retries:
            pause = pause_of(headers, attempt)
            logging.warning('%s: %s; sending %d documents again in %d s', place, reason, len(batch), pause)
            time.sleep(pause)
    raise Refused(f'{place}: {reason} (try {retries + 1} of {retries + 1})')


def reason_of(result):
    error = result.get('error', {})
    if not isinstance(error, dict):
        return str(error)[:300]
    cause = (error.get('caused_by') or {}).get('reason', '')
    return ' '.join(f"{error.get('type', '')}: {error.get('reason', '')} {cause}".split())[:300]


opener = urllib.request.build_opener(NoRedirects)
place = f'{endpoint_url}/{index}'
stored, refused, size = 0, [], 0
try:
    check_request()
    count, numbers, truths = examine()
    for batch in batches():
        wrong = deliver(batch)
        refused += wrong
        stored += len(batch) - len(wrong)
        size += sum(len(document) for _, document in batch)
except (Refused, OSError, ValueError) as error:
    sys.exit(f'error: {error}' + (f'; {stored} documents were stored before' if stored else ''))

logging.info('%s: %d of %d documents stored, %d bytes sent', place, stored, count, size)
if refused:
    for line, reason in refused[:SHOWN]:
        logging.error('line %d: %s', line, reason)
    sys.exit(f'error: {len(refused)} of {count} documents were refused, the first in line {refused[0][0]}: {refused[0][1]}')

# Number of documents that were stored
os.environ['documents'] = str(stored)
