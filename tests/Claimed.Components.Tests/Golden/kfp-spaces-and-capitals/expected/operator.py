"""Runs the component golden/train-with-everything 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class TrainWithEverythingOperator(KubernetesPodOperator, BaseOperator):
    """Train with 'everything'

    Fits a model.

    :param training_data: Path in the container of a file on a mounted volume.
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
    :param trained_model_path: Path in the container to write to, on a volume that outlives it.
    :type trained_model_path: str
    :param output_table_path: Path in the container to write to, on a volume that outlives it.
    :type output_table_path: str
    :param Score_path: Path in the container to write to, on a volume that outlives it.
    :type Score_path: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

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
        trained_model_path: str = "/tmp/outputs/trained_model",
        output_table_path: str = "/tmp/outputs/output_table",
        Score_path: str = "/tmp/outputs/Score",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "train-with-everything")
        super().__init__(**kwargs)
        self.component_inputs = {
            "Training data": training_data,
            "Learning rate": learning_rate,
            "Number of rounds": number_of_rounds,
            "Label column (optional)": label_column_optional,
            "GCS path": gcs_path,
            "Options": Options,
            "Untyped": Untyped,
            "Booster": Booster,
        }
        self.component_outputs = {
            "Trained model": trained_model_path,
            "Output table": output_table_path,
            "Score": Score_path,
        }

    def build_pod_request_obj(self, context: Any = None) -> Any:
        inputs = {name: _text(value) for name, value in self.component_inputs.items() if value is not None}
        outputs = self.component_outputs
        self.cmds = ["python3", "-u", "/train.py"]
        self.arguments = ["--data", *([inputs["Training data"]] if "Training data" in inputs else []), "--rate", *([inputs["Learning rate"]] if "Learning rate" in inputs else []), "".join(["--rounds=", *([inputs["Number of rounds"]] if "Number of rounds" in inputs else [])]), *(["--label", *([inputs["Label column (optional)"]] if "Label column (optional)" in inputs else [])] if "Label column (optional)" in inputs else []), *([inputs["GCS path"]] if "GCS path" in inputs else []), *([inputs["Options"]] if "Options" in inputs else []), *([inputs["Untyped"]] if "Untyped" in inputs else []), *([inputs["Booster"]] if "Booster" in inputs else []), outputs["Trained model"], outputs["Output table"], outputs["Score"]]
        return super().build_pod_request_obj(context)
