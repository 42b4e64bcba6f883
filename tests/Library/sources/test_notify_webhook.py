import hashlib
import hmac
import json

import pytest
from servers import http_server, silent_port  # noqa: F401

COMPONENT = "notify/webhook"


class Hook:
    """Keeps what it gets; `answers` are its next statuses and headers, then 204."""

    def __init__(self):
        self.got, self.answers = [], []

    def answer(self, request, body):
        self.got.append((request.path, request.headers, body))
        status, headers = self.answers.pop(0) if self.answers else (204, {})
        return status, headers, b""


@pytest.fixture
def hook():
    hook = Hook()
    with http_server(hook.answer) as server:
        hook.place = f"127.0.0.1:{server.server_port}"
        hook.url = f"http://{hook.place}/hooks/in?a=b"
        yield hook


def test_a_message_is_posted_as_json(component, hook):
    done = component(url=hook.url, message='Größe "1"\n', status="status").succeeded()
    [(path, headers, body)] = hook.got
    assert (path, json.loads(body), headers["Content-Type"]) == ("/hooks/in?a=b", {"text": 'Größe "1"\n'}, "application/json")
    assert headers["Authorization"] is None and headers["X-Hub-Signature-256"] is None
    assert (component.folder / "status").read_text() == "204" and f"{hook.place}: {len(body)} bytes, answered with 204" in done.err and "hooks" not in done.err


def test_a_file_goes_along_or_alone(component, hook):
    (component.folder / "m.json").write_text('\ufeff{"accuracy": 0.5, "labels": ["ü"]}')
    component(url=hook.url, data_json="m.json", message="done", message_field="content", data_field="metrics").succeeded()
    component(url=hook.url, data_json="m.json").succeeded()
    metrics = {"accuracy": 0.5, "labels": ["ü"]}
    assert [json.loads(body) for _, _, body in hook.got] == [{"content": "done", "metrics": metrics}, metrics]


@pytest.mark.image
def test_token_and_signature_are_sent_and_not_told(component, hook):
    env = {"token": "hidden/token\n", "signing_secret": "hidden key"}
    told = component(env=env, url=hook.url, message="m", log_level="DEBUG").succeeded()
    asked = component(env=env, url=hook.url, message="m", token_header="X-Token", signature_header="X-Signature").succeeded()
    inside = component(env=env, url=f"http://{hook.place}/services/{{token}}", message="m").succeeded()
    signature = "sha256=" + hmac.new(b"hidden key", b'{"text":"m"}', hashlib.sha256).hexdigest()
    assert (hook.got[0][1]["Authorization"], hook.got[0][1]["X-Hub-Signature-256"], hook.got[0][2]) == ("Bearer hidden/token", signature, b'{"text":"m"}')
    assert (hook.got[1][1]["X-Token"], hook.got[1][1]["X-Signature"], hook.got[1][1]["Authorization"]) == ("hidden/token", signature, None)
    assert (hook.got[2][0], hook.got[2][1]["Authorization"]) == ("/services/hidden/token", None)
    hook.answers = [(404, {})]
    wrong = component(env=env, url=f"http://{hook.place}/services/{{token}}", message="m").failed(f"{hook.place}: 404", code=1)
    assert not any("hidden" in done.out + done.err for done in (told, asked, inside, wrong))


def test_failures_are_tried_again_with_the_same_key(component, hook):
    hook.answers = [(500, {}), (429, {"Retry-After": "0"}), (503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})]
    done = component(url=hook.url, message="m").succeeded()
    assert len(hook.got) == 4 and len({headers["Idempotency-Key"] for _, headers, _ in hook.got}) == 1
    assert [line.split("; ")[1] for line in done.err.splitlines() if "trying again" in line] == ["trying again in 1 s", "trying again in 0 s", "trying again in 0 s"]


def test_it_gives_up_in_the_end_and_at_once_where_nothing_would_change(component, hook):
    hook.answers = [(500, {"Retry-After": "0"})] * 9
    component(url=hook.url, message="m", retries=2, status="status").failed("500 Internal Server Error (try 3 of 3)", code=1)
    assert len(hook.got) == 3 and not (component.folder / "status").exists()
    hook.answers = [(400, {})]
    component(url=hook.url, message="m").failed("400 Bad Request", code=1)
    assert len(hook.got) == 4


def test_a_redirection_does_not_get_the_token(component, hook):
    with http_server(lambda request, body: (302, {"Location": hook.url}, b"")) as server:
        component(env={"token": "t"}, url=f"http://127.0.0.1:{server.server_port}/", message="m").failed("302", code=1)
    assert hook.got == []


def test_a_silent_or_missing_receiver_is_given_up(component, silent_port):
    for port, says in ((silent_port, "timed out"), (1, "Connection refused")):
        component(url=f"http://127.0.0.1:{port}/secret-path", message="m", timeout=0.5, retries=1).failed(says, "try 2 of 2", code=1)


@pytest.mark.parametrize("ports, env, says", [
    ({"url": "file:///etc/passwd"}, {}, "url: expected an http or https address"),
    ({"url": "http://me:hidden@127.0.0.1/"}, {}, "url: expected"),
    ({"url": "http://127.0.0.1/a\r\nX: hidden"}, {}, "url: expected"),
    ({"url": "http://127.0.0.1/{token}"}, {}, "there is no token"),
    ({}, {"token": "hidden\r\nX: y"}, "token: expected printable ASCII"),
    ({"token_header": "A: b\r\nC"}, {"token": "hidden"}, "is no header that can be set"),
    ({"signature_header": "Host"}, {"signing_secret": "hidden"}, "is no header that can be set"),
    ({"message": ""}, {}, "there is nothing to send"),
    ({"data_json": "broken.json"}, {}, "data_json: Expecting"),
    ({"data_json": "large.json"}, {}, "data_json has more than max_kilobytes = 1"),
    ({"data_json": "none.json"}, {}, "No such file"),
])
def test_what_would_be_no_request_is_refused(component, hook, ports, env, says):
    (component.folder / "broken.json").write_text('{"a": ')
    (component.folder / "large.json").write_text(json.dumps("x" * 2000))
    done = component(env=env, **{"url": hook.url, "message": "m", "max_kilobytes": 1, **ports}).failed(says, code=1)
    assert hook.got == [] and "hidden" not in done.err
