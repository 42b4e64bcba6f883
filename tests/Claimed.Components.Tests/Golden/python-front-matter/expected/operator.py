"""Runs the component golden/rank-pages 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class RankPagesOperator(KubernetesPodOperator, BaseOperator):
    """Rank Pages

    Says in front matter what the code does not.

    :param log_level: update log level
    :type log_level: str
    :param damping: share that is passed on
    :type damping: float
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        log_level: str = "INFO",
        damping: float = 0.85,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "rank-pages")
        kwargs.setdefault("container_resources", k8s.V1ResourceRequirements(requests={"cpu": "2", "memory": "4Gi", "ephemeral-storage": "10Gi"}, limits={"cpu": "2", "memory": "4Gi", "nvidia.com/gpu": "1", "ephemeral-storage": "10Gi"}))
        super().__init__(**kwargs)
        self.component_inputs = {
            "log_level": log_level,
            "damping": damping,
        }
        self.component_outputs = {}

    def build_pod_request_obj(self, context: Any = None) -> Any:
        values = {**self.component_inputs, **self.component_outputs}
        self.arguments = [f"{name}={_text(value)}" for name, value in values.items() if value is not None]
        return super().build_pod_request_obj(context)
