"""Reads a whole catalog from the registry, or from disk when the registry is away."""

import json
import logging
import time
from typing import Any, Dict, Optional, Union

import requests

from . import __version__, store
from .settings import Settings

TIMEOUT = (5, 30)
BODY_SHOWN = 300


class CatalogError(Exception):
    """There is no catalog; the text says why and what to do."""


def read_catalog(settings: Settings, log: logging.Logger) -> Dict[str, Any]:
    """The catalog as it is now. One request; what has not changed is taken from disk."""
    saved = store.read(settings)
    headers = {"Accept": "application/json", "User-Agent": f"claimed-elyra-connector/{__version__}"}
    if saved:
        headers["If-None-Match"] = saved.etag
    if settings.token:
        headers["Authorization"] = f"Bearer {settings.token}"
    try:
        # netrc and cookies of the machine are not for the registry.
        with requests.Session() as session:
            session.auth = lambda request: request
            answer = session.get(settings.catalog_url, headers=headers, timeout=TIMEOUT, verify=_verify(settings))
    except requests.exceptions.SSLError as fault:
        return _instead(settings, saved, log, f"its certificate is not trusted ({fault}). Set 'CA Certificates' of the catalog to a PEM file with your CA")
    except requests.exceptions.RequestException as fault:
        return _instead(settings, saved, log, f"it cannot be reached ({fault}). Look at 'Registry URL' of the catalog, and whether the registry runs")
    except OSError as fault:
        raise CatalogError(f"The file '{settings.verify}' cannot be read ({fault}): set 'CA Certificates' of the catalog to a PEM file.") from fault
    if answer.status_code == 304 and saved:
        return saved.document
    if answer.status_code == 200:
        return _new(settings, saved, log, answer)
    # What may not be read any more is not to lie about. A 404 may be a proxy's that has no registry behind it.
    if answer.status_code in (401, 403) or (answer.status_code == 404 and answer.headers.get("Content-Type", "").startswith("application/problem+json")):
        store.remove(settings)
    if answer.status_code in (401, 403):
        raise CatalogError(f"{settings.registry_url} does not accept the token: write a valid one with the scope pull into 'Token' of the catalog, or none where everything is public. {_detail(answer)}")
    if answer.status_code == 404:
        raise CatalogError(f"{settings.catalog_url} is not there. {_detail(answer)} A private namespace needs 'Token'; look at 'Namespace' and 'Registry URL' of the catalog.")
    if 400 <= answer.status_code < 500 and answer.status_code != 429:
        raise CatalogError(f"{settings.registry_url} refuses the catalog's settings (HTTP {answer.status_code}). {_detail(answer)}")
    return _instead(settings, saved, log, f"it answers {answer.status_code}. {_detail(answer)}")


def _new(settings: Settings, saved: Optional[store.Saved], log: logging.Logger, answer: requests.Response) -> Dict[str, Any]:
    try:
        document = json.loads(answer.content.decode("utf-8"))
        if not isinstance(document["entries"], list):
            raise TypeError("entries is no list")
        if document["runtime"] != settings.runtime:
            raise ValueError(f"it is for {document['runtime']}")
    except (ValueError, KeyError, TypeError) as fault:
        return _instead(settings, saved, log, f"what it answers is no catalog ({fault!r}). 'Registry URL' must name the registry itself")
    etag = answer.headers.get("ETag")
    if etag:
        try:
            store.write(settings, etag, document)
        except OSError as fault:
            log.warning(f"The catalog of {settings.registry_url} could not be saved in {store.folder()} ({fault}); without it the palette is empty when the registry is away.")
    return document


def _instead(settings: Settings, saved: Optional[store.Saved], log: logging.Logger, why: str) -> Dict[str, Any]:
    if saved is None:
        raise CatalogError(f"No catalog from {settings.registry_url}: {why}.")
    at = time.strftime("%Y-%m-%d %H:%M", time.localtime(saved.saved_at))
    log.warning(f"No new catalog from {settings.registry_url}: {why}. The palette shows what it was on {at}.")
    return saved.document


def _verify(settings: Settings) -> Union[bool, str]:
    if settings.verify is not None:
        return settings.verify
    try:
        from elyra.util.url import get_verify_parm
    except ImportError:
        return True
    return get_verify_parm()


def _detail(answer: requests.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.content[:BODY_SHOWN].decode("utf-8", "replace")
