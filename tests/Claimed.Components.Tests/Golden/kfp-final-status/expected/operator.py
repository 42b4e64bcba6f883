"""Runs the component golden/report-status 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class ReportStatusOperator(KubernetesPodOperator, BaseOperator):
    """Report status

    :param recipients:
    :type recipients: str
    :param pipeline_task_final_status: What became of the pipeline
    :type pipeline_task_final_status: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        recipients: str,
        pipeline_task_final_status: str,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "report-status")
        super().__init__(**kwargs)
        self.component_inputs = {
            "recipients": recipients,
            "pipeline_task_final_status": pipeline_task_final_status,
        }
        self.component_outputs = {}

    def build_pod_request_obj(self, context: Any = None) -> Any:
        inputs = {name: _text(value) for name, value in self.component_inputs.items() if value is not None}
        outputs = self.component_outputs
        self.cmds = ["report", "--to", *([inputs["recipients"]] if "recipients" in inputs else []), "--status", *([inputs["pipeline_task_final_status"]] if "pipeline_task_final_status" in inputs else [])]
        self.arguments = []
        return super().build_pod_request_obj(context)
