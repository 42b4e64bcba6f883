"""The checks of metric/art, without the Adversarial Robustness Toolbox and without PyTorch."""

import pathlib

import joblib
import numpy as np
import pytest
from images import without
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

COMPONENT = "metric/art"
MISSING = "this component needs the package"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    digits = load_digits()
    np.save(folder / "x.npy", digits.data[:200] / 16)
    np.save(folder / "y.npy", digits.target[:200])
    joblib.dump(LogisticRegression(C=0.1).fit(digits.data[200:700] / 16, digits.target[200:700]), folder / "model")
    return folder


@pytest.fixture
def attack(component, files):
    """A run whose inputs are those of the digits unless a test says otherwise."""
    def run(**ports):
        given = {"model": files / "model", "feature_testset_path": files / "x.npy", "label_testset_path": files / "y.npy", "metric_path": "metrics.json",
                 "picture": "picture.png", "report": "report.html", "robust_status": "status", **ports}
        return component(env=without(component.folder, "art", "torch"), **given)
    return run


def test_without_the_toolbox_it_says_what_is_missing(attack):
    attack(clip_values="(0, 1)", input_shape="(8, 8)", nb_classes=10).failed(f"{MISSING} adversarial-robustness-toolbox", "No module named art", code=1)


def test_a_pytorch_model_needs_torch(attack, files):
    (files / "net.py").write_text("raise SystemExit('this was run')\n")
    ended = attack(model_class_file=files / "net.py").failed(f"{MISSING} torch", code=1)
    assert "this was run" not in ended.err


def test_a_file_that_promises_more_than_it_holds_is_refused(attack, tmp_path, files):
    whole = (files / "x.npy").read_bytes()
    (tmp_path / "cut.npy").write_bytes(whole[:len(whole) // 2])
    attack(feature_testset_path="cut.npy").failed("feature_testset_path: the .npy file cannot be read", code=1)


class Trap:
    def __reduce__(self):
        return pathlib.Path.touch, (pathlib.Path("sprung"),)


def test_a_pickle_in_the_labels_is_not_run(attack, tmp_path):
    trap = np.empty(200, dtype=object)
    trap[0] = Trap()
    np.save(tmp_path / "trap.npy", trap, allow_pickle=True)
    attack(label_testset_path="trap.npy").failed("label_testset_path: the .npy file cannot be read", code=1)
    assert not (tmp_path / "sprung").exists()


def test_a_damaged_model_is_told_apart_from_a_bad_component(attack, tmp_path):
    (tmp_path / "broken").write_bytes(b"no model at all")
    attack(model="broken").failed("model: joblib cannot load it", code=1)


def test_a_file_of_pytorch_needs_its_class(attack, tmp_path):
    (tmp_path / "net.pt").write_bytes(b"PK\x03\x04 and so on")
    attack(model="net.pt").failed("looks like a file of PyTorch", "model_class_file", code=1)


def test_values_outside_the_clip_values_are_refused(attack):
    attack(clip_values="(0, 0.5)").failed("clip_values: the test examples reach from 0 to 1, outside 0 to 0.5", code=1)


def test_a_shape_has_to_hold_the_values_of_an_example(attack):
    attack(input_shape="(3, 8, 8)").failed("input_shape: (3, 8, 8) does not have the 64 values of one test example", code=1)


def test_every_example_has_a_class(attack, tmp_path):
    np.save(tmp_path / "few.npy", np.arange(5))
    attack(label_testset_path="few.npy").failed("200 examples, but 5 labels", code=1)


@pytest.mark.parametrize("port, value", [("epsilon", "0"), ("adversarial_accuracy_threshold", "20"), ("more_epsilons", "0.1;0.2"), ("clip_values", "(1, 0)")])
def test_settings_that_make_no_sense_are_named(attack, port, value):
    attack(**{port: value}).failed(f"error: {port}", code=1)
