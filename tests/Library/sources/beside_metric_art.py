"""metric/art with the Adversarial Robustness Toolbox, scikit-learn and PyTorch, on real handwritten digits."""

import json

import joblib
import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

COMPONENT = "metric/art"
NET = '''
from torch import nn


class DigitNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
                                    nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32 * 16, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, x):
        return self.layers(x)
'''


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Models fitted on 60 % of the digits; x.npy and y.npy are the others, images.npy has their shape for PyTorch."""
    folder = tmp_path_factory.mktemp("digits")
    digits = load_digits()
    x, x_test, y, y_test = train_test_split((digits.data / 16).astype("float32"), digits.target, test_size=0.4, random_state=0, stratify=digits.target)
    np.save(folder / "x.npy", x_test)
    np.save(folder / "y.npy", y_test)
    np.save(folder / "images.npy", x_test.reshape(-1, 1, 8, 8))
    joblib.dump(LogisticRegression(max_iter=1000).fit(x, y), folder / "lr")
    joblib.dump(SVC(probability=True, random_state=0).fit(x[:300], y[:300]), folder / "svc")
    joblib.dump(RandomForestClassifier(10, random_state=0).fit(x, y), folder / "forest")
    joblib.dump(LogisticRegression(max_iter=1000).fit(x, np.array([f"digit {name}" for name in y])), folder / "named")
    np.save(folder / "named.npy", np.array([f"digit {name}" for name in y_test]))
    (folder / "net.py").write_text(NET)
    scope = {}
    exec(NET, scope)
    torch.manual_seed(0)
    net = scope["DigitNet"]()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    images, classes = torch.from_numpy(x.reshape(-1, 1, 8, 8)), torch.from_numpy(y)
    for _ in range(12):
        for batch in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(net(images[batch]), classes[batch]).backward()
            optimizer.step()
    torch.save(net.state_dict(), folder / "net.pt")
    return folder


@pytest.fixture
def attack(component, files):
    def run(fitted="lr", **ports):
        given = {"model": files / fitted, "feature_testset_path": files / "x.npy", "label_testset_path": files / "y.npy", "clip_values": "(0, 1)",
                 "metric_path": "metrics.json", "picture": "picture.png", "report": "report.html", "robust_status": "status", **ports}
        if fitted == "net.pt":
            given = {"model_class_file": files / "net.py", "model_class_name": "DigitNet", **given, "feature_testset_path": files / "images.npy"}
        return component(limit=600, **given)
    return run


def results(component):
    return json.loads((component.folder / "metrics.json").read_text()), (component.folder / "status").read_text()


def direct(classifier, x, y, epsilon):
    """Accuracies before and after by the toolbox alone."""
    from art.attacks.evasion import FastGradientMethod
    attacked = FastGradientMethod(classifier, eps=epsilon).generate(x=x)
    return [(classifier.predict(examples).argmax(axis=1) == y).mean() for examples in (x, attacked)]


def test_accuracy_falls_with_epsilon_and_equals_the_toolbox(attack, component, files):
    from art.estimators.classification import SklearnClassifier
    attack(epsilon=0.1, more_epsilons="0.02,0.05,0.2", input_shape="(8,8)").succeeded()
    metrics, status = results(component)
    classifier = SklearnClassifier(joblib.load(files / "lr"), clip_values=(0, 1))
    before, after = direct(classifier, np.load(files / "x.npy"), np.load(files / "y.npy"), 0.1)
    assert metrics["model accuracy on test data"] == pytest.approx(before)
    assert metrics["model accuracy on adversarial samples"] == pytest.approx(after)
    falling = [metrics["model accuracy on test data"], *(point["accuracy"] for point in metrics["curve"])]
    assert falling == sorted(falling, reverse=True) and falling[0] > 0.95 and falling[-1] < 0.3
    assert status == "true" and metrics["robust"] is True and metrics["examples"] == 719
    assert sum(line["examples"] for line in metrics["classes"].values()) == 719


@pytest.mark.parametrize("above", [True, False])
def test_the_threshold_decides(attack, component, above):
    attack(epsilon=0.1).succeeded()
    reached = results(component)[0]["model accuracy on adversarial samples"]
    attack(epsilon=0.1, adversarial_accuracy_threshold=reached if above else reached + 1e-6).succeeded()
    assert results(component)[1] == ("true" if above else "false")


def test_a_pytorch_model_is_attacked_as_the_toolbox_does_it(attack, component, files):
    from art.estimators.classification import PyTorchClassifier
    attack("net.pt", epsilon=0.15, optimizer="torch.optim.Adam(model.parameters(), lr=0.001)", loss_fn="torch.nn.CrossEntropyLoss()").succeeded()
    metrics, status = results(component)
    scope = {}
    exec(NET, scope)
    net = scope["DigitNet"]()
    net.load_state_dict(torch.load(files / "net.pt"))
    classifier = PyTorchClassifier(net, torch.nn.CrossEntropyLoss(), (1, 8, 8), 10, clip_values=(0, 1))
    before, after = direct(classifier, np.load(files / "images.npy"), np.load(files / "y.npy"), 0.15)
    assert metrics["model accuracy on test data"] == pytest.approx(before) and before > 0.9
    assert metrics["model accuracy on adversarial samples"] == pytest.approx(after) and after < before - 0.2
    assert metrics["model"] == "PyTorch DigitNet"


def test_picture_and_report_are_complete(attack, component):
    attack(model_id="<script>alert(1)</script>", input_shape="(8, 8)", more_epsilons=0.1).succeeded()
    assert (component.folder / "picture.png").read_bytes().startswith(b"\x89PNG")
    page = (component.folder / "report.html").read_text()
    assert page.count("data:image/png;base64,") == 2 and "<script" not in page and "http" not in page
    assert not list(component.folder.glob("*.part"))


def test_a_support_vector_machine_and_a_draw_of_examples(attack, component):
    attack("svc", max_samples=40, seed=1, epsilon=0.3).succeeded()
    first = results(component)[0]
    attack("svc", max_samples=40, seed=1, epsilon=0.3).succeeded()
    assert results(component)[0] == first and first["examples"] == 40
    assert first["model accuracy on adversarial samples"] < first["model accuracy on test data"]


def test_classes_with_names(attack, component, files):
    attack("named", label_testset_path=files / "named.npy").succeeded()
    assert results(component)[0]["classes"]["digit 3"]["before"] > 0.9
    attack("named").failed("the model does not know class 0, 1, 2", code=1)


def test_a_model_without_gradients_is_refused(attack):
    attack("forest").failed("RandomForestClassifier has no gradient that this attack can follow", "LogisticRegression", code=1)


def test_a_loss_is_a_name_and_not_a_program(attack, component):
    attack("net.pt", loss_fn="__import__('os').system('touch sprung')").failed("error: loss_fn", code=1)
    attack("net.pt", loss_fn="CrossEntropyLoss(weight=open('sprung', 'w'))").failed("error: loss_fn", code=1)
    assert not (component.folder / "sprung").exists()


def test_what_is_wrong_with_a_pytorch_model_is_told(attack, component, files):
    attack("net.pt", model_class_name="Net").failed("there is no class Net", "it has: DigitNet", code=1)
    (component.folder / "other.py").write_text("from torch import nn\nclass DigitNet(nn.Linear):\n    def __init__(self):\n        super().__init__(64, 10)\n")
    attack("net.pt", model_class_file="other.py").failed("it is no state dict of DigitNet", code=1)
    (component.folder / "broken.py").write_text("import nothing_like_this\n")
    attack("net.pt", model_class_file="broken.py").failed("running it failed: ModuleNotFoundError", code=1)
    attack("net.pt", input_shape="(8, 8, 1)").failed("does not take examples of shape (8, 8, 1)", code=1)


def test_a_pickle_in_place_of_a_state_dict_is_not_run(attack, component, tmp_path):
    class Trap:
        def __reduce__(self):
            return open, (str(tmp_path / "sprung"), "w")
    torch.save({"a": Trap()}, tmp_path / "trap.pt")
    attack("net.pt", model=tmp_path / "trap.pt").failed("this is no state dict", code=1)
    assert not (tmp_path / "sprung").exists()
