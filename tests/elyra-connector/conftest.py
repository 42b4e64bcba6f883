"""A running registry (CLAIMED_URL, CLAIMED_TOKEN), the connector, and Elyra's base classes: real ones where ELYRA_HARNESS_BASE has a checkout."""

import http.server
import os
import socketserver
import sys
import threading
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import pytest
import requests

HERE = Path(__file__).parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parents[1] / "src" / "elyra-connector"))
BASE = os.environ.get("ELYRA_HARNESS_BASE")
REAL = bool(BASE)
sys.path.insert(0, str(Path(BASE) / "deps" / "site" if BASE else HERE / "standins"))
if REAL:
    # Debian's google packages have frozen the path of the namespace that kfp's modules are in, too.
    import google

    google.__path__.append(str(Path(BASE) / "deps" / "site" / "google"))

URL = os.environ["CLAIMED_URL"].rstrip("/")
TOKEN = os.environ["CLAIMED_TOKEN"]

COMPONENT = """
name: {title}
description: Says {word}.
inputs:
- {{name: greeting, type: String, default: '{word}'}}
outputs:
- {{name: said, type: Dataset}}
implementation:
  container:
    image: 127.0.0.1:1/team/tool@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    command: [sh, -c, 'echo "$0" > "$1"', {{inputValue: greeting}}, {{outputPath: said}}]
"""


class Registry:
    """Publishing and changing, as the administrator, in a namespace of the test's own."""

    def __init__(self):
        self.space = f"t{uuid.uuid4().hex[:12]}"
        self.url = URL
        self.ask("PUT", f"/api/v1/namespaces/{self.space}")

    def ask(self, method, path, **more):
        answer = requests.request(method, URL + path, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60, **more)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def publish(self, name, version, word="word", title="Greet", **fields):
        text = COMPONENT.format(title=title, word=word)
        self.ask("PUT", f"/api/v1/components/{self.space}/{name}/versions/{version}", files={"source": ("component.yaml", text)}, data=dict(fields, breaking="allow"))

    def change(self, name, **values):
        self.ask("PATCH", f"/api/v1/components/{self.space}/{name}", json=values)

    def change_version(self, name, version, **values):
        self.ask("PATCH", f"/api/v1/components/{self.space}/{name}/versions/{version}", json=values)

    def token(self, pattern, *scopes):
        return self.ask("POST", "/api/v1/tokens", json={"name": "robot", "forNamespace": True, "scopes": list(scopes), "pattern": pattern}).json()["token"]


@pytest.fixture
def registry():
    return Registry()


@pytest.fixture(autouse=True)
def jupyter_folder(tmp_path, monkeypatch):
    """Jupyter's data folder, where catalogs are kept."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    return tmp_path / "jupyter"


class Line:
    """A way to the registry that can be cut and that counts who goes along it."""

    def __init__(self):
        seen = self.seen = []
        self.answer = None

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(handler):
                request = urllib.request.Request(URL + handler.path, headers={name: value for name, value in handler.headers.items() if name.lower() != "host"})
                try:
                    with urllib.request.urlopen(request, timeout=60) as answer:
                        status, headers, body = answer.status, answer.headers, answer.read()
                except urllib.error.HTTPError as error:
                    status, headers, body = error.code, error.headers, error.read()
                seen.append((handler.path, dict(handler.headers), status))
                if self.answer is not None:
                    status, headers, body = self.answer
                handler.send_response_only(status)
                for name in ("Content-Type", "Content-Encoding", "ETag"):
                    if headers.get(name):
                        handler.send_header(name, headers[name])
                if status != 304:
                    handler.send_header("Content-Length", str(len(body)))
                handler.end_headers()
                if status != 304:
                    handler.wfile.write(body)

            def log_message(handler, *words):
                pass

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def cut(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def line():
    way = Line()
    yield way
    way.cut()
