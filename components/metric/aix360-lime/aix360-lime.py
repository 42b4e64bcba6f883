"""Explains why a model gave one image its class: LIME of AI Explainability 360 finds the areas that speak for and against it, and draws them."""

# claimed: displayName=AIX360/LIME
# claimed: category=Metric
# claimed: group=Explainability
# claimed: tags=lime, image, explanation, keras, pytorch, scikit-learn
# claimed: cpu=2 memory=4Gi
# claimed: imports=aix360,lime,keras,sklearn,joblib,skimage,matplotlib,PIL
# claimed: input model_zip: Model
# claimed: input data_zip: Dataset
# claimed: output picture: Artifact from output_picture
# claimed: output explanation: Artifact from output_explanation
# claimed: output report: HTML from output_report

# pip install aix360==0.3.0 lime==0.2.0.1 scikit-image==0.24.0 scikit-learn==1.5.2 numpy==1.26.4 joblib==1.4.2 matplotlib==3.9.2 Pillow==11.3.0
# pip install keras==3.15.1 tensorflow-cpu==2.21.0

import base64
import functools
import html
import importlib
import importlib.metadata
import importlib.util
import io
import json
import logging
import math
import os
import pathlib
import shutil
import stat
import sys
import tempfile
import warnings
import zipfile

import numpy as np
from PIL import Image

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
MODELS = {'.keras': 'keras', '.h5': 'keras', '.hdf5': 'keras', '.joblib': 'sklearn', '.pkl': 'sklearn', '.pt': 'torch', '.pth': 'torch', '.ts': 'torch'}
LARGEST_IMAGE = 40_000_000  # pixels


