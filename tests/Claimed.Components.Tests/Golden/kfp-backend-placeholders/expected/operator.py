"""Runs the component golden/backend-placeholders 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Optional, Tuple

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s


def _command_1(inputs: Dict[str, str], outputs: Dict[str, str]) -> Any:
    return ["launch", "--name", "{{$.inputs.artifacts['endpoint'].metadata['resourceName']}}"], ["--project", *([inputs["project"]] if "project" in inputs else []), "--all", "{{$}}", outputs["resources"]]


VERSIONS: Dict[str, Dict[str, Any]] = {
    "1.2.3": {
        "image": "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "inputs": ["endpoint", "project"],
        "required": ["endpoint", "project"],
        "files": ["endpoint"],
        "outputs": {"resources": "value"},
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
class BackendPlaceholdersOperator(KubernetesComponent, BaseOperator):
    """backend-placeholders

    Spells out what one backend fills in.

    Its XCom is the output resources: a value as text, a file by its path.

    :param endpoint: File in the workspace, or its path in the container. an artifact that is no file
    :type endpoint: str
    :param project: a text
    :type project: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/backend-placeholders"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        endpoint: str,
        project: str,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "endpoint": endpoint,
                "project": project,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
