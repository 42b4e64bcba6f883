"""Runs the component golden/train-model 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "data_csv", "base_model", "epochs"],
        "required": ["data_csv"],
        "files": ["data_csv", "base_model"],
        "outputs": {"model": "file", "report": "file", "loss": "value"},
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
class TrainModelOperator(KubernetesComponent, BaseOperator):
    """train_model

    Trains a model from a table.

    Its XCom is the dictionary of the outputs model, report, loss, each of which is an XCom of its name, too: a value as text, a file by its path.

    :param log_level: update log level
    :type log_level: str
    :param data_csv: File in the workspace, or its path in the container. the table to learn from
    :type data_csv: str
    :param base_model: File in the workspace, or its path in the container. a model to start from
    :type base_model: str
    :param epochs: rounds
    :type epochs: int
    :param model_path: File to write in the workspace, or a path in the container; a file of its own for each run when left out. the trained model
    :type model_path: str
    :param report_path: File to write in the workspace, or a path in the container; a file of its own for each run when left out.
    :type report_path: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/train-model"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        data_csv: str,
        log_level: str = "INFO",
        base_model: Optional[str] = None,
        epochs: int = 3,
        model_path: Optional[str] = None,
        report_path: Optional[str] = None,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "data_csv": data_csv,
                "base_model": base_model,
                "epochs": epochs,
            },
            component_outputs={
                "model": model_path,
                "report": report_path,
            },
            workspace=workspace,
            **kwargs,
        )
