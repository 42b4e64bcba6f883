import hashlib
import http.server
import threading

import pytest

COMPONENT = "input/input-url"
CONTENT = b"a,b\n1,2\n"


@pytest.fixture
def server():
    """Answers the first request with 503, all others with the file."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked += 1
            if self.server.asked == 1:
                self.send_error(503)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.asked = 0
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def url_of(server):
    return f"http://127.0.0.1:{server.server_port}/a.csv"


@pytest.mark.image
def test_a_download_is_tried_again_and_checked(component, server):
    component(url=url_of(server), sha256=hashlib.sha256(CONTENT).hexdigest(), data="good.csv").succeeded()
    assert (component.folder / "good.csv").read_bytes() == CONTENT
    assert server.asked == 2


def test_another_checksum_leaves_no_file(component, server):
    server.asked = 1
    component(url=url_of(server), sha256="0" * 64, data="bad.csv").failed(f"has the SHA-256 {hashlib.sha256(CONTENT).hexdigest()}, expected 0000", code=1)
    assert not list(component.folder.glob("bad.csv*"))


def test_only_addresses_of_the_network_are_taken(component):
    component(url="file:///etc/passwd", data="x").failed("is not an http, https or ftp address", code=1)
