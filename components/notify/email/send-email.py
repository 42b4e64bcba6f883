"""Sends an e-mail: a text, with a file or the files of a folder attached, or the content of a file."""

# claimed: category=Notify
# claimed: group=Message
# claimed: name=email
# claimed: displayName=E-mail
# claimed: tags=email, smtp, notification, report
# claimed: input password: Secret - Password of the user
# claimed: input file: Artifact

import email.message
import email.policy
import email.utils
import logging
import mimetypes
import os
import re
import smtplib
import ssl
import sys
import time
from email.headerregistry import Address

# Name or address of the mail server
host = os.environ['host']

# TCP port of the mail server; 0 is 587, or 465 with security = tls
port = int(os.environ.get('port', 0))

# How the connection is encrypted: starttls, tls (from the first byte) or none
security = os.environ.get('security', 'starttls').lower()

# Name of the user; empty sends without signing in
user = os.environ.get('user', '')

password = os.environ.get('password', '').rstrip('\r\n')

# Address of the sender, for example Pipelines <pipelines@example.org>
sender = os.environ['sender']

# Addresses of those who get it, separated by commas
recipients = os.environ['recipients']

# Subject, one line
subject = os.environ['subject']

# The message
text = os.environ.get('text', '')

# A file to send along, or a folder whose files are sent along
file = os.environ.get('file', '')

# What the file is: attachment, or body when its content, text in UTF-8, is the message; it then follows the text
file_as = os.environ.get('file_as', 'attachment').lower()

# Name that an attached file has for the reader, for example matrix.png; its ending tells the type
file_name = os.environ.get('file_name', 'attachment')

# Whether the message is HTML
html = os.environ.get('html', 'False').lower() in ('true', '1', 'yes')

# Most megabytes of text and files together
max_megabytes = float(os.environ.get('max_megabytes', 10.0))

# How often a server that does not answer or asks for patience is tried again
retries = int(os.environ.get('retries', 3))

# Seconds to wait for each answer
timeout = float(os.environ.get('timeout', 30.0))

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')

MAX_RECIPIENTS = 100
MAX_FILES = 20


class Refused(Exception):
    """What another try would not mend."""


def check_request():
    for name, value in (('host', host), ('sender', sender), ('recipients', recipients), ('subject', subject), ('file_name', file_name)):
        # A line break would begin a header of somebody else's.
        if re.search(r'[\x00-\x1f\x7f\x85\u2028\u2029]', value):
            raise Refused(f'{name}: line breaks and control characters are not allowed')
    if len(subject) > 500 or len(file_name) > 200 or re.search(r'[/\\]', file_name):
        raise Refused('subject has at most 500 characters; file_name at most 200, and no slashes')
    if file_as not in ('attachment', 'body'):
        raise Refused(f'file_as: {file_as!r} is neither attachment nor body')
    if security not in ('starttls', 'tls', 'none'):
        raise Refused(f'security: {security!r} is none of starttls, tls, none')
    if not 0 <= port < 65536 or retries < 0 or not timeout > 0:
        raise Refused('port is between 0 and 65535, retries is not negative, timeout is positive')
    if password and not user:
        raise Refused('a password needs a user')
    if user and security == 'none':
        raise Refused('security: none would send the password for everyone to read; choose starttls or tls')
    if not text and not file:
        raise Refused('there is nothing to send; set text or file')


def addresses(name, value):
    """The addresses of a list; one that cannot be one ends the program."""
    found = []
    for shown, address in email.utils.getaddresses([value]):
        try:
            if not re.fullmatch(r'[\x21-\x7e]+@[A-Za-z0-9][A-Za-z0-9.-]*', address):
                raise ValueError('expected somebody@example.org')
            found.append(Address(display_name=shown, addr_spec=address))
        except (ValueError, IndexError, email.errors.MessageError) as error:
            raise Refused(f'{name}: {(address or value)[:200]!r} is no address of e-mail ({error})') from error
    if not found or len(found) > MAX_RECIPIENTS:
        raise Refused(f'{name}: expected 1 to {MAX_RECIPIENTS} addresses')
    return found


def content_of(path, room):
    """The bytes of the file; more than `room` end the program."""
    with open(path, 'rb') as opened:
        content = opened.read(room + 1)
    if len(content) > room:
        raise Refused(f'file: text and files have more than max_megabytes = {max_megabytes:g}')
    return content


