"""Posts a message as JSON to a webhook, with the content of a JSON file where one is given; signed if wanted."""

# claimed: category=Notify
# claimed: group=Message
# claimed: displayName=Webhook
# claimed: tags=webhook, http, chat, notification
# claimed: input data_json: Artifact
# claimed: input token: Secret - Token that the receiver expects in a header, or in the address where it says {token}
# claimed: input signing_secret: Secret - Key of the signature, which the receiver knows too
# claimed: output status: Integer

import email.utils
import hashlib
import hmac
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

# Address of the webhook; {token} in it stands for the token, for example https://chat.example.org/hooks/{token}
url = os.environ['url']

# The message, a text
message = os.environ.get('message', '')

# Field of the JSON object that holds the message, for example text for Slack and Mattermost, content for Discord
message_field = os.environ.get('message_field', 'text')

# JSON file, such as metrics, to send along with the message, or alone when there is no message
data_json = os.environ.get('data_json', '')

# Field that holds the content of data_json beside a message
data_field = os.environ.get('data_field', 'data')

token = os.environ.get('token', '').strip()

# Header that carries the token; in Authorization it stands behind the word Bearer
token_header = os.environ.get('token_header', 'Authorization')

signing_secret = os.environ.get('signing_secret', '').rstrip('\r\n')

# Header with the signature: sha256= and the HMAC-SHA256 of the body in hexadecimal digits
signature_header = os.environ.get('signature_header', 'X-Hub-Signature-256')

# Most kilobytes that are sent
max_kilobytes = int(os.environ.get('max_kilobytes', 1000))

# How often it is tried again when the receiver fails or has no time
retries = int(os.environ.get('retries', 3))

# Seconds to wait for an answer
timeout = float(os.environ.get('timeout', 30.0))

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')


class Refused(Exception):
    """What another try would not mend."""


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Another server must not get message, token and signature."""

    def redirect_request(self, *_):
        return None


def check_request():
    """Refuses what would not be a request, without repeating an address that may hold a secret."""
    try:
        address = urllib.parse.urlsplit(url)
        good = address.scheme in ('http', 'https') and address.hostname and '@' not in address.netloc and '{' not in address.netloc and address.port != 0
    except ValueError:
        good = False
    if not good or re.search(r'[^\x21-\x7e]', url):
        raise Refused('url: expected an http or https address without user, password, blanks and letters beyond ASCII')
    if '{token}' in url and not token:
        raise Refused('url: it has a place for the token, but there is no token')
    for name, header in (('token_header', token_header), ('signature_header', signature_header)):
        if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", header) or header.lower() in ('host', 'content-length', 'transfer-encoding', 'content-type'):
            raise Refused(f'{name}: {header[:100]!r} is no header that can be set')
    if re.search(r'[^\x20-\x7e]', token):
        raise Refused('token: expected printable ASCII')
    if message and data_json and message_field == data_field:
        raise Refused('message_field and data_field need names of their own')
    if retries < 0 or not timeout > 0:
        raise Refused('retries is not negative, timeout is positive')


def not_json(word):
    raise ValueError(f'{word} is no JSON')


def content():
    """The body of the request."""
    limit = max_kilobytes * 1000
    found = None
    if data_json:
        with open(data_json, 'rb') as file:
            raw = file.read(limit + 1)
        if len(raw) > limit:
            raise Refused(f'data_json has more than max_kilobytes = {max_kilobytes}')
        try:
            found = json.loads(raw.decode('utf-8-sig'), parse_constant=not_json)
        except (ValueError, RecursionError) as error:
            raise Refused(f'data_json: {error}') from error
    elif not message:
        raise Refused('there is nothing to send; set message or data_json')
    whole = found if not message else {message_field: message, **({data_field: found} if data_json else {})}
    body = json.dumps(whole, ensure_ascii=True, separators=(',', ':')).encode()
    if len(body) > limit:
        raise Refused(f'the message has more than max_kilobytes = {max_kilobytes}')
    return body


def request_of(body):
    # The same in each try, so that a receiver can tell a second one of the same message.
    headers = {'Content-Type': 'application/json', 'User-Agent': 'claimed-webhook', 'Idempotency-Key': str(uuid.uuid4())}
    if token and '{token}' not in url:
        headers[token_header] = f'Bearer {token}' if token_header.lower() == 'authorization' else token
    if signing_secret:
        headers[signature_header] = 'sha256=' + hmac.new(signing_secret.encode('utf-8', 'surrogateescape'), body, hashlib.sha256).hexdigest()
    return urllib.request.Request(url.replace('{token}', urllib.parse.quote(token)), body, headers, method='POST')


def pause_of(headers, attempt):
    """Seconds until the next try: what the server asks for, at most five minutes, or 1, 2, 4 …"""
    asked = headers.get('Retry-After', '') if headers else ''
    moment = email.utils.parsedate_tz(asked)
    wished = float(asked) if re.fullmatch('[0-9]{1,9}', asked) else email.utils.mktime_tz(moment) - time.time() if moment else 2 ** attempt
    return max(0.0, min(wished, 300.0 if asked else 30.0))


def post(request):
    """Returns the status of the answer; 408, 429, 5xx and broken connections are tried again."""
    for attempt in range(retries + 1):
        headers = None
        try:
            with opener.open(request, timeout=timeout) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            error.close()
            reason, headers = f'{error.code} {error.reason}', error.headers
            if error.code < 500 and error.code not in (408, 429):
                raise Refused(f'{place}: {reason}') from error
        except (OSError, http.client.HTTPException) as error:
            reason = str(getattr(error, 'reason', error)) or type(error).__name__
        if attempt < retries:
            pause = pause_of(headers, attempt)
            logging.warning('%s: %s; trying again in %d s', place, reason, pause)
            time.sleep(pause)
    raise Refused(f'{place}: {reason} (try {retries + 1} of {retries + 1})')


opener = urllib.request.build_opener(NoRedirects)
try:
    check_request()
    # Paths of webhooks are often secrets themselves.
    place = urllib.parse.urlsplit(url).netloc
    body = content()
    status = post(request_of(body))
except (Refused, OSError, ValueError) as error:
    sys.exit(f'error: {error}')

# HTTP status of the answer, for example 200
os.environ['status'] = str(status)
logging.info('%s: %d bytes, answered with %d', place, len(body), status)
