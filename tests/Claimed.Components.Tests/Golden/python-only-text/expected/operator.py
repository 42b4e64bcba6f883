"""Runs the component golden/only-text 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "url", "pattern", "base"],
        "required": ["base"],
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
class OnlyTextOperator(KubernetesComponent, BaseOperator):
    """only_text

    Says os.environ.get('ghost1') in its documentation.

    :param log_level: update log level
    :type log_level: str
    :param url: a sign in a string
    :type url: str
    :param pattern: quotes and a backslash Default: a\"b\\c
    :type pattern: str
    :param base: read inside an f-string
    :type base: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/only-text"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        base: str,
        log_level: str = "INFO",
        url: str = "http://localhost/#fragment",
        pattern: Optional[str] = None,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "url": url,
                "pattern": pattern,
                "base": base,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
