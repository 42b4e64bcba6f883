"""Runs the component golden/configure 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class ConfigureOperator(KubernetesPodOperator, BaseOperator):
    """Configure

    :param options:
    :type options: str
    :param columns:
    :type columns: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        options: str = "{\"limit\": null, \"sep\": \",\"}",
        columns: str = "[\"a\"]",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "configure")
        super().__init__(**kwargs)
        self.component_inputs = {
            "options": options,
            "columns": columns,
        }
        self.component_outputs = {}

    def build_pod_request_obj(self, context: Any = None) -> Any:
        inputs = {name: _text(value) for name, value in self.component_inputs.items() if value is not None}
        outputs = self.component_outputs
        self.cmds = ["configure", *([inputs["options"]] if "options" in inputs else []), *([inputs["columns"]] if "columns" in inputs else [])]
        self.arguments = []
        return super().build_pod_request_obj(context)
