"""Runs the component golden/rank 1.2.3 as an Airflow task."""

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
        "inputs": ["first", "second", "third"],
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
class RankOperator(KubernetesComponent, BaseOperator):
    """rank

    Ranks what it is given.

    :param first: the first of them
    :type first: str
    :param second: the second, spread over two lines
    :type second: str
    :param third:
    :type third: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/rank"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        first: str = "5",
        second: str = "b",
        third: Optional[str] = None,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "first": first,
                "second": second,
                "third": third,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
