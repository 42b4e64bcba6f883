"""metric/aix360-lime with LIME, AI Explainability 360, scikit-learn and PyTorch."""

import io
import json

import joblib
import numpy as np
import pytest
import torch
from images import png, without, zipped
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

COMPONENT = "metric/aix360-lime"


class Corner(torch.nn.Module):
    """Class 1 if the upper left 16 x 16 pixels are bright: what decides is known."""

    def forward(self, x):
        bright = (x[:, :, :16, :16].mean(dim=(1, 2, 3)) - 0.4) * 12
        return torch.stack([-bright, bright], dim=1)


@pytest.fixture(scope="module")
def corner():
    data = io.BytesIO()
    torch.jit.save(torch.jit.script(Corner()), data)
    return data.getvalue()


def photo():
    """Noise with a bright square where the model looks and another one where it does not."""
    pixels = np.random.default_rng(0).integers(0, 60, (64, 64, 3)).astype("uint8")
    pixels[:16, :16] += 180
    pixels[40:56, 40:56] += 180
    return pixels


@pytest.fixture
def explain(component, tmp_path):
    def run(model, pictures, env=None, **ports):
        given = {"model_zip": zipped(tmp_path / "m.zip", model) if isinstance(model, dict) else model, "data_zip": zipped(tmp_path / "d.zip", pictures),
                 "picture": "picture.png", "explanation": "explanation.json", "report": "report.html", "samples": 300, **ports}
        component(env=env, limit=600, **given).succeeded()
        return json.loads((component.folder / "explanation.json").read_text())
    return run


@pytest.fixture(scope="module")
def digits():
    data = load_digits()
    return data, LogisticRegression(max_iter=1000).fit(data.data[:1000] / 16, data.target[:1000])


def test_the_area_that_decides_has_the_largest_weight(explain, component, corner):
    found = explain({"model/net.pt": corner}, {"a.png": png(photo())}, pixel_range="0,1", cover=0, segments=16, class_names="dark,<b>bright</b>")
    assert found["predicted"] == found["explained"] == "<b>bright</b>" and found["probability"] > 0.9
    weights = [area["weight"] for area in found["areas"]]
    left, top, right, bottom = found["areas"][0]["box"]
    assert weights == sorted(weights, key=abs, reverse=True) and weights[0] > 0.2 and weights[0] > 4 * abs(weights[1])
    assert left == top == 0 and right <= 18 and bottom <= 18
    assert (component.folder / "picture.png").read_bytes().startswith(b"\x89PNG")
    page = (component.folder / "report.html").read_text()
    assert "data:image/png;base64," in page and "<b>bright</b></b>" not in page and "http" not in page and found["library"] in page
    assert not list(component.folder.glob("*.part"))


def test_torchscript_needs_no_zip_file_around_it(explain, corner, tmp_path):
    (tmp_path / "net").write_bytes(corner)
    around = explain({"net.pt": corner}, {"a.png": png(photo())}, pixel_range="0,1", segments=16)
    assert explain(tmp_path / "net", {"a.png": png(photo())}, pixel_range="0,1", segments=16) == around


def test_weights_are_those_of_lime(explain, digits):
    from lime.lime_image import LimeImageExplainer
    from lime.wrappers.scikit_image import SegmentationAlgorithm
    data, model = digits
    pixels = (data.images[1500] / 16 * 255).astype("uint8")
    dumped = io.BytesIO()
    joblib.dump(model, dumped)
    found = explain({"model/lr.joblib": dumped.getvalue()}, {f"data/{data.target[1500]}/1500.png": png(pixels)}, pixel_range="0,1", segments=20, seed=3)

    def predict(batch):
        return model.predict_proba(batch[..., 0].reshape(len(batch), -1).astype("float32") / 255)

    slic = SegmentationAlgorithm("slic", n_segments=20, compactness=10, sigma=0, start_label=0)
    label = int(model.predict_proba(pixels.reshape(1, -1) / 255).argmax())
    direct = LimeImageExplainer(random_state=3).explain_instance(
        np.dstack([pixels] * 3), predict, labels=(label,), top_labels=None, num_samples=300, batch_size=32, random_seed=3,
        segmentation_fn=lambda image: np.unique(slic(image), return_inverse=True)[1].reshape(image.shape[:2]))
    assert found["explained"] == str(label) and found["actual"] == str(data.target[1500])
    assert [(area["area"], pytest.approx(area["weight"], abs=1e-9)) for area in found["areas"]] == [(int(area), weight) for area, weight in direct.local_exp[label]]
    assert found["score"] == pytest.approx(direct.score, abs=1e-9)


def test_the_report_says_which_library_did_the_work(explain, component, corner):
    with_both = explain({"net.pt": corner}, {"a.png": png(photo())}, pixel_range="0,1", segments=16)
    blocked = without(component.folder, "aix360")["PYTHONPATH"]
    import lime
    import pathlib
    alone = explain({"net.pt": corner}, {"a.png": png(photo())}, pixel_range="0,1", segments=16, env={"PYTHONPATH": f"{blocked}:{pathlib.Path(lime.__file__).parents[1]}"})
    assert with_both["library"] == "aix360 0.3.0, lime 0.2.0.1" and alone["library"] == "lime 0.2.0.1"
    assert alone["areas"] == with_both["areas"]


def test_a_state_dict_is_no_model(component, tmp_path):
    torch.save({"a": torch.zeros(2)}, tmp_path / "net.pt")
    ports = {"data_zip": zipped(tmp_path / "d.zip", {"a.png": png(photo())}), "picture": "p.png", "explanation": "e.json", "report": "r.html"}
    component(limit=600, model_zip=zipped(tmp_path / "m.zip", {"net.pt": (tmp_path / "net.pt").read_bytes()}), **ports).failed("this is no TorchScript", code=1)


def test_another_size_of_image_than_the_model_takes_is_told(component, corner, tmp_path):
    class Strict(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(3 * 32 * 32, 2)

        def forward(self, x):
            return self.layer(x.flatten(1))
    torch.jit.save(torch.jit.script(Strict()), str(tmp_path / "net.pt"))
    ports = {"data_zip": zipped(tmp_path / "d.zip", {"a.png": png(photo())}), "picture": "p.png", "explanation": "e.json", "report": "r.html"}
    component(limit=600, model_zip=tmp_path / "net.pt", **ports).failed("the model does not take an image of 64 x 64", code=1)
    component(limit=600, model_zip=tmp_path / "net.pt", image_shape="32,32", samples=50, **ports).succeeded()
