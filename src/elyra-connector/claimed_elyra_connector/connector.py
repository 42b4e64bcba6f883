"""The connector: what Elyra asks for components."""

import hashlib
from typing import Any, Dict, List, Optional, Tuple

from elyra.metadata.metadata import Metadata
from elyra.pipeline.catalog_connector import AirflowEntryData, CatalogEntry, ComponentCatalogConnector, EntryData, KfpEntryData

from . import palette
from .fetch import CatalogError, read_catalog
from .settings import Settings, SettingsError

Key = Tuple[str, str, str]


class PaletteEntry(CatalogEntry):
    """An entry under a label of its own: the text of the definition, which an export carries, stays as it is."""

    label: Optional[str] = None

    def get_component(self, id: str, name: str, *args: Any, **kwargs: Any) -> Any:
        return super().get_component(id, self.label or name, *args, **kwargs)


class ClaimedCatalogConnector(ComponentCatalogConnector):
    """Reads the components of a Claimed.Registry, all in one request."""

    def __init__(self, file_types: List[str], **kwargs: Any) -> None:
        super().__init__(file_types, **kwargs)
        self._entries: Dict[Key, Dict[str, Any]] = {}
        self._labels: Dict[Key, str] = {}
        self._runtime = ""

    @classmethod
    def get_hash_keys(cls) -> List[Any]:
        """Without the version: a node follows its component within the major. Every value is a text, since Elyra leaves out a 0."""
        return ["registry", "namespace", "name", "major", "channel"]

    def get_catalog_entries(self, catalog_metadata: Dict[str, Any]) -> List[Dict[str, Any]]:
        """What is stored in every pipeline: whose component it is, and nothing secret."""
        name = catalog_metadata.get("display_name") or "of this registry"
        try:
            settings = Settings.of(catalog_metadata)
            entries = self._read(settings)
        except (SettingsError, CatalogError) as fault:
            self.log.error(f"The catalog '{name}' shows no components. {fault}")
            return []
        self.log.debug(f"The catalog '{name}' has {len(entries)} components.")
        references = []
        for entry in entries:
            reference = {"registry": settings.registry, "namespace": entry["namespace"], "name": entry["name"], "major": str(entry["major"])}
            if settings.channel:
                reference["channel"] = settings.channel
            references.append(reference)
        return references

    def get_entry_data(self, catalog_entry_data: Dict[str, Any], catalog_metadata: Dict[str, Any]) -> Optional[EntryData]:
        """The definition, from what was read with the list."""
        key = _key(catalog_entry_data)
        if key not in self._entries:
            try:
                self._read(Settings.of(catalog_metadata))
            except (SettingsError, CatalogError) as fault:
                self.log.error(f"No definition of {key[0]}/{key[1]}. {fault}")
                return None
        entry = self._entries.get(key)
        if entry is None:
            self.log.error(f"{key[0]}/{key[1]} has nothing in major version {key[2]} any more: all of it was withdrawn. Use another version in the pipeline.")
            return None
        if self._runtime == "airflow":
            return AirflowEntryData(definition=entry["definition"], package_name=entry.get("module"))
        return KfpEntryData(definition=entry["definition"])

    def read_component_definitions(self, catalog_instance: Metadata) -> List[CatalogEntry]:
        """The definitions, each under its own category and label."""
        fallback = catalog_instance.metadata.get("categories") or []
        dressed: List[CatalogEntry] = []
        entries = super().read_component_definitions(catalog_instance)
        shared = palette.shared_names(self._entries.values())
        for found in entries:
            key = _key(found.entry_reference)
            entry = PaletteEntry(found.entry_data, found.entry_reference, catalog_instance, self.get_hash_keys())
            entry.categories = palette.categories(self._entries[key], fallback, self._runtime, shared)
            # The name of an operator is that of its class, which an export imports.
            entry.label = None if self._runtime == "airflow" else self._labels[key]
            dressed.append(entry)
        return dressed

    def _read(self, settings: Settings) -> List[Dict[str, Any]]:
        good = []
        for entry in read_catalog(settings, self.log)["entries"]:
            if not _is_whole(entry):
                self.log.warning(f"An entry of {settings.registry_url} is damaged and left out: {str(entry)[:200]}")
                continue
            advice = palette.note(entry)
            if advice:
                self.log.info(advice)
            good.append(entry)
        self._runtime = settings.runtime
        self._labels = {_key(entry): label for entry, label in zip(good, palette.labels(good))}
        self._entries = {_key(entry): entry for entry in good}
        return good


def _key(reference: Dict[str, Any]) -> Key:
    return reference["namespace"], reference["name"], str(reference["major"])


def _is_whole(entry: Any) -> bool:
    """Whether everything is there, and the definition is the one that the digest names."""
    if not isinstance(entry, dict) or not all(isinstance(entry.get(field), str) for field in ("namespace", "name", "version", "definition", "digest")):
        return False
    digest = hashlib.sha256(entry["definition"].encode("utf-8")).hexdigest()
    return isinstance(entry.get("major"), int) and entry["digest"] == f"sha256:{digest}"
