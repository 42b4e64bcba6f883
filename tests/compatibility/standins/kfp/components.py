"""Loads components as the SDK does: one GET, one YAML document."""
import base64
import urllib.request

import yaml


def get(url, auth=None):
    headers = {}
    if auth is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(":".join(auth).encode()).decode() if isinstance(auth, tuple) else "Bearer " + auth.token
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return answer.read()


class Component:
    def __init__(self, spec):
        self.name = spec["name"]
        self.inputs = {port["name"]: port for port in spec.get("inputs", [])}
        self.outputs = [port["name"] for port in spec.get("outputs", [])]
        self.url = None

    def __call__(self, **arguments):
        unknown = set(arguments) - set(self.inputs)
        missing = {name for name, port in self.inputs.items() if not port.get("optional") and "default" not in port} - set(arguments)
        if unknown or missing:
            raise TypeError(f"{self.name}: unknown {sorted(unknown)}, missing {sorted(missing)}")
        TASKS.append({"component": self.name, "url": self.url, "arguments": arguments})
        return Task(self, TASKS[-1])


class Task:
    """What others connect to: a name of an output that there is not is a KeyError, as it is in the SDK."""

    def __init__(self, component, entry):
        self.entry = entry
        self.outputs = {name: f"{{{{{len(TASKS)}.{name}}}}}" for name in component.outputs}

    def set_display_name(self, name):
        self.entry["name"] = name
        return self


TASKS = []


def from_pipeline(spec):
    """The component that a compiled pipeline is: its root has the inputs."""
    assert spec["schemaVersion"].startswith("2.") and spec["root"]["dag"]["tasks"] and spec["deploymentSpec"]["executors"], "no pipeline"
    ports = spec["root"].get("inputDefinitions", {})
    inputs = [{"name": name, "optional": port.get("isOptional", False)} for kind in ports.values() for name, port in kind.items()]
    return {"name": spec["pipelineInfo"]["name"], "inputs": inputs}


def load_component_from_url(url, auth=None):
    # As safe_load, which takes one document alone.
    spec = yaml.safe_load(get(url, auth).decode("utf-8"))
    component = Component(spec if "implementation" in spec else from_pipeline(spec))
    component.url = url
    return component


class ComponentStore:
    """Of the SDK 1.8."""

    def __init__(self, local_search_paths, url_search_prefixes):
        self.prefixes = url_search_prefixes

    def load_component(self, name, digest=None, tag=None):
        path = f"/versions/sha256/{digest}" if digest else f"/versions/tags/{tag}" if tag else "/component.yaml"
        return load_component_from_url(self.prefixes[0] + name + path)
