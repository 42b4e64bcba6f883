"""Runs the component golden/report-status 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Optional, Tuple

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s


def _command_1(inputs: Dict[str, str], outputs: Dict[str, str]) -> Any:
    return ["report", "--to", *([inputs["recipients"]] if "recipients" in inputs else []), "--status", *([inputs["pipeline_task_final_status"]] if "pipeline_task_final_status" in inputs else [])], []


VERSIONS: Dict[str, Dict[str, Any]] = {
    "1.2.3": {
        "image": "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "inputs": ["recipients", "pipeline_task_final_status"],
        "required": ["recipients", "pipeline_task_final_status"],
        "files": [],
        "outputs": {},
        "secrets": {},
        "variables": [],
        "env": {},
        "resources": {},
        "limits": {},
        "gpus": 0,
        "command": _command_1,
        "defaults": {},
    },
}


…


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class ReportStatusOperator(KubernetesComponent, BaseOperator):
    """Report status

    :param recipients:
    :type recipients: str
    :param pipeline_task_final_status: What became of the pipeline
    :type pipeline_task_final_status: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/report-status"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        recipients: str,
        pipeline_task_final_status: str,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "recipients": recipients,
                "pipeline_task_final_status": pipeline_task_final_status,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
