"""Runs the component golden/summarise-table 1.2.3 as an Airflow task."""

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
        "inputs": ["path", "rows", "share", "loud", "settings", "pattern", "maybe", "api_token"],
        "required": ["path"],
        "files": [],
        "outputs": {"summary": "file", "count": "value", "mean": "value"},
        "secrets": {"api_token": "api_token"},
        "variables": ["api_token"],
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
class SummariseTableOperator(KubernetesComponent, BaseOperator):
    """claimed-Summarise_Table

    Summarises a table. One line for each column.

    Its XCom is the dictionary of the outputs summary, count, mean, each of which is an XCom of its name, too: a value as text, a file by its path.

    :param path: the table, as \"CSV\"
    :type path: str
    :param rows: most rows
    :type rows: int
    :param share: part of the rows
    :type share: float
    :param loud: say more
    :type loud: bool
    :param settings: settings Default: {\"a\": 1}
    :type settings: str
    :param pattern: a pattern Default: \\d#
    :type pattern: str
    :param maybe: may be left out
    :type maybe: str
    :param api_token: Better left out: give it as the variable api_token, in a pod from a secret (`secrets`), in Docker with `private_environment`. for the service
    :type api_token: str
    :param summary_path: File to write in the workspace, or a path in the container; a file of its own for each run when left out. the lines
    :type summary_path: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/summarise-table"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        path: str,
        rows: int = 3600,
        share: float = 0.5,
        loud: bool = False,
        settings: Optional[str] = None,
        pattern: Optional[str] = None,
        maybe: Optional[str] = None,
        api_token: Optional[str] = None,
        summary_path: Optional[str] = None,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "path": path,
                "rows": rows,
                "share": share,
                "loud": loud,
                "settings": settings,
                "pattern": pattern,
                "maybe": maybe,
                "api_token": api_token,
            },
            component_outputs={
                "summary": summary_path,
            },
            workspace=workspace,
            **kwargs,
        )
