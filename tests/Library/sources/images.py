"""What the tests of components for models and images share."""

import io
import pathlib
import zipfile

from PIL import Image


def without(folder, *modules):
    """The environment of a machine on which these modules cannot be imported."""
    path = pathlib.Path(folder) / "without"
    path.mkdir(exist_ok=True)
    for module in modules:
        (path / f"{module}.py").write_text(f"raise ImportError('No module named {module}')\n")
    return {"PYTHONPATH": str(path)}


def png(pixels):
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG")
    return data.getvalue()


def zipped(path, files):
    """A zip file with these contents by name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path
