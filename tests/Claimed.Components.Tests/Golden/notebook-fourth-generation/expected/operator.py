"""Runs the component golden/greet-everybody 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "names", "greeting", "times", "place"],
        "required": ["names", "place"],
        "files": [],
        "outputs": {"greetings": "value"},
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
class GreetEverybodyOperator(KubernetesComponent, BaseOperator):
    """greet_everybody

    # greet-everybody Greets each name in a file, as often as one likes.

    Its XCom is the output greetings: a value as text, a file by its path.

    :param log_level: update log level
    :type log_level: str
    :param names: file with one name a line (mandatory)
    :type names: str
    :param greeting: the greeting (optional)
    :type greeting: str
    :param times: number of times (optional)
    :type times: int
    :param place:
    :type place: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/greet-everybody"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        names: str,
        place: str,
        log_level: str = "INFO",
        greeting: str = "Hello",
        times: int = 1,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "names": names,
                "greeting": greeting,
                "times": times,
                "place": place,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
