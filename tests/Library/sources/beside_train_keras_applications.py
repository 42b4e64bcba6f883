"""With Keras 3 and TensorFlow, PyTorch or JAX. Two classes that differ in colour, so that a small network learns them in seconds."""

import csv
import io
import json
import random
import subprocess
import sys
import zipfile

import pytest
from PIL import Image

COMPONENT = "train/keras-applications"
SMALL = {"data_zip": "data.zip", "network": "MobileNet", "image_shape": "32,32", "batch_size": 8}
OUTPUTS = {"model": "model", "metrics": "metrics.json", "predictions": "predictions.csv", "picture": "curves.png", "report": "report.html", "accuracy": "accuracy"}


@pytest.fixture
def data(component):
    """24 pictures in two classes, of several formats and sizes; one name is not plain."""
    chance = random.Random(1)
    with zipfile.ZipFile(component.folder / "data.zip", "w") as made:
        for i in range(24):
            shade = [chance.randrange(40) for _ in range(3)]
            shade[i % 2 * 2] += 200
            packed = io.BytesIO()
            Image.new("RGB", (20 + i, 30), tuple(shade)).save(packed, ("PNG", "JPEG", "BMP")[i % 3])
            made.writestr(f"{('red', 'blue & <b>')[i % 2]}/{i}", packed.getvalue())
    return component


def python(component, text):
    """What a program in the same Python prints."""
    done = subprocess.run([sys.executable, "-B", "-c", text], env=component.environment(), cwd=component.folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def test_two_epochs_leave_a_model_that_takes_pixels(data):
    done = data(**SMALL, epochs=2, learning_rate=0.001, **OUTPUTS, limit=600).succeeded()
    metrics = json.loads((data.folder / "metrics.json").read_text())
    assert metrics["classes"] == ["blue & <b>", "red"] and metrics["images"] == {"blue & <b>": 12, "red": 12}
    assert {name: len(values) for name, values in metrics["history"].items()} == {"loss": 2, "accuracy": 2, "val_loss": 2, "val_accuracy": 2}
    assert (metrics["training"], metrics["validation"], metrics["frozen_layers"], metrics["weights"]) == (20, 4, 0, False)
    assert metrics["versions"]["backend"] in ("tensorflow", "torch", "jax") and metrics["versions"][metrics["versions"]["backend"]] != "?"
    assert (data.folder / "accuracy").read_text() == f"{metrics['history']['val_accuracy'][-1]:.4f}"
    assert "epoch 2 of 2: " in done.err
    with Image.open(data.folder / "curves.png") as picture:
        assert picture.format == "PNG" and picture.width > 800
    page = (data.folder / "report.html").read_text()
    assert "blue &amp; &lt;b&gt;" in page and "<b>" not in page and "data:image/png;base64," in page
    assert not list(data.folder.glob("*.part*"))
    # The model prepares pixels itself: what it answers for a file is what predictions.csv says.
    (data.folder / "model").rename(data.folder / "model.keras")
    with open(data.folder / "predictions.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["target"] for row in rows} == {"blue & <b>", "red"} and len(rows) == 4
    answer = python(data, f"""
import os
os.environ.setdefault('KERAS_BACKEND', {metrics["versions"]["backend"]!r})
import io, keras, numpy as np, zipfile
from PIL import Image
image = Image.open(io.BytesIO(zipfile.ZipFile('data.zip').read({rows[0]["file"]!r}))).convert('RGB').resize((32, 32), Image.BILINEAR)
print(float(keras.models.load_model('model.keras').predict(np.asarray(image, dtype='float32')[None], verbose=0).max()))""")
    assert float(answer) == pytest.approx(float(rows[0]["probability"]), abs=2e-3)


def test_the_same_seed_gives_the_same_model(data):
    runs = []
    for _ in range(2):
        data(**SMALL, **OUTPUTS, limit=600).succeeded()
        runs.append(json.loads((data.folder / "metrics.json").read_text())["history"])
    assert runs[0] == pytest.approx(runs[1])


@pytest.mark.parametrize("ending", [".weights.h5", ".keras", ".h5"])
def test_weights_of_a_file_are_loaded_frozen_and_kept(data, ending):
    save = "network.save('w.keras')" if ending == ".keras" else f"network.{'save_weights' if ending == '.weights.h5' else 'save'}('w{ending}')"
    python(data, f"""
import importlib.util, os
os.environ.setdefault('KERAS_BACKEND', next(name for name in ('tensorflow', 'torch', 'jax') if importlib.util.find_spec(name)))
import keras
keras.utils.set_random_seed(7)
network = keras.applications.MobileNet(include_top=False, weights=None, input_shape=(32, 32, 3))
{save}
print('saved')""")
    # A pipeline's file has no ending.
    (data.folder / f"w{ending}").rename(data.folder / "w")
    data(**SMALL, weights="w", loss="sparse_categorical_crossentropy", optimizer="sgd", validation_share=0, **OUTPUTS, limit=600).succeeded()
    metrics = json.loads((data.folder / "metrics.json").read_text())
    assert metrics["weights"] is True and metrics["frozen_layers"] > 80 and set(metrics["history"]) == {"loss", "accuracy"}
    (data.folder / "model").rename(data.folder / "model.keras")
    assert python(data, f"""
import os
os.environ.setdefault('KERAS_BACKEND', {metrics["versions"]["backend"]!r})
import keras, numpy as np
keras.utils.set_random_seed(7)
network = keras.applications.MobileNet(include_top=False, weights=None, input_shape=(32, 32, 3))
inside = next(layer for layer in keras.models.load_model('model.keras').layers if 'mobilenet' in layer.name)
print(all(np.array_equal(a, b) for a, b in zip(network.get_weights(), inside.get_weights())))""") == "True"


def test_weights_of_another_network_and_no_weights_at_all_are_refused(data):
    python(data, """
import importlib.util, os
os.environ.setdefault('KERAS_BACKEND', next(name for name in ('tensorflow', 'torch', 'jax') if importlib.util.find_spec(name)))
import keras
keras.applications.MobileNet(include_top=False, weights=None, alpha=0.5, input_shape=(32, 32, 3)).save_weights('other.weights.h5')
print('saved')""")
    data(**SMALL, weights="other.weights.h5", limit=600).failed("error: weights: they are not those of MobileNet without its top", code=1)
    (data.folder / "text").write_text("weights")
    data(**SMALL, weights="text", limit=600).failed("error: weights: neither HDF5", code=1)


@pytest.mark.parametrize("port, value, parts", [
    ("network", "Mobilnet", ["error: network: keras.applications has no 'Mobilnet'; there are: ConvNeXtBase,", "MobileNetV2", "Xception"]),
    ("optimizer", "adm", ["error: optimizer: Keras has no optimizer 'adm'; there are: ", "adam, ", "sgd"]),
    ("loss", "cross", ["error: loss: Keras has no loss 'cross'; there are: ", "categorical_crossentropy", "kl_divergence"]),
    ("image_shape", "16,16", ["error: image_shape: MobileNet cannot take 16,16"]),
    ("learning_rate", "1e30", ["error: the loss is no number in epoch 1; a smaller learning_rate may help"]),
    ("loss", "ctc", ["error: training ended: "]),
])
def test_names_that_keras_does_not_know_bring_those_that_it_knows(data, port, value, parts):
    data(**{**SMALL, port: value}, limit=600).failed(*parts, code=1)
