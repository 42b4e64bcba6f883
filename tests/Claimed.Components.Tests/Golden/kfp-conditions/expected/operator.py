"""Runs the component golden/conditions 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class ConditionsOperator(KubernetesPodOperator, BaseOperator):
    """conditions

    Elements that stand there or not.

    :param rows: Path in the container of a file on a mounted volume. the rows
    :type rows: str
    :param start_from: Path in the container of a file on a mounted volume. a model to start from
    :type start_from: str
    :param label_value: a column
    :type label_value: str
    :param mode: how
    :type mode: str
    :param model_path: Path in the container to write to, on a volume that outlives it. what was learned
    :type model_path: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        rows: str,
        start_from: Optional[str] = None,
        label_value: Optional[str] = None,
        mode: str = "fast",
        model_path: str = "/tmp/outputs/model",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "conditions")
        super().__init__(**kwargs)
        self.component_inputs = {
            "rows": rows,
            "start from": start_from,
            "label": label_value,
            "mode": mode,
        }
        self.component_outputs = {
            "model": model_path,
        }

    def build_pod_request_obj(self, context: Any = None) -> Any:
        inputs = {name: _text(value) for name, value in self.component_inputs.items() if value is not None}
        outputs = self.component_outputs
        self.cmds = ["learn", *([inputs["rows"]] if "rows" in inputs else [])]
        self.arguments = [*(["--start", *([inputs["start from"]] if "start from" in inputs else [])] if "start from" in inputs else ["--fresh"]), "".join(["{\"mode\": \"", *([inputs["mode"]] if "mode" in inputs else []), "\"", *([", \"label\": \""] if "label" in inputs else []), *([*([inputs["label"]] if "label" in inputs else [])] if "label" in inputs else []), *(["\"", " "] if "label" in inputs else []), "}"]), *(["--labelled"] if "label" in inputs else []), outputs["model"]]
        return super().build_pod_request_obj(context)
