"""Runs the component golden/passing 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class PassingOperator(KubernetesPodOperator, BaseOperator):
    """passing

    Types that say one thing and placeholders that say another.

    :param by_value: a file type as text
    :type by_value: str
    :param by_path: Path in the container of a file on a mounted volume. a text type as a file
    :type by_path: str
    :param custom_value: an unknown type as text
    :type custom_value: str
    :param custom_path: Path in the container of a file on a mounted volume. an unknown type as a file
    :type custom_path: str
    :param never: not used at all
    :type never: str
    :param untyped_path: Path in the container of a file on a mounted volume. no type and a file
    :type untyped_path: str
    :param optional_file: Path in the container of a file on a mounted volume. may be left out
    :type optional_file: str
    :param text_path: Path in the container to write to, on a volume that outlives it. a text
    :type text_path: str
    :param untyped_path_2: Path in the container to write to, on a volume that outlives it. no type
    :type untyped_path_2: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        by_value: str,
        by_path: str,
        custom_value: str,
        custom_path: str,
        never: str,
        untyped_path: str,
        optional_file: Optional[str] = None,
        text_path: str = "/tmp/outputs/text",
        untyped_path_2: str = "/tmp/outputs/untyped_path_2",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "passing")
        super().__init__(**kwargs)
        self.component_inputs = {
            "by value": by_value,
            "by path": by_path,
            "custom value": custom_value,
            "custom path": custom_path,
            "never": never,
            "untyped path": untyped_path,
            "optional file": optional_file,
        }
        self.component_outputs = {
            "text": text_path,
            "untyped": untyped_path_2,
        }

    def build_pod_request_obj(self, context: Any = None) -> Any:
        inputs = {name: _text(value) for name, value in self.component_inputs.items() if value is not None}
        outputs = self.component_outputs
        self.cmds = ["run", *([inputs["by value"]] if "by value" in inputs else []), *([inputs["by path"]] if "by path" in inputs else []), *([inputs["custom value"]] if "custom value" in inputs else []), *([inputs["custom path"]] if "custom path" in inputs else []), *([inputs["untyped path"]] if "untyped path" in inputs else [])]
        self.arguments = [*(["--file", *([inputs["optional file"]] if "optional file" in inputs else [])] if "optional file" in inputs else ["--no-file"]), outputs["text"], outputs["untyped"]]
        return super().build_pod_request_obj(context)