def need(module, package):
    """Ends the program where a library is missing."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        sys.exit(f'error: this component needs the package {package}: {error}. pip install {package}, or build the component on a base image that has it')


def last_line(error):
    """What an error says; TorchScript writes a whole traceback before it."""
    return (str(error).strip() or type(error).__name__).splitlines()[-1][:500]


def pair(text, port):
    """Two numbers such as `400,400`."""
    try:
        values = [float(part) for part in text.strip(' ()[]').split(',')]
    except ValueError:
        values = []
    if len(values) != 2 or not all(map(math.isfinite, values)):
        sys.exit(f"error: {port}: expected two numbers with a comma between them, not '{text}'")
    return values


def entries_of(path, port):
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


def find_model(folder):
    """Kind and path of the only model of model_zip, which may also be a .keras or TorchScript file as it is: these are zip files, too."""
    archive, entries = entries_of(model_zip, 'model_zip')
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


def load_torch(path):
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


def load_sklearn(path):
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

data, entries = entries_of(data_zip, 'data_zip')
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
        picture = Image.open(io.BytesIO(content(data, pictures[chosen], 'data_zip')), formats=sorted(set(IMAGES.values()))).convert('RGB')
except Exception as error:  # damaged images make the decoders fail in many ways
    sys.exit(f'error: data_zip: {chosen!r} cannot be read as an image: {error}')

# ---- the model
with tempfile.TemporaryDirectory() as folder:
    kind, path = find_model(folder)
    try:
        predict, size, channels, names = load_torch(path) if kind == 'torch' else load_sklearn(path) if kind == 'sklearn' else load_keras(path, kind == 'saved')
    except Exception as error:  # whatever the file of a model does
        sys.exit(f'error: model_zip: the model cannot be loaded: {type(error).__name__}: {last_line(error)}')
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
    sys.exit(f'error: the model does not take an image of {size[0]} x {size[1]}: {last_line(error)}')
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
lime_image = need('lime.lime_image', 'lime')
skimage_wrapper = need('lime.wrappers.scikit_image', 'lime')
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

# ---- picture
import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt

plt.rcParams['text.parse_math'] = False  # a class may have a $ in its name
FOR, AGAINST = '#2166ac', '#b2182b'
marked = weights[:features]
subject = names[label] if len(names[label]) <= 24 else names[label][:23] + '…'
heat = np.zeros(explained.segments.shape)
for area, weight in weights:
    heat[explained.segments == area] = weight
reach = max(abs(heat).max(), 1e-12)
pale = pixels.mean(axis=2) * 0.4 + 140
shaded = np.where(np.isin(explained.segments, [area for area, _ in marked])[..., None], pixels, pale[..., None].astype('uint8'))

figure, panels = plt.subplots(1, 3, figsize=(13.2, min(max(4.0 * size[0] / size[1], 2.4), 9) + 0.5), layout='constrained')
panels[0].imshow(pixels, interpolation='nearest')
panels[0].set_title(f'{names[best[0]][:24]}, {predicted[best[0]]:.1%}' + (f'  (is {actual[:24]})' if actual and actual != names[best[0]] else ''), fontsize=12)
panels[1].imshow(shaded, interpolation='nearest')
panels[1].set_title(f'for (blue) and against (red) {subject}', fontsize=12)
for rank, (area, weight) in enumerate(marked, 1):
    colour = FOR if weight > 0 else AGAINST
    inside = np.pad(explained.segments == area, 1)
    panels[1].contour(np.arange(-1, size[1] + 1), np.arange(-1, size[0] + 1), inside, levels=[0.5], colors=[colour], linewidths=2.5)
    rows, columns = np.nonzero(explained.segments == area)
    middle = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
    panels[1].text(columns[middle], rows[middle], rank, color='white', fontsize=11, fontweight='bold', ha='center', va='center',
                   bbox={'boxstyle': 'circle,pad=0.2', 'facecolor': colour, 'edgecolor': 'white'})
panels[2].imshow(pale, cmap='gray', vmin=0, vmax=255, interpolation='nearest')
drawn = panels[2].imshow(heat, cmap='RdBu', vmin=-reach, vmax=reach, alpha=0.1 + 0.75 * abs(heat) / reach, interpolation='nearest')
panels[2].set_title('weight of every area', fontsize=12)
figure.colorbar(plt.cm.ScalarMappable(drawn.norm, drawn.cmap), ax=panels[2], shrink=0.85)
for panel in panels:
    panel.set_xlim(-0.5, size[1] - 0.5)
    panel.set_ylim(size[0] - 0.5, -0.5)
    panel.set_xticks([])
    panel.set_yticks([])
drawing = io.BytesIO()
figure.savefig(drawing, format='png', dpi=110)
plt.close(figure)


# ---- report
def bar(share, colour, text):
    return f'<td><i style="width:{abs(share) * 160:.1f}px;background:{colour}"></i>{text}</td>'


def rows_of(lines):
    return ''.join(f'<tr><th>{html.escape(str(name))}</th>{cell}</tr>' for name, cell in lines)


classes_table = rows_of((names[i], bar(predicted[i], '#9db7d5', f'{predicted[i]:.1%}')) for i in best[:5])
areas_table = rows_of((rank, bar(weight / reach, FOR if weight > 0 else AGAINST, f'{weight:+.4f}')) for rank, (_, weight) in enumerate(marked, 1))
fit = 'fits the model well around this image' if explained.score >= 0.7 else \
    'fits the model only roughly around this image: more samples or fewer segments may help' if explained.score >= 0.3 else \
    'hardly fits the model around this image: do not rely on it; more samples or fewer segments may help'
doubt = '' if reach >= 0.02 else ' No area alone matters: covering it hardly changes the probability. Larger areas (fewer segments) or another cover may tell more.'
page = f'''<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Explanation of {html.escape(chosen)}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 980px; margin: 2em auto; padding: 0 1em }}
h1 {{ font-size: 1.5em; margin-bottom: .2em; overflow-wrap: anywhere }} h2 {{ font-size: 1.1em; margin: 0 0 .4em }} img {{ max-width: 100%; height: auto; margin: 1em 0 }}
.tables {{ display: flex; gap: 3em; flex-wrap: wrap }} table {{ border-collapse: collapse }} th, td {{ text-align: left; padding: .2em 1.2em .2em 0 }}
td i {{ display: inline-block; height: .7em; margin-right: .5em; border-radius: 2px }} .note {{ color: #555; font-size: .92em }}
</style></head><body>
<h1>Why {html.escape(names[label])}?</h1>
<p>The model takes <b>{html.escape(chosen)}</b> for <b>{html.escape(names[best[0]])}</b> ({predicted[best[0]]:.1%}){f', it is {html.escape(actual)}' if actual else ''}.
{'' if label == best[0] else f'Explained is <b>{html.escape(names[label])}</b> ({predicted[label]:.1%}).'}</p>
<img alt="the image, the areas that matter, and the weight of every area" src="data:image/png;base64,{base64.b64encode(drawing.getvalue()).decode()}">
<div class="tables"><div><h2>Classes</h2><table>{classes_table}</table></div>
<div><h2>Areas with most weight for {html.escape(names[label])}</h2><table>{areas_table}</table></div></div>
<p>Score {explained.score:.3f}: the explanation {fit}.{doubt}</p>
<p class="note">A weight tells by how much the probability of {html.escape(names[label])} falls when the area is covered with {f'grey ({cover})' if cover else 'its mean colour'}, averaged over what happens to the other areas.
{explanation['model']} model, {samples} changed images, {len(weights)} areas by {segmentation}, seed {seed}. Made by {html.escape(library)}.</p>
</body></html>
'''
for place_of, result in ((output_picture, drawing.getvalue()), (output_explanation, json.dumps(explanation, indent=2, ensure_ascii=False).encode()), (output_report, page.encode())):
    with open(place_of + '.part', 'wb') as file:
        file.write(result)
    os.replace(place_of + '.part', place_of)
