"""What a form of the sample german-credit runs, as JSON: its steps in order, each {"component", "inputs"}, where an input is a text or {"step", "output"}.

steps.py kfp COMPILED_BY_STAND_IN | elyra PIPELINE | airflow DAG_FILE | docker LOG"""

import json
import re
import sys


def kfp(path):
    import yaml

    with open(path, encoding="utf-8") as file:
        tasks = yaml.safe_load(file)["tasks"]
    for task in tasks:
        yield re.search("/claimed/([^/]+)/versions/~0/component.yaml$", task["url"])[1], {name: reference(value, r"\{\{([0-9]+)\.(.+)\}\}") for name, value in task["arguments"].items()}


def reference(value, pattern):
    found = re.fullmatch(pattern, str(value))
    return {"step": int(found[1]), "output": found[2]} if found else str(value)


def elyra(path):
    with open(path, encoding="utf-8") as file:
        nodes = json.load(file)["pipelines"][0]["nodes"]
    places = {node["id"]: i for i, node in enumerate(nodes, 1)}
    for node in nodes:
        inputs = {}
        for name, given in node["app_data"]["component_parameters"].items():
            if isinstance(given, str):
                continue
            if given["widget"] == "inputpath":
                source = given["value"]["value"]
                assert source in [link["node_id_ref"] for link in node["inputs"][0]["links"]], f"{name} is not drawn"
                inputs[name] = {"step": places[source], "output": given["value"]["option"].removeprefix("output_")}
            else:
                inputs[name] = str(given["value"])
        yield re.search("/claimed/([^/]+)/versions/~0/elyra.yaml", node["app_data"]["component_source"])[1], inputs


def airflow(path):
    """On stand-ins of Airflow's classes, with the package of the registry on PYTHONPATH."""
    import airflow_stand_in

    tasks = []

    class DAG:
        def __init__(self, dag_id, start_date, schedule, catchup, default_args):
            assert set(default_args) == {"workspace"}

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    class Output(str):
        def __getitem__(self, name):
            assert name in self.known, f"there is no output {name}; there are {self.known}"
            return f"{self}.{name}"

    def output(operator):
        place = Output("{{%d}}" % (tasks.index(operator) + 1))
        place.known = list(operator.versions[operator.default_version]["outputs"])
        return place if len(place.known) > 1 else f"{place}.{place.known[0]}"

    airflow_stand_in.install(kubernetes=False)
    sys.modules["airflow"].DAG = DAG
    init = airflow_stand_in.DockerOperator.__init__

    def remembered(self, **kwargs):
        init(self, **kwargs)
        tasks.append(self)

    airflow_stand_in.DockerOperator.__init__ = remembered
    airflow_stand_in.DockerOperator.output = property(output)
    with open(path, encoding="utf-8") as file:
        exec(compile(file.read(), path, "exec"), {})
    for task in tasks:
        inputs = {name: value for name, value in task.component_inputs.items() if value is not None}
        yield task.component.removeprefix("claimed/"), {name: reference(value, r"\{\{([0-9]+)\}\}\.(.+)") for name, value in inputs.items()}


def docker(path):
    """From a log of the arguments of docker, a JSON list in each line."""
    with open(path, encoding="utf-8") as file:
        runs = [words for words in map(json.loads, file) if "run" in words]
    written = {}
    for step, words in enumerate(runs, 1):
        place = next(i for i, word in enumerate(words) if "/claimed/" in word and ":" in word and "=" not in word)
        inputs = {}
        for name, value in (word.split("=", 1) for word in words[place + 1:]):
            if not value.startswith("/data/"):
                inputs[name] = value
            elif value in written:
                inputs[name] = written[value]
            else:
                written[value] = {"step": step, "output": name}
        yield re.search("/claimed/([^:]+):", words[place])[1], inputs


print(json.dumps([{"component": component, "inputs": inputs} for component, inputs in globals()[sys.argv[1]](sys.argv[2])]))
