"""Asks the installed SDK of Kubeflow Pipelines, 1.8 or 2, what it makes of a namespace of a running registry.

  pip install kfp==2.17.0
  python3 tests/compatibility/kfp_sdk.py http://localhost:8080 NAMESPACE [TOKEN]

Each ready component.yaml is loaded from its URL and compiled into a pipeline of one step; every input is given. One that asks for the final status
of tasks ends the pipeline of another. The last line counts; the exit code is 1 when the SDK refused one.
"""
import json
import os
import sys
import tempfile
import urllib.request
import warnings

warnings.simplefilter("ignore")
import kfp  # noqa: E402
from kfp import compiler, components, dsl  # noqa: E402

FIRST = kfp.__version__.startswith("1.")
SAMPLES = {"integer": 3, "int": 3, "float": 0.5, "double": 0.5, "boolean": True, "bool": True, "list": [1], "jsonarray": [1], "dict": {"k": 1}, "jsonobject": {"k": 1}}


STATUS = "PipelineTaskFinalStatus"
STEP = "{name: step, implementation: {container: {image: 'example.org/step:1', command: ['true']}}}"


def get(url, token):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode("utf-8")


def names(base, namespace, token):
    url = f"{base}/api/v1/components?namespace={namespace}&limit=100"
    page = json.loads(get(url, token))
    while True:
        yield from (item["name"] for item in page["items"])
        if not page.get("next"):
            return
        page = json.loads(get(f"{url}&cursor={page['next']}", token))


def arguments(component):
    """A value for each input, and for a file something that is one."""
    if FIRST:
        # The arguments that must be given come first.
        ports = sorted(component.component_spec.inputs or [], key=lambda port: bool(port.optional or port.default is not None))
        return {name: SAMPLES.get(str(port.type).lower(), "text") for name, port in zip(component.__signature__.parameters, ports)}
    given = {}
    for name, port in (component.component_spec.inputs or {}).items():
        if port.type == STATUS:
            continue
        if "@" not in port.type:
            given[name] = SAMPLES.get(port.type.lower(), "text")
        else:
            title, version = port.type.split("@")
            kind = type(title.split(".")[-1], (dsl.Artifact,), {"schema_title": title, "schema_version": version})
            given[name] = dsl.importer(artifact_uri="gs://bucket/file", artifact_class=kind, reimport=False).output
    return given


def ends(component):
    """Whether the SDK takes the component as the end of a pipeline alone."""
    return not FIRST and any(port.type == STATUS for port in (component.component_spec.inputs or {}).values())


def refusal(text, folder):
    """Why the SDK does not take the component, or None."""
    try:
        component = components.load_component_from_text(text)

        @dsl.pipeline(name="one-step")
        def pipeline():
            task = component(**arguments(component))
            if ends(component):
                with dsl.ExitHandler(task):
                    components.load_component_from_text(STEP)()

        compiler.Compiler().compile(pipeline, os.path.join(folder, "pipeline.yaml"))
    except Exception as problem:  # whatever it is, the component is not usable
        return f"{type(problem).__name__}: {problem}"
    return None


def main(base, namespace, token=None):
    base, count, refused = base.rstrip("/"), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for name in names(base, namespace, token):
            count += 1
            why = refusal(get(f"{base}/api/v1/components/{namespace}/{name}/versions/latest/component.yaml", token), folder)
            if why:
                refused += 1
                print(f"{name}: {why}")
    print(f"kfp {kfp.__version__}: {count - refused} of {count} components load and compile")
    return 1 if refused or not count else 0


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
