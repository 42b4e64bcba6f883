"""Runs the component golden/filter-rows 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "data_csv", "predicate"],
        "required": ["predicate"],
        "files": ["data_csv"],
        "outputs": {"data_csv_filtered": "file"},
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
class FilterRowsOperator(KubernetesComponent, BaseOperator):
    """filter_rows

    # Filter rows Keeps the rows that an expression chooses.

    Its XCom is the output data_csv_filtered: a value as text, a file by its path.

    :param log_level: update log level
    :type log_level: str
    :param data_csv: File in the workspace, or its path in the container. the table
    :type data_csv: str
    :param predicate: the expression, such as a > 3
    :type predicate: str
    :param data_csv_filtered_path: File to write in the workspace, or a path in the container; a file of its own for each run when left out. the rows that are kept
    :type data_csv_filtered_path: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/filter-rows"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        predicate: str,
        log_level: str = "INFO",
        data_csv: Optional[str] = None,
        data_csv_filtered_path: Optional[str] = None,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "data_csv": data_csv,
                "predicate": predicate,
            },
            component_outputs={
                "data_csv_filtered": data_csv_filtered_path,
            },
            workspace=workspace,
            **kwargs,
        )
