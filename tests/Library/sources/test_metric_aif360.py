import http.server
import pathlib
import threading

import pytest

COMPONENT = "metric/aif360"
GERMAN = pathlib.Path(__file__).parents[1] / "data" / "german.data"
OUTPUTS = {"metrics": "metrics.json", "report": "report.html", "picture": "picture.png"}


@pytest.fixture
def run(component):
    """The component without the libraries that only its image has, whatever this machine has."""
    for name in ("aif360", "fairlearn"):
        (component.folder / "without" / name).mkdir(parents=True)
        (component.folder / "without" / name / "__init__.py").write_text(f"raise ModuleNotFoundError(\"No module named '{name}'\")\n")
    return lambda **ports: component(env={"PYTHONPATH": str(component.folder / "without")}, **OUTPUTS, **ports)


def damaged(folder, change):
    """The data set with its third line changed."""
    lines = GERMAN.read_text().splitlines()
    lines[2] = change(lines[2])
    (folder / "damaged.data").write_text("\n".join(lines) + "\n")
    return "damaged.data"


def serve(content, announced=None):
    """A server that answers every request with `content`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path != "/german.data":
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(announced or len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def test_without_aif360_it_says_what_is_missing_and_leaves_no_files(run, component):
    run(data=str(GERMAN)).failed("error: this component needs aif360, ", "pip install aif360==0.6.1", code=1)
    assert not [path for path in component.folder.iterdir() if path.is_file()]


@pytest.mark.parametrize("change, said", [
    (lambda line: line.rsplit(" ", 1)[0], "line 3 of the data set has 20 values, expected 21"),
    (lambda line: line.replace(" ", ","), "line 3 of the data set has 1 values, expected 21"),
    (lambda line: line.replace("A14 ", "A15 ", 1), "line 3 of the data set: status (value 1) is 'A15', expected A11 to A14"),
    (lambda line: line.replace("A93", "A99"), "line 3 of the data set: personal_status (value 9) is 'A99', expected A91 to A95"),
    (lambda line: line.replace(" 49 ", " forty "), "line 3 of the data set: age (value 13) is 'forty', expected a whole number"),
    (lambda line: line.replace(" 2096 ", " -2096 "), "line 3 of the data set: credit_amount (value 5) is '-2096', expected a whole number"),
    (lambda line: line[:-1] + "3", "line 3 of the data set: the class is 3, expected 1 (good) or 2 (bad)"),
    (lambda line: line + " \N{EURO SIGN}", "the data set is no plain text"),
])
def test_a_damaged_line_is_named(run, component, change, said):
    run(data=damaged(component.folder, change)).failed("error: " + said, code=1)


def test_too_few_rows_are_refused(run, component):
    (component.folder / "empty.data").write_text("\n")
    run(data="empty.data").failed("error: the data set has 0 rows, too few", code=1)


def test_settings_are_checked_before_the_data_are_read(run):
    run(data="nowhere", protected="age,race").failed("error: protected: 'age,race' must be sex, age, or both", code=1)
    run(data="nowhere", protected=" ,").failed("error: protected: ' ,' must be sex, age, or both", code=1)
    run(data="nowhere", debiasing="magic").failed("error: debiasing: 'magic' must be auto, aif360 or fairlearn", code=1)
    run(data="nowhere", test_share="1.0").failed("error: test_share: 1.0 must be from 0.05 to 0.9", code=1)
    run(data="nowhere", epochs="0").failed("error: epochs must be from 1 to 10000", code=1)
    run(data="nowhere", adversary_weight="nan").failed("adversary_weight from 0 to 1000", code=1)


def test_the_data_set_may_be_at_an_address_or_a_path(run):
    with serve(GERMAN.read_bytes()) as server:
        # It got as far as the missing library: the data were read and are right.
        run(data_url=f"http://127.0.0.1:{server.server_port}/german.data").failed("needs aif360", code=1)
        run(data_url=f"http://127.0.0.1:{server.server_port}/german.dat?token=hidden").failed("data_url:", "/german.dat cannot be read: HTTP Error 404", code=1)
        server.shutdown()
    run(data_url=str(GERMAN)).failed("needs aif360", code=1)
    run(data_url="nowhere.data").failed("error: data_url: nowhere.data cannot be read", code=1)
    run(data="nowhere.data").failed("error: data: nowhere.data cannot be read", code=1)


def test_half_a_download_is_refused(run):
    half = b"".join(GERMAN.read_bytes().splitlines(keepends=True)[:500])
    with serve(half, announced=GERMAN.stat().st_size) as server:
        run(data_url=f"http://127.0.0.1:{server.server_port}/german.data").failed(f"the connection broke after {len(half)} of 79793 bytes", code=1)
        server.shutdown()


def test_a_password_in_an_address_is_refused_and_not_shown(run):
    outcome = run(data_url="https://somebody:hunter2@example.org/german.data").failed("error: data_url: an address with a name or password in it is not taken", code=1)
    assert "hunter2" not in outcome.out + outcome.err
