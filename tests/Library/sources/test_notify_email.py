import email
import email.policy
import ssl
import threading

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from servers import certificate, free_port, silent_port  # noqa: F401

COMPONENT = "notify/email"


class Box:
    """What a mail server has taken, and how often it asks for patience."""

    def __init__(self):
        self.mails, self.patience, self.lock = [], 0, threading.Lock()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        with self.lock:
            if self.patience:
                self.patience -= 1
                return "451 greylisted, come again"
            self.mails.append((getattr(session, "login", None), envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default)))
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (b"guest", b"hunter2 #&")
    session.login = data.login if good else None
    return AuthResult(success=good, handled=good)


@pytest.fixture(scope="module")
def server(certificate):
    """Two mail servers: one that wants STARTTLS and a user, at `port`, and a plain relay, at `relay_port`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.file, certificate.key)
    box = Box()

    class Strict(Controller):
        def factory(self):
            return SMTP(self.handler, tls_context=context, require_starttls=True, auth_required=True, authenticator=authenticate)

    class Relay(Controller):
        def factory(self):
            return SMTP(self.handler)

    strict, relay = Strict(box, "127.0.0.1", free_port()), Relay(box, "127.0.0.1", free_port())
    strict.start()
    relay.start()
    box.port, box.relay_port = strict.port, relay.port
    yield box
    strict.stop()
    relay.stop()


@pytest.fixture
def send(component, server, certificate):
    server.mails.clear()

    def send(env=None, **ports):
        ports = {"host": "127.0.0.1", "port": server.port, "user": "guest", "sender": "Pipelines <pipelines@example.org>", "recipients": "ada@example.org",
                 "subject": "The nightly run", "text": "All went well.", **ports}
        return component(env={"password": "hunter2 #&", "SSL_CERT_FILE": str(certificate.file), **(env or {})}, **ports)

    send.folder = component.folder
    return send


def test_a_text_arrives(send, server):
    done = send(recipients='"Ada, L." <ada@example.org>, bea@example.org', subject="Größe: 1 €", message_id="id").succeeded()
    [(login, to, mail)] = server.mails
    assert (login, to) == (b"guest", ["ada@example.org", "bea@example.org"])
    assert (mail["From"], mail["To"], mail["Subject"]) == ("Pipelines <pipelines@example.org>", '"Ada, L." <ada@example.org>, bea@example.org', "Größe: 1 €")
    assert mail.get_content() == "All went well.\r\n" and mail.get_content_type() == "text/plain" and mail["Date"]
    assert (send.folder / "id").read_text() == mail["Message-ID"] and mail["Message-ID"].endswith("@example.org>")
    assert "took the message for 2 recipients, 14 bytes" in done.err


def test_a_report_arrives_as_the_message(send, server):
    (send.folder / "report.html").write_text("\ufeff<p>fine ü</p>\n.\n")
    send(file=send.folder / "report.html", file_as="body", text="", html="true").succeeded()
    [(_, _, mail)] = server.mails
    assert mail.get_content().split() == ["<p>fine", "ü</p>", "."] and mail.get_content_type() == "text/html"
    (send.folder / "picture").write_bytes(b"\xff\xd8")
    send(file=send.folder / "picture", file_as="body").failed("file: it is not text in UTF-8", code=1)


@pytest.mark.image
def test_a_picture_is_attached(send, server):
    (send.folder / "m").write_bytes(bytes(range(256)))
    send(file=send.folder / "m", file_name="mätrix.png").succeeded()
    [(_, _, mail)] = server.mails
    [attached] = mail.iter_attachments()
    assert mail.get_body().get_content() == "All went well.\r\n"
    assert (attached.get_filename(), attached.get_content_type(), attached.get_content()) == ("mätrix.png", "image/png", bytes(range(256)))


def test_the_files_of_a_folder_are_attached_but_no_links(send, server):
    folder = send.folder / "files"
    folder.mkdir()
    (folder / "a.csv").write_text("a\n")
    (folder / "b.txt").write_text("b\n")
    (folder / "link").symlink_to("/etc/passwd")
    send(file=folder).succeeded()
    assert [part.get_filename() for part in server.mails[0][2].iter_attachments()] == ["a.csv", "b.txt"]


def test_too_much_is_refused(send, server):
    (send.folder / "large").write_bytes(b"x" * 600_000)
    send(file=send.folder / "large", max_megabytes=0.5).failed("more than max_megabytes = 0.5", code=1)
    send(file=send.folder / "large", file_as="body", max_megabytes=0.5).failed("more than max_megabytes = 0.5", code=1)
    assert server.mails == []


@pytest.mark.parametrize("ports, says", [
    ({"subject": "a\r\nBcc: eve@example.org"}, "subject: line breaks"),
    ({"subject": "a\u2028b"}, "subject: line breaks"),
    ({"recipients": "ada@example.org\nBcc: eve@example.org"}, "recipients: line breaks"),
    ({"recipients": "ada@example.org> NOTIFY=NEVER"}, "is no address of e-mail"),
    ({"recipients": "ada"}, "is no address of e-mail"),
    ({"recipients": "@"}, "is no address of e-mail"),
    ({"sender": "a@example.org, b@example.org"}, "sender: expected one address"),
    ({"sender": "a@example.org\rX: y"}, "sender: line breaks"),
    ({"file": "/etc/hostname", "file_name": 'a"\r\nX: y'}, "file_name: line breaks"),
    ({"security": "none"}, "security: none would send the password"),
    ({"text": ""}, "there is nothing to send"),
    ({"file": "none.csv"}, "No such file"),
])
def test_what_would_be_no_message_is_refused(send, server, ports, says):
    send(**ports).failed(says, code=1)
    assert server.mails == []


def test_a_wrong_password_is_refused_at_once_and_not_told(send, server):
    done = send(env={"password": "wrong-secret"}, log_level="DEBUG").failed("does not take user and password: 535", "try 1 of", code=1)
    assert "wrong-secret" not in done.err + done.out and server.mails == []


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(send, server):
    send(env={"SSL_CERT_FILE": "/dev/null"}).failed("certificate verify failed", "try 1 of", code=1)
    assert server.mails == []


def test_a_server_that_asks_for_patience_is_tried_again(send, server):
    server.patience = 1
    done = send(user="", env={"password": ""}, security="none", port=server.relay_port).succeeded()
    assert len(server.mails) == 1 and "451 greylisted, come again; trying again in 2 s" in done.err


def test_recipients_that_the_server_does_not_know_are_named(send, server):
    relay = {"user": "", "env": {"password": ""}, "security": "none", "port": server.relay_port}
    send(recipients="ada@example.org, nobody@example.org", **relay).failed("was sent, but not to nobody@example.org: 550 no such user here", code=1)
    assert [to for _, to, _ in server.mails] == [["ada@example.org"]]
    send(recipients="nobody@example.org", **relay).failed("nobody@example.org: 550", "try 1 of", code=1)


def test_a_silent_or_missing_server_is_given_up(send, silent_port):
    for port, says in ((silent_port, "timed out"), (1, "Connection refused")):
        send(port=port, timeout=0.5, retries=0).failed(says, "try 1 of 1", code=1)
    send(port=silent_port, timeout=0.5, retries=0, security="tls").failed("timed out", code=1)
