"""Runs the component golden/own-log-level 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Optional, Tuple

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s


VERSIONS: Dict[str, Dict[str, Any]] = {
    "1.2.3": {
        "image": "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "inputs": ["name", "log_level"],
        "required": [],
        "files": [],
        "outputs": {},
        "secrets": {},
        "variables": [],
        "env": {},
        "resources": {},
        "limits": {},
        "gpus": 0,
        "command": None,
        "defaults": {},
    },
}


…


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class OwnLogLevelOperator(KubernetesComponent, BaseOperator):
    """own_log_level

    Declares its log level itself.

    :param name_value: any
    :type name_value: str
    :param log_level: how much it says
    :type log_level: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/own-log-level"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        name_value: str = "x",
        log_level: str = "DEBUG",
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "name": name_value,
                "log_level": log_level,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
