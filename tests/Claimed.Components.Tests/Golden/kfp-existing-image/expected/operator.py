"""Runs the component golden/count-lines 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class CountLinesOperator(KubernetesPodOperator, BaseOperator):
    """Count lines

    Counts the lines of a file.

    :param text: Path in the container of a file on a mounted volume. The file
    :type text: str
    :param skip: Lines to leave out
    :type skip: int
    :param count_path: Path in the container to write to, on a volume that outlives it. Number of lines
    :type count_path: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        text: str,
        skip: int = 0,
        count_path: str = "/tmp/outputs/count",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "count-lines")
        super().__init__(**kwargs)
        self.component_inputs = {
            "text": text,
            "skip": skip,
        }
        self.component_outputs = {
            "count": count_path,
        }

    def build_pod_request_obj(self, context: Any = None) -> Any:
        inputs = {name: _text(value) for name, value in self.component_inputs.items() if value is not None}
        outputs = self.component_outputs
        self.cmds = ["sh", "-ec", "mkdir -p \"$(dirname \"$2\")\"\ntail -n +\"$(($1 + 1))\" \"$0\" | wc -l > \"$2\"\n", *([inputs["text"]] if "text" in inputs else []), *([inputs["skip"]] if "skip" in inputs else []), outputs["count"]]
        self.arguments = []
        return super().build_pod_request_obj(context)
