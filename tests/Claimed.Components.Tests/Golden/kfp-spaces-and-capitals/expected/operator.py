"""Runs the component golden/train-with-everything 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Optional, Tuple

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s


def _command_1(inputs: Dict[str, str], outputs: Dict[str, str]) -> Any:
    return ["python3", "-u", "/train.py"], ["--data", *([inputs["Training data"]] if "Training data" in inputs else []), "--rate", *([inputs["Learning rate"]] if "Learning rate" in inputs else []), "".join(["--rounds=", *([inputs["Number of rounds"]] if "Number of rounds" in inputs else [])]), *(["--label", *([inputs["Label column (optional)"]] if "Label column (optional)" in inputs else [])] if "Label column (optional)" in inputs else []), *([inputs["GCS path"]] if "GCS path" in inputs else []), *([inputs["Options"]] if "Options" in inputs else []), *([inputs["Untyped"]] if "Untyped" in inputs else []), *([inputs["Booster"]] if "Booster" in inputs else []), outputs["Trained model"], outputs["Output table"], outputs["Score"]]


VERSIONS: Dict[str, Dict[str, Any]] = {
    "1.2.3": {
        "image": "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "inputs": ["Training data", "Learning rate", "Number of rounds", "Label column (optional)", "GCS path", "Options", "Untyped", "Booster"],
        "required": ["Training data", "GCS path", "Untyped"],
        "files": ["Training data"],
        "outputs": {"Trained model": "file", "Output table": "file", "Score": "value"},
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
class TrainWithEverythingOperator(KubernetesComponent, BaseOperator):
    """Train with 'everything'

    Fits a model.

    Its XCom is the dictionary of the outputs Trained model, Output table, Score, each of which is an XCom of its name, too: a value as text, a file by its path.

    :param training_data: File in the workspace, or its path in the container.
    :type training_data: str
    :param learning_rate:
    :type learning_rate: float
    :param number_of_rounds:
    :type number_of_rounds: int
    :param label_column_optional:
    :type label_column_optional: str
    :param gcs_path:
    :type gcs_path: str
    :param Options:
    :type Options: str
    :param Untyped:
    :type Untyped: str
    :param Booster:
    :type Booster: str
    :param trained_model_path: File to write in the workspace, or a path in the container; a file of its own for each run when left out.
    :type trained_model_path: str
    :param output_table_path: File to write in the workspace, or a path in the container; a file of its own for each run when left out.
    :type output_table_path: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/train-with-everything"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        training_data: str,
        gcs_path: str,
        Untyped: str,
        learning_rate: float = 0.1,
        number_of_rounds: int = 100,
        label_column_optional: Optional[str] = None,
        Options: str = "{\"a\": 1}",
        Booster: str = "tree",
        trained_model_path: Optional[str] = None,
        output_table_path: Optional[str] = None,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "Training data": training_data,
                "Learning rate": learning_rate,
                "Number of rounds": number_of_rounds,
                "Label column (optional)": label_column_optional,
                "GCS path": gcs_path,
                "Options": Options,
                "Untyped": Untyped,
                "Booster": Booster,
            },
            component_outputs={
                "Trained model": trained_model_path,
                "Output table": output_table_path,
            },
            workspace=workspace,
            **kwargs,
        )
