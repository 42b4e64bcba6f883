import hashlib
import zipfile

import pytest
from servers import http_server, s3, silent_port  # noqa: F401

COMPONENT = "input/input-s3"
KEYS = {"access_key_id": "S3RVER", "secret_access_key": "S3RVER"}


@pytest.fixture(scope="module")
def objects(s3):
    """A few objects in the bucket `registry`."""
    content = {"in/a.csv": b"a,b\n1,2\n", "in/deep/b.bin": bytes(range(256)) * 9000, "in/folder/": b"", "other/c": b"c"}
    for key, body in content.items():
        s3.client.put_object(Bucket="registry", Key=key, Body=body)
    return content


def left(component):
    return sorted(path.name for path in component.folder.iterdir())


@pytest.mark.image
def test_one_object_is_handed_on_as_it_is(component, s3, objects):
    done = component(env=KEYS, endpoint_url=s3.url, bucket="registry", key="in/deep/b.bin", data="b.bin", objects="n", size="s").succeeded()
    assert (component.folder / "b.bin").read_bytes() == objects["in/deep/b.bin"]
    assert ((component.folder / "n").read_text(), (component.folder / "s").read_text()) == ("1", str(256 * 9000))
    assert "s3://registry/in/deep/b.bin: 1 objects, 2304000 bytes" in done.err


def test_all_objects_below_a_prefix_become_one_archive(component, s3, objects):
    for name in ("one.zip", "two.zip"):
        component(env=KEYS, endpoint_url=s3.url, bucket="registry", prefix="in/", data=name, objects="n").succeeded()
    with zipfile.ZipFile(component.folder / "one.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"a.csv": objects["in/a.csv"], "deep/b.bin": objects["in/deep/b.bin"]}
    assert (component.folder / "one.zip").read_bytes() == (component.folder / "two.zip").read_bytes()
    assert left(component) == ["n", "one.zip", "two.zip"]


@pytest.mark.parametrize("ports, says", [
    ({"key": "in/none.csv"}, "NoSuchKey"),
    ({"prefix": "none/"}, "there are no objects below this prefix"),
    ({"key": "a", "prefix": "b"}, "set either key"),
    ({"key": "a", "endpoint_url": "http://me:hidden@127.0.0.1"}, "without user and password"),
    ({"prefix": "in/", "max_megabytes": 2}, "more than max_megabytes = 2"),
])
def test_what_cannot_be_had_is_named_and_leaves_no_file(component, s3, objects, ports, says):
    done = component(env=KEYS, **{"bucket": "registry", "endpoint_url": s3.url, "data": "x", **ports}).failed(says, code=1)
    assert left(component) == [] and "hidden" not in done.err


def test_wrong_credentials_are_refused_at_once_and_not_told(component, s3, objects):
    env = {"access_key_id": "NOBODY", "secret_access_key": "wrong-secret"}
    done = component(env=env, endpoint_url=s3.url, bucket="registry", key="in/a.csv", data="x", log_level="DEBUG").failed("InvalidAccessKeyId", "try 1 of", code=1)
    assert "wrong-secret" not in done.err + done.out and left(component) == []
    done = component(env={"access_key_id": "a\nb", "secret_access_key": "wrong-secret"}, bucket="registry", key="k", data="x").failed("are printable ASCII", code=1)
    assert "wrong-secret" not in done.err


def test_without_credentials_it_says_what_to_set(component, s3):
    env = {"AWS_EC2_METADATA_DISABLED": "true"}
    component(env=env, endpoint_url=s3.url, bucket="registry", key="in/a.csv", data="x").failed("there are no credentials; set access_key_id", code=1)


def test_a_server_that_is_silent_or_missing_is_given_up(component, silent_port):
    for port in (silent_port, 1):
        component(env=KEYS, limit=20, endpoint_url=f"http://127.0.0.1:{port}", bucket="registry", key="a", data="x", timeout=0.5, retries=1).failed("try 2 of 2", code=1)
        assert left(component) == []


def test_broken_and_changed_objects_are_asked_for_again(component):
    """The first answer breaks off, the second has other bytes than its ETag says, the third is good; anonymous requests carry no signature."""
    good, asked = b"x" * 5000, []

    def answer(request, _):
        asked.append(request.headers.get("Authorization"))
        headers = {"ETag": f'"{hashlib.md5(good).hexdigest()}"', "Content-Length": "5000"}
        if len(asked) == 1:
            request.close_connection = True
        return 200, headers, {1: good[:100], 2: b"y" * 5000}.get(len(asked), good)

    with http_server(answer) as server:
        component(endpoint_url=f"http://127.0.0.1:{server.server_port}", bucket="registry", key="k", anonymous="true", data="x").succeeded()
    assert (component.folder / "x").read_bytes() == good and asked == [None] * 3


def test_what_stays_broken_leaves_no_file(component):
    def answer(request, _):
        if "list-type" in request.path:
            return 200, {}, b"<ListBucketResult><Contents><Key>in/a</Key><Size>1</Size><LastModified>2024-01-01T00:00:00Z</LastModified></Contents></ListBucketResult>"
        return 200, {"ETag": '"00000000000000000000000000000000"'}, b"a"

    with http_server(answer) as server:
        for which in ({"key": "in/a"}, {"prefix": "in/"}):
            ports = {"endpoint_url": f"http://127.0.0.1:{server.server_port}", "bucket": "registry", "data": "x", "retries": 0, **which}
            component(env=KEYS, **ports).failed("the content has the MD5 0cc175b9c0f1b6a831c399e269772661, the store says 0000", "try 1 of 1", code=1)
            assert left(component) == []


def test_keys_that_climb_out_of_the_archive_are_refused(component):
    def answer(request, _):
        listing = "<ListBucketResult><Contents><Key>in/../../etc/passwd</Key><Size>1</Size><LastModified>2024-01-01T00:00:00Z</LastModified></Contents></ListBucketResult>"
        return 200, {"Content-Type": "application/xml"}, listing.encode()

    with http_server(answer) as server:
        component(env=KEYS, endpoint_url=f"http://127.0.0.1:{server.server_port}", bucket="registry", prefix="in/", data="x").failed("is no safe name for a file", code=1)
    assert left(component) == []


def test_a_missing_library_is_named(component):
    (component.folder / "boto3.py").write_text("raise ImportError")
    component(env={"PYTHONPATH": str(component.folder)}, bucket="b", key="k", data="x").failed("needs the package boto3", code=1)
