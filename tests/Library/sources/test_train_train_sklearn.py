import ast
import importlib
import json

import joblib
import pandas as pd
import pytest

import conftest
import forked
import german

COMPONENT = "train/train-sklearn"


@pytest.fixture
def credit(component):
    (component.folder / "credit.csv").write_text(german.table())
    return component


def train(component, **variables):
    return forked.run(component, **{"data_csv": "credit.csv", **variables}, output_model="model.joblib", output_metrics="metrics.json")


def metrics(component):
    return json.loads((component.folder / "metrics.json").read_text())


@pytest.mark.image
def test_a_model_of_the_german_credit_data_is_as_good_as_it_must_be(credit):
    credit(data_csv="credit.csv", ignored_columns="telephone, foreign", model="model.joblib", metrics="metrics.json").succeeded()
    told = metrics(credit)
    assert told["columns"]["numeric"] == ["duration", "amount", "rate", "residence", "age", "credits", "dependents"]
    assert len(told["columns"]["categorical"]) == 11 and "telephone" not in told["columns"]["categorical"]
    assert (told["rows"], told["classes"], told["cross_validation"]["folds"]) == (1000, [1, 2], 5)
    # Predicting the larger class for all would give 0.7.
    assert 0.73 < told["cross_validation"]["accuracy"]["mean"] <= told["training"]["accuracy"] < 0.82
    assert len(told["cross_validation"]["f1_macro"]["values"]) == 5
    model = joblib.load(credit.folder / "model.joblib")
    assert list(model.feature_names_in_) == [name for name in german.NAMES if name not in ("telephone", "foreign", "target")] and list(model.classes_) == [1, 2]


def test_the_seed_decides_and_parameters_are_those_of_the_estimator(credit):
    def scores(seed):
        train(credit, estimator="random-forest", parameters='{"n_estimators": 5, "max_depth": 3}', folds=2, seed=seed).succeeded()
        return metrics(credit)

    first = scores(1)
    assert first["parameters"]["n_estimators"] == 5 and first["parameters"]["random_state"] == 1
    assert scores(1) == first
    assert scores(2)["cross_validation"] != first["cross_validation"]


def test_every_estimator_is_one_of_scikit_learn_and_named_where_people_look():
    folder = conftest.COMPONENTS / COMPONENT
    source = (folder / "train-sklearn.py").read_text()
    table = next(node.value for node in ast.parse(source).body if isinstance(node, ast.Assign) and node.targets[0].id == "ESTIMATORS")
    described = next(line for line in source.splitlines() if line.startswith("# What is trained:"))
    for name, (module, kind, defaults) in ast.literal_eval(table).items():
        built = getattr(importlib.import_module(f"sklearn.{module}"), kind)(**defaults)
        assert built._estimator_type == ("regressor" if name.endswith("regression") and name != "logistic-regression" else "classifier")
        assert name in described and f"`{name}`" in (folder / "README.md").read_text() and f"`{kind}`" in (folder / "README.md").read_text()


@pytest.mark.parametrize("estimator", ["hist-gradient-boosting", "nearest-neighbors", "support-vectors", "naive-bayes"])
def test_classifications_of_each_kind_train(component, estimator):
    rows = [f"{i % 7},{'ab'[i % 2]},{'yes' if i % 2 else 'no'}" for i in range(60)]
    (component.folder / "x.csv").write_text("n,c,target\n" + "\n".join(rows) + "\n")
    train(component, data_csv="x.csv", estimator=estimator, folds=2).succeeded()
    assert metrics(component)["classes"] == ["no", "yes"]
    assert metrics(component)["training"]["accuracy"] > 0.9


@pytest.mark.parametrize("estimator", ["ridge-regression", "gradient-boosting-regression"])
def test_regressions_train(component, estimator):
    rows = [f"{i},{'ab'[i % 2]},{2.5 * i + (i % 2)}" for i in range(60)]
    (component.folder / "x.csv").write_text("n,c,price\n" + "\n".join(rows) + "\n")
    train(component, data_csv="x.csv", estimator=estimator, target_column="price", folds=3).succeeded()
    told = metrics(component)
    assert told["training"]["r2"] > 0.9 and told["training"]["mean_absolute_error"] >= 0 and told["classes"] is None


