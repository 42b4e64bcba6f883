import base64
import contextlib
import csv
import json
import threading
import time

import paho.mqtt.client as mqtt
import pytest
from servers import certificate, mosquitto, silent_port  # noqa: F401

COMPONENT = "input/input-mqtt"


@pytest.fixture
def publisher(mosquitto):
    versions = getattr(mqtt, "CallbackAPIVersion", None)
    client = mqtt.Client(*([versions.VERSION2] if versions else []))
    client.username_pw_set("guest", mosquitto.password)
    client.connect("127.0.0.1", mosquitto.port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


@pytest.fixture
def run(component, mosquitto):
    def run(env=None, **ports):
        ports = {"host": "127.0.0.1", "port": mosquitto.port, "topic": "plant/#", "user": "guest", "data": "x", **ports}
        return component(env={"password": mosquitto.password} if env is None else env, **ports)

    run.folder = component.folder
    return run


@contextlib.contextmanager
def stream(publisher, topic, *payloads):
    """Sends the payloads in turn, again and again, until the test has what it wants."""
    done = threading.Event()

    def send():
        while not done.is_set():
            for payload in payloads:
                publisher.publish(topic, payload, qos=1)
            done.wait(0.05)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        done.set()
        sender.join()


def left(run):
    return sorted(path.name for path in run.folder.iterdir())


@pytest.mark.image
def test_messages_become_json_lines_until_there_are_enough(run, publisher):
    with stream(publisher, "plant/1/temperature", "21.5 °C", b"\xff\x00", '{"a": "b\nc"}'):
        done = run(topic="plant/+/temperature", max_messages=6, seconds=60, messages="n").succeeded()
    rows = [json.loads(line) for line in (run.folder / "x").read_text().splitlines()]
    assert {(row["topic"], row["payload"], row["encoding"]) for row in rows} == {
        ("plant/1/temperature", "21.5 °C", "text"), ("plant/1/temperature", base64.b64encode(b"\xff\x00").decode(), "base64"), ("plant/1/temperature", '{"a": "b\nc"}', "text")}
    assert len(rows) == 6 and (run.folder / "n").read_text() == "6" and all(row["time"].endswith("Z") for row in rows)
    assert "6 messages of plant/+/temperature" in done.err


def test_csv_ends_by_time(run, publisher):
    publisher.publish("plant/kept", 'a,"b"\nc', qos=1, retain=True).wait_for_publish()
    started = time.monotonic()
    run(topic="plant/kept", format="csv", seconds=0.5, qos=2).succeeded()
    assert time.monotonic() - started < 20
    with open(run.folder / "x", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["topic"], row["payload"], row["encoding"]) for row in rows] == [("plant/kept", 'a,"b"\nc', "text")]


def test_no_message_is_an_empty_dataset_or_an_error(run):
    run(topic="plant/nothing", seconds=0.3, messages="n").succeeded()
    assert ((run.folder / "x").read_text(), (run.folder / "n").read_text()) == ("", "0")
    run(topic="plant/nothing", seconds=0.3, min_messages=1, data="y").failed("0 messages of plant/nothing came in 0.3 seconds", code=1)
    assert left(run) == ["n", "x"]


def test_tls_checks_the_certificate(run, publisher, mosquitto, certificate):
    publisher.publish("plant/secure", "s", qos=1, retain=True).wait_for_publish()
    ports = {"topic": "plant/secure", "port": mosquitto.tls_port, "tls": "true", "max_messages": 1, "retries": 0}
    run(env={"password": mosquitto.password, "SSL_CERT_FILE": str(certificate.file)}, **ports).succeeded()
    run(**{**ports, "data": "y"}).failed("certificate verify failed", code=1)
    assert left(run) == ["x"]


def test_a_wrong_password_is_refused_at_once_and_not_told(run):
    done = run(env={"password": "wrong-secret"}, log_level="DEBUG").failed("the broker refused the connection", code=1)
    assert "wrong-secret" not in done.err + done.out and left(run) == []


def test_a_silent_or_missing_broker_is_given_up(run, silent_port):
    for port, says in ((silent_port, "did not answer within 0.5 seconds"), (1, "Connection refused")):
        run(port=port, timeout=0.5, retries=1).failed(says, "try 2 of 2", code=1)
    assert left(run) == []


@pytest.mark.parametrize("ports, says", [
    ({"topic": "plant/a#"}, "is no filter"),
    ({"topic": "plant/#/a"}, "is no filter"),
    ({"qos": 3}, "qos: 3 is none of"),
    ({"seconds": 0}, "has to say when to end"),
    ({"format": "xml"}, "format: 'xml' is neither"),
])
def test_settings_that_cannot_work_are_named(run, ports, says):
    run(**ports).failed(says, code=1)
    assert left(run) == []


def test_a_missing_library_is_named(component):
    (component.folder / "paho.py").write_text("raise ImportError")
    component(env={"PYTHONPATH": str(component.folder)}, host="h", topic="t", data="x").failed("needs the package paho-mqtt", code=1)