def attached_files():
    """Name and path of each file to attach; links and folders in a folder are left out."""
    if not file or file_as == 'body':
        return []
    if not os.path.isdir(file):
        return [(file_name, file)]
    files = [(entry.name, entry.path) for entry in sorted(os.scandir(file), key=lambda entry: entry.name) if entry.is_file(follow_symlinks=False)]
    if len(files) > MAX_FILES:
        raise Refused(f'file: the folder has {len(files)} files, more than {MAX_FILES}; pack them into one')
    return [(re.sub(r'[^\w. -]', '_', name), path) for name, path in files]


def compose():
    """The message and its size in bytes before it is encoded."""
    room = int(max_megabytes * 1_000_000)
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    origins = addresses('sender', sender)
    if len(origins) > 1:
        raise Refused('sender: expected one address')
    message['From'], message['To'], message['Subject'] = origins[0], addresses('recipients', recipients), subject
    message['Date'] = email.utils.localtime()
    message['Message-ID'] = email.utils.make_msgid(domain=origins[0].domain)
    message['Auto-Submitted'] = 'auto-generated'
    content = text
    if file and file_as == 'body':
        try:
            written = content_of(file, room).decode('utf-8-sig')
        except UnicodeDecodeError as error:
            raise Refused('file: it is not text in UTF-8; send it as attachment') from error
        content = f'{text}\n\n{written}' if text else written
    content = content.replace('\0', '')
    size = len(content.encode('utf-8', 'replace'))
    message.set_content(content, subtype='html' if html else 'plain')
    for name, path in attached_files():
        piece = content_of(path, room - size)
        size += len(piece)
        kind = (mimetypes.guess_type(name)[0] or 'application/octet-stream').split('/')
        message.add_attachment(piece, maintype=kind[0], subtype=kind[1], filename=name)
    return message, size


def connect():
    """A server that is ready for the message."""
    checked = ssl.create_default_context()
    if security == 'tls':
        server = smtplib.SMTP_SSL(host, port or 465, timeout=timeout, context=checked)
    else:
        server = smtplib.SMTP(host, port or 587, timeout=timeout)
    try:
        if security == 'starttls':
            server.starttls(context=checked)
        if user:
            server.login(user, password)
        return server
    except BaseException:
        server.close()
        raise


def is_passing(error):
    """Answers 4xx ask for patience; certificates and what the server does not offer stay as they are."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(400 <= code < 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return 400 <= error.smtp_code < 500
    return not isinstance(error, (ssl.SSLCertVerificationError, smtplib.SMTPNotSupportedError))


def words_of(error):
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return ', '.join(f'{address}: {code} {said(reason)}' for address, (code, reason) in error.recipients.items())
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f'the server does not take user and password: {error.smtp_code} {said(error.smtp_error)}'
    if isinstance(error, smtplib.SMTPResponseException):
        return f'{error.smtp_code} {said(error.smtp_error)}'
    return str(error) or type(error).__name__


def said(reply):
    text = reply.decode('utf-8', 'replace') if isinstance(reply, bytes) else str(reply)
    return ' '.join(text.split())[:300]


def deliver(message):
    """Sends the message once; returns the addresses that the server refused while it took others."""
    for attempt in range(retries + 1):
        sending = False
        try:
            with connect() as server:
                sending = True
                return server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            # Without an answer nobody knows whether the message was taken; a second one would be worse than an error.
            unclear = sending and not isinstance(error, (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused))
            if unclear or not is_passing(error) or attempt == retries:
                raise Refused(f'{host}: {words_of(error)} (try {attempt + 1} of {retries + 1})') from error
            pause = min(2 ** attempt * 2, 60)
            logging.warning('%s: %s; trying again in %d s', host, words_of(error), pause)
            time.sleep(pause)


try:
    check_request()
    message, size = compose()
    left_out = deliver(message)
except (Refused, OSError, ValueError) as error:
    sys.exit(f'error: {error}')
if left_out:
    sys.exit('error: the message was sent, but not to ' + ', '.join(f'{address}: {code} {said(reason)}' for address, (code, reason) in left_out.items()))

# Message-ID of the e-mail, by which mail servers log it
os.environ['message_id'] = message['Message-ID']
logging.info('%s took the message for %d recipients, %d bytes of content', host, len(message['To'].addresses), size)
