"""With aif360, fairlearn and PyTorch on PYTHONPATH."""

import json
import pathlib

import numpy as np
import pandas as pd
import pytest
from aif360.datasets import BinaryLabelDataset
from aif360.metrics import BinaryLabelDatasetMetric

COMPONENT = "metric/aif360"
GERMAN = pathlib.Path(__file__).parents[1] / "data" / "german.data"
METRICS = ["statistical_parity_difference", "equal_opportunity_difference", "average_odds_difference", "disparate_impact", "theil_index"]


def run(component, name, **ports):
    """The metrics, the report and the picture of a run on the whole data set."""
    outcome = component(data=str(GERMAN), metrics=f"{name}.json", report=f"{name}.html", picture=f"{name}.png", **ports).succeeded()
    assert "Traceback" not in outcome.err and "Warning" not in outcome.err, outcome.err
    assert not list(component.folder.glob("*.part"))
    content = (component.folder / f"{name}.json").read_text()
    return json.loads(content, parse_constant=lambda word: pytest.fail(f"{word} is no JSON")), (component.folder / f"{name}.html").read_text(), (component.folder / f"{name}.png").read_bytes()


def test_both_attributes_before_and_after(component):
    metrics, report, picture = run(component, "all")
    assert metrics["data"] == {"rows": 1000, "training": 700, "test": 300}
    assert list(metrics["attributes"]) == ["sex", "age"]
    assert metrics["attributes"]["sex"]["data"]["rows"] == {"male": 690, "female": 310}
    assert metrics["attributes"]["age"]["data"]["rows"] == {"over 25": 810, "25 or younger": 190}
    for result in metrics["attributes"].values():
        for stage in ("before", "after"):
            assert list(result[stage]["metrics"]) == METRICS
            outside = [name for name, value in result[stage]["metrics"].items() if not metrics["bounds"][name][0] <= value <= metrics["bounds"][name][1]]
            assert (result[stage]["biased"], result[stage]["biased_count"]) == (outside, len(outside))
            assert 0.5 < result[stage]["accuracy"] < 0.9
            # Parity is the difference of the rates that stand beside it, unprivileged minus privileged.
            good = result[stage]["predicted_good"]
            difference = good[result["unprivileged"]] - good[result["privileged"]]
            assert result[stage]["metrics"]["statistical_parity_difference"] == pytest.approx(difference)
            assert result[stage]["metrics"]["disparate_impact"] == pytest.approx(good[result["unprivileged"]] / good[result["privileged"]])
    assert metrics["attributes"]["sex"]["before"]["accuracy"] == metrics["attributes"]["age"]["before"]["accuracy"]
    assert metrics["attributes"]["sex"]["before"]["metrics"] != metrics["attributes"]["sex"]["after"]["metrics"]
    assert picture.startswith(b"\x89PNG")
    assert 'src="data:image/png;base64,' in report and "http" not in report
    assert "fairlearn 0.9.0 AdversarialFairnessClassifier on PyTorch" in report and "LogisticRegression" in report
    assert "fairlearn 0.9.0" in metrics["library"]["debiasing"] and metrics["library"]["aif360"] == "0.6.1"


def test_the_data_alone_are_measured_by_aif360(component):
    metrics, _, _ = run(component, "one", protected="age", epochs=1)
    fields = pd.read_csv(GERMAN, sep=r"\s+", header=None)
    for attribute, privileged in (("age", fields[12] > 25),):
        frame = pd.DataFrame({attribute: privileged.astype(float), "credit": fields[20]})
        data = BinaryLabelDataset(favorable_label=1, unfavorable_label=2, df=frame, label_names=["credit"], protected_attribute_names=[attribute])
        direct = BinaryLabelDatasetMetric(data, unprivileged_groups=[{attribute: 0}], privileged_groups=[{attribute: 1}])
        assert metrics["attributes"][attribute]["data"]["statistical_parity_difference"] == pytest.approx(direct.statistical_parity_difference(), abs=1e-12)
        assert metrics["attributes"][attribute]["data"]["disparate_impact"] == pytest.approx(direct.disparate_impact(), abs=1e-12)
    assert list(metrics["attributes"]) == ["age"]


def test_a_seed_repeats_a_run_and_another_changes_it(component):
    first, again, other = (run(component, name, protected="sex", seed=seed, epochs=5)[0] for name, seed in (("a", 7), ("b", 7), ("c", 8)))
    assert first == again
    assert first["attributes"] != other["attributes"]


def test_the_adversary_takes_age_out_of_the_predictions(component):
    """Over a few seeds the predictions for young and old are closer together than without an adversary."""
    found = [run(component, str(seed), protected="age", seed=seed)[0]["attributes"]["age"] for seed in (1, 2, 3)]
    gaps = {stage: np.mean([abs(result[stage]["metrics"]["statistical_parity_difference"]) for result in found]) for stage in ("before", "after")}
    assert gaps["after"] < gaps["before"]


def test_groups_that_are_missing_are_named(component):
    men = [line for line in GERMAN.read_text().splitlines() if " A92 " not in line]
    (component.folder / "men.data").write_text("\n".join(men))
    component(data="men.data", metrics="m", report="r", picture="p").failed("rows have no good or no bad credit of anybody who is female", code=1)
    assert not (component.folder / "m").exists()
    assert component(data="men.data", protected="age", epochs=1, metrics="m", report="r", picture="p").succeeded()


def test_tensorflow_is_asked_for_by_name(component):
    component(data=str(GERMAN), debiasing="aif360", metrics="m", report="r", picture="p").failed("debiasing=aif360 needs TensorFlow", code=1)
