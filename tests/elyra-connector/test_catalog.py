"""What a catalog of this kind puts into the palette."""

import hashlib
import json
import stat

import pytest
from conftest import URL, Registry
from loading import component, instance, load

from claimed_elyra_connector import __version__, store
from claimed_elyra_connector.connector import ClaimedCatalogConnector
from claimed_elyra_connector.schemas import ClaimedSchemasProvider


def test_one_request_brings_every_definition(registry, line):
    for number in range(12):
        registry.publish(f"c{number}", "1.0.0", f"größe {number}", f"Title {number}")
    entries = load(line.url, namespace=registry.space)
    assert len(entries) == 12 and len(line.seen) == 1
    path, headers, _ = line.seen[0]
    assert path == f"/catalogs/elyra/{registry.space}/catalog.json?runtime=kfp"
    assert headers["User-Agent"] == f"claimed-elyra-connector/{__version__}"
    served = registry.ask("GET", f"/api/v1/components/{registry.space}/c7/versions/1.0.0/elyra.yaml")
    assert entries["c7 1"].entry_data.definition == served.content.decode("utf-8")
    assert "größe 7" in entries["c7 1"].entry_data.definition


def test_airflow_gets_operators_of_the_same_components(registry):
    registry.publish("filter-rows", "1.0.0")
    entry = load(URL, "APACHE_AIRFLOW", namespace=registry.space)["filter-rows 1"]
    assert "class FilterRowsV1Operator" in entry.entry_data.definition
    assert entry.entry_data.package_name == f"claimed_{registry.space.replace('-', '_')}.operators.kubernetes.filter_rows_v1"
    # The label stays the class: an export imports it by that name.
    assert getattr(entry, "label", None) is None


def test_a_component_stands_under_its_own_category_else_under_those_of_the_catalog_else_under_its_namespace(registry):
    registry.publish("a", "1.0.0", "one", category="Transformations of")
    registry.publish("b", "1.0.0", "two")
    assert [entry.categories for entry in load(URL, namespace=registry.space).values()] == [["Transformations of"], [registry.space]]
    assert [entry.categories for entry in load(URL, namespace=registry.space, categories=["Mine"]).values()] == [["Transformations of"], ["Mine"]]
    assert component(load(URL, namespace=registry.space)["a 1"]).categories == ["Transformations of"]


def test_labels_are_told_apart_and_definitions_stay(registry):
    registry.publish("greet", "1.0.0", "one")
    alone = load(URL, namespace=registry.space)["greet 1"]
    registry.publish("greet", "2.0.0", "two")
    registry.publish("hello", "1.0.0", "three")
    registry.change_version("hello", "1.0.0", deprecated=True, successor=f"{registry.space}/greet")
    entries = load(URL, namespace=registry.space)
    assert component(alone).name == "Greet"
    assert [component(entries[key]).name for key in ("greet 2", "greet 1", "hello 1")] == ["Greet", "Greet 1.x", "Greet (deprecated)"]
    registry.publish("again", "1.0.0", "four")
    names = {component(entry).name for entry in load(URL, namespace=registry.space).values()}
    assert names == {f"Greet ({registry.space}/greet)", f"Greet ({registry.space}/again)", "Greet 1.x", "Greet (deprecated)"}
    assert entries["greet 1"].entry_data.definition == alone.entry_data.definition


@pytest.mark.parametrize("runtime_type", ["KUBEFLOW_PIPELINES", "APACHE_AIRFLOW"])
def test_a_pipeline_on_1_x_means_the_same_after_2_0_0(registry, runtime_type):
    """A pipeline keeps the id and the reference of a node; what they lead to is what an export carries."""
    registry.publish("greet", "1.0.0", "one")
    before = load(URL, runtime_type, namespace=registry.space)["greet 1"]
    registry.publish("greet", "2.0.0", "two")
    after = load(URL, runtime_type, namespace=registry.space)["greet 1"]
    assert (after.id, after.entry_reference) == (before.id, before.entry_reference)
    assert after.entry_data.definition == before.entry_data.definition
    assert getattr(after.entry_data, "package_name", None) == getattr(before.entry_data, "package_name", None)
    registry.publish("greet", "1.1.0", "three")
    upgraded = load(URL, runtime_type, namespace=registry.space)["greet 1"]
    assert upgraded.id == before.id and "Says three." in upgraded.entry_data.definition
    assert load(URL, runtime_type, namespace=registry.space)["greet 2"].id != before.id


def test_the_id_is_of_registry_namespace_name_and_major(registry):
    registry.publish("greet", "0.1.0")
    entry = load(URL, namespace=registry.space)["greet 0"]
    host = URL.split("://")[1]
    text = f"{host}:{registry.space}:greet:0"
    assert entry.id == f"claimed-catalog:{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    assert entry.entry_reference == {"registry": host, "namespace": registry.space, "name": "greet", "major": "0"}


def test_filters_take_category_tag_and_channel(registry):
    registry.publish("a", "1.0.0", "one", category="Talk")
    registry.publish("a", "1.1.0", "two")
    registry.publish("b", "1.0.0", "three", tags="csv,rows")
    registry.ask("PUT", f"/api/v1/components/{registry.space}/channels/stable".replace("/channels", "/a/channels"), json={"version": "1.0.0"})
    assert list(load(URL, namespace=registry.space, category="Talk")) == ["a 1"]
    assert list(load(URL, namespace=registry.space, tag="csv")) == ["b 1"]
    stable = load(URL, namespace=registry.space, channel="stable")
    assert list(stable) == ["a 1"] and "Says one." in stable["a 1"].entry_data.definition
    assert stable["a 1"].entry_reference["channel"] == "stable"
    assert stable["a 1"].id != load(URL, namespace=registry.space)["a 1"].id
    assert {f"{name}" for name in load(URL)} >= {"a 1", "b 1"}


