"""Runs the component golden/configure 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Optional, Tuple

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s


def _command_1(inputs: Dict[str, str], outputs: Dict[str, str]) -> Any:
    return ["configure", *([inputs["options"]] if "options" in inputs else []), *([inputs["columns"]] if "columns" in inputs else [])], []


VERSIONS: Dict[str, Dict[str, Any]] = {
    "1.2.3": {
        "image": "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "inputs": ["options", "columns"],
        "required": [],
        "files": [],
        "outputs": {},
        "secrets": {},
        "variables": [],
        "env": {},
        "resources": {},
        "limits": {},
        "gpus": 0,
        "command": _command_1,
        "defaults": {},
    },
}


…


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class ConfigureOperator(KubernetesComponent, BaseOperator):
    """Configure

    :param options:
    :type options: str
    :param columns:
    :type columns: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/configure"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        options: str = "{\"limit\": null, \"sep\": \",\"}",
        columns: str = "[\"a\"]",
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "options": options,
                "columns": columns,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
