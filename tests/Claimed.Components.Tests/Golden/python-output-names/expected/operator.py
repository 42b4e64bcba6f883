"""Runs the component golden/output-names 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "output_data_csv", "output_folder"],
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
class OutputNamesOperator(KubernetesComponent, BaseOperator):
    """output_names

    The oldest way to name outputs.

    :param log_level: update log level
    :type log_level: str
    :param output_data_csv: where to write
    :type output_data_csv: str
    :param output_folder: folder of the pictures
    :type output_folder: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/output-names"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        log_level: str = "INFO",
        output_data_csv: str = "data.csv",
        output_folder: str = "out",
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "output_data_csv": output_data_csv,
                "output_folder": output_folder,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
