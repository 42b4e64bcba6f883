"""Keeps the last catalog of each address on disk, so that it is transferred only when it has changed and is there when the registry is not."""

import gzip
import hashlib
import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Optional

from .settings import Settings


@dataclass(frozen=True)
class Saved:
    """A catalog as it was given out."""

    etag: str
    saved_at: float
    document: Dict[str, Any]


def folder() -> Path:
    """Where the catalogs lie: in Jupyter's data folder."""
    try:
        from jupyter_core.paths import jupyter_data_dir

        data = jupyter_data_dir()
    except ImportError:
        data = os.environ.get("JUPYTER_DATA_DIR") or os.path.join(os.path.expanduser("~"), ".local", "share", "jupyter")
    return Path(data) / "claimed-registry"


def path_of(settings: Settings) -> Path:
    """The file of one address and token: another token may see another catalog."""
    key = f"{settings.catalog_url}\n{settings.token or ''}"
    return folder() / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.json.gz"


def read(settings: Settings) -> Optional[Saved]:
    """The saved catalog; None when there is none, or its file is damaged."""
    try:
        with gzip.open(path_of(settings), "rt", encoding="utf-8") as file:
            saved = json.load(file)
        return Saved(saved["etag"], saved["savedAt"], saved["document"])
    except (OSError, EOFError, ValueError, KeyError, TypeError):
        return None


def write(settings: Settings, etag: str, document: Dict[str, Any]) -> None:
    """Saves a catalog in place of the one before; a reader sees either of them, whole."""
    path = path_of(settings)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as raw, gzip.open(raw, "wt", compresslevel=6, encoding="utf-8") as file:
            json.dump({"etag": etag, "savedAt": time.time(), "document": document}, file)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def remove(settings: Settings) -> None:
    """Forgets a catalog that the registry does not give any more."""
    path_of(settings).unlink(missing_ok=True)
