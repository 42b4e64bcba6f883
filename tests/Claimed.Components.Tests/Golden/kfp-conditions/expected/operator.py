"""Runs the component golden/conditions 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Optional, Tuple

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s


def _command_1(inputs: Dict[str, str], outputs: Dict[str, str]) -> Any:
    return ["learn", *([inputs["rows"]] if "rows" in inputs else [])], [*(["--start", *([inputs["start from"]] if "start from" in inputs else [])] if "start from" in inputs else ["--fresh"]), "".join(["{\"mode\": \"", *([inputs["mode"]] if "mode" in inputs else []), "\"", *([", \"label\": \""] if "label" in inputs else []), *([*([inputs["label"]] if "label" in inputs else [])] if "label" in inputs else []), *(["\"", " "] if "label" in inputs else []), "}"]), *(["--labelled"] if "label" in inputs else []), outputs["model"]]


VERSIONS: Dict[str, Dict[str, Any]] = {
    "1.2.3": {
        "image": "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "inputs": ["rows", "start from", "label", "mode"],
        "required": ["rows"],
        "files": ["rows", "start from"],
        "outputs": {"model": "file"},
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
class ConditionsOperator(KubernetesComponent, BaseOperator):
    """conditions

    Elements that stand there or not.

    Its XCom is the output model: a value as text, a file by its path.

    :param rows: File in the workspace, or its path in the container. the rows
    :type rows: str
    :param start_from: File in the workspace, or its path in the container. a model to start from
    :type start_from: str
    :param label_value: a column
    :type label_value: str
    :param mode: how
    :type mode: str
    :param model_path: File to write in the workspace, or a path in the container; a file of its own for each run when left out. what was learned
    :type model_path: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/conditions"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        rows: str,
        start_from: Optional[str] = None,
        label_value: Optional[str] = None,
        mode: str = "fast",
        model_path: Optional[str] = None,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "rows": rows,
                "start from": start_from,
                "label": label_value,
                "mode": mode,
            },
            component_outputs={
                "model": model_path,
            },
            workspace=workspace,
            **kwargs,
        )
