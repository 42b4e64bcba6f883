"""Images by their class, out of a zip archive or a folder. What is in them is not trusted."""

import logging
import os
import random
import stat
import sys
import warnings
import zipfile
import zlib

import numpy as np
from PIL import Image, UnidentifiedImageError

MAX_FILES = 500_000
FORMATS = ('JPEG', 'PNG', 'GIF', 'BMP', 'WEBP', 'TIFF', 'PPM')

# Larger pictures are left out before they are decoded.
Image.MAX_IMAGE_PIXELS = 64_000_000
warnings.simplefilter('error', Image.DecompressionBombWarning)


def read(data, inside, max_megabytes, scratch):
    """The images by their class, {class: [(name, path)]}, and how many files were left out."""
    files = listed(data) if os.path.isdir(data) else unpacked(data, max_megabytes * 1_000_000, scratch)
    kept = classes_at(files, [part for part in inside.split('/') if part not in ('', '.')])
    classes, left_out = {}, []
    for parts, path in sorted(kept):
        trouble = 'it lies in no class folder' if len(parts) < 2 else unreadable(path)
        if trouble:
            left_out.append(f'{"/".join(parts)!r}: {trouble}')
        else:
            classes.setdefault(parts[0], []).append(('/'.join(parts), path))
    for line in left_out[:10]:
        logging.warning('left out: %s', line)
    if len(classes) < 2:
        found = f'images are in {len(classes)} folder: {some(classes)}' if classes else f'{len(left_out)} files, and no image in a folder'
        sys.exit(f'error: data_zip: expected a folder of images for each of at least two classes; {found}')
    return classes, len(left_out)


def unpacked(data, left, scratch):
    """(parts of the name, path) of each file of the archive. The archive's names never become paths."""
    files = []
    try:
        with zipfile.ZipFile(data) as archive:
            if len(archive.infolist()) > MAX_FILES:
                sys.exit(f'error: data_zip: more than {MAX_FILES} files')
            for info in archive.infolist():
                parts = info.filename.replace('\\', '/').split('/')
                if '..' in parts or parts[0] == '' or ':' in parts[0]:
                    sys.exit(f'error: data_zip: {info.filename!r} would lie outside of the archive')
                if stat.S_ISLNK(info.external_attr >> 16):
                    sys.exit(f'error: data_zip: {info.filename!r} is a link')
                if info.is_dir() or hidden(parts):
                    continue
                path = os.path.join(scratch, str(len(files)))
                with archive.open(info) as packed, open(path, 'wb') as file:
                    while piece := packed.read(1 << 20):
                        left -= len(piece)
                        if left < 0:
                            sys.exit('error: data_zip: unpacked it is larger than max_megabytes')
                        file.write(piece)
                files.append((parts, path))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        sys.exit(f'error: data_zip: it is not a zip archive that can be read: {error}')
    except OSError as error:
        sys.exit(f'error: data_zip: {error}')
    return files


def listed(data):
    """(parts of the name, path) of each file of the folder."""
    files = []
    for folder, _, names in os.walk(data):
        for name in names:
            path = os.path.join(folder, name)
            parts = os.path.relpath(path, data).split(os.sep)
            if os.path.isfile(path) and not hidden(parts):
                files.append((parts, path))
                if len(files) > MAX_FILES:
                    sys.exit(f'error: data_zip: more than {MAX_FILES} files')
    return files


def hidden(parts):
    """What file managers leave behind."""
    return any(part.startswith('.') or part in ('__MACOSX', 'Thumbs.db') for part in parts)


def classes_at(files, inside):
    """The files with the class as the first part of their names: below the folder `inside`, or below what all of them share."""
    kept = [(parts[len(inside):], path) for parts, path in files if parts[:len(inside)] == inside]
    if inside and not kept:
        sys.exit(f"error: image_folder: the data has no folder '{'/'.join(inside)}'; at its top are: {some({parts[0] for parts, _ in files})}")
    while not inside and kept and len({parts[0] for parts, _ in kept}) == 1 and all(len(parts) > 2 for parts, _ in kept):
        kept = [(parts[1:], path) for parts, path in kept]
    return kept


def some(names):
    names = sorted(names)
    return ', '.join(repr(name)[:100] for name in names[:10]) + (f' and {len(names) - 10} more' if len(names) > 10 else '')


def unreadable(path):
    """Why the file is no image, or None."""
    try:
        with Image.open(path, formats=FORMATS) as image:
            image.load()
    except Exception as error:  # Pillow's decoders raise many kinds for a broken file
        return 'it is no image' if isinstance(error, UnidentifiedImageError) else f'{type(error).__name__}: {error}'[:200]


def pixels(path, height, width):
    """The image as height x width x 3 numbers from 0 to 255."""
    with Image.open(path, formats=FORMATS) as image:
        if image.mode.startswith('I'):  # 16 bits per pixel
            image = Image.fromarray((np.asarray(image, dtype='float32') / 257).clip(0, 255).astype('uint8'))
        return np.asarray(image.convert('RGB').resize((width, height), Image.BILINEAR), dtype='float32')


def split(classes, share, seed):
    """(name, path, class number) for training and for validation, the same share of each class."""
    training, validation, chance = [], [], random.Random(seed)
    for number, images in enumerate(classes.values()):
        images = chance.sample(images, len(images))
        count = min(round(len(images) * share), len(images) - 1)
        validation += [(*image, number) for image in images[:count]]
        training += [(*image, number) for image in images[count:]]
    if share and not validation:
        logging.warning('too few images for a validation_share of %s: nothing is validated', share)
    return training, validation
