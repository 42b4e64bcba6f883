"""Runs the component golden/defaults 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "hour", "mask", "tiny", "minus", "nothing", "empty", "joined", "raw", "lines", "today", "path", "greeting", "wrong", "flag"],
        "required": ["wrong"],
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
class DefaultsOperator(KubernetesComponent, BaseOperator):
    """defaults

    Literals become defaults; what only the source can evaluate does not.

    :param log_level: update log level
    :type log_level: str
    :param hour: seconds
    :type hour: int
    :param mask: bits
    :type mask: int
    :param tiny: learning rate
    :type tiny: float
    :param minus: negative
    :type minus: float
    :param nothing: None
    :type nothing: str
    :param empty: the empty text
    :type empty: str
    :param joined: adjacent literals
    :type joined: str
    :param raw: a pattern Default: \\d+\\.csv
    :type raw: str
    :param lines: two lines Default: first second
    :type lines: str
    :param today: computed
    :type today: str
    :param path: computed as well
    :type path: str
    :param greeting: an f-string
    :type greeting: str
    :param wrong: not of the type
    :type wrong: int
    :param flag: not of the type either
    :type flag: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/defaults"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        wrong: int,
        log_level: str = "INFO",
        hour: int = 3600,
        mask: int = 511,
        tiny: float = 1e-05,
        minus: float = -0.5,
        nothing: Optional[str] = None,
        empty: str = "",
        joined: str = "one two",
        raw: Optional[str] = None,
        lines: Optional[str] = None,
        today: Optional[str] = None,
        path: Optional[str] = None,
        greeting: Optional[str] = None,
        flag: str = "maybe",
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "hour": hour,
                "mask": mask,
                "tiny": tiny,
                "minus": minus,
                "nothing": nothing,
                "empty": empty,
                "joined": joined,
                "raw": raw,
                "lines": lines,
                "today": today,
                "path": path,
                "greeting": greeting,
                "wrong": wrong,
                "flag": flag,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
