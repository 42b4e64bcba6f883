"""Runs the component golden/descriptions 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "above", "behind", "block", "far", "first", "second", "bare"],
        "required": ["above", "behind", "block", "far", "first", "second", "bare"],
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
class DescriptionsOperator(KubernetesComponent, BaseOperator):
    """descriptions

    Where descriptions come from.

    :param log_level: update log level
    :type log_level: str
    :param above: directly above
    :type above: str
    :param behind: behind it
    :type behind: str
    :param block: a block of two lines
    :type block: str
    :param far:
    :type far: str
    :param first: in a literal, behind
    :type first: str
    :param second: in a literal, above
    :type second: str
    :param bare:
    :type bare: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/descriptions"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        above: str,
        behind: str,
        block: str,
        far: str,
        first: str,
        second: str,
        bare: str,
        log_level: str = "INFO",
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "above": above,
                "behind": behind,
                "block": block,
                "far": far,
                "first": first,
                "second": second,
                "bare": bare,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
