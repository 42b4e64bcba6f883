"""Runs the component golden/many-lines 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "spread", "x", "y", "z", "inner", "outer", "short", "shorter"],
        "required": ["short", "shorter"],
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
class ManyLinesOperator(KubernetesComponent, BaseOperator):
    """many_lines

    Calls over several lines, and several on one line.

    :param log_level: update log level
    :type log_level: str
    :param spread: over four lines
    :type spread: int
    :param x: the two
    :type x: str
    :param y: the two
    :type y: str
    :param z: continued
    :type z: str
    :param inner: one in the other
    :type inner: str
    :param outer: one in the other
    :type outer: str
    :param short:
    :type short: str
    :param shorter:
    :type shorter: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/many-lines"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        short: str,
        shorter: str,
        log_level: str = "INFO",
        spread: int = 12,
        x: str = "1",
        y: str = "2",
        z: str = "far",
        inner: Optional[str] = None,
        outer: str = "last",
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "spread": spread,
                "x": x,
                "y": y,
                "z": z,
                "inner": inner,
                "outer": outer,
                "short": short,
                "shorter": shorter,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
