"""Runs the component golden/many-lines 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class ManyLinesOperator(KubernetesPodOperator, BaseOperator):
    """many_lines

    Calls over several lines, and several on one line.

    :param log_level: update log level
    :type log_level: str
    :param spread: over four lines
    :type spread: int
    :param x: the two
    :type x: str
    :param y: the two
    :type y: str
    :param z: continued
    :type z: str
    :param inner: one in the other
    :type inner: str
    :param outer: one in the other
    :type outer: str
    :param short:
    :type short: str
    :param shorter:
    :type shorter: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        short: str,
        shorter: str,
        log_level: str = "INFO",
        spread: int = 12,
        x: str = "1",
        y: str = "2",
        z: str = "far",
        inner: Optional[str] = None,
        outer: str = "last",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "many-lines")
        super().__init__(**kwargs)
        self.component_inputs = {
            "log_level": log_level,
            "spread": spread,
            "x": x,
            "y": y,
            "z": z,
            "inner": inner,
            "outer": outer,
            "short": short,
            "shorter": shorter,
        }
        self.component_outputs = {}

    def build_pod_request_obj(self, context: Any = None) -> Any:
        values = {**self.component_inputs, **self.component_outputs}
        self.arguments = [f"{name}={_text(value)}" for name, value in values.items() if value is not None]
        return super().build_pod_request_obj(context)
