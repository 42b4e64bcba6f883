"""Runs the component golden/serve-pictures 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class ServePicturesOperator(KubernetesPodOperator, BaseOperator):
    """serve-pictures

    # Picture endpoint Takes pictures over HTTP and calls a model

    :param log_level: update log level
    :type log_level: str
    :param create_image:
    :type create_image: bool
    :param install_requirements:
    :type install_requirements: bool
    :param port:
    :type port: int
    :param debug:
    :type debug: bool
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        log_level: str = "INFO",
        create_image: bool = False,
        install_requirements: bool = False,
        port: int = 8080,
        debug: bool = False,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "serve-pictures")
        super().__init__(**kwargs)
        self.component_inputs = {
            "log_level": log_level,
            "create_image": create_image,
            "install_requirements": install_requirements,
            "port": port,
            "debug": debug,
        }
        self.component_outputs = {}

    def build_pod_request_obj(self, context: Any = None) -> Any:
        values = {**self.component_inputs, **self.component_outputs}
        self.arguments = [f"{name}={_text(value)}" for name, value in values.items() if value is not None]
        return super().build_pod_request_obj(context)
