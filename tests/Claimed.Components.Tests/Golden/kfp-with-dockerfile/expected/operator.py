"""Runs the component golden/own-image 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Optional, Tuple

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s


def _command_1(inputs: Dict[str, str], outputs: Dict[str, str]) -> Any:
    return ["/run", outputs["log"]], []


VERSIONS: Dict[str, Dict[str, Any]] = {
    "1.2.3": {
        "image": "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "inputs": [],
        "required": [],
        "files": [],
        "outputs": {"log": "file"},
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
class OwnImageOperator(KubernetesComponent, BaseOperator):
    """Own image

    Its image is made from the Dockerfile beside it.

    Its XCom is the output log: a value as text, a file by its path.

    :param log_path: File to write in the workspace, or a path in the container; a file of its own for each run when left out. what happened
    :type log_path: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/own-image"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        log_path: Optional[str] = None,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
            },
            component_outputs={
                "log": log_path,
            },
            workspace=workspace,
            **kwargs,
        )
