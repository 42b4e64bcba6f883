import csv

import pytest
import sklearn.model_selection  # loaded once, for all runs in copies of this process

import forked

COMPONENT = "transform/train-test-split"


@pytest.fixture
def people(component):
    rows = [f'{i:03},{"yes" if i % 5 == 0 else "no"},"a ""b"", {i}"' for i in range(100)]
    (component.folder / "people.csv").write_text("id,class,note\n" + "\n".join(rows) + "\n")
    return component


def ids(component, name):
    with open(component.folder / name, newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["id", "class", "note"]
    assert all(note == f'a "b", {int(number)}' for number, _, note in rows[1:])
    return [row[0] for row in rows[1:]]


@pytest.mark.image
def test_each_row_is_in_one_part_and_the_seed_chooses(people):
    people(data_csv="people.csv", test_share="0.3", seed="1", train="a.csv", test="b.csv").succeeded()
    train, test = ids(people, "a.csv"), ids(people, "b.csv")
    assert (len(train), len(test)) == (70, 30)
    assert sorted(train + test) == [f"{i:03}" for i in range(100)]
    assert train == sorted(train) and test == sorted(test)
    forked.run(people, data_csv="people.csv", test_share="0.3", seed="1", output_train="c.csv", output_test="d.csv").succeeded()
    assert (people.folder / "b.csv").read_bytes() == (people.folder / "d.csv").read_bytes()
    forked.run(people, data_csv="people.csv", test_share="0.3", seed="2", output_train="c.csv", output_test="d.csv").succeeded()
    assert ids(people, "d.csv") != test


def test_classes_have_the_same_share_in_both_parts(people):
    for seed in range(3):
        forked.run(people, data_csv="people.csv", stratify_column="class", seed=seed, output_train="a.csv", output_test="b.csv").succeeded()
        assert (people.folder / "b.csv").read_text().count(",yes,") == 4
        assert (people.folder / "a.csv").read_text().count(",yes,") == 16


def test_a_class_of_one_row_cannot_be_divided(component):
    (component.folder / "x.csv").write_text("a,b\n1,x\n2,x\n3,y\n")
    forked.run(component, data_csv="x.csv", stratify_column="b", output_train="a.csv", output_test="b.csv").failed("cannot be divided", "by b", code=1)
    forked.run(component, data_csv="x.csv", stratify_column="c", output_train="a.csv", output_test="b.csv").failed("there is no column c; the columns are: a, b", code=1)
    assert not list(component.folder.glob("[ab].csv*"))


@pytest.mark.parametrize("ports, reason", [
    ({"test_share": "0"}, "test_share: expected more than 0"),
    ({"test_share": "1"}, "test_share: expected more than 0"),
    ({"test_share": "nan"}, "test_share: expected more than 0"),
    ({"seed": "-1"}, "seed: expected a number from 0"),
    ({"separator": "ab"}, "separator: expected one character"),
])
def test_wrong_settings_are_named(people, ports, reason):
    forked.run(people, data_csv="people.csv", output_train="a.csv", output_test="b.csv", **ports).failed(reason, code=1)


@pytest.mark.parametrize("content, reason", [
    (b"", "the file is empty"),
    (b"a,b\n", "0 rows cannot be divided"),
    (b"a,b\n1,2\n", "1 rows cannot be divided"),
    (b"a,b\n1,2\n1,2,3\n", "line 3 has 3 values, the first line has 2"),
    (b"a,b\n\xe9,2\n", "not UTF-8"),
])
def test_what_is_no_table_is_refused(component, content, reason):
    (component.folder / "x.csv").write_bytes(content)
    forked.run(component, data_csv="x.csv", output_train="a.csv", output_test="b.csv").failed(reason, code=1)