def test_missing_values_codes_and_empty_columns(component):
    rows = [f"{'' if i % 9 == 0 else i},{'NA' if i % 5 == 0 else 'ab'[i % 2]},0{i % 3},,{i % 2}" for i in range(40)]
    (component.folder / "x.csv").write_text("n,c,code,nothing,target\n" + "\n".join(rows) + "\n")
    outcome = train(component, data_csv="x.csv", categorical_columns="code").succeeded()
    assert "nothing has no values and is left out" in outcome.err
    assert metrics(component)["columns"] == {"numeric": ["n"], "categorical": ["c", "code"]}
    model = joblib.load(component.folder / "model.joblib")
    names = list(model.named_steps["columns"].get_feature_names_out())
    assert names == ["numeric__n", "categorical__c_a", "categorical__c_b", "categorical__c_missing", "categorical__code_00", "categorical__code_01", "categorical__code_02"]
    assert model.predict(pd.DataFrame({"n": [3.0], "c": ["b"], "code": ["01"]})).tolist() in ([0], [1])


def test_a_class_with_few_rows_makes_fewer_folds_or_none(component):
    for few, said in ((3, "in 3 instead of 5 parts"), (1, "no cross-validation: too few rows of one class")):
        (component.folder / "x.csv").write_text("n,target\n" + "".join(f"{i},a\n" for i in range(20)) + "9,b\n" * few)
        assert said in train(component, data_csv="x.csv", estimator="decision-tree").succeeded().err
    assert metrics(component)["cross_validation"] is None


@pytest.mark.parametrize("ports, reason", [
    ({"estimator": "linear_model.LogisticRegression"}, "estimator: there is no"),
    ({"parameters": '{"depth": 3}'}, "logistic-regression has no depth; it has: C, class_weight"),
    ({"parameters": '{"random_state": 3}'}, "random_state is set by the input seed"),
    ({"parameters": '{"C": "much"}'}, "logistic-regression cannot be trained"),
    ({"parameters": "[1]"}, "parameters: expected a JSON object"),
    ({"target_column": "class"}, "there is no column class"),
    ({"target_column": "amount"}, "classes, expected 2 to 100; for numbers take one of the regressions"),
    ({"target_column": "purpose", "estimator": "ridge-regression"}, "predicts numbers, and purpose holds text"),
    ({"ignored_columns": "sex"}, "ignored_columns: there is no column sex"),
    ({"max_categories": "4"}, "different values, more than max_categories = 4"),
    ({"seed": "-1"}, "seed: expected a number"),
])
def test_what_cannot_be_trained_is_named(credit, ports, reason):
    train(credit, folds=0, **ports).failed("error: ", reason, code=1)
    assert [path.name for path in credit.folder.iterdir()] == ["credit.csv"]


@pytest.mark.parametrize("content, reason", [
    (b"", "No columns"),
    (b"a,target\n", "no rows"),
    (b"a,target\n1,x\n2,x\n", "has 1 classes"),
    (b"a,target\n1,1.5\n2,2.5\n", "numbers that are no classes"),
    (b"target\nx\ny\n", "no column to learn from"),
    (b"a,target\n1,x,5\n2,y,6\n", "does not match"),
    (b"a,target\n1,x\n2\n", "1 rows have no target; the first is row 3"),
    (b"a,target\n\xe9,x\n", "utf-8"),
    (b"a,target\ninf,x\n2,y\n", "infinity"),
])
def test_what_is_no_table_of_examples_is_refused(component, content, reason):
    (component.folder / "x.csv").write_bytes(content)
    train(component, data_csv="x.csv", folds=0).failed("error: ", reason, code=1)
    assert [path.name for path in component.folder.iterdir()] == ["x.csv"]
