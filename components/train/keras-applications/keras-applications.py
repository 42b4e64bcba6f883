"""Trains an image classifier by transfer learning on any network of keras.applications, from a zip or folder with one folder of images per class."""

# claimed: category=Train
# claimed: group=Image
# claimed: displayName=Keras applications
# claimed: tags=keras, image, transfer learning, classification
# claimed: memory=4Gi cpu=2
# claimed: imports=keras,h5py,PIL,matplotlib
# claimed: input data_zip: Dataset
# claimed: input weights: Model
# claimed: output model: Model from output_model
# claimed: output metrics: Metrics from output_metrics
# claimed: output predictions: Dataset from output_predictions
# claimed: output picture: Artifact from output_picture
# claimed: output report: HTML from output_report
# claimed: output accuracy: Float

# pip install keras==3.15.1 tensorflow-cpu==2.21.0 pillow==11.3.0 matplotlib==3.9.2

import csv
import importlib.util
import inspect
import json
import logging
import math
import os
import random
import re
import sys
import tempfile
import time

# Zip archive, or folder, with one folder of images per class
data_zip = os.environ['data_zip']

# Folder inside the data that holds the class folders, such as images/train; empty finds it
image_folder = os.environ.get('image_folder', '')

# Network of keras.applications, such as MobileNetV2, ResNet50 or EfficientNetB0
network = os.environ.get('network', 'MobileNetV2')

# Weights of the network without its top, .h5, .weights.h5 or .keras; none starts from random weights, nothing is downloaded
weights = os.environ.get('weights', '')

# Height and width in pixels that the images are scaled to
image_shape = os.environ.get('image_shape', '400,400')

# Images per step
batch_size = int(os.environ.get('batch_size', 32))

# How often all images are seen
epochs = int(os.environ.get('epochs', 1))

# Optimizer by its Keras name, such as adam, sgd or rmsprop
optimizer = os.environ.get('optimizer', 'adam')

# Learning rate; 0 takes the optimizer's own
learning_rate = float(os.environ.get('learning_rate', 0.0))

# Loss by its Keras name, such as categorical_crossentropy or sparse_categorical_crossentropy
loss = os.environ.get('loss', 'categorical_crossentropy')

# Layers of the network that keep their weights: all, none, a number of first layers, or auto (all if there are weights, else none)
freeze = os.environ.get('freeze', 'auto')

# Share of the network's features that is dropped while training, 0 to below 1
dropout = float(os.environ.get('dropout', 0.2))

# Share of each class that is kept for validation, 0 to below 1
validation_share = float(os.environ.get('validation_share', 0.2))

# Number that the split, the first weights and the order of the images come from
seed = int(os.environ.get('seed', 123))

# Largest size of the unpacked archive in megabytes
max_megabytes = int(os.environ.get('max_megabytes', 4000))

# The trained classifier as a .keras file; it takes pixels from 0 to 255 and answers one probability per class
output_model = os.environ['output_model']

# JSON with loss and accuracy per epoch, the classes in the model's order, and what was run
output_metrics = os.environ['output_metrics']

# CSV with file, target, prediction and probability of each validation image
output_predictions = os.environ['output_predictions']

# PNG picture of loss and accuracy per epoch
output_picture = os.environ['output_picture']

# HTML page with the figures and the picture
output_report = os.environ['output_report']

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')


def check_inputs():
    """Height and width; ends the program where a value cannot be."""
    shape = re.fullmatch(r'\s*(\d{1,4})\s*,\s*(\d{1,4})\s*', image_shape)
    if not shape or not int(shape[1]) or not int(shape[2]):
        sys.exit(f"error: image_shape: '{image_shape}' is not height,width in pixels, such as 224,224")
    for name, value, good, expected in (
        ('batch_size', batch_size, 1 <= batch_size <= 100_000, 'a number from 1'),
        ('epochs', epochs, epochs >= 1, 'a number from 1'),
        ('seed', seed, 0 <= seed < 2 ** 32, 'a number from 0 to 4294967295'),
        ('learning_rate', learning_rate, 0 <= learning_rate < math.inf, 'a number from 0'),
        ('dropout', dropout, 0 <= dropout < 1, 'a share from 0 to below 1'),
        ('validation_share', validation_share, 0 <= validation_share < 1, 'a share from 0 to below 1'),
        ('max_megabytes', max_megabytes, max_megabytes >= 1, 'a number from 1'),
        ('freeze', freeze, freeze in ('auto', 'all', 'none') or re.fullmatch(r'\d{1,6}', freeze), 'auto, all, none or a number of layers'),
    ):
        if not good:
            sys.exit(f"error: {name}: '{value}' is not {expected}")
    if not os.path.exists(data_zip):
        sys.exit(f'error: data_zip: there is no {data_zip}')
    return int(shape[1]), int(shape[2])


