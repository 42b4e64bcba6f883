"""Runs the component golden/query 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class QueryOperator(KubernetesPodOperator, BaseOperator):
    """Query

    :param query:
    :type query: str
    :param output:
    :type output: str
    :param output_path: Path in the container to write to, on a volume that outlives it. Where the result lies
    :type output_path: str
    :param mlpipeline_ui_metadata_path: Path in the container to write to, on a volume that outlives it.
    :type mlpipeline_ui_metadata_path: str
    :param log_path: Path in the container to write to, on a volume that outlives it.
    :type log_path: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        query: str,
        output: Optional[str] = None,
        output_path: str = "/tmp/outputs/output",
        mlpipeline_ui_metadata_path: str = "/tmp/outputs/mlpipeline_ui_metadata",
        log_path: str = "/tmp/outputs/log",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "query")
        super().__init__(**kwargs)
        self.component_inputs = {
            "query": query,
            "output": output,
        }
        self.component_outputs = {
            "output": output_path,
            "MLPipeline UI metadata": mlpipeline_ui_metadata_path,
            "log": log_path,
        }

    def build_pod_request_obj(self, context: Any = None) -> Any:
        inputs = {name: _text(value) for name, value in self.component_inputs.items() if value is not None}
        outputs = self.component_outputs
        self.cmds = ["sh", "-ec", "(shift 2; exec \"$@\")\nmkdir -p \"${1%/*}\"\ncp -RL -- '/output.txt' \"${1}\"\nmkdir -p \"${2%/*}\"\ncp -RL -- '/it'\\''s/the metadata.json' \"${2}\"\n", "sh", outputs["output"], outputs["MLPipeline UI metadata"], "python3", "/query.py", "--query", *([inputs["query"]] if "query" in inputs else [])]
        self.arguments = ["--output", *([inputs["output"]] if "output" in inputs else []), "--log", outputs["log"]]
        return super().build_pod_request_obj(context)