def test_a_token_opens_a_private_namespace_and_is_kept_nowhere_else(registry, jupyter_folder):
    registry.publish("greet", "1.0.0")
    registry.ask("PATCH", f"/api/v1/namespaces/{registry.space}", json={"visibility": "private"})
    token = registry.token(f"{registry.space}/*", "pull")
    assert load(URL, namespace=registry.space) == {}
    entries = load(URL, namespace=registry.space, token=token)
    assert list(entries) == ["greet 1"] and token not in json.dumps(entries["greet 1"].entry_reference)
    files = list((jupyter_folder / "claimed-registry").iterdir())
    assert len(files) == 1 and stat.S_IMODE(files[0].stat().st_mode) == 0o600
    assert token.encode() not in files[0].read_bytes()
    # Who sees less is not shown what another saw.
    assert load(URL, namespace=registry.space) == {}


def test_an_entry_is_found_by_a_new_connector_that_was_asked_for_no_list(registry):
    registry.publish("greet", "1.0.0", "one")
    made = instance(URL, namespace=registry.space)
    reference = load(URL, namespace=registry.space)["greet 1"].entry_reference
    data = ClaimedCatalogConnector([".yaml"]).get_entry_data(catalog_entry_data=reference, catalog_metadata=made.metadata)
    assert "Says one." in data.definition


def test_every_major_of_an_operator_stands_under_a_category_of_its_own(registry):
    # A label is a class, which Elyra cannot tell by its major.
    registry.publish("filter-rows", "1.0.0", "one", category="Transformations of")
    registry.publish("filter-rows", "2.0.0", "two")
    registry.publish("filter-rows", "10.0.0", "three")
    registry.publish("sort", "1.0.0", "four")
    registry.publish("sort", "2.0.0", "five")
    entries = load(URL, "APACHE_AIRFLOW", namespace=registry.space, categories=["Mine"])
    assert {key: entry.categories for key, entry in entries.items()} == {
        "filter-rows 10": ["Transformations of"], "filter-rows 2": ["Transformatio… 2.x"], "filter-rows 1": ["Transformatio… 1.x"], "sort 2": ["Mine"], "sort 1": ["Mine 1.x"],
    }
    assert all(len(category) <= 18 for entry in entries.values() for category in entry.categories)


def test_operators_of_one_name_stand_under_their_namespaces(registry):
    other = Registry()
    for space, name in ((registry, "sort"), (other, "sort"), (other, "join")):
        space.publish(name, "1.0.0", category="Tables")
        space.change(name, tags=[registry.space])
    entries = ClaimedCatalogConnector([".py"]).read_component_definitions(instance(URL, "APACHE_AIRFLOW", tag=registry.space, categories=["Mine"]))
    found = {(entry.entry_reference["namespace"], entry.entry_reference["name"]): entry.categories for entry in entries}
    assert found == {(registry.space, "sort"): [registry.space], (other.space, "sort"): [other.space], (other.space, "join"): ["Tables"]}


def test_the_schema_is_one_of_component_catalogs():
    (schema,) = ClaimedSchemasProvider().get_schemas()
    assert schema["name"] == schema["properties"]["schema_name"]["const"] == "claimed-catalog"
    assert schema["schemaspace_id"] == "8dc89ca3-4b90-41fd-adb9-9510ad346620"
    assert schema["schemaspace"] == "component-catalogs"
    assert schema["metadata_class_name"] == "elyra.pipeline.component_metadata.ComponentCatalogMetadata"
    assert schema["display_name"] == schema["uihints"]["title"] == "Claimed.Registry Component Catalog"
    assert {"icon", "reference_url"} <= set(schema["uihints"])
    assert schema["required"] == ["schema_name", "display_name", "metadata"]
    metadata = schema["properties"]["metadata"]
    assert metadata["required"] == ["runtime_type", "registry_url"]
    assert metadata["properties"]["runtime_type"]["enum"] == ["KUBEFLOW_PIPELINES", "APACHE_AIRFLOW"]
    assert metadata["properties"]["categories"]["items"]["maxLength"] == 18
    assert metadata["properties"]["token"]["uihints"]["ui:field"] == "@elyra/metadata-extension:plugin.password"


def test_saved_catalogs_are_replaced_whole(registry, jupyter_folder):
    registry.publish("greet", "1.0.0")
    for word in ("two", "three"):
        load(URL, namespace=registry.space)
        registry.publish("greet", f"1.{len(word)}.0", word)
    load(URL, namespace=registry.space)
    (file,) = (jupyter_folder / "claimed-registry").iterdir()
    assert file.name.endswith(".json.gz") and store.folder() == jupyter_folder / "claimed-registry"


@pytest.mark.parametrize("damage", [b"", b"no gzip", b"\x1f\x8b\x08\x00"])
def test_a_damaged_file_is_as_none(registry, jupyter_folder, damage):
    registry.publish("greet", "1.0.0")
    load(URL, namespace=registry.space)
    (file,) = (jupyter_folder / "claimed-registry").iterdir()
    file.write_bytes(damage)
    assert list(load(URL, namespace=registry.space)) == ["greet 1"]
