"""What goes wrong is said in Jupyter's log, with what to do; what was there before stays in the palette."""

import json
import logging
import socket
import sys
import time
import types

import pytest
import requests
from conftest import URL
from loading import load


@pytest.fixture
def told(caplog):
    caplog.set_level(logging.INFO)

    def text(level=logging.WARNING):
        return "\n".join(record.getMessage() for record in caplog.records if record.levelno >= level)

    return text


@pytest.fixture(autouse=True)
def elyra_logs_to_pytest(monkeypatch):
    """Elyra's application keeps its records to itself."""
    monkeypatch.setattr(logging.getLogger("ElyraApp"), "propagate", True)
    monkeypatch.setattr(logging.getLogger("traitlets"), "propagate", True)


def test_what_has_not_changed_is_not_sent_again(registry, line):
    registry.publish("greet", "1.0.0", "one")
    first = load(line.url, namespace=registry.space)
    second = load(line.url, namespace=registry.space)
    assert [status for _, _, status in line.seen] == [200, 304]
    assert second["greet 1"].entry_data.definition == first["greet 1"].entry_data.definition
    registry.publish("greet", "1.1.0", "two")
    assert "Says two." in load(line.url, namespace=registry.space)["greet 1"].entry_data.definition
    assert line.seen[-1][2] == 200


def test_a_registry_that_is_down_leaves_the_palette_as_it_was(registry, line, told):
    registry.publish("greet", "1.0.0", "one")
    before = load(line.url, namespace=registry.space)
    line.cut()
    after = load(line.url, namespace=registry.space)
    assert {key: (entry.id, entry.entry_data.definition) for key, entry in after.items()} == {key: (entry.id, entry.entry_data.definition) for key, entry in before.items()}
    assert "cannot be reached" in told() and "The palette shows what it was on" in told() and "Registry URL" in told()


@pytest.mark.parametrize("status, body", [(500, b"oops"), (502, b"<html>"), (503, b"{}"), (429, b"{}"), (200, b"<html>"), (200, b"{}"), (200, b'{"entries": 1}'), (200, b'{"entries": [], "runtime": "airflow"}'), (200, b"\xff")])
def test_an_answer_that_is_no_catalog_leaves_the_palette_as_it_was(registry, line, told, status, body):
    registry.publish("greet", "1.0.0", "one")
    assert list(load(line.url, namespace=registry.space)) == ["greet 1"]
    line.answer = (status, {"Content-Type": "text/html", "ETag": '"other"'}, body)
    assert list(load(line.url, namespace=registry.space)) == ["greet 1"]
    assert "The palette shows what it was on" in told()
    line.answer = None
    assert list(load(line.url, namespace=registry.space)) == ["greet 1"]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_catalog_that_may_not_be_read_any_more_is_forgotten(registry, line, told, status):
    registry.publish("greet", "1.0.0")
    assert list(load(line.url, namespace=registry.space)) == ["greet 1"]
    line.answer = (status, {"Content-Type": "application/problem+json"}, b'{"detail": "No more."}')
    assert load(line.url, namespace=registry.space) == {}
    assert "No more." in told(logging.ERROR)
    line.cut()
    assert load(line.url, namespace=registry.space) == {}


def test_without_a_saved_catalog_the_log_says_why_the_palette_is_empty(line, told):
    line.cut()
    assert load(line.url) == {}
    assert "The catalog 'Ours' shows no components." in told(logging.ERROR) and "cannot be reached" in told(logging.ERROR)


@pytest.mark.parametrize("settings, advice", [
    ({"namespace": "nobody-here"}, "Nothing was published under"),
    ({"channel": "~1"}, "channel is not a channel name"),
    ({"token": "clmt_nonsense", "namespace": "{space}"}, "A private namespace needs 'Token'"),
    ({"ca_file": "/nowhere/ca.pem", "url": "https://127.0.0.1:1"}, "set 'CA Certificates' of the catalog to a PEM file"),
    ({"url": "registry.example.org"}, "it begins with https:// or http://"),
    ({"url": "https://"}, "it begins with https:// or http://"),
    ({"url": "https://a:b@registry.example.org"}, "write the token into the field Token"),
    ({"url": "https://registry.example.org:port"}, "is no URL"),
    ({"runtime_type": "LOCAL"}, "There are no components for the runtime type"),
])
def test_a_wrong_setting_says_what_to_write_instead(registry, told, settings, advice):
    registry.publish("greet", "1.0.0")
    registry.ask("PATCH", f"/api/v1/namespaces/{registry.space}", json={"visibility": "private"})
    fields = {name: value.replace("{space}", registry.space) for name, value in settings.items()}
    url, runtime = fields.pop("url", URL), fields.pop("runtime_type", None)
    from claimed_elyra_connector.connector import ClaimedCatalogConnector

    metadata = dict(fields, registry_url=url, runtime_type=runtime or "KUBEFLOW_PIPELINES", display_name="Ours")
    assert ClaimedCatalogConnector([".yaml"]).get_catalog_entries(metadata) == []
    assert advice in told(logging.ERROR)
    assert "clmt_nonsense" not in told(logging.ERROR)


