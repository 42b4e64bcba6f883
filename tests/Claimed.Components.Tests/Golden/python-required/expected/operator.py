"""Runs the component golden/must-be-given 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "count", "share", "name", "loud"],
        "required": ["count", "share", "name", "loud"],
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
class MustBeGivenOperator(KubernetesComponent, BaseOperator):
    """must_be_given

    Inputs that have no default are required, whichever way they are read.

    :param log_level: update log level
    :type log_level: str
    :param count: how many
    :type count: int
    :param share: how much
    :type share: float
    :param name_value: which
    :type name_value: str
    :param loud: loud or not
    :type loud: bool
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/must-be-given"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        count: int,
        share: float,
        name_value: str,
        loud: bool,
        log_level: str = "INFO",
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "count": count,
                "share": share,
                "name": name_value,
                "loud": loud,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
