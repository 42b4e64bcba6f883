import http.server
import json
import threading

COMPONENT = "run/notebook-runner"
NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def test_one_notebook_is_needed(component):
    component(executed="e", report="r").failed("error: give either notebook or notebook_url", code=1)
    component(notebook="a.ipynb", notebook_url="http://127.0.0.1/a.ipynb").failed("error: give either notebook or notebook_url", code=1)


def test_only_addresses_of_the_network_are_taken(component):
    for url in ("file:///etc/passwd", "s3://bucket/a.ipynb", "/etc/passwd"):
        component(notebook_url=url).failed("error: notebook_url: it is not an http or https address", code=1)


def test_a_notebook_that_is_not_there_is_named(component):
    component(notebook="nowhere.ipynb").failed("error: the notebook cannot be read", "nowhere.ipynb", code=1)


def test_an_answer_of_a_server_that_is_no_notebook_is_told(component):
    class Away(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(404)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Away) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        component(notebook_url=f"http://127.0.0.1:{running.server_port}/a.ipynb").failed("error: the notebook cannot be read: HTTP Error 404", code=1)
        running.shutdown()


def test_a_notebook_larger_than_wanted_is_not_read(component):
    (component.folder / "large.ipynb").write_bytes(b" " * 1_000_001)
    component(notebook="large.ipynb", max_megabytes=1).failed("error: the notebook is larger than max_megabytes = 1", code=1)


def test_parameters_and_variables_are_objects_with_names(component):
    (component.folder / "a.ipynb").write_text(json.dumps(NOTEBOOK))
    component(notebook="a.ipynb", parameters="[1]").failed("error: parameters: expected a JSON object", code=1)
    component(notebook="a.ipynb", parameters="{").failed("error: parameters: it is not JSON", code=1)
    component(notebook="a.ipynb", variables='{"a": ').failed("error: variables: it is not JSON", code=1)
    component(notebook="a.ipynb", parameters='{"x = 1; y": 2}').failed("error: parameters: 'x = 1; y' cannot be the name of a variable", code=1)
    component(notebook="a.ipynb", variables='{"a=b": "c"}').failed("error: variables: 'a=b' cannot be the name", code=1)
    component(notebook="a.ipynb", timeout=-1).failed("error: timeout must be 0 or more seconds", code=1)


def test_without_papermill_it_says_what_is_needed(component):
    (component.folder / "a.ipynb").write_text(json.dumps(NOTEBOOK))
    (component.folder / "hidden").mkdir()
    (component.folder / "hidden" / "papermill.py").write_text("raise ImportError(\"No module named 'papermill'\")")
    component(notebook="a.ipynb", env={"PYTHONPATH": str(component.folder / "hidden")}).failed("error: papermill", "install", code=1)
    assert not (component.folder / "outputs" / "executed").exists()
