"""Loads a catalog as Elyra does: a new connector for each load, and the entries parsed by the runtime's parser where Elyra is real."""

from elyra.metadata.metadata import Metadata

from claimed_elyra_connector.connector import ClaimedCatalogConnector
from conftest import REAL

FILES = {"KUBEFLOW_PIPELINES": [".yaml", ".yml"], "APACHE_AIRFLOW": [".py"]}


def instance(url, runtime_type="KUBEFLOW_PIPELINES", display_name="Ours", **metadata):
    fields = dict(metadata, registry_url=url, runtime_type=runtime_type)
    if not REAL:
        return Metadata(display_name=display_name, schema_name="claimed-catalog", metadata=fields)
    from elyra.pipeline.component_metadata import ComponentCatalogMetadata

    return ComponentCatalogMetadata(display_name=display_name, schema_name="claimed-catalog", metadata=fields)


def load(url, runtime_type="KUBEFLOW_PIPELINES", **metadata):
    """The entries of the catalog, by namespace/name and major."""
    entries = ClaimedCatalogConnector(FILES[runtime_type]).read_component_definitions(instance(url, runtime_type, **metadata))
    return {f"{entry.entry_reference['name']} {entry.entry_reference['major']}": entry for entry in entries}


def component(entry):
    """What stands in the palette."""
    if not REAL:
        return entry.get_component(entry.id, entry.entry_data.definition.splitlines()[0][len("name: "):].strip("'"), "", [], ".yaml")
    from elyra.pipeline.component import ComponentParser

    parser = ComponentParser.create_instance(platform=entry.runtime_type)
    (parsed,) = parser.parse(entry)
    return parsed
