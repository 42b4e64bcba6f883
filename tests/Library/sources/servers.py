"""Real servers on loopback, one of each for a whole run of pytest; a test's file imports the fixtures that it uses."""

import contextlib
import http.server
import os
import pathlib
import socket
import subprocess
import tempfile
import threading
import time
import types

import pytest

TESTKIT = pathlib.Path(__file__).parents[2] / "TestKit"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def scripted(script, *arguments):
    """A server that a script of the test kit runs until its standard input ends."""
    process = subprocess.Popen(["bash", str(TESTKIT / script), *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline().strip() == "ready", f"{script} did not start"
        yield
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def wait_for(port, process):
    """Returns when something listens at the port."""
    limit = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert process.poll() is None and time.monotonic() < limit, "the server did not start"
            time.sleep(0.05)


@pytest.fixture(scope="session")
def postgres():
    """`connect()` as the owner; the user `guest` needs the password `hunter'2 #&`, owns the schema public and may do nothing else."""
    import psycopg2

    # pytest's own folders are for root alone, and the server runs as another user; the script removes this one.
    folder, port = pathlib.Path(tempfile.mkdtemp(prefix="claimed-sources-")), free_port()

    def connect():
        connection = psycopg2.connect(host="127.0.0.1", port=port, user="registry", dbname="postgres")
        connection.autocommit = True
        return connection

    with scripted("private-postgres.sh", folder, port):
        rules = folder / "data" / "pg_hba.conf"
        rules.write_text("host all guest 127.0.0.1/32 scram-sha-256\n" + rules.read_text())
        password = "hunter'2 #&"
        with contextlib.closing(connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_reload_conf()")
            cursor.execute("CREATE ROLE guest LOGIN PASSWORD %s", (password,))
            cursor.execute("ALTER SCHEMA public OWNER TO guest")
        yield types.SimpleNamespace(port=port, password=password, connect=connect)


@pytest.fixture(scope="session")
def s3(tmp_path_factory):
    """s3rver with the bucket `registry`; `client` is boto3's."""
    import boto3
    from botocore.config import Config

    port = free_port()
    with scripted("private-s3rver.sh", port, tmp_path_factory.mktemp("s3") / "server"):
        url = f"http://127.0.0.1:{port}"
        client = boto3.client(
            "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="S3RVER", aws_secret_access_key="S3RVER", config=Config(s3={"addressing_style": "path"}))
        yield types.SimpleNamespace(url=url, port=port, client=client)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 and localhost that signs itself: `file` and `key`."""
    folder = tmp_path_factory.mktemp("certificate")
    # Containers read it as other users.
    folder.chmod(0o755)
    file, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", str(key), "-out", str(file)], check=True, capture_output=True)
    return types.SimpleNamespace(file=file, key=key)


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory, certificate):
    """A broker for the user `guest` alone, plain at `port` and with TLS at `tls_port`; what is below forbidden/ it lets nobody hear."""
    folder = tmp_path_factory.mktemp("mosquitto")
    port, tls_port, password = free_port(), free_port(), "hunter2 #&"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(folder / "passwords"), "guest", password], check=True, capture_output=True)
    (folder / "rights").write_text("user guest\ntopic readwrite plant/#\n")
    (folder / "server.conf").write_text(
        f"{'user root' if os.geteuid() == 0 else ''}\nallow_anonymous false\npassword_file {folder}/passwords\nacl_file {folder}/rights\n"
        f"listener {port} 127.0.0.1\nlistener {tls_port} 127.0.0.1\ncertfile {certificate.file}\nkeyfile {certificate.key}\n")
    process = subprocess.Popen(["mosquitto", "-c", str(folder / "server.conf")], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield types.SimpleNamespace(port=port, tls_port=tls_port, password=password)
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def silent_port():
    """The port of a server that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        yield listening.getsockname()[1]


@contextlib.contextmanager
def http_server(handler):
    """A running http.server; `handler` makes an answer (status, headers, body) of the request handler and the request's body."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, content = handler(self, body)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_HEAD = answer

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()
