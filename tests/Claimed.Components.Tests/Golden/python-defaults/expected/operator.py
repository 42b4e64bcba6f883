"""Runs the component golden/defaults 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class DefaultsOperator(KubernetesPodOperator, BaseOperator):
    """defaults

    Literals become defaults; what only the source can evaluate does not.

    :param log_level: update log level
    :type log_level: str
    :param hour: seconds
    :type hour: int
    :param mask: bits
    :type mask: int
    :param tiny: learning rate
    :type tiny: float
    :param minus: negative
    :type minus: float
    :param nothing: None
    :type nothing: str
    :param empty: the empty text
    :type empty: str
    :param joined: adjacent literals
    :type joined: str
    :param raw: a pattern Default: \\d+\\.csv
    :type raw: str
    :param lines: two lines Default: first second
    :type lines: str
    :param today: computed
    :type today: str
    :param path: computed as well
    :type path: str
    :param greeting: an f-string
    :type greeting: str
    :param wrong: not of the type
    :type wrong: int
    :param flag: not of the type either
    :type flag: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        wrong: int,
        log_level: str = "INFO",
        hour: int = 3600,
        mask: int = 511,
        tiny: float = 1e-05,
        minus: float = -0.5,
        nothing: Optional[str] = None,
        empty: str = "",
        joined: str = "one two",
        raw: Optional[str] = None,
        lines: Optional[str] = None,
        today: Optional[str] = None,
        path: Optional[str] = None,
        greeting: Optional[str] = None,
        flag: str = "maybe",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "defaults")
        super().__init__(**kwargs)
        self.component_inputs = {
            "log_level": log_level,
            "hour": hour,
            "mask": mask,
            "tiny": tiny,
            "minus": minus,
            "nothing": nothing,
            "empty": empty,
            "joined": joined,
            "raw": raw,
            "lines": lines,
            "today": today,
            "path": path,
            "greeting": greeting,
            "wrong": wrong,
            "flag": flag,
        }
        self.component_outputs = {}

    def build_pod_request_obj(self, context: Any = None) -> Any:
        values = {**self.component_inputs, **self.component_outputs}
        self.arguments = [f"{name}={_text(value)}" for name, value in values.items() if value is not None]
        return super().build_pod_request_obj(context)