def test_a_withdrawn_major_says_so_where_a_pipeline_asks_for_it(registry, told):
    from claimed_elyra_connector.connector import ClaimedCatalogConnector

    registry.publish("greet", "1.0.0")
    reference = load(URL, namespace=registry.space)["greet 1"].entry_reference
    registry.change_version("greet", "1.0.0", yanked=True, reason="Wrong.")
    metadata = {"registry_url": URL, "runtime_type": "KUBEFLOW_PIPELINES", "namespace": registry.space}
    assert ClaimedCatalogConnector([".yaml"]).get_entry_data(catalog_entry_data=reference, catalog_metadata=metadata) is None
    assert f"{registry.space}/greet has nothing in major version 1 any more" in told(logging.ERROR)


def test_a_damaged_entry_costs_no_other(registry, line, told):
    registry.publish("a", "1.0.0", "one")
    registry.publish("b", "1.0.0", "two")
    document = registry.ask("GET", f"/catalogs/elyra/{registry.space}/catalog.json").json()
    document["entries"][0]["definition"] += "# changed on the way\n"
    document["entries"].append(None)
    line.answer = (200, {"Content-Type": "application/json"}, json.dumps(document).encode())
    assert list(load(line.url, namespace=registry.space)) == ["b 1"]
    assert "damaged and left out" in told()


def test_deprecation_is_told_with_what_to_use_instead(registry, told):
    registry.publish("old", "1.0.0")
    registry.publish("new", "1.0.0", "two")
    registry.change_version("old", "1.0.0", deprecated=True, successor=f"{registry.space}/new")
    load(URL, namespace=registry.space)
    assert f"{registry.space}/old 1.0.0 is deprecated; use {registry.space}/new instead." in told(logging.INFO)


@pytest.mark.parametrize("settings, verify", [({}, "/etc/site/ca.pem"), ({"ca_file": "/home/me/ca.pem"}, "/home/me/ca.pem"), ({"verify_tls": False}, False)])
def test_certificates_are_those_of_the_catalog_else_those_that_Elyra_trusts(monkeypatch, told, settings, verify):
    asked = []

    def get(session, url, **options):
        asked.append((url, options["verify"], options["timeout"]))
        raise requests.exceptions.SSLError("self-signed certificate")

    monkeypatch.setattr(requests.Session, "get", get)
    elyra_s = types.ModuleType("elyra.util.url")
    elyra_s.get_verify_parm = lambda default=True: "/etc/site/ca.pem"
    monkeypatch.setitem(sys.modules, "elyra.util", types.ModuleType("elyra.util"))
    monkeypatch.setitem(sys.modules, "elyra.util.url", elyra_s)
    assert load("https://registry.example.org", **settings) == {}
    ((url, verified, timeout),) = asked
    assert url == "https://registry.example.org/catalogs/elyra/catalog.json?runtime=kfp" and verified == verify
    assert timeout == (5, 30)
    assert "its certificate is not trusted" in told(logging.ERROR) and "set 'CA Certificates'" in told(logging.ERROR).replace("Set", "set")


def test_a_registry_that_does_not_answer_does_not_hold_the_palette(monkeypatch, told):
    from claimed_elyra_connector import fetch

    monkeypatch.setattr(fetch, "TIMEOUT", (1, 0.2))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        assert load(f"http://127.0.0.1:{silent.getsockname()[1]}") == {}
        assert time.monotonic() - began < 30
    assert "cannot be reached" in told(logging.ERROR) and "timed out" in told(logging.ERROR)
