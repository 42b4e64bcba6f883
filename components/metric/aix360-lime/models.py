"""Models of several libraries, from a zip file, as one function from images to scores."""

import importlib
import importlib.util
import math
import os
import pathlib
import shutil
import stat
import sys
import zipfile

import numpy as np

MODELS = {'.keras': 'keras', '.h5': 'keras', '.hdf5': 'keras', '.joblib': 'sklearn', '.pkl': 'sklearn', '.pt': 'torch', '.pth': 'torch', '.ts': 'torch'}


def need(module, package):
    """Ends the program where a library is missing."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        sys.exit(f'error: this component needs the package {package}: {error}. pip install {package}, or build the component on a base image that has it')


def last_line(error):
    """What an error says; TorchScript writes a whole traceback before it."""
    return (str(error).strip() or type(error).__name__).splitlines()[-1][:500]


def entries_of(path, port, max_megabytes):
    """The zip file and its files. Names that lead out of a folder, links, passwords and too much data are refused before anything is unpacked."""
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
        sys.exit(f'error: {port}: this is no readable zip file: {error}')
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    for entry in entries:
        parts = pathlib.PurePosixPath(entry.filename.replace('\\', '/'))
        if parts.is_absolute() or '..' in parts.parts or ':' in entry.filename:
            sys.exit(f'error: {port}: the name {entry.filename[:200]!r} leads out of the zip file')
        if stat.S_ISLNK(entry.external_attr >> 16):
            sys.exit(f'error: {port}: {entry.filename[:200]!r} is a link; only files are taken')
        if entry.flag_bits & 1:
            sys.exit(f'error: {port}: {entry.filename[:200]!r} is protected by a password')
    if len(entries) > 100_000 or sum(entry.file_size for entry in entries) > max_megabytes * 1_000_000:
        sys.exit(f'error: {port}: it unpacks to more than max_megabytes = {max_megabytes}, or to more than 100,000 files')
    return archive, [entry for entry in entries if '__MACOSX' not in entry.filename and not os.path.basename(entry.filename).startswith('.')]


def content(archive, entry, port):
    """One file of the zip file; not more than the size that was counted is read."""
    try:
        with archive.open(entry) as file:
            return file.read(entry.file_size)
    except Exception as error:  # damaged data makes the decompressors fail in many ways
        sys.exit(f'error: {port}: {entry.filename[:200]!r} cannot be unpacked: {error}')


def find_model(model_zip, folder, max_megabytes):
    """Kind and path of the only model of model_zip, which may also be a .keras or TorchScript file as it is: these are zip files, too."""
    archive, entries = entries_of(model_zip, 'model_zip', max_megabytes)
    names = [entry.filename for entry in entries]
    if {'config.json', 'metadata.json'} <= set(names):
        return 'keras', shutil.copyfile(model_zip, os.path.join(folder, 'model.keras'))
    if any(name.endswith('/constants.pkl') for name in names):
        return 'torch', model_zip
    for entry in entries:
        path = os.path.join(folder, entry.filename.replace('\\', '/'))
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'wb') as file:
                file.write(content(archive, entry, 'model_zip'))
        except OSError as error:
            sys.exit(f'error: model_zip: {entry.filename[:200]!r} cannot be unpacked: {error}')
    found = [('saved', os.path.dirname(name)) for name in names if os.path.basename(name) == 'saved_model.pb']
    found = found or [(MODELS[pathlib.PurePosixPath(name).suffix.lower()], name) for name in names if pathlib.PurePosixPath(name).suffix.lower() in MODELS]
    if len(found) != 1:
        listed = ', '.join(name for _, name in found) or ', '.join(names[:5]) or 'nothing'
        sys.exit(f"error: model_zip: expected one model ({' '.join(MODELS)} or a SavedModel folder), found {listed}")
    return found[0][0], os.path.join(folder, found[0][1])


def load_keras(path, saved):
    if importlib.util.find_spec('tensorflow') is None:
        os.environ.setdefault('KERAS_BACKEND', 'torch')
        if saved:
            sys.exit('error: model_zip: a SavedModel needs the package tensorflow; save the model as .keras, or pip install tensorflow')
    keras = need('keras', 'keras')
    network = keras.Sequential([keras.layers.TFSMLayer(path, call_endpoint='serving_default')]) if saved and keras.__version__ >= '3' \
        else keras.models.load_model(path, compile=False)
    wanted = (None, None, None, 3) if saved and keras.__version__ >= '3' else network.input_shape

    def predict(batch):
        scores = network.predict(batch, verbose=0)
        return next(iter(scores.values())) if isinstance(scores, dict) else scores

    if not isinstance(wanted, tuple) or len(wanted) != 4 or wanted[3] not in (1, 3):
        sys.exit(f'error: model_zip: the model takes {wanted}; expected images (examples, height, width, 1 or 3)')
    return predict, wanted[1:3], wanted[3], None


def load_torch(path, picture, given):
    torch = need('torch', 'torch')
    try:
        network = torch.jit.load(path, map_location='cpu').eval()
    except Exception as error:
        sys.exit(f'error: model_zip: this is no TorchScript, as torch.jit.save writes it (a state dict has no model in it): {last_line(error)}')

    def predict(batch):
        with torch.no_grad():
            return network(torch.from_numpy(np.ascontiguousarray(batch.transpose(0, 3, 1, 2)))).numpy()

    def takes(channels):
        height, width = given or (picture.height, picture.width)
        try:
            predict(np.zeros((1, height, width, channels), 'float32'))
            return True
        except RuntimeError:
            return False

    return predict, (None, None), 3 if takes(3) or not takes(1) else 1, None


def load_sklearn(path, given):
    joblib = need('joblib', 'scikit-learn')
    try:
        estimator = joblib.load(path)
    except Exception as error:
        sys.exit(f'error: model_zip: joblib cannot load the model: {type(error).__name__}: {error}')
    if not hasattr(estimator, 'predict_proba') or not hasattr(estimator, 'n_features_in_'):
        sys.exit(f'error: model_zip: {type(estimator).__name__} gives no probabilities (predict_proba) or is not fitted')
    count = estimator.n_features_in_
    for channels in (1, 3):
        side = math.isqrt(count // channels)
        size = given or (side, side)
        if size[0] * size[1] * channels == count:
            return lambda batch: estimator.predict_proba(batch.reshape(len(batch), -1)), size, channels, [str(name) for name in estimator.classes_]
    sys.exit(f'error: image_shape: the model takes {count} values, which is no {"square image" if given is None else f"image of {given[0]} x {given[1]}"} '
             'in grey or colour; image_shape tells height and width')


def load(model_zip, folder, max_megabytes, picture, given):
    """
    The kind of the model and the function that gives scores for images; height and width of an image (None, None where any will do, given those
    that the user tells), channels, and the names of the classes where the model has them. The zip file is unpacked into the folder.
    """
    kind, path = find_model(model_zip, folder, max_megabytes)
    try:
        return kind, *(load_torch(path, picture, given) if kind == 'torch' else load_sklearn(path, given) if kind == 'sklearn' else load_keras(path, kind == 'saved'))
    except Exception as error:  # whatever the file of a model does
        sys.exit(f'error: model_zip: the model cannot be loaded: {type(error).__name__}: {last_line(error)}')
