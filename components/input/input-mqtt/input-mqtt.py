"""Collects the messages of an MQTT topic for a time, or until there are enough, as JSON lines or CSV."""

# claimed: category=Input
# claimed: group=Stream
# claimed: displayName=MQTT
# claimed: tags=mqtt, sensors, messages, stream
# claimed: imports=paho.mqtt.client
# claimed: input password: Secret - Password of the user
# claimed: output data: Dataset from output_data
# claimed: output messages: Integer

# pip install paho-mqtt==2.1.0

import base64
import csv
import datetime
import json
import logging
import os
import sys
import time

try:
    import paho.mqtt.client as mqtt
except ImportError:
    sys.exit('error: input-mqtt needs the package paho-mqtt; install it (pip install paho-mqtt), or let the base image of the site provide it')

# Name or address of the broker
host = os.environ['host']

# TCP port of the broker; 0 is 1883, or 8883 with TLS
port = int(os.environ.get('port', 0))

# Topic to listen to, for example plant/+/temperature; + stands for one level, # at the end for all below
topic = os.environ['topic']

# Name of the broker's user; empty comes without name and password
user = os.environ.get('user', '')

password = os.environ.get('password', '').rstrip('\r\n')

# Whether the connection is encrypted and the broker's certificate checked
tls = os.environ.get('tls', 'False').lower() in ('true', '1', 'yes')

# Quality of service: 0 at most once, 1 at least once, 2 exactly once
qos = int(os.environ.get('qos', 1))

# Seconds to listen; 0 listens until max_messages have come
seconds = float(os.environ.get('seconds', 60.0))

# Number of messages after which the component ends; 0 ends by time alone
max_messages = int(os.environ.get('max_messages', 0))

# Fewest messages; fewer are an error
min_messages = int(os.environ.get('min_messages', 0))

# Form of the result: jsonl, one JSON object a line, or csv
format = os.environ.get('format', 'jsonl').lower()

# Name that the broker knows this client by; empty takes a random one
client_id = os.environ.get('client_id', '')

# How often a broken connection is made again before the component gives up
retries = int(os.environ.get('retries', 3))

# Seconds to wait for the broker's answer when connecting
timeout = float(os.environ.get('timeout', 30.0))

# One message per line: time (UTC, ISO 8601, when it came), topic, payload, encoding (text, or base64 when the payload is not UTF-8)
output_data = os.environ['output_data']

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')

FIELDS = ('time', 'topic', 'payload', 'encoding')


class Refused(Exception):
    """What another try would not mend."""


class Lines:
    """The messages as lines of a file."""

    def __init__(self, file):
        self.file, self.count, self.size = file, 0, 0
        self.table = csv.writer(file, lineterminator='\n') if format == 'csv' else None
        if self.table:
            self.table.writerow(FIELDS)

    def add(self, message):
        if max_messages and self.count == max_messages:
            return
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec='milliseconds').replace('+00:00', 'Z')
        try:
            payload, encoding = message.payload.decode(), 'text'
        except UnicodeDecodeError:
            payload, encoding = base64.b64encode(message.payload).decode('ascii'), 'base64'
        values = (now, message.topic, payload, encoding)
        if self.table:
            self.table.writerow(values)
        else:
            self.file.write(json.dumps(dict(zip(FIELDS, values)), ensure_ascii=False) + '\n')
        self.count += 1
        self.size += len(message.payload)


