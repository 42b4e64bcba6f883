import base64
import json

import pytest
from servers import http_server, silent_port  # noqa: F401

COMPONENT = "output/output-elasticsearch"


class Cluster:
    """Behaves as the bulk interface of Elasticsearch and OpenSearch does: an item for each document, in order, and 200 also when some are refused."""

    def __init__(self):
        self.indices, self.requests, self.busy, self.busy_items, self.kinds = {}, [], [], 0, {}

    def answer(self, request, body):
        self.requests.append((request.path, dict(request.headers), body))
        if request.headers.get("Authorization") not in ("Basic " + base64.b64encode(b"guest:hunter2 #&").decode(), "ApiKey aGVsbG8="):
            return self.error(401, "unable to authenticate user")
        if self.busy:
            status, headers = self.busy.pop(0)
            return status, headers, b"busy"
        if request.headers["Content-Type"] != "application/x-ndjson" or not body.endswith(b"\n"):
            return self.error(400, "The bulk request must be terminated by a newline")
        index = self.indices.setdefault(request.path.split("/")[1], {})
        lines = body[:-1].split(b"\n")
        items = [self.store(index, json.loads(action)["index"]["_id"], json.loads(source)) for action, source in zip(lines[::2], lines[1::2])]
        return 200, {"Content-Type": "application/json"}, json.dumps({"took": 1, "errors": any(item["index"]["status"] > 299 for item in items), "items": items}).encode()

    def store(self, index, name, document):
        if self.busy_items:
            self.busy_items -= 1
            return {"index": {"_id": name, "status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "queue is full"}}}
        for field, value in document.items():
            # The first value gives a field its type.
            if self.kinds.setdefault(field, type(value)) is int and not isinstance(value, int):
                error = {"type": "mapper_parsing_exception", "reason": f"failed to parse field [{field}]", "caused_by": {"reason": f"For input string: {value!r}"}}
                return {"index": {"_id": name, "status": 400, "error": error}}
        status = 200 if name in index else 201
        index[name] = document
        return {"index": {"_id": name, "status": status}}

    @staticmethod
    def error(status, reason):
        return status, {"Content-Type": "application/json"}, json.dumps({"error": {"reason": reason}, "status": status}).encode()


@pytest.fixture
def cluster():
    cluster = Cluster()
    with http_server(cluster.answer) as server:
        cluster.url = f"http://127.0.0.1:{server.server_port}"
        yield cluster


@pytest.fixture
def send(component, cluster):
    def send(content, env=None, **ports):
        path = component.folder / "data"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return component(env=env or {"api_key": "aGVsbG8="}, **{"data": path, "endpoint_url": cluster.url, "index": "orders", **ports})

    send.folder = component.folder
    return send


@pytest.mark.image
def test_rows_of_a_csv_file_become_documents(send, cluster):
    content = 'number,name,price,paid,code,note\n1,"Ada\n{""index"":{}}",1.5,true,007,\n2,Bea,-2e3,FALSE,8,x\n3,Cy,,,9,\n'
    for _ in range(2):
        done = send(content, id_column="number", batch_size=2, documents="n").succeeded()
    assert cluster.indices == {"orders": {
        "1": {"number": 1, "name": 'Ada\n{"index":{}}', "price": 1.5, "paid": True, "code": "007"},
        "2": {"number": 2, "name": "Bea", "price": -2000.0, "paid": False, "code": "8", "note": "x"}, "3": {"number": 3, "name": "Cy", "code": "9"}}}
    assert [path for path, _, _ in cluster.requests] == ["/orders/_bulk"] * 4
    assert (send.folder / "n").read_text() == "3" and "3 of 3 documents stored" in done.err


def test_json_lines_go_as_they_are(send, cluster):
    env = {"password": "hunter2 #&"}
    send('{"a": {"b": [1, null]}}\n\n{"a": "ü"}\n', env=env, user="guest", format="jsonl").succeeded()
    assert list(cluster.indices["orders"].values()) == [{"a": {"b": [1, None]}}, {"a": "ü"}]


def test_a_cluster_without_time_gets_them_again_and_nothing_twice(send, cluster):
    cluster.busy, cluster.busy_items = [(503, {}), (429, {"Retry-After": "0"})], 2
    done = send("a\n" + "".join(f"{i}\n" for i in range(5))).succeeded()
    assert sorted(document["a"] for document in cluster.indices["orders"].values()) == [0, 1, 2, 3, 4]
    assert [body.count(b"\n") // 2 for _, _, body in cluster.requests] == [5, 5, 5, 2]
    assert "429 es_rejected_execution_exception: queue is full; sending 2 documents again" in done.err


def test_it_gives_up_in_the_end(send, cluster):
    cluster.busy = [(503, {"Retry-After": "0"})] * 9
    send("a\n1\n", retries=2).failed("503 busy (try 3 of 3)", code=1)
    assert len(cluster.requests) == 3


def test_refused_documents_are_named_with_their_lines(send, cluster):
    lines = ['{"n": 1}', '{"n": "two"}', '{"n": 3}', '{"n": "four"}']
    done = send("\n".join(lines), format="jsonl", batch_size=3, documents="n").failed("2 of 4 documents were refused, the first in line 2: mapper_parsing_exception", code=1)
    assert "line 4: mapper_parsing_exception: failed to parse field [n] For input string: 'four'" in done.err and "2 of 4 documents stored" in done.err
    assert not (send.folder / "n").exists() and len(cluster.indices["orders"]) == 2


def test_wrong_credentials_are_refused_at_once_and_not_told(send, cluster):
    for env, ports in (({"password": "wrong-secret"}, {"user": "guest"}), ({"api_key": "wrong-secret"}, {})):
        done = send("a\n1\n", env=env, log_level="DEBUG", **ports).failed("401 unable to authenticate user; check user and password, or api_key", code=1)
        assert "wrong-secret" not in done.err + done.out and base64.b64encode(b"guest:wrong-secret").decode() not in done.err + done.out
    assert len(cluster.requests) == 2 and cluster.indices == {}
    done = send("a\n1\n", env={"api_key": "wrong-secret\nX: y"}).failed("api_key: expected printable ASCII", code=1)
    assert "wrong-secret" not in done.err and len(cluster.requests) == 2


def test_a_redirection_does_not_get_the_key(send, cluster):
    with http_server(lambda request, body: (302, {"Location": cluster.url + "/stolen"}, b"")) as server:
        send("a\n1\n", endpoint_url=f"http://127.0.0.1:{server.server_port}").failed("302", code=1)
    assert cluster.requests == []


def test_a_silent_or_missing_cluster_is_given_up(send, silent_port):
    for port, says in ((silent_port, "timed out"), (1, "Connection refused")):
        send("a\n1\n", endpoint_url=f"http://127.0.0.1:{port}", timeout=0.5, retries=1).failed(says, "try 2 of 2", code=1)


@pytest.mark.parametrize("content, ports, says", [
    ("", {}, "the first line has to name the fields"),
    ("a,b\n1\n", {}, "line 2: 1 fields, but there are 2 columns"),
    (b"a\n\xff\n", {}, "not UTF-8"),
    ("a\n1\n", {"id_column": "no"}, "there is no no; the fields are: a"),
    ("id,a\n1,1\n,2\n", {"id_column": "id"}, "line 3: the id in id is empty"),
    ('{"a": 1}\n[]\n', {"format": "jsonl"}, "line 2: expected a JSON object"),
    ('{"a": NaN}\n', {"format": "jsonl"}, "line 1: NaN is no JSON"),
    ("[" * 100_000, {"format": "jsonl"}, "data, line 1: "),
    ("a\n1\n", {"index": "../_cluster/settings"}, "is no name of an index"),
    ("a\n1\n", {"index": "a?pipeline=x"}, "is no name of an index"),
    ("a\n1\n", {"endpoint_url": "http://me:hidden@127.0.0.1:9200"}, "without user and password"),
])
def test_what_cannot_be_sent_is_named_before_anything_goes(send, cluster, content, ports, says):
    done = send(content, **ports).failed(says, code=1)
    assert cluster.requests == [] and "hidden" not in done.err
