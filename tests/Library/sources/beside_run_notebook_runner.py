"""With papermill, nbclient, nbformat and ipykernel; nbconvert where it is."""

import functools
import http.server
import importlib.util
import json
import shutil
import threading

import nbformat
import pytest
from conftest import COMPONENTS

COMPONENT = "run/notebook-runner"
HAS_CONVERTER = importlib.util.find_spec("nbconvert") is not None


@pytest.fixture
def book(component):
    """Writes a notebook of these cells; a pair is a cell with a tag."""

    def write(*cells, name="book.ipynb", kernelspec=True, language="python"):
        made = nbformat.v4.new_notebook()
        if kernelspec:
            made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": language}
        for cell in cells:
            text, tags = cell if isinstance(cell, tuple) else (cell, [])
            made.cells.append(nbformat.v4.new_markdown_cell(text) if text.startswith("# ") and not tags else nbformat.v4.new_code_cell(text, metadata={"tags": tags}))
        nbformat.write(made, component.folder / name)
        return name

    return write


def executed(component):
    return nbformat.read(component.folder / "executed", as_version=4)


def text_of(component):
    return "".join(output.get("text", "") for cell in executed(component).cells for output in cell.get("outputs", []))


def test_parameters_reach_the_notebook_and_its_scraps_come_back(component, book):
    name = book("# A sum", ("rows = 3\nname = 'x'", ["parameters"]), "print(name * rows)",
                "from IPython.display import display\n"
                "display({'application/scrapbook.scrap.json+json': {'name': 'total', 'data': rows * 2, 'encoder': 'json', 'version': 1}}, raw=True)")
    done = component(notebook=name, parameters='{"rows": 5}', executed="executed", report="r.html", results="results.json").succeeded()
    assert "xxxxx" in done.out
    assert "xxxxx" in text_of(component)
    assert json.loads((component.folder / "results.json").read_text()) == {"total": 10}
    page = (component.folder / "r.html").read_text()
    assert ("xxxxx" in page) if HAS_CONVERTER else ("No report was made" in page)
    assert not list(component.folder.glob("*.part"))


def test_parameters_that_the_notebook_does_not_know_are_told(component, book):
    done = component(notebook=book(("rows = 3", ["parameters"]), "print(rows)"), parameters='{"rows": 4, "lines": 5}', executed="executed", report="r").succeeded()
    assert "WARNING parameters that the notebook does not know: lines; it knows: rows" in done.err
    done = component(notebook=book("print(rows)"), parameters='{"rows": 4}', executed="executed", report="r").succeeded()
    assert "the notebook has no cell with the tag parameters" in done.err
    assert "4" in text_of(component)


def test_a_failing_cell_is_named_and_the_notebook_is_kept(component, book):
    name = book("# Divides", ("by = 1", ["parameters"]), "print('before')", "\n# note\nhalf = 1 / by\n", "print('after')")
    component(notebook=name, parameters='{"by": 0}', executed="executed", report="r.html").failed(
        "error: cell 4 (In [4]): # note\n  ZeroDivisionError: division by zero", code=1)
    assert "before" in text_of(component) and "after" not in text_of(component)
    if HAS_CONVERTER:
        assert "ZeroDivisionError" in (component.folder / "r.html").read_text()
    component(notebook=name, executed="executed", report="r.html").succeeded()
    assert "after" in text_of(component)


def test_an_exit_with_a_message_fails_and_one_without_ends_well(component, book):
    component(notebook=book("import sys\nsys.exit('no rows')"), executed="executed", report="r").failed("error: cell 1 (In [1]): import sys\n  SystemExit: no rows", code=1)
    component(notebook=book("import sys\nsys.exit(0)", "print('after')"), executed="executed", report="r").succeeded()


def test_a_cell_that_takes_too_long_is_ended_and_named(component, book):
    component(notebook=book("print('begun', flush=True)", "import time\ntime.sleep(100)"), timeout=2, executed="executed", report="r", limit=60).failed(
        "error: cell 2: ", "CellTimeoutError", "2 seconds", code=1)
    assert "begun" in text_of(component)


def test_a_kernel_that_dies_is_told(component, book):
    component(notebook=book("1", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"), executed="executed", report="r", limit=60).failed(
        "error: cell 2: DeadKernelError", code=1)


def test_an_unknown_kernel_names_those_there_are(component, book):
    component(notebook=book("1"), kernel="julia-9").failed("error: kernel: there is no kernel 'julia-9' in this image; there are: python3", code=1)


def test_a_notebook_without_kernel_and_an_old_one_run(component, book):
    component(notebook=book("print(6 * 7)", kernelspec=False), executed="executed", report="r").succeeded()
    assert "42" in text_of(component)
    old = {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [
        {"cells": [{"cell_type": "code", "collapsed": False, "input": ["print(6 * 8)"], "language": "python", "metadata": {}, "outputs": []}], "metadata": {}}]}
    (component.folder / "old.ipynb").write_text(json.dumps(old))
    component(notebook="old.ipynb", executed="executed", report="r").succeeded()
    assert "48" in text_of(component)


@pytest.mark.parametrize("content", [b"", b"<html>", b"{}", b"\xff\xfe", b'{"nbformat": 4}', b"[" * 100_000])
def test_what_is_no_notebook_is_told(component, content):
    (component.folder / "a.ipynb").write_bytes(content)
    component(notebook="a.ipynb", executed="executed", report="r").failed("error: it is not a notebook that can be read", code=1)
    assert not (component.folder / "executed").exists()


def test_a_notebook_comes_from_an_address_and_variables_reach_it(component, book):
    book("import os\nprint(os.environ['greeting'], os.environ['numbers'])")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=component.folder)) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        component(notebook_url=f"http://127.0.0.1:{running.server_port}/book.ipynb", variables='{"greeting": "hello", "numbers": [1, 2]}',
                  executed="executed", report="r").succeeded()
        running.shutdown()
    assert "hello [1, 2]" in text_of(component)


def test_a_component_of_the_library_runs_as_a_notebook(component):
    shutil.copy(COMPONENTS / "metric/confusion-matrix/confusion-matrix.ipynb", component.folder)
    (component.folder / "p.csv").write_text("target,prediction\na,a\na,b\nb,b\nb,b\n")
    variables = {"data_csv": "p.csv", "output_metrics": "m.json", "output_picture": "m.png"}
    component(notebook="confusion-matrix.ipynb", variables=json.dumps(variables), executed="executed", report="r").succeeded()
    assert json.loads((component.folder / "m.json").read_text())["accuracy"] == 0.75
    # A parameter is set before the first cell, and the notebook reads its own over it.
    variables["actual_column"] = "truth"
    component(notebook="confusion-matrix.ipynb", variables=json.dumps(variables), executed="executed", report="r").failed(
        "SystemExit: error: there is no column truth; the columns are: target, prediction", code=1)
