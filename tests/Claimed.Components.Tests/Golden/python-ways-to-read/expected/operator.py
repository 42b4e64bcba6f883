"""Runs the component golden/ways-to-read 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "b1", "b2", "b3", "b4", "b5", "b6"],
        "required": ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "b1", "b2", "b3", "b5", "b6"],
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
class WaysToReadOperator(KubernetesComponent, BaseOperator):
    """ways_to_read

    Every way to read a variable.

    :param log_level: update log level
    :type log_level: str
    :param a1: by get
    :type a1: str
    :param a2: by index
    :type a2: str
    :param a3: by getenv
    :type a3: str
    :param a4: module under another name
    :type a4: str
    :param a5: environ alone
    :type a5: str
    :param a6: getenv alone
    :type a6: str
    :param a7: environ under another name
    :type a7: str
    :param a8: getenv under another name
    :type a8: str
    :param a9: environ in a variable
    :type a9: str
    :param b1: the method in a variable
    :type b1: str
    :param b2: with spaces
    :type b2: str
    :param b3: by keyword
    :type b3: str
    :param b4: guarded
    :type b4: str
    :param b5: in a function
    :type b5: str
    :param b6: in a class
    :type b6: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/ways-to-read"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        a1: str,
        a2: str,
        a3: str,
        a4: str,
        a5: str,
        a6: str,
        a7: str,
        a8: str,
        a9: str,
        b1: str,
        b2: str,
        b3: str,
        b5: str,
        b6: str,
        log_level: str = "INFO",
        b4: Optional[str] = None,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "a1": a1,
                "a2": a2,
                "a3": a3,
                "a4": a4,
                "a5": a5,
                "a6": a6,
                "a7": a7,
                "a8": a8,
                "a9": a9,
                "b1": b1,
                "b2": b2,
                "b3": b3,
                "b4": b4,
                "b5": b5,
                "b6": b6,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
