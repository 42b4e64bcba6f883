"""Runs the component golden/odd-text 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class OddTextOperator(KubernetesPodOperator, BaseOperator):
    """odd_text

    Splits \"words\" at and C: ew; says it's {done} $(id) `x` %s: yes # no. Ends with a backslash \\

    :param log_level: update log level
    :type log_level: str
    :param path: a \"quoted\" text, a \\ and a ''' in it Default: C:\\new\\table
    :type path: str
    :param template: {{$.inputs}} ${0} {{ ds }} Default: {{ name }} says \"hi\" $HOME `id`
    :type template: str
    :param unit: größe 漢字 🚀
    :type unit: str
    :param word: a word that YAML takes for true
    :type word: str
    :param number: a text that looks like a number
    :type number: str
    :param zip_code: with a zero in front
    :type zip_code: str
    :param spaces: spaces matter Default: leads and trails
    :type spaces: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        log_level: str = "INFO",
        path: Optional[str] = None,
        template: Optional[str] = None,
        unit: str = "größe",
        word: str = "on",
        number: str = "1e3",
        zip_code: str = "01234",
        spaces: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "odd-text")
        super().__init__(**kwargs)
        self.component_inputs = {
            "log_level": log_level,
            "path": path,
            "template": template,
            "unit": unit,
            "word": word,
            "number": number,
            "zip_code": zip_code,
            "spaces": spaces,
        }
        self.component_outputs = {}

    def build_pod_request_obj(self, context: Any = None) -> Any:
        values = {**self.component_inputs, **self.component_outputs}
        self.arguments = [f"{name}={_text(value)}" for name, value in values.items() if value is not None]
        return super().build_pod_request_obj(context)
