import pathlib

import pandas  # loaded once, for all runs in copies of this process
import pytest

import forked

COMPONENT = "transform/filter-csv"
PEOPLE = "name,age,country,sepal length\nAnn,31,CH,5.1\nBob,12,CH,4.2\nCleo,44,DE,6.0\nDan,19,CH,\n"
GERMAN = pathlib.Path(__file__).parents[1] / "data" / "german.data"
GERMAN_NAMES = [f"attribute_{i}" for i in range(1, 21)] + ["target"]


@pytest.mark.parametrize("expression, rows", [
    ('age >= 18 and country == "CH"', "Ann,31,CH,5.1\nDan,19,CH,\n"),
    ("`sepal length` > 5", "Ann,31,CH,5.1\nCleo,44,DE,6.0\n"),
    ('country in ["DE", "FR"]', "Cleo,44,DE,6.0\n"),
])
def test_the_rows_stay_for_which_the_expression_holds(component, expression, rows):
    (component.folder / "people.csv").write_text(PEOPLE)
    component(data_csv="people.csv", expression=expression, filtered="kept.csv").succeeded()
    assert (component.folder / "kept.csv").read_text() == "name,age,country,sepal length\n" + rows


@pytest.mark.parametrize("expression, reason", [
    ("__import__('os').system('touch broken')", "Call is not allowed"),
    ("age.__class__ == 1", "Attribute is not allowed"),
    ("@pd.read_csv('people.csv')", "invalid syntax"),
    ("weight > 1", "there is no column weight"),
    ("age", "true or false for each row"),
])
def test_an_expression_that_is_more_than_a_comparison_is_refused(component, expression, reason):
    (component.folder / "people.csv").write_text("name,age\nAnn,31\n")
    forked.run(component, data_csv="people.csv", expression=expression, output_filtered="kept.csv").failed(reason, code=1)
    assert [path.name for path in component.folder.iterdir()] == ["people.csv"]


def test_the_result_has_the_separator_of_the_input_unless_another_is_given(component):
    (component.folder / "people.csv").write_text("name;age\nAnn;31\nBob;12\n")
    component(data_csv="people.csv", expression="age > 18", separator=";", filtered="same.csv").succeeded()
    component(data_csv="people.csv", expression="age > 18", separator=";", output_separator="\t", filtered="other.csv").succeeded()
    assert (component.folder / "same.csv").read_text() == "name;age\nAnn;31\n"
    assert (component.folder / "other.csv").read_text() == "name\tage\nAnn\t31\n"


@pytest.mark.image
@pytest.mark.parametrize("between", [",", " ", ", "])
def test_a_file_without_heading_becomes_one_with_the_names_that_are_given(component, between):
    (component.folder / "german.data").write_bytes(GERMAN.read_bytes())
    component(data_csv="german.data", separator=" ", column_names=between.join(GERMAN_NAMES), expression='attribute_13 > 25 and target == 1', columns="attribute_9,attribute_13,target", filtered="old.csv").succeeded()
    lines = (component.folder / "old.csv").read_text().splitlines()
    assert lines[:3] == ["attribute_9,attribute_13,target", "A93,67,1", "A93,49,1"]
    assert len(lines) == 1 + 590


@pytest.mark.parametrize("names, reason", [
    ("a b", "2 names for 21 values"),
    (" ".join(GERMAN_NAMES) + " more", "22 names for 21 values"),
    ("a,b,a", "a stands there twice"),
])
def test_names_that_do_not_fit_the_file_are_refused(component, names, reason):
    forked.run(component, data_csv=GERMAN, separator=" ", column_names=names, expression="a == 1", output_filtered="x.csv").failed("column_names", reason, code=1)


@pytest.mark.parametrize("content, reason", [
    (b"", "No columns"),
    (b"a,b\n1,2\n1,2,3,4\n", "line 3"),
    (b"a,b\n\xff\xfe,2\n", "utf-8"),
])
def test_what_is_no_table_is_refused(component, content, reason):
    (component.folder / "x.csv").write_bytes(content)
    forked.run(component, data_csv="x.csv", expression="a == 1", output_filtered="y.csv").failed("error: data_csv", reason, code=1)
    forked.run(component, data_csv="missing.csv", expression="a == 1", output_filtered="y.csv").failed("error: data_csv", code=1)
    assert not list(component.folder.glob("y.csv*"))
