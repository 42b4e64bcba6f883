import pathlib

import pytest

COMPONENT = "metric/aif360-predictions"
COMPONENTS = pathlib.Path(__file__).parents[3] / "components" / "metric"
TABLE = "name,sex,age,target,prediction\na,f,20,1,1\nb,f,30,2,1\nc,m,40,1,2\nd,m,26,2,2\n"
OUTPUTS = {"metric_output": "metrics.json", "report": "report.html", "picture": "picture.png"}
GOOD = {"protected_column": "sex", "privileged_group_key": "m"}


@pytest.fixture
def run(component):
    """The component on a small table, without aif360, whatever this machine has; the table was right where only aif360 is missing."""
    (component.folder / "without" / "aif360").mkdir(parents=True)
    (component.folder / "without" / "aif360" / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'aif360'\")\n")

    def of(table=TABLE, **ports):
        (component.folder / "table.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
        return component(env={"PYTHONPATH": str(component.folder / "without")}, **{"data_csv": "table.csv", **OUTPUTS, **GOOD, **ports})

    return of


def test_without_aif360_it_says_what_is_missing_and_leaves_no_files(run, component):
    run().failed("error: this component needs aif360", "pip install aif360==0.6.1", code=1)
    assert [path.name for path in component.folder.iterdir() if path.is_file()] == ["table.csv"]


def test_the_table_may_be_named_by_its_path(run):
    run(data_csv="", metadata="table.csv").failed("this component needs aif360", code=1)
    run(data_csv="", metadata="nowhere.csv").failed("error: there is no file nowhere.csv: connect data_csv, or name the file in metadata", code=1)


@pytest.mark.parametrize("table, said", [
    ("", "table.csv is no CSV file with a header in UTF-8"),
    ("sex,target,prediction\n\x00\xff".encode("latin-1"), "table.csv is no CSV file with a header in UTF-8"),
    ("sex,target,prediction\n", "table.csv has no rows"),
    ("sex,target\nm,1\n", "there is no column prediction; the columns are: sex, target"),
    ("sex,target,prediction\nm,1,1\nf,1\n", "1 rows have no prediction; the first is row 3 of the file"),
    (TABLE.replace("d,m,26,2,2", "d,m,26,2,0.7"), "prediction has '0.7', which target never has (it has 1, 2): it must hold classes, not scores"),
    ("sex,target,prediction\nm,1,1\nf,1,1\n", "every row has '1' in target: there is nothing to compare"),
])
def test_what_is_wrong_with_the_table_is_said(run, table, said):
    run(table).failed(said, code=1)


@pytest.mark.parametrize("ports, said", [
    ({"privileged_group_key": "x,y"}, "privileged_group_key: no row of sex is 'x,y'; its values are: f, m"),
    ({"privileged_group_key": "f,m"}, "privileged_group_key: every row is 'f,m', so nobody is left to compare with"),
    ({"unprivileged_group_key": "f,m"}, "error: 2 rows are of both groups; the first is row 4 of the file"),
    ({"privileged_group_key": ">25"}, "'>25' compares numbers, and sex is 'f' in row 2 of the file"),
    ({"protected_column": "age", "privileged_group_key": ">=old"}, "a number must follow >=, as in >25"),
    ({"favorable_label": "good"}, "favorable_label: no row has 'good' in target; its values are: 1, 2"),
])
def test_what_is_wrong_with_the_groups_is_said(run, ports, said):
    run(**ports).failed(said, code=1)


def test_both_components_report_in_the_same_way():
    one, other = (COMPONENTS / name / "fairness_report.py" for name in ("aif360", "aif360-predictions"))
    assert one.read_bytes() == other.read_bytes()
