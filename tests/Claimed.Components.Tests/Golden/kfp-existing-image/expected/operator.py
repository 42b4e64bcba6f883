"""Runs the component golden/count-lines 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Optional, Tuple

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s


def _command_1(inputs: Dict[str, str], outputs: Dict[str, str]) -> Any:
    return ["sh", "-ec", "mkdir -p \"$(dirname \"$2\")\"\ntail -n +\"$(($1 + 1))\" \"$0\" | wc -l > \"$2\"\n", *([inputs["text"]] if "text" in inputs else []), *([inputs["skip"]] if "skip" in inputs else []), outputs["count"]], []


VERSIONS: Dict[str, Dict[str, Any]] = {
    "1.2.3": {
        "image": "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "inputs": ["text", "skip"],
        "required": ["text"],
        "files": ["text"],
        "outputs": {"count": "value"},
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
class CountLinesOperator(KubernetesComponent, BaseOperator):
    """Count lines

    Counts the lines of a file.

    Its XCom is the output count: a value as text, a file by its path.

    :param text: File in the workspace, or its path in the container. The file
    :type text: str
    :param skip: Lines to leave out
    :type skip: int
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/count-lines"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        text: str,
        skip: int = 0,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "text": text,
                "skip": skip,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
