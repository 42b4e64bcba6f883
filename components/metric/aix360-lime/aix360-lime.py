"""Explains why a model gave one image its class: LIME of AI Explainability 360 finds the areas that speak for and against it, and draws them."""

# claimed: displayName=AIX360/LIME
# claimed: category=Metric
# claimed: group=Explainability
# claimed: tags=lime, image, explanation, keras, pytorch, scikit-learn
# claimed: cpu=2 memory=4Gi
# claimed: imports=aix360,lime,keras,h5py,sklearn,joblib,skimage,matplotlib,PIL
# claimed: input model_zip: Model
# claimed: input data_zip: Dataset
# claimed: output picture: Artifact from output_picture
# claimed: output explanation: Artifact from output_explanation
# claimed: output report: HTML from output_report

# pip install aix360==0.3.0 lime==0.2.0.1 scikit-image==0.24.0 scikit-learn==1.5.2 numpy==1.26.4 joblib==1.4.2 matplotlib==3.9.2 Pillow==11.3.0
# pip install keras==3.15.1 tensorflow-cpu==2.21.0

import functools
import importlib.metadata
import io
import json
import logging
import math
import os
import pathlib
import sys
import tempfile
import warnings

import numpy as np
from PIL import Image

import models
import report

# Zip file with one model: Keras (.keras, .h5 or a SavedModel folder), TorchScript (.pt) or scikit-learn (.joblib). It is trusted: loading a model can run its code
model_zip = os.environ['model_zip']

# Zip file with images, where there are classes in a folder for each, such as data/cat/1.png
data_zip = os.environ['data_zip']

# Image of data_zip to explain: its path or file name; empty takes the first by name
image = os.environ.get('image', '')

# Class to explain, by name or number from 0; empty takes the one that the model predicts
target = os.environ.get('target', '')

# Names of the classes in the order of the model, separated by commas; empty takes the model's own or the folders of data_zip, sorted
class_names = os.environ.get('class_names', '')

# Height and width of an image that the model takes, such as 400,400; empty asks the model, else takes the image as it is
image_shape = os.environ.get('image_shape', '')

# Values that the model expects for black and white, such as 0,255 or 0,1 or -1,1
pixel_range = os.environ.get('pixel_range', '0,255')

# How many changed images the model is asked about; more take longer and make the explanation steadier
samples = int(os.environ.get('samples', 1000))

# How many of the most important areas are marked
features = int(os.environ.get('features', 5))

# Into how many areas the image is divided, roughly
segments = int(os.environ.get('segments', 50))

# How the image is divided: slic (even areas), quickshift (LIME's own default; segments has no effect) or felzenszwalb
segmentation = os.environ.get('segmentation', 'slic')

# Grey, 0 (black) to 255 (white), that covers an area when it is left out; empty covers it with its own mean colour
cover = os.environ.get('cover', '')

# Images that the model gets at a time
batch_size = int(os.environ.get('batch_size', 32))

# Number that makes the explanation repeatable
seed = int(os.environ.get('seed', 0))

# Most that each of the two zip files may unpack to, in megabytes
max_megabytes = int(os.environ.get('max_megabytes', 2000))

# PNG picture: the image, the areas that matter, and a heat map of all areas
output_picture = os.environ['output_picture']

# JSON file: probabilities, weight of each area for the class, and how well the explanation fits the model (score, R², at most 1)
output_explanation = os.environ['output_explanation']

# HTML page with the picture and the figures, complete in itself
output_report = os.environ['output_report']

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')

IMAGES = {'.png': 'PNG', '.jpg': 'JPEG', '.jpeg': 'JPEG', '.bmp': 'BMP', '.gif': 'GIF', '.webp': 'WEBP'}
LARGEST_IMAGE = 40_000_000  # pixels


def pair(text, port):
    """Two numbers such as `400,400`."""
    try:
        values = [float(part) for part in text.strip(' ()[]').split(',')]
    except ValueError:
        values = []
    if len(values) != 2 or not all(map(math.isfinite, values)):
        sys.exit(f"error: {port}: expected two numbers with a comma between them, not '{text}'")
    return values


