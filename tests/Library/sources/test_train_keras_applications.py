import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image

COMPONENT = "train/keras-applications"
ABSENT = "error: Keras with TensorFlow, PyTorch or JAX is needed"


def picture(colour="red", side=8, format="PNG"):
    made = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(made, format)
    return made.getvalue()


def archive(folder, files, name="data.zip", method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(folder / name, "w", method) as made:
        for entry, content in files.items():
            made.writestr(entry, content)
    return name


@pytest.fixture
def without_keras(component):
    """Environment in which Keras cannot be imported, whatever is installed."""
    (component.folder / "hidden").mkdir()
    (component.folder / "hidden" / "keras.py").write_text("raise ImportError(\"No module named 'keras'\")")
    return {"PYTHONPATH": str(component.folder / "hidden")}


@pytest.mark.parametrize("name, value", [
    ("image_shape", "400"), ("image_shape", "0,10"), ("image_shape", "__import__('os')"), ("batch_size", "0"), ("epochs", "0"), ("seed", "-1"),
    ("learning_rate", "nan"), ("learning_rate", "-1.0"), ("dropout", "1.0"), ("validation_share", "1.0"), ("max_megabytes", "0"), ("freeze", "some"),
])
def test_values_that_cannot_be_are_told(component, name, value):
    archive(component.folder, {"a/1.png": picture(), "b/1.png": picture()})
    component(data_zip="data.zip", **{name: value}).failed(f"error: {name}: '{value}' is not", code=1)


def test_data_and_weights_that_are_not_there_are_named(component):
    component(data_zip="nowhere.zip").failed("error: data_zip: there is no nowhere.zip", code=1)
    archive(component.folder, {"a/1.png": picture(), "b/1.png": picture()})
    component(data_zip="data.zip", weights="nowhere.h5").failed("error: weights: there is no file nowhere.h5", code=1)


def test_absent_keras_is_told_after_the_data_was_read(component, without_keras):
    archive(component.folder, {"all/a/1.png": picture(), "all/a/2.jpg": picture(format="JPEG"), "all/b/1.png": picture("blue"), "all/b/2.png": b"no image",
                               "__MACOSX/a/1.png": b"", "all/.DS_Store": b"", "all/b/Thumbs.db": b""})
    done = component(data_zip="data.zip", weights="none", env=without_keras).failed(ABSENT, "install", code=1)
    assert "2 classes, 3 images for training, 0 for validation, 1 files left out" in done.err
    assert "left out: 'b/2.png': it is no image" in done.err


def test_a_folder_is_as_good_as_an_archive(component, without_keras):
    for name in ("cat", "dog"):
        (component.folder / "images" / "train" / name).mkdir(parents=True)
        for i in range(10):
            (component.folder / "images" / "train" / name / f"{i}.png").write_bytes(picture())
    (component.folder / "images" / "train" / "notes.txt").write_text("no class")
    done = component(data_zip="images", image_folder="train", env=without_keras).failed(ABSENT, code=1)
    assert "2 classes, 16 images for training, 4 for validation, 1 files left out" in done.err
    component(data_zip="images", image_folder="test", env=without_keras).failed("image_folder: the data has no folder 'test'; at its top are: 'train'", code=1)


@pytest.mark.parametrize("entry", ["../a/1.png", "/a/1.png", "a/../../b/1.png", "..\\a\\1.png", "C:\\a\\1.png"])
def test_names_that_lead_out_of_the_archive_are_refused(component, entry):
    archive(component.folder, {"a/1.png": picture(), entry: picture()})
    component(data_zip="data.zip").failed("would lie outside of the archive", code=1)


def test_links_in_the_archive_are_refused(component):
    link = zipfile.ZipInfo("a/link.png")
    link.external_attr = 0o120777 << 16
    archive(component.folder, {link: "/etc/passwd", "b/1.png": picture()})
    component(data_zip="data.zip").failed("error: data_zip: 'a/link.png' is a link", code=1)


def test_a_bomb_is_not_unpacked(component):
    archive(component.folder, {"a/1.png": b"\0" * 3_000_000, "b/1.png": picture()})
    component(data_zip="data.zip", max_megabytes=2).failed("error: data_zip: unpacked it is larger than max_megabytes", code=1)


def test_a_bomb_that_lies_about_its_size_is_told(component):
    made = bytearray((component.folder / archive(component.folder, {"a/1.png": b"\0" * 3_000_000, "b/1.png": picture()})).read_bytes())
    made[22:26] = struct.pack("<I", 10)
    central = made.index(b"PK\1\2")
    made[central + 24:central + 28] = struct.pack("<I", 10)
    (component.folder / "data.zip").write_bytes(made)
    component(data_zip="data.zip", max_megabytes=2).failed("error: data_zip: it is not a zip archive that can be read", code=1)


def test_a_picture_of_too_many_pixels_is_left_out(component, without_keras):
    # A header alone: 12000 x 12000 pixels would be 432 MB.
    header = b"IHDR" + struct.pack(">II", 12_000, 12_000) + picture()[24:29]
    huge = picture()[:12] + header + struct.pack(">I", zlib.crc32(header)) + picture()[33:]
    archive(component.folder, {"a/1.png": picture(), "a/2.png": huge, "b/1.png": picture()})
    done = component(data_zip="data.zip", env=without_keras).failed(ABSENT, code=1)
    assert "left out: 'a/2.png': DecompressionBomb" in done.err
    assert "2 images for training, 0 for validation, 1 files left out" in done.err


def test_what_is_no_archive_or_a_broken_one_is_told(component):
    (component.folder / "text.zip").write_text("hello")
    component(data_zip="text.zip").failed("error: data_zip: it is not a zip archive that can be read", code=1)
    whole = (component.folder / archive(component.folder, {"a/1.png": picture(side=90), "b/1.png": picture()})).read_bytes()
    (component.folder / "broken.zip").write_bytes(whole[:60] + b"\xff" * 20 + whole[80:])
    component(data_zip="broken.zip").failed("error: data_zip: it is not a zip archive that can be read", code=1)


@pytest.mark.parametrize("files, found", [
    ({}, "0 files, and no image in a folder"),
    ({"1.png": picture()}, "1 files, and no image in a folder"),
    ({"a/1.png": picture(), "a/2.png": picture()}, "images are in 1 folder: 'a'"),
    ({"a/1.png": picture(), "b/1.png": b"x"}, "images are in 1 folder: 'a'"),
])
def test_two_classes_are_needed(component, files, found):
    archive(component.folder, files)
    component(data_zip="data.zip").failed("expected a folder of images for each of at least two classes", found, code=1)
