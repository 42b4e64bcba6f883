import contextlib
import time

import pytest
from servers import postgres, silent_port  # noqa: F401

COMPONENT = "output/output-postgres"


@pytest.fixture
def load(component, postgres):
    def load(content, env=None, **ports):
        path = component.folder / "data.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        ports = {"host": "127.0.0.1", "port": postgres.port, "database": "postgres", "user": "guest", "data_csv": path, **ports}
        return component(env={"password": postgres.password} if env is None else env, **ports)

    load.folder = component.folder
    return load


@pytest.fixture
def ask(postgres):
    def ask(query, *values):
        with contextlib.closing(postgres.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall() if cursor.description else None

    ask("DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION guest")
    return ask


def types_of(ask, table):
    rows = ask("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position", table)
    return dict(rows)


@pytest.mark.image
def test_a_missing_table_is_made_with_the_types_of_the_values(load, ask):
    load(
        "flag,n,big,real,day,at,zoned,code,word,nothing,mixed,tiny\n"
        'true,1,99999999999999999999,1.5,2024-02-29,2024-02-29 12:00,2024-02-29T12:00:00.5Z,007,"a, ""b""\nc",,1,1e-400\n'
        "FALSE,-2,-1,-2e3,,2024-02-29T23:59:59,2024-02-29 12:00+01:00,1,\\.,,2024-01-01,1\n", table="things", rows="n").succeeded()
    assert types_of(ask, "things") == {
        "flag": "boolean", "n": "bigint", "big": "numeric", "real": "double precision", "day": "date", "at": "timestamp without time zone",
        "zoned": "timestamp with time zone", "code": "text", "word": "text", "nothing": "text", "mixed": "text", "tiny": "text"}
    assert ask("SELECT flag, n, big::text, real, day::text, code, word, nothing FROM things ORDER BY n DESC") == [
        (True, 1, "99999999999999999999", 1.5, "2024-02-29", "007", 'a, "b"\nc', None), (False, -2, "-1", -2000.0, None, "1", "\\.", None)]
    assert (load.folder / "n").read_text() == "2"


def test_dates_and_numbers_that_are_none_are_text(load, ask):
    load("a,b,c,d,e\n2023-02-29,1_000,１,nan,1e999\n,,,,\n", table="words").succeeded()
    assert set(types_of(ask, "words").values()) == {"text"}


def test_the_mode_says_what_becomes_of_a_table_that_exists(load, ask):
    load("id,name\n1,a\n", table="people").succeeded()
    ask("ALTER TABLE people ADD note text DEFAULT 'new'; CREATE UNIQUE INDEX ON people (id)")
    load("id,name\n2,b\n", table="people").failed("public.people exists already; choose mode append or replace", code=1)
    load("name,id\nb,2\n", table="people", mode="append").succeeded()
    assert ask("SELECT * FROM people ORDER BY id") == [(1, "a", "new"), (2, "b", "new")]
    load("id,name\n3,c\n", table="people", mode="replace").succeeded()
    assert ask("SELECT * FROM people") == [(3, "c", "new")]
    # The index is still there, and an error in the last row undoes the removal, too.
    load("id,name\n4,d\n4,e\n", table="people", mode="replace").failed("duplicate key value", "(id)=(4)", code=1)
    assert ask("SELECT * FROM people") == [(3, "c", "new")]
    load("id,age\n5,9\n", table="people", mode="append").failed("has no column age; its columns are: id, name, note", code=1)
    load("id,name\n1,x\n", table="people", mode="upsert").failed("mode: 'upsert' is none of", code=1)


def test_a_value_of_the_wrong_type_is_named_with_its_line_and_nothing_is_stored(load, ask):
    load("id\n1\n", table="ids").succeeded()
    load("id\n2\n3\nfour\n", table="ids", mode="append").failed('invalid input syntax for type bigint: "four"', "line 4, column id", code=1)
    assert ask("SELECT * FROM ids") == [(1,)]


def test_names_are_only_names(load, ask):
    table, column = 'x"; DROP TABLE kept; --', 'a") VALUES (1); DROP TABLE kept; -- %s'
    ask("CREATE TABLE kept (id int)")
    quoted = column.replace('"', '""')
    for mode in ("fail", "append", "replace"):
        load(f'"{quoted}",Sélect\n1,2\n', table=table, mode=mode).succeeded()
    assert types_of(ask, table) == {column: "bigint", "Sélect": "bigint"}
    assert ask("SELECT count(*) FROM kept") == [(0,)]
    load("a\n1\n", table="kept", schema='public"; DROP TABLE kept; --').failed("does not exist", code=1)
    load("a\n1\n", table="kept", schema="pg_catalog").failed("permission denied", code=1)
    assert ask("SELECT count(*) FROM kept") == [(0,)]


@pytest.mark.parametrize("content, says", [
    ("", "data_csv is empty"),
    ("a,b\n1,2\n3\n", "line 3: 1 fields, but there are 2 columns"),
    ("a,b\n1,2,3\n", "line 2: 3 fields"),
    ("a,a\n1,2\n", "more than one column has the name a"),
    ("a,\n1,2\n", "the name of column 2: '' is empty"),
    ("a" * 64 + "\n1\n", "more than 63 bytes"),
    (b"a\n\xff\n", "not UTF-8"),
    (b"a\nx\x00y\n", "line 2: a NUL character|line contains NUL"),
    ('a\n"open\n', "line 2: unexpected end of data"),
])
def test_a_file_that_is_no_table_ends_before_anything_is_written(load, ask, content, says):
    done = load(content, table="none").failed(code=1)
    assert any(part in done.err for part in says.split("|")), done.err
    assert types_of(ask, "none") == {}


def test_a_byte_order_mark_semicolons_and_empty_lines_are_understood(load, ask):
    load(b"\xef\xbb\xbfa;b\r\n1;x\r\n\r\n2;\r\n", table="marks", separator=";").succeeded()
    assert ask("SELECT * FROM marks ORDER BY a") == [(1, "x"), (2, None)]
    load("a\n", table="empty", rows="n").succeeded()
    assert (load.folder / "n").read_text() == "0" and types_of(ask, "empty") == {"a": "text"}


def test_a_wrong_password_is_refused_and_not_told(load, ask):
    done = load("a\n1\n", env={"password": "wrong-secret"}, table="none", log_level="DEBUG").failed("password authentication failed", code=1)
    assert "wrong-secret" not in done.err + done.out and types_of(ask, "none") == {}


def test_a_table_that_is_locked_and_a_silent_server_are_given_up(load, ask, postgres, silent_port):
    started = time.monotonic()
    load("a\n1\n", table="none", port=silent_port, timeout=2).failed("timeout expired", code=1)
    ask("CREATE TABLE busy (a int); ALTER TABLE busy OWNER TO guest")
    with contextlib.closing(postgres.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE busy")
        load("a\n1\n", table="busy", mode="append", statement_timeout=1).failed("longer than statement_timeout = 1 seconds; nothing was stored", code=1)
    assert time.monotonic() - started < 25


def test_many_rows_go_in_one_transaction(load, ask):
    load("id,name\n" + "".join(f"{i},{'x' * 50}\n" for i in range(30_000)), table="many").succeeded()
    assert ask("SELECT count(*), sum(id), count(DISTINCT xmin::text) FROM many") == [(30_000, 449_985_000, 1)]


def test_a_missing_library_is_named(component):
    (component.folder / "psycopg2.py").write_text("raise ImportError")
    component(env={"PYTHONPATH": str(component.folder)}, host="h", database="d", user="u", table="t", data_csv="x").failed("needs the package psycopg2", code=1)
