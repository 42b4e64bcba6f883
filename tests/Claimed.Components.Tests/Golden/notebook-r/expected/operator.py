"""Runs the component golden/columns-in-r 1.2.3 as an Airflow task."""

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
        "inputs": ["path", "limit"],
        "required": ["path"],
        "files": [],
        "outputs": {"columns": "value"},
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
class ColumnsInROperator(KubernetesComponent, BaseOperator):
    """columns_in_r

    # Columns Counts the columns of a table, in R.

    Its XCom is the output columns: a value as text, a file by its path.

    :param path: the table
    :type path: str
    :param limit: most columns
    :type limit: int
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/columns-in-r"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        path: str,
        limit: int = 10,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "path": path,
                "limit": limit,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
