"""Runs the component golden/awkward-names 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class AwkwardNamesOperator(KubernetesPodOperator, BaseOperator):
    """awkward-names

    Names that break one client or another.

    :param class_value: a keyword
    :type class_value: str
    :param self_value: reserved
    :type self_value: str
    :param a_b: two underscores
    :type a_b: str
    :param port_1st: begins with a digit
    :type port_1st: str
    :param gr_e: no ASCII
    :type gr_e: str
    :param rate: signs
    :type rate: float
    :param output_table_path: Path in the container to write to, on a volume that outlives it. with the prefix
    :type output_table_path: str
    :param class_path: Path in the container to write to, on a volume that outlives it. as the input
    :type class_path: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        class_value: str,
        self_value: str,
        a_b: str,
        port_1st: str,
        gr_e: str,
        rate: float,
        output_table_path: str = "/tmp/outputs/output_table",
        class_path: str = "/tmp/outputs/class",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "awkward-names")
        super().__init__(**kwargs)
        self.component_inputs = {
            "class": class_value,
            "self": self_value,
            "a__b": a_b,
            "1st": port_1st,
            "größe": gr_e,
            "rate (%)": rate,
        }
        self.component_outputs = {
            "output_table": output_table_path,
            "class": class_path,
        }

    def build_pod_request_obj(self, context: Any = None) -> Any:
        inputs = {name: _text(value) for name, value in self.component_inputs.items() if value is not None}
        outputs = self.component_outputs
        self.cmds = ["run", *([inputs["class"]] if "class" in inputs else []), *([inputs["self"]] if "self" in inputs else []), *([inputs["a__b"]] if "a__b" in inputs else []), *([inputs["1st"]] if "1st" in inputs else []), *([inputs["größe"]] if "größe" in inputs else []), *([inputs["rate (%)"]] if "rate (%)" in inputs else []), outputs["output_table"], outputs["class"]]
        self.arguments = []
        return super().build_pod_request_obj(context)