def weights_file():
    """Path of the weights, or None; a pipeline can also hand over the word none as a file."""
    if not weights or weights.lower() == 'none':
        return None
    if not os.path.isfile(weights):
        sys.exit(f'error: weights: there is no file {weights}; give a file, or none')
    with open(weights, 'rb') as file:
        start = file.read(8)
    return None if start.strip().lower() in (b'none', b'') else weights


def keras_of_this_image():
    """Keras 3 on the backend that KERAS_BACKEND names or that is installed, or Keras 2 on TensorFlow."""
    found = [name for name in ('tensorflow', 'torch', 'jax') if importlib.util.find_spec(name)]
    if found:
        os.environ.setdefault('KERAS_BACKEND', found[0])
    try:
        import keras
    except ImportError as error:
        sys.exit(f'error: Keras with TensorFlow, PyTorch or JAX is needed: {error}; install keras and tensorflow-cpu, torch or jax in the image')
    return keras


def chosen(module, kind, what, name):
    """Keras's own object for a name; an unknown name ends the program with those that Keras knows."""
    try:
        return module.get(name or '?')
    except (ValueError, TypeError, KeyError):
        classes = [known for known, value in vars(module).items() if inspect.isclass(value) and issubclass(value, kind) and value is not kind]
        names = sorted(filter(lambda known: can_be_got(module, known), {re.sub(r'(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_', known).lower() for known in classes}
                              | {known.lower() for known in classes}))
        sys.exit(f"error: {what}: Keras has no {what} '{name}'; there are: {', '.join(names)}")


def can_be_got(module, name):
    """Some of Keras's classes have no name, or need more than a name."""
    try:
        return module.get(name) is not None
    except (ValueError, TypeError, KeyError):
        return False


def chosen_network():
    """The function that makes the network, and the function that prepares pixels for it."""
    known = {name: value for name, value in vars(keras.applications).items()
             if inspect.isfunction(value) and {'include_top', 'weights'} <= set(inspect.signature(value).parameters)}
    by_lower = {name.lower(): value for name, value in known.items()}
    if network.lower() not in by_lower:
        sys.exit(f"error: network: keras.applications has no '{network}'; there are: {', '.join(sorted(known))}")
    make = by_lower[network.lower()]
    return make, sys.modules[make.__module__].preprocess_input


def load_weights(backbone, path, folder):
    """Keras tells the format by the file's name, and a pipeline's files have none: a name is made from the content."""
    with open(path, 'rb') as file:
        start = file.read(8)
    endings = {b'PK': ['.keras'], b'\x89H': ['.weights.h5', '.h5']}.get(start[:2])
    if not endings:
        sys.exit('error: weights: neither HDF5 (.h5, .weights.h5) nor .keras')
    troubles = []
    for ending in endings:
        named = os.path.join(folder, 'weights' + ending)
        os.symlink(os.path.abspath(path), named)
        try:
            backbone.load_weights(named)
            return
        except Exception as error:  # HDF5, zip and Keras raise many kinds
            troubles.append(str(error).strip().split('\n')[0][:300])
    sys.exit(f'error: weights: they are not those of {network} without its top (include_top=False): {" / ".join(troubles)}')


def built(classes, folder):
    """The network with its own preparation of pixels before it and a classifier behind it."""
    make, prepare = chosen_network()
    path = weights_file()
    try:
        backbone = make(include_top=False, weights=None, input_shape=(height, width, 3))
    except ValueError as error:
        sys.exit(f'error: image_shape: {network} cannot take {height},{width}: {error}')
    if path:
        load_weights(backbone, path, folder)
    count = {'all': len(backbone.layers), 'none': 0, 'auto': len(backbone.layers) if path else 0}.get(freeze)
    count = min(int(freeze), len(backbone.layers)) if count is None else count
    if count and not path:
        logging.warning('%d layers are frozen with random weights', count)
    for layer in backbone.layers[:count]:
        layer.trainable = False
    inputs = keras.Input((height, width, 3))
    features = keras.layers.GlobalAveragePooling2D()(backbone(prepare(inputs)))
    outputs = keras.layers.Dense(len(classes), activation='softmax')(keras.layers.Dropout(dropout)(features))
    return keras.Model(inputs, outputs), count


def written(path, ending, write):
    """The file appears when it is complete."""
    partial = f'{path}.part{ending}'
    write(partial)
    os.replace(partial, path)


height, width = check_inputs()
weights_file()
try:
    import numpy as np

    import images
except ImportError as error:
    sys.exit(f'error: NumPy and Pillow are needed: {error}; install numpy and pillow in the image')

