import csv

import joblib
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import conftest
import forked
import german

COMPONENT = "predict/predict-sklearn"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The model of the German credit data that the component train-sklearn makes."""
    training = conftest.Component("train/train-sklearn", tmp_path_factory.mktemp("training"))
    (training.folder / "credit.csv").write_text(german.table())
    forked.run(training, data_csv="credit.csv", folds=0, output_model="model.joblib", output_metrics="metrics.json").succeeded()
    return training.folder / "model.joblib"


def predict(component, output_predictions="out.csv", **variables):
    return forked.run(component, output_predictions=output_predictions, **variables)


def rows(component, name="out.csv"):
    with open(component.folder / name, newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.image
def test_rows_come_back_with_predictions_and_probabilities(component, model):
    (component.folder / "credit.csv").write_text(german.table())
    component(model=model, data_csv="credit.csv", predictions="out.csv").succeeded()
    found = rows(component)
    assert list(found[0]) == [*german.NAMES, "prediction", "probability"]
    assert sum(row["prediction"] == row["target"] for row in found) > 750
    assert {row["prediction"] for row in found} == {"1", "2"}
    assert all(0.5 <= float(row["probability"]) <= 1 for row in found)
    predict(component, model=model, data_csv="credit.csv", prediction_column="guess", probabilities="all", output_predictions="all.csv").succeeded()
    for one, other in zip(found, rows(component, "all.csv")):
        assert other["guess"] == one["prediction"]
        assert float(other["probability_1"]) + float(other["probability_2"]) == pytest.approx(1)
        assert float(other[f"probability_{one['prediction']}"]) == pytest.approx(float(one["probability"]))


def test_columns_may_stand_in_any_order_and_unknown_categories_count_as_none(component, model):
    table = german.table().splitlines()
    lines = [",".join(reversed(line.split(","))) for line in table[:5]]
    (component.folder / "x.csv").write_text("\n".join(["id," + lines[0], *(f"00{i}," + line.replace("A43", "A499") for i, line in enumerate(lines[1:]))]) + "\n")
    predict(component, model=model, data_csv="x.csv").succeeded()
    assert [row["id"] for row in rows(component)] == ["000", "001", "002", "003"]
    (component.folder / "y.csv").write_text("\n".join(table[:5]) + "\n")
    predict(component, model=model, data_csv="y.csv", probabilities="none", output_predictions="again.csv").succeeded()
    # The third and fourth row have no A43, so that the order of the columns is all that differs.
    assert [row["prediction"] for row in rows(component, "again.csv")][2:] == [row["prediction"] for row in rows(component)][2:]


def test_the_columns_must_fit_the_model(component, model):
    lines = german.table().splitlines()
    (component.folder / "x.csv").write_text("\n".join(",".join(line.split(",")[:-2]) for line in lines[:3]) + "\n")
    predict(component, model=model, data_csv="x.csv").failed("the model needs the columns foreign; the columns are: status", code=1)
    (component.folder / "x.csv").write_text("\n".join([lines[0], lines[1], lines[2].replace(",48,", ",many,")]) + "\n")
    predict(component, model=model, data_csv="x.csv").failed("row 3: duration must be a number for this model, not 'many'", code=1)
    (component.folder / "x.csv").write_text("\n".join([lines[0] + ",prediction", lines[1] + ",1"]) + "\n")
    predict(component, model=model, data_csv="x.csv").failed("has a column prediction already", code=1)
    (component.folder / "x.csv").write_text(lines[0] + "\n")
    predict(component, model=model, data_csv="x.csv").failed("no rows", code=1)
    predict(component, model=model, data_csv="x.csv", probabilities="some").failed("expected predicted, all or none", code=1)
    assert not list(component.folder.glob("out.csv*"))


def test_other_pipelines_of_scikit_learn_are_taken(component):
    table = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [0.0, 1.0, 0.0, 1.0]})
    joblib.dump(make_pipeline(StandardScaler(), LogisticRegression()).fit(table, ["low", "low", "high", "high"]), component.folder / "classes.joblib")
    joblib.dump(LinearRegression().fit(table, [2.0, 4.0, 6.0, 8.0]), component.folder / "numbers.joblib")
    (component.folder / "x.csv").write_text("a,b,note\n1,0,\n4,1,x\n")
    predict(component, model="classes.joblib", data_csv="x.csv", probabilities="none").succeeded()
    assert (component.folder / "out.csv").read_text() == "a,b,note,prediction\n1,0,,low\n4,1,x,high\n"
    predict(component, model="numbers.joblib", data_csv="x.csv").succeeded()
    assert [float(row["prediction"]) for row in rows(component)] == pytest.approx([2, 8])


def test_what_is_no_model_is_refused(component):
    (component.folder / "x.csv").write_text("a\n1\n")
    (component.folder / "text.joblib").write_text("no model")
    joblib.dump({"a": 1}, component.folder / "dictionary.joblib")
    joblib.dump(LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0]), component.folder / "nameless.joblib")
    for name, reason in (("text.joblib", "no model that joblib can read"), ("dictionary.joblib", "holds a dict, which predicts nothing"), ("nameless.joblib", "not fitted on a table with named columns"), ("missing.joblib", "No such file")):
        predict(component, model=name, data_csv="x.csv").failed("error: model", reason, code=1)
