"""Runs the component golden/awkward 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class AwkwardOperator(KubernetesPodOperator, BaseOperator):
    """awkward

    Environment variables whose names clients do not take.

    Its XCom is the dictionary of the outputs inputs, my_output_table.

    :param log_level: update log level
    :type log_level: str
    :param class_value: a keyword of Python
    :type class_value: str
    :param yes: a boolean of YAML
    :type yes: str
    :param self_value: reserved
    :type self_value: str
    :param double_score: two underscores
    :type double_score: str
    :param leading: begins with an underscore
    :type leading: str
    :param UPPER_CASE: capitals
    :type UPPER_CASE: str
    :param with_hyphen: a hyphen
    :type with_hyphen: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        log_level: str = "INFO",
        class_value: str = "x",
        yes: str = "x",
        self_value: str = "x",
        double_score: str = "x",
        leading: str = "x",
        UPPER_CASE: str = "x",
        with_hyphen: str = "x",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "awkward")
        kwargs.setdefault("do_xcom_push", True)
        super().__init__(**kwargs)
        self.component_inputs = {
            "log_level": log_level,
            "class": class_value,
            "yes": yes,
            "self": self_value,
            "double__score": double_score,
            "_leading": leading,
            "UPPER_CASE": UPPER_CASE,
            "with-hyphen": with_hyphen,
        }
        self.component_outputs = {}

    def build_pod_request_obj(self, context: Any = None) -> Any:
        values = {**self.component_inputs, **self.component_outputs}
        self.arguments = [f"{name}={_text(value)}" for name, value in values.items() if value is not None]
        if self.do_xcom_push:
            self.arguments.append("claimed.result=/airflow/xcom/return.json")
        return super().build_pod_request_obj(context)