class Listener:
    """One connection to the broker; everything happens in `listen`, nothing in other threads."""

    def __init__(self, lines):
        self.lines, self.answer, self.subscribed = lines, None, False
        # Version 2 of the package wants to be told which arguments callbacks have; those used here are the same in both.
        versions = getattr(mqtt, 'CallbackAPIVersion', None)
        self.client = mqtt.Client(*([versions.VERSION2] if versions else []), client_id=client_id, clean_session=True)
        if user:
            self.client.username_pw_set(user, password or None)
        if tls:
            self.client.tls_set()
        self.client.connect_timeout = timeout
        self.client.on_connect = lambda client, data, flags, reason, *more: self.connected(reason)
        self.client.on_subscribe = lambda client, data, number, granted, *more: self.granted(granted)
        self.client.on_message = lambda client, data, message: lines.add(message)

    def connected(self, reason):
        self.answer = reason
        if reason == 0:
            self.client.subscribe(topic, qos)

    def granted(self, codes):
        if any(getattr(code, 'value', code) >= 128 for code in codes):
            raise Refused(f'{place}: the broker does not let this user listen to {topic}')
        self.subscribed = True

    def connect(self):
        """Returns when the broker has taken the subscription."""
        self.answer, self.subscribed, limit = None, False, time.monotonic() + timeout
        self.client.connect(host, port, keepalive=max(5, min(60, int(timeout))))
        while not self.subscribed:
            problem = self.client.loop(0.2)
            if self.answer is not None and self.answer != 0:
                words = mqtt.connack_string(self.answer) if isinstance(self.answer, int) else str(self.answer)
                raise Refused(f'{place}: the broker refused the connection: {words}')
            if problem:
                raise OSError(mqtt.error_string(problem))
            if time.monotonic() > limit:
                raise OSError(f'the broker did not answer within {timeout:g} seconds')

    def enough(self, end):
        return end is not None and time.monotonic() >= end or max_messages and self.lines.count >= max_messages

    def listen(self):
        """Collects until it is enough; the time begins with the first subscription."""
        end, attempt = None, 0
        while True:
            try:
                self.connect()
                if end is None and seconds:
                    end = time.monotonic() + seconds
                logging.info('%s: listening to %s', place, topic)
                while not self.enough(end):
                    problem = self.client.loop(max(0.01, min(0.5, end - time.monotonic() if end else 0.5)))
                    if problem:
                        raise OSError(mqtt.error_string(problem))
                self.client.disconnect()
                return
            except OSError as error:
                if self.enough(end):
                    return
                if attempt == retries:
                    raise Refused(f'{place}: {error} (try {attempt + 1} of {retries + 1}; {self.lines.count} messages came)') from error
                pause = min(2 ** attempt, 30)
                attempt += 1
                logging.warning('%s: %s; connecting again in %d s', place, error, pause)
                time.sleep(pause)


def check_request():
    if format not in ('jsonl', 'csv'):
        raise Refused(f'format: {format!r} is neither jsonl nor csv')
    if qos not in (0, 1, 2):
        raise Refused(f'qos: {qos} is none of 0, 1, 2')
    if not 0 <= port < 65536:
        raise Refused(f'port: {port} is not between 0 and 65535')
    if not 0 <= seconds <= 1e9 or max_messages < 0 or not seconds and not max_messages:
        raise Refused('seconds or max_messages has to say when to end; neither is negative')
    if max_messages and min_messages > max_messages:
        raise Refused('min_messages is larger than max_messages')
    if not 0 < timeout <= 1e6:
        raise Refused('timeout: expected more than 0 seconds')
    if password and not user:
        raise Refused('a password needs a user')
    levels = topic.split('/')
    if len(topic.encode()) > 65535 or '\0' in topic or any('+' in level and level != '+' or '#' in level and (level != '#' or i + 1 < len(levels)) for i, level in enumerate(levels)):
        raise Refused(f"topic: {topic[:200]!r} is no filter; + stands for a whole level, # for the last one")


port = port or (8883 if tls else 1883)
place = f'{host}:{port}'
partial = output_data + '.part'
try:
    check_request()
    with open(partial, 'w', encoding='utf-8', newline='') as file:
        lines = Lines(file)
        Listener(lines).listen()
    if lines.count < min_messages:
        raise Refused(f'{lines.count} messages of {topic} came in {seconds:g} seconds, fewer than min_messages = {min_messages}')
    os.replace(partial, output_data)
except (Refused, OSError, ValueError) as error:
    if os.path.exists(partial):
        os.remove(partial)
    sys.exit(f'error: {error}')

# Number of messages that came
os.environ['messages'] = str(lines.count)
logging.info('%s: %d messages of %s, %d bytes of payload', place, lines.count, topic, lines.size)
