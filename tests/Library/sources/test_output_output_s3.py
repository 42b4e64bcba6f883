import pytest
from botocore.exceptions import ClientError
from servers import http_server, s3, silent_port  # noqa: F401

COMPONENT = "output/output-s3"
KEYS = {"access_key_id": "S3RVER", "secret_access_key": "S3RVER"}


@pytest.fixture
def file(component):
    path = component.folder / "data.csv"
    path.write_bytes(b"a,b\n1,2\n")
    return path


@pytest.mark.image
def test_a_file_arrives_under_its_key(component, s3, file):
    component(env=KEYS, endpoint_url=s3.url, bucket="registry", key="out/däta 1.csv", data=file, uri="uri", size="size").succeeded()
    found = s3.client.get_object(Bucket="registry", Key="out/däta 1.csv")
    assert (found["Body"].read(), found["ContentType"]) == (b"a,b\n1,2\n", "text/csv")
    assert ((component.folder / "uri").read_text(), (component.folder / "size").read_text()) == ("s3://registry/out/däta 1.csv", "8")


def test_a_large_file_goes_in_parts(component, s3, file):
    content = bytes(range(256)) * 40_000
    file.write_bytes(content)
    component(env=KEYS, endpoint_url=s3.url, bucket="registry", key="out/large", data=file).succeeded()
    found = s3.client.get_object(Bucket="registry", Key="out/large")
    assert found["Body"].read() == content


def test_an_object_that_is_there_stays_unless_it_may_be_replaced(component, s3, file):
    ports = {"endpoint_url": s3.url, "bucket": "registry", "key": "out/once", "data": file}
    component(env=KEYS, overwrite="false", **ports).succeeded()
    file.write_bytes(b"other")
    component(env=KEYS, overwrite="false", **ports).failed("s3://registry/out/once exists already", code=1)
    assert s3.client.get_object(Bucket="registry", Key="out/once")["Body"].read() == b"a,b\n1,2\n"
    component(env=KEYS, **ports).succeeded()
    assert s3.client.get_object(Bucket="registry", Key="out/once")["Body"].read() == b"other"


@pytest.mark.parametrize("ports, says", [
    ({"key": "../up"}, "key: '../up' has"),
    ({"key": "a/../../up"}, "has an empty part, a part . or .."),
    ({"key": "a\r\nX-Amz-Acl: public-read"}, "a control character"),
    ({"bucket": "nobody"}, "NoSuchBucket"),
    ({"content_type": "text/csv\r\nX: y"}, "is no media type"),
    ({"data": "none.csv"}, "there is no such file"),
])
def test_what_cannot_be_stored_is_named(component, s3, file, ports, says):
    component(env=KEYS, **{"endpoint_url": s3.url, "bucket": "registry", "key": "k", "data": file, **ports}).failed(says, code=1)


def test_wrong_credentials_are_refused_at_once_and_not_told(component, s3, file):
    env = {"access_key_id": "NOBODY", "secret_access_key": "wrong-secret"}
    done = component(env=env, endpoint_url=s3.url, bucket="registry", key="out/wrong", data=file, log_level="DEBUG").failed("InvalidAccessKeyId", "try 1 of", code=1)
    assert "wrong-secret" not in done.err + done.out
    with pytest.raises(ClientError):
        s3.client.head_object(Bucket="registry", Key="out/wrong")


def test_a_server_that_is_silent_or_missing_is_given_up(component, file, silent_port):
    for port in (silent_port, 1):
        component(env=KEYS, limit=20, endpoint_url=f"http://127.0.0.1:{port}", bucket="registry", key="a", data=file, timeout=0.5, retries=1).failed("try 2 of 2", code=1)


def test_an_upload_is_tried_again_until_the_store_has_the_same_bytes(component, file):
    stored = []

    def answer(request, body):
        if request.command == "PUT":
            stored.append(body)
            return (503, {}, b"") if len(stored) == 1 else (200, {"ETag": '"x"'}, b"")
        # After the second upload the store has only half of it.
        return 200, {"Content-Length": "4" if len(stored) == 2 else "8"}, b""

    with http_server(answer) as server:
        done = component(env=KEYS, endpoint_url=f"http://127.0.0.1:{server.server_port}", bucket="registry", key="k", data=file).succeeded()
    assert len(stored) == 3 and "4 of 8 bytes arrived" in done.err


def test_a_missing_library_is_named(component):
    (component.folder / "boto3.py").write_text("raise ImportError")
    component(env={"PYTHONPATH": str(component.folder)}, bucket="b", key="k", data="x").failed("needs the package boto3", code=1)
