"""Stand-ins for the base class of connectors and what it hands on."""

import hashlib
import logging
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace


class EntryData:
    def __init__(self, definition, file_extension=None, **more):
        self.definition = definition
        self.file_extension = file_extension


class KfpEntryData(EntryData):
    pass


class AirflowEntryData(EntryData):
    def __init__(self, definition, file_extension=None, **more):
        super().__init__(definition, file_extension)
        self.package_name = more.get("package_name")


class CatalogEntry:
    def __init__(self, entry_data, entry_reference, catalog_instance, hash_keys):
        self.entry_data = entry_data
        self.entry_reference = entry_reference
        self.categories = catalog_instance.metadata.get("categories", [])
        parts = [str(entry_reference[key]) for key in hash_keys if entry_reference.get(key)]
        digest = hashlib.sha256(":".join(parts).encode()).hexdigest()
        self.id = f"{catalog_instance.schema_name}:{digest[:12]}"

    def get_component(self, id, name, description, properties, file_extension):
        return SimpleNamespace(id=id, name=name, categories=self.categories, definition=self.entry_data.definition)


class ComponentCatalogConnector:
    max_readers = 3

    def __init__(self, file_types, **more):
        self.log = logging.getLogger("ElyraApp")

    def read_component_definitions(self, catalog_instance):
        metadata = dict(catalog_instance.metadata, display_name=catalog_instance.display_name)
        references = self.get_catalog_entries(metadata)
        with ThreadPoolExecutor(self.max_readers) as readers:
            data = list(readers.map(lambda one: self.get_entry_data(catalog_entry_data=one, catalog_metadata=metadata), references))
        keys = self.get_hash_keys()
        return [CatalogEntry(one, reference, catalog_instance, keys) for one, reference in zip(data, references) if one and one.definition]
