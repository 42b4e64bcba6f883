"""Runs the component golden/typed-shell 1.2.3 as an Airflow task."""

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
        "inputs": ["copies", "share", "verbose", "letter"],
        "required": ["letter"],
        "files": ["letter"],
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
class TypedShellOperator(KubernetesComponent, BaseOperator):
    """Typed Shell

    Front matter says what the shell cannot.

    :param copies: number of copies
    :type copies: str
    :param share: share to keep
    :type share: str
    :param verbose: say more
    :type verbose: str
    :param letter: File in the workspace, or its path in the container. the letter
    :type letter: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/typed-shell"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        letter: str,
        copies: str = "2",
        share: str = "0.5",
        verbose: str = "false",
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "copies": copies,
                "share": share,
                "verbose": verbose,
                "letter": letter,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
