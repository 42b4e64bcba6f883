import pytest

COMPONENT = "transform/sql"
PEOPLE = "id,name,age,weight,zip\n1,Ann,31,70.5,0041\n2,Bob,12,,8004\n3,Cleo,44,61,8005\n"


@pytest.fixture
def run(component):
    (component.folder / "people.csv").write_text(PEOPLE)

    def run(query, **ports):
        return component(data_csv="people.csv", query=query, result="out.csv", **ports)

    return run


def result(component):
    return (component.folder / "out.csv").read_text()


def test_columns_have_the_types_of_their_content(component, run):
    run("select typeof(age) a, typeof(weight) w, typeof(zip) z, age / 2 as half, zip from data order by age desc").succeeded()
    assert result(component) == "a,w,z,half,zip\ninteger,real,text,22,8005\ninteger,real,text,15,0041\ninteger,null,text,6,8004\n"


def test_numbers_that_would_lose_digits_stay_text(component):
    (component.folder / "x.csv").write_text("big,code,number,word\n9223372036854775807123,007,1e3,\n1,1,-.5,\n")
    component(data_csv="x.csv", query="select typeof(big), typeof(code), number, typeof(word) from data", result="out.csv").succeeded()
    assert result(component).splitlines()[1:] == ["text,text,1000.0,null", "text,text,-0.5,null"]


@pytest.mark.image
def test_two_files_are_joined(component, run):
    (component.folder / "cities.csv").write_text('zip,"the city"\n8004,"Zürich, Aussersihl"\n')
    run('select name, "the city" from data left join data2 using (zip) order by id', data_csv_2="cities.csv").succeeded()
    assert result(component) == 'name,the city\nAnn,\nBob,"Zürich, Aussersihl"\nCleo,\n'


def test_common_table_expressions_and_other_separators(component):
    (component.folder / "x.csv").write_text("a;b\n1;x\n2;y\n")
    component(data_csv="x.csv", separator=";", query="with recursive n(i) as (select 1 union all select i + 1 from n where i < 3) select i, b from n left join data on a = i", result="out.csv").succeeded()
    assert result(component) == "i;b\n1;x\n2;y\n3;\n"


@pytest.mark.parametrize("query, reason", [
    ("attach 'people.csv' as other", "only SELECT"),
    ("pragma journal_mode = wal", "only SELECT"),
    ("select * from pragma_database_list", "only SELECT"),
    ("select load_extension('x')", "only SELECT"),
    ("insert into data select * from data", "only SELECT"),
    ("create table t as select 1", "only SELECT"),
    ("vacuum into 'copy.db'", "only SELECT"),
    ("select 1; select 2", "one statement at a time"),
    ("select * from data2", "no such table: data2; the tables are data (id, name, age, weight, zip)"),
    ("select nme from data", "no such column: nme; the tables are data (id, name"),
    ("select id, id from data", "several columns called id"),
    ("-- nothing", "expected one SELECT"),
    ("select :x", "error: query"),
    ("select zeroblob(900000000) x", "too big"),
])
def test_a_query_only_reads_the_tables(component, run, query, reason):
    run(query).failed("error: query", reason, code=1)
    assert [path.name for path in component.folder.iterdir()] == ["people.csv"]


def test_a_query_ends_after_its_time(component, run):
    run("with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n", timeout="0.2").failed("it took longer than timeout = 0.2 s", code=1)
    run("with recursive n(i) as (select 1 union all select i + 1 from n) select i from n", timeout="0.2").failed("it took longer", code=1)
    assert [path.name for path in component.folder.iterdir()] == ["people.csv"]


@pytest.mark.parametrize("content, reason", [
    (b"", "the file is empty"),
    (b"a,A\n1,2\n", "the column A twice"),
    (b"a,\n1,2\n", "a column without name"),
    (b"a,b\n1,2\n1\n", "line 3 has 1 values, the first line has 2"),
    (b"a,b\n\xe9,2\n", "not UTF-8"),
    (b'a,b\n"1,2\n', "line 2"),
])
def test_what_is_no_table_is_refused(component, content, reason):
    (component.folder / "x.csv").write_bytes(content)
    component(data_csv="x.csv", query="select * from data", result="out.csv").failed("error: x.csv", reason, code=1)


def test_a_missing_file_and_wrong_settings_are_named(component, run):
    run("select 1 x", data_csv_2="missing.csv").failed("error: missing.csv: No such file", code=1)
    run("select 1 x", separator="ab").failed("error: separator", code=1)
    run("select 1 x", timeout="nan").failed("error: timeout", code=1)