# ---- what was asked for, and the image
if samples < 10 or samples > 1_000_000 or features < 1 or not 2 <= segments <= 1000 or batch_size < 1 or max_megabytes < 1 or not 0 <= seed < 2 ** 32:
    sys.exit('error: expected samples from 10 to 1,000,000, segments from 2 to 1000, features, batch_size and max_megabytes of at least 1, seed from 0 to 2^32 - 1')
if segmentation not in ('slic', 'quickshift', 'felzenszwalb'):
    sys.exit(f"error: segmentation: expected slic, quickshift or felzenszwalb, not '{segmentation}'")
if cover and not (cover.isdecimal() and int(cover) <= 255):
    sys.exit(f"error: cover: expected a whole number from 0 to 255 or nothing, not '{cover}'")
black, white = pair(pixel_range, 'pixel_range')
given = tuple(int(size) for size in pair(image_shape, 'image_shape')) if image_shape else None
if given and not (0 < min(given) and given[0] * given[1] <= LARGEST_IMAGE):
    sys.exit(f'error: image_shape: {image_shape} is no size of an image')

data, entries = models.entries_of(data_zip, 'data_zip', max_megabytes)
pictures = {entry.filename: entry for entry in sorted(entries, key=lambda entry: entry.filename) if pathlib.PurePosixPath(entry.filename).suffix.lower() in IMAGES}
if not pictures:
    sys.exit(f"error: data_zip: there is no image in it ({' '.join(IMAGES)})")
matching = [name for name in pictures if name == image] or [name for name in pictures if not image or f'/{name}'.endswith(f'/{image}')]
if not matching or image and len(matching) > 1:
    sys.exit(f"error: image: {len(matching)} images are called '{image}'; there are: {', '.join((matching or list(pictures))[:5])} …")
chosen = matching[0]
Image.MAX_IMAGE_PIXELS = LARGEST_IMAGE
try:
    with warnings.catch_warnings():
        warnings.simplefilter('error', Image.DecompressionBombWarning)
        picture = Image.open(io.BytesIO(models.content(data, pictures[chosen], 'data_zip')), formats=sorted(set(IMAGES.values()))).convert('RGB')
except Exception as error:  # damaged images make the decoders fail in many ways
    sys.exit(f'error: data_zip: {chosen!r} cannot be read as an image: {error}')

# ---- the model
with tempfile.TemporaryDirectory() as folder:
    kind, predict, size, channels, names = models.load(model_zip, folder, max_megabytes, picture, given)
size = given or (size if None not in size else (picture.height, picture.width))
if channels == 1:
    picture = picture.convert('L').convert('RGB')
pixels = np.asarray(picture if (picture.height, picture.width) == size else picture.resize(size[::-1], Image.BILINEAR))


def scores_of(batch):
    """The model's answer to images (n, height, width, 3) of 0 to 255."""
    scaled = (black + batch[..., :channels].astype('float32') / 255 * (white - black)).astype('float32')
    scores = np.asarray(predict(scaled), dtype='float64')
    if scores.ndim != 2 or len(scores) != len(batch) or not np.isfinite(scores).all():
        raise ValueError(f'its answer has shape {scores.shape} for {len(batch)} images, or is not finite; expected one row of finite numbers for each')
    return scores


try:
    first = scores_of(pixels[None])
except Exception as error:  # the model is the user's code
    sys.exit(f'error: the model does not take an image of {size[0]} x {size[1]}: {models.last_line(error)}')
single = first.shape[1] == 1
ready = first.min() >= 0 and (first.max() <= 1 if single else abs(first.sum() - 1) < 1e-3)


def probabilities(batch):
    scores = scores_of(batch)
    if single:
        scores = scores if ready else 1 / (1 + np.exp(-scores))
        return np.hstack([1 - scores, scores])
    if ready:
        return scores
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return scores / scores.sum(axis=1, keepdims=True)


