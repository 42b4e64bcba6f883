"""With aif360 on PYTHONPATH."""

import csv
import json
import pathlib

import numpy as np
import pandas as pd
import pytest
from aif360.datasets import BinaryLabelDataset
from aif360.metrics import ClassificationMetric
from sklearn.linear_model import LogisticRegression

COMPONENT = "metric/aif360-predictions"
GERMAN = pathlib.Path(__file__).parents[1] / "data" / "german.data"
METRICS = ["statistical_parity_difference", "equal_opportunity_difference", "average_odds_difference", "disparate_impact", "theil_index"]
OUTPUTS = {"metric_output": "m.json", "report": "r.html", "picture": "p.png"}


@pytest.fixture
def german(component):
    """German credit with a column of real predictions, as a component that predicts leaves it."""
    table = pd.read_csv(GERMAN, sep=r"\s+", header=None)
    table.columns = [*(f"attribute{place}" for place in range(1, 21)), "target"]
    table = table.rename(columns={"attribute9": "personal_status", "attribute13": "age"})
    known = table[["attribute2", "attribute5", "attribute8", "age"]]
    table["prediction"] = LogisticRegression(max_iter=1000, class_weight="balanced").fit(known, table["target"]).predict(known).astype(float)
    table.to_csv(component.folder / "predicted.csv", index=False)
    return table


def result(component):
    assert not list(component.folder.glob("*.part"))
    assert (component.folder / "p.png").read_bytes().startswith(b"\x89PNG")
    return json.loads((component.folder / "m.json").read_text(), parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


def direct(privileged, target, prediction):
    """AIF360, called without the component; the labels are the data set's own: 1 good, 2 bad."""
    actual, predicted = (
        BinaryLabelDataset(favorable_label=1, unfavorable_label=2, label_names=["label"], protected_attribute_names=["group"],
                           df=pd.DataFrame({"group": privileged.astype(float), "label": labels}))
        for labels in (target, prediction))
    return ClassificationMetric(actual, predicted, unprivileged_groups=[{"group": 0}], privileged_groups=[{"group": 1}])


@pytest.mark.parametrize("column, key, privileged", [
    ("age", ">25", lambda table: table["age"] > 25),
    ("age", "<= 40", lambda table: table["age"] <= 40),
    ("personal_status", "A91, A93,A94", lambda table: table["personal_status"].isin(["A91", "A93", "A94"])),
])
def test_the_metrics_are_those_of_aif360(component, german, column, key, privileged):
    outcome = component(data_csv="predicted.csv", protected_column=column, privileged_group_key=key, **OUTPUTS).succeeded()
    assert "Traceback" not in outcome.err and "arning" not in outcome.err.replace("WARNING", ""), outcome.err
    metrics, expected = result(component), direct(privileged(german), german["target"], german["prediction"])
    assert list(metrics["metrics"]) == METRICS
    for name, value in metrics["metrics"].items():
        assert value == pytest.approx(getattr(expected, name)(), abs=1e-12), name
    assert metrics["accuracy"] == pytest.approx(expected.accuracy())
    for group, is_privileged in (("privileged", True), ("unprivileged", False)):
        assert metrics["groups"][group]["rows"] == expected.num_instances(privileged=is_privileged)
        assert metrics["groups"][group]["true_positive_rate"] == pytest.approx(expected.true_positive_rate(privileged=is_privileged))
    assert metrics["biased"] == [name for name, value in metrics["metrics"].items() if not metrics["bounds"][name][0] <= value <= metrics["bounds"][name][1]]
    assert metrics["data"]["rows"] == 1000 and metrics["data"]["rows_in_neither_group"] == 0


def test_rows_of_neither_group_are_left_out(component, german):
    component(data_csv="predicted.csv", protected_column="personal_status", privileged_group_key="A93", unprivileged_group_key="A92", **OUTPUTS).succeeded()
    metrics, kept = result(component), german[german["personal_status"].isin(["A92", "A93"])]
    assert metrics["data"]["rows_in_neither_group"] == 1000 - len(kept)
    assert metrics["metrics"]["theil_index"] == pytest.approx(direct(kept["personal_status"] == "A93", kept["target"], kept["prediction"]).theil_index())
    assert f"{1000 - len(kept)} more rows are of neither group and left out" in (component.folder / "r.html").read_text()


def test_bad_as_the_favorable_class_turns_the_metrics_round(component, german):
    for label, name in (("1", "good"), ("2", "bad")):
        component(data_csv="predicted.csv", protected_column="age", privileged_group_key=">25", favorable_label=label, **{**OUTPUTS, "metric_output": f"{name}.json"}).succeeded()
    good, bad = (json.loads((component.folder / f"{name}.json").read_text())["metrics"]["statistical_parity_difference"] for name in ("good", "bad"))
    assert bad == pytest.approx(-good)


def test_what_cannot_be_computed_is_null_and_said(component):
    with open(component.folder / "t.csv", "w", newline="") as file:
        csv.writer(file).writerows([("sex", "target", "prediction"), *[("m", "1", "2")] * 3, *[("m", "2", "2")] * 3, *[("f", "1", "1")] * 3])
    component(data_csv="t.csv", protected_column="sex", privileged_group_key="m", **OUTPUTS).succeeded()
    metrics = result(component)
    assert metrics["metrics"]["disparate_impact"] is None and "disparate_impact" in metrics["undefined"]
    assert metrics["metrics"]["statistical_parity_difference"] == 1
    assert "cannot be computed" in (component.folder / "r.html").read_text()


def test_names_and_values_of_the_table_are_only_text_in_the_report(component):
    with open(component.folder / "t.csv", "w", newline="") as file:
        rows = [(f"{'<i>' if row % 2 else '>25'}", row % 3 % 2, row % 5 % 2) for row in range(30)]
        csv.writer(file).writerows([("$a_{<b>$", "target", "prediction"), *rows])
    component(data_csv="t.csv", protected_column="$a_{<b>$", privileged_group_key='">25"', unprivileged_group_key='"<i>"', **OUTPUTS).succeeded()
    report = (component.folder / "r.html").read_text()
    assert "<i>" not in report and "$a_{<b>" not in report and "$a_{&lt;b&gt;$" in report
    assert result(component)["groups"]["privileged"]["rows"] == 15 and np.isfinite(result(component)["accuracy"])
