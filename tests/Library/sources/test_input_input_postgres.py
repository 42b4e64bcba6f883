import contextlib
import time

import pytest
from servers import postgres, silent_port  # noqa: F401

COMPONENT = "input/input-postgres"


@pytest.fixture(scope="module")
def shop(postgres):
    with contextlib.closing(postgres.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("""CREATE TABLE orders (id int, name text, price numeric); INSERT INTO orders VALUES (1, 'Ada, "A"', 1.50), (2, '', NULL), (3, NULL, 1e20), (4, E'two\\nlines', 0);
            ALTER TABLE orders OWNER TO guest; CREATE SEQUENCE numbers; ALTER SEQUENCE numbers OWNER TO guest""")
    return postgres


@pytest.fixture
def run(component, shop):
    def run(query, env=None, **ports):
        ports = {"host": "127.0.0.1", "port": shop.port, "database": "postgres", "user": "guest", "data": "x.csv", **ports}
        return component(env={"password": shop.password} if env is None else env, query=query, **ports)

    run.folder = component.folder
    return run


def left(run):
    return sorted(path.name for path in run.folder.iterdir())


@pytest.mark.image
def test_the_rows_of_a_query_become_a_csv_file(run):
    done = run("SELECT id AS \"the id\", name, price FROM orders ORDER BY id -- all of them", rows="n").succeeded()
    assert (run.folder / "x.csv").read_text() == 'the id,name,price\n1,"Ada, ""A""",1.50\n2,"",\n3,,100000000000000000000\n4,"two\nlines",0\n'
    assert (run.folder / "n").read_text() == "4"
    assert "postgres on 127.0.0.1: 4 rows," in done.err


def test_a_query_without_rows_leaves_the_names_of_the_columns(run):
    run("SELECT id, name FROM orders WHERE id > 100", rows="n").succeeded()
    assert (run.folder / "x.csv").read_text() == "id,name\n" and (run.folder / "n").read_text() == "0"


def test_more_rows_than_wanted_are_an_error(run):
    run("SELECT id FROM orders ORDER BY id DESC;", max_rows=4).succeeded()
    assert (run.folder / "x.csv").read_text() == "id\n4\n3\n2\n1\n"
    run("SELECT id FROM orders -- all", max_rows=3, data="y.csv").failed("more than max_rows = 3", code=1)
    assert left(run) == ["x.csv"]


@pytest.mark.parametrize("query, says", [
    ("DELETE FROM orders RETURNING id", "read-only transaction|syntax error"),
    ("WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone", "read-only transaction|data-modifying"),
    ("SELECT nextval('numbers')", "read-only transaction"),
    ("SELECT 1; DROP TABLE orders", "one statement that returns rows"),
    ("SELECT 1) TO STDOUT; COMMIT; DROP TABLE orders; COPY (SELECT 1", "syntax error"),
    ("SELECT 1) TO STDOUT; COMMIT; DROP TABLE orders; --", "syntax error"),
    ("SELECT 1 /*", "unterminated"),
    ("COMMIT", "one statement that returns rows"),
    ("SELECT no FROM orders", 'column "no" does not exist'),
    ("", "missing input: query"),
    (" ;", "query:"),
])
def test_a_query_can_only_read(run, shop, query, says):
    # With and without the limit the query stands in another place.
    for limit in (0, 5) if ")" in query else (0,):
        done = run(query, max_rows=limit)
        assert done.code in (1, 2) and "Traceback" not in done.err and any(part in done.err for part in says.split("|")), done.err
    assert left(run) == []
    with contextlib.closing(shop.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM orders")
        assert cursor.fetchone() == (4,)


def test_a_query_that_takes_too_long_ends(run):
    started = time.monotonic()
    run("SELECT id, pg_sleep(20) FROM orders", statement_timeout=1).failed("longer than statement_timeout = 1 seconds", code=1)
    assert time.monotonic() - started < 15 and left(run) == []


def test_an_error_in_the_middle_leaves_no_file(run):
    run("SELECT 1000 / (5000 - n) FROM generate_series(1, 9000) n").failed("division by zero", code=1)
    assert left(run) == []


def test_a_wrong_password_is_refused_and_not_told(run):
    done = run("SELECT 1", env={"password": "wrong-secret"}, log_level="DEBUG").failed("password authentication failed", code=1)
    assert "wrong-secret" not in done.err + done.out and left(run) == []
    run("SELECT 1", env={}).failed("no password supplied", code=1)


@pytest.mark.parametrize("ports, says", [
    ({"host": "127.0.0.1 sslmode=disable"}, "could not translate host name"),
    ({"database": "none dbname=postgres"}, 'database "none dbname=postgres" does not exist'),
    ({"database": "postgresql://registry@127.0.0.1/postgres"}, "does not exist"),
    ({"port": 1}, "Connection refused"),
    ({"port": 70000}, "port: 70000 is not between"),
    ({"sslmode": "require"}, "server does not support SSL"),
    ({"sslmode": "never"}, "sslmode: 'never' is none of"),
])
def test_connections_that_cannot_be_made_are_named(run, ports, says):
    run("SELECT 1;", **ports).failed(says, code=1)
    assert left(run) == []


def test_a_silent_server_is_given_up(run, silent_port):
    started = time.monotonic()
    run("SELECT 1", port=silent_port, timeout=2).failed("timeout expired", code=1)
    assert time.monotonic() - started < 15


def test_a_missing_library_is_named(component):
    (component.folder / "psycopg2.py").write_text("raise ImportError")
    component(env={"PYTHONPATH": str(component.folder)}, host="h", database="d", user="u", query="q", data="x").failed("needs the package psycopg2", code=1)