predicted = probabilities(pixels[None])[0]
folders = sorted({pathlib.PurePosixPath(name).parent.name for name in pictures})
if class_names:
    names = [name.strip() for name in class_names.split(',')]
    if len(names) != len(predicted):
        sys.exit(f'error: class_names: the model has {len(predicted)} classes, not {len(names)}')
    if len(set(names)) < len(names):
        sys.exit('error: class_names: two classes have the same name')
names = names or (folders if len(folders) == len(predicted) else [f'class {i}' for i in range(len(predicted))])
actual = pathlib.PurePosixPath(chosen).parent.name
actual = actual if actual in names else None
if not target:
    label = int(predicted.argmax())
elif target in names:
    label = names.index(target)
elif target.isdecimal() and int(target) < len(names):
    label = int(target)
else:
    sys.exit(f"error: target: there is no class '{target}'; there are: {', '.join(names[:20])}")

# ---- LIME
lime_image = models.need('lime.lime_image', 'lime')
skimage_wrapper = models.need('lime.wrappers.scikit_image', 'lime')
lime_image.tqdm = functools.partial(lime_image.tqdm, disable=True)  # its bar would fill the log
library = f"lime {importlib.metadata.version('lime')}"
try:
    from aix360.algorithms.lime import LimeImageExplainer
    library = f"aix360 {importlib.metadata.version('aix360')}, {library}"
except ImportError:
    LimeImageExplainer = lime_image.LimeImageExplainer

options = {'slic': {'n_segments': segments, 'compactness': 10, 'sigma': 1 if min(size) >= 64 else 0, 'start_label': 0},
           'quickshift': {'kernel_size': 4, 'max_dist': 200, 'ratio': 0.2}, 'felzenszwalb': {'scale': 100}}[segmentation]
divide = skimage_wrapper.SegmentationAlgorithm(segmentation, **options)


def areas(values):
    """LIME takes areas that are numbered from 0 without gaps; small images leave some."""
    found = divide(values)
    return np.unique(found, return_inverse=True)[1].reshape(found.shape)


if areas(pixels).max() == 0:
    sys.exit(f'error: {segmentation} finds only one area in the image; try another segmentation or more segments')
explained = LimeImageExplainer(random_state=seed).explain_instance(
    pixels, probabilities, labels=(label,), top_labels=None, hide_color=int(cover) if cover else None,
    num_samples=samples, batch_size=batch_size, segmentation_fn=areas, random_seed=seed)
weights = [(int(area), float(weight)) for area, weight in explained.local_exp[label]]
logging.info('%s: %s %.4f, explained %s with %d areas, score %.3f', chosen, names[int(predicted.argmax())], predicted.max(), names[label], len(weights), explained.score)


def place(area):
    rows, columns = np.nonzero(explained.segments == area)
    return {'pixels': len(rows), 'box': [int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1]}


best = np.argsort(-predicted)
explanation = {
    'image': chosen, 'size': {'height': size[0], 'width': size[1]}, 'actual': actual,
    'predicted': names[best[0]], 'explained': names[label], 'probability': float(predicted[label]),
    'probabilities': {names[i]: float(predicted[i]) for i in best[:10]},
    'score': float(explained.score), 'local_prediction': float(np.ravel(explained.local_pred)[0]), 'intercept': float(explained.intercept[label]),
    'areas': [{'area': area, 'weight': weight, **place(area)} for area, weight in weights],
    'samples': samples, 'segmentation': segmentation, 'cover': int(cover) if cover else 'mean colour of the area', 'seed': seed, 'library': library,
    'model': {'saved': 'Keras SavedModel', 'keras': 'Keras', 'torch': 'TorchScript', 'sklearn': 'scikit-learn'}[kind],
}

# ---- picture and report
drawing = report.draw(pixels, explained.segments, explanation, features)
page = report.page(explanation, drawing, features)
for place_of, result in ((output_picture, drawing), (output_explanation, json.dumps(explanation, indent=2, ensure_ascii=False).encode()), (output_report, page.encode())):
    with open(place_of + '.part', 'wb') as file:
        file.write(result)
    os.replace(place_of + '.part', place_of)