scratch = tempfile.TemporaryDirectory(prefix='keras-applications-')
classes, left_out = images.read(data_zip, image_folder, max_megabytes, scratch.name)
training, validation = images.split(classes, validation_share, seed)
logging.info('%d classes, %d images for training, %d for validation, %d files left out', len(classes), len(training), len(validation), left_out)

keras = keras_of_this_image()
try:
    import report
except ImportError as error:
    sys.exit(f'error: matplotlib is needed: {error}; install matplotlib in the image')
backend = keras.backend.backend()
versions = {'keras': keras.__version__, 'backend': backend, backend: getattr(sys.modules.get(backend), '__version__', '?')}
logging.info('Keras %s on %s %s', keras.__version__, backend, versions[backend])
keras.utils.set_random_seed(seed)


class Batches(keras.utils.Sequence):
    """Images as they are needed, so that memory holds one batch."""

    def __init__(self, pictures, shuffled):
        super().__init__()
        self.pictures, self.shuffled, self.chance = list(pictures), shuffled, random.Random(seed)
        self.on_epoch_end()

    def __len__(self):
        return math.ceil(len(self.pictures) / batch_size)

    def __getitem__(self, i):
        chunk = self.pictures[i * batch_size:(i + 1) * batch_size]
        numbers = np.array([number for _, _, number in chunk])
        labels = numbers if 'sparse' in loss.lower() else np.eye(len(classes), dtype='float32')[numbers]
        return np.stack([images.pixels(path, height, width) for _, path, _ in chunk]), labels

    def on_epoch_end(self):
        if self.shuffled:
            self.chance.shuffle(self.pictures)


class Log(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logging.info('epoch %d of %d: %s', epoch + 1, epochs, ', '.join(f'{name} {value:.4f}' for name, value in logs.items()))
        if not math.isfinite(logs['loss']):
            sys.exit(f'error: the loss is no number in epoch {epoch + 1}; a smaller learning_rate may help')


way = chosen(keras.optimizers, keras.optimizers.Optimizer, 'optimizer', optimizer)
if learning_rate:
    way.learning_rate = learning_rate
aim = chosen(keras.losses, keras.losses.Loss, 'loss', loss)
model, frozen = built(classes, scratch.name)
model.compile(optimizer=way, loss=aim, metrics=['accuracy'])
logging.info('%s: %d parameters, %d layers frozen', network, model.count_params(), frozen)

began = time.monotonic()
watched = Batches(validation or training, False)
try:
    history = model.fit(Batches(training, True), epochs=epochs, shuffle=False, verbose=0, callbacks=[Log()],
                        validation_data=watched if validation else None).history
    seconds = time.monotonic() - began
    chances = np.asarray(model.predict(watched, verbose=0))
except Exception as error:
    logging.debug('training', exc_info=True)
    message = str(error).strip().split('\n')[0][:500]
    sys.exit(f'error: training ended: {type(error).__name__}: {message}; does {loss} suit classes? Does a batch of {batch_size} fit into memory?')

names = list(classes)
history = {name: [float(value) for value in values] for name, values in history.items()}
accuracy = history['val_accuracy' if validation else 'accuracy'][-1]
metrics = {
    'accuracy': accuracy, 'history': history, 'seconds': round(seconds, 1),
    'classes': names, 'images': {name: len(pictures) for name, pictures in classes.items()},
    'training': len(training), 'validation': len(validation), 'left_out': left_out,
    'network': network, 'weights': bool(weights_file()), 'frozen_layers': frozen, 'parameters': int(model.count_params()),
    'image_shape': [height, width], 'batch_size': batch_size, 'epochs': epochs, 'optimizer': optimizer,
    'learning_rate': learning_rate or round(float(way.learning_rate), 8),
    'loss': loss, 'seed': seed, 'versions': versions,
}


def write_metrics(path):
    with open(path, 'w', encoding='utf-8', errors='replace') as file:
        json.dump(metrics, file, indent=2, ensure_ascii=False)


def write_predictions(path):
    with open(path, 'w', encoding='utf-8', newline='', errors='replace') as file:
        rows = csv.writer(file)
        rows.writerow(['file', 'target', 'prediction', 'probability'])
        for (name, _, number), row in zip(watched.pictures, chances):
            rows.writerow([name, names[number], names[row.argmax()], f'{row.max():.4f}'])


written(output_model, '.keras', model.save)
written(output_metrics, '', write_metrics)
written(output_predictions, '', write_predictions)
written(output_picture, '.png', lambda path: report.draw(path, metrics))
written(output_report, '', lambda path: report.write_page(path, metrics, output_picture))

# Accuracy of the last epoch, 0 to 1, on the validation images where there are any
os.environ['accuracy'] = f'{accuracy:.4f}'
logging.info('accuracy %.4f after %d epochs in %.0f s', accuracy, epochs, seconds)
