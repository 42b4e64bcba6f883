"""Runs the component golden/awkward 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "class", "yes", "self", "double__score", "_leading", "UPPER_CASE", "with-hyphen"],
        "required": [],
        "files": [],
        "outputs": {"inputs": "value", "my_output_table": "value"},
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
class AwkwardOperator(KubernetesComponent, BaseOperator):
    """awkward

    Environment variables whose names clients do not take.

    Its XCom is the dictionary of the outputs inputs, my_output_table, each of which is an XCom of its name, too: a value as text, a file by its path.

    :param log_level: update log level
    :type log_level: str
    :param class_value: a keyword of Python
    :type class_value: str
    :param yes: a boolean of YAML
    :type yes: str
    :param self_value: reserved
    :type self_value: str
    :param double_score: two underscores
    :type double_score: str
    :param leading: begins with an underscore
    :type leading: str
    :param UPPER_CASE: capitals
    :type UPPER_CASE: str
    :param with_hyphen: a hyphen
    :type with_hyphen: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/awkward"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        log_level: str = "INFO",
        class_value: str = "x",
        yes: str = "x",
        self_value: str = "x",
        double_score: str = "x",
        leading: str = "x",
        UPPER_CASE: str = "x",
        with_hyphen: str = "x",
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "class": class_value,
                "yes": yes,
                "self": self_value,
                "double__score": double_score,
                "_leading": leading,
                "UPPER_CASE": UPPER_CASE,
                "with-hyphen": with_hyphen,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
