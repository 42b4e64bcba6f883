"""Runs the component golden/types-of-inputs 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "i1", "i2", "f1", "f2", "b1", "b2", "b3", "o1", "l1", "l2", "n1", "s1", "s2", "s3"],
        "required": ["l2"],
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
class TypesOfInputsOperator(KubernetesComponent, BaseOperator):
    """types_of_inputs

    The conversion around a read says the type, and so does an annotation.

    :param log_level: update log level
    :type log_level: str
    :param i1: int of a number
    :type i1: int
    :param i2: annotated
    :type i2: int
    :param f1: with spaces
    :type f1: float
    :param f2: twice
    :type f2: float
    :param b1: compared with True
    :type b1: bool
    :param b2: one of several words
    :type b2: str
    :param b3: the trap: any text is true
    :type b3: bool
    :param o1: an object Default: {\"a\": [1, 2]}
    :type o1: str
    :param l1: a list Default: [\"x\", \"y\"]
    :type l1: str
    :param l2: a list by annotation
    :type l2: str
    :param n1: may be left out
    :type n1: str
    :param s1: text
    :type s1: str
    :param s2: a number that nothing converts
    :type s2: str
    :param s3: converted part by part
    :type s3: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/types-of-inputs"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        l2: str,
        log_level: str = "INFO",
        i1: int = 4,
        i2: int = 4,
        f1: float = 0.25,
        f2: float = 1.5,
        b1: bool = True,
        b2: str = "no",
        b3: bool = False,
        o1: Optional[str] = None,
        l1: Optional[str] = None,
        n1: Optional[str] = None,
        s1: str = "text",
        s2: str = "12",
        s3: str = "400,400",
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "i1": i1,
                "i2": i2,
                "f1": f1,
                "f2": f2,
                "b1": b1,
                "b2": b2,
                "b3": b3,
                "o1": o1,
                "l1": l1,
                "l2": l2,
                "n1": n1,
                "s1": s1,
                "s2": s2,
                "s3": s3,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
