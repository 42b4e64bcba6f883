"""Runs the component golden/hostile-text-here 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Optional, Tuple

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s


def _command_1(inputs: Dict[str, str], outputs: Dict[str, str]) -> Any:
    return ["python3", "-c", "\"\"\"docs\"\"\"\nimport re, sys\nprint(re.sub(\"\\\\s+\", ' ', sys.argv[1]), '\\n', sys.argv[2])\n", *([inputs["script"]] if "script" in inputs else []), *([inputs["token"]] if "token" in inputs else [])], []


VERSIONS: Dict[str, Dict[str, Any]] = {
    "1.2.3": {
        "image": "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "inputs": ["script", "token"],
        "required": [],
        "files": [],
        "outputs": {},
        "secrets": {"token": "token"},
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
class HostileTextHereOperator(KubernetesComponent, BaseOperator):
    """hostile 'text' / here

    Ends with three quotes \"\"\" and a backslash \\

    :param script: tab here, \"quotes\" and {{$.inputs}}
    :type script: str
    :param token: Better left out: give it as the variable token, in a pod from a secret (`secrets`), in Docker with `private_environment`. a secret
    :type token: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/hostile-text-here"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        script: str = "print(\"\"\"x\"\"\")",
        token: Optional[str] = None,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "script": script,
                "token": token,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
