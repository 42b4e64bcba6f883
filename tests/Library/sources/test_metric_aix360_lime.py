"""The checks of metric/aix360-lime, without LIME."""

import io
import pickle
import struct
import zipfile
import zlib

import joblib
import numpy as np
import pytest
from images import png, without, zipped
from sklearn.linear_model import LogisticRegression, RidgeClassifier

COMPONENT = "metric/aix360-lime"
GREY = png(np.full((8, 8), 128, "uint8"))


def dumped(estimator):
    data = io.BytesIO()
    joblib.dump(estimator, data)
    return data.getvalue()


@pytest.fixture(scope="module")
def model():
    x = np.random.default_rng(0).random((40, 64))
    return dumped(LogisticRegression().fit(x, x[:, 0] > 0.5))


@pytest.fixture
def explain(component, tmp_path, model):
    def run(models=None, images=None, **ports):
        given = {"model_zip": zipped(tmp_path / "m.zip", models or {"model/a.joblib": model}), "data_zip": zipped(tmp_path / "d.zip", images or {"data/no/1.png": GREY, "data/yes/1.png": GREY}),
                 "picture": "picture.png", "explanation": "explanation.json", "report": "report.html", **ports}
        return component(env=without(component.folder, "lime", "aix360", "torch", "keras"), **given)
    return run


def test_without_lime_it_says_what_is_missing(explain):
    explain(image="data/yes/1.png", target="1").failed("this component needs the package lime", code=1)


@pytest.mark.parametrize("name", ["../evil.joblib", "/tmp/evil.joblib", "a/../../evil.joblib", "..\\evil.joblib"])
def test_names_that_lead_out_of_the_zip_file_are_refused(explain, tmp_path, name):
    explain(models={name: b"x"}).failed("model_zip", "leads out of the zip file", code=1)
    assert not list(tmp_path.parent.glob("evil*"))


def test_links_are_refused(explain):
    link = zipfile.ZipInfo("model/a.joblib")
    link.external_attr = 0o120777 << 16
    explain(models={link: "/etc/passwd"}).failed("is a link", code=1)


def test_more_than_the_allowed_megabytes_is_refused_before_it_is_unpacked(explain):
    explain(max_megabytes=1, models={"model/a.joblib": bytes(3_000_000)}).failed("model_zip: it unpacks to more than max_megabytes = 1", code=1)


def test_an_image_of_gigapixels_is_refused(explain):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    explain(images={"bomb.png": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")}).failed("'bomb.png' cannot be read as an image", "exceeds limit", code=1)


def test_damage_is_told(explain, tmp_path):
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04 no zip file")
    explain(data_zip="no.zip").failed("data_zip: this is no readable zip file", code=1)
    explain(images={"a.png": GREY[:40]}).failed("'a.png' cannot be read as an image", code=1)
    explain(models={"a.joblib": b"no model"}).failed("model_zip: joblib cannot load the model", code=1)


def test_zip_files_without_what_is_needed_are_told(explain, model):
    explain(images={"readme.txt": "x"}).failed("data_zip: there is no image in it", code=1)
    explain(models={"a.joblib": model, "b.joblib": model}).failed("expected one model", "a.joblib, b.joblib", code=1)


def test_a_name_of_two_images_is_refused(explain):
    explain(image="1.png").failed("2 images are called '1.png'", "data/no/1.png, data/yes/1.png", code=1)


def test_a_classifier_without_probabilities_is_refused(explain):
    x = np.random.default_rng(0).random((40, 64))
    explain(models={"a.pkl": pickle.dumps(RidgeClassifier().fit(x, x[:, 0] > 0.5))}).failed("RidgeClassifier gives no probabilities", code=1)


def test_a_shape_that_does_not_fit_the_model_is_told(explain):
    explain(image_shape="8,9").failed("the model takes 64 values, which is no image of 8 x 9", code=1)


@pytest.mark.parametrize("names, part", [("no,yes,perhaps", "class_names: the model has 2 classes, not 3"), ("no, no", "class_names: two classes have the same name")])
def test_names_that_are_not_those_of_the_classes_are_told(explain, names, part):
    explain(class_names=names).failed(part, code=1)
