"""Runs the component golden/train-model 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class TrainModelOperator(KubernetesPodOperator, BaseOperator):
    """train_model

    Trains a model from a table.

    Its XCom is the text of the output loss.

    :param log_level: update log level
    :type log_level: str
    :param data_csv: Path in the container of a file on a mounted volume. the table to learn from
    :type data_csv: str
    :param base_model: Path in the container of a file on a mounted volume. a model to start from
    :type base_model: str
    :param epochs: rounds
    :type epochs: int
    :param model_path: Path in the container to write to, on a volume that outlives it. the trained model
    :type model_path: str
    :param report_path: Path in the container to write to, on a volume that outlives it.
    :type report_path: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        data_csv: str,
        log_level: str = "INFO",
        base_model: Optional[str] = None,
        epochs: int = 3,
        model_path: str = "/tmp/outputs/model",
        report_path: str = "/tmp/outputs/report",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "train-model")
        kwargs.setdefault("do_xcom_push", True)
        super().__init__(**kwargs)
        self.component_inputs = {
            "log_level": log_level,
            "data_csv": data_csv,
            "base_model": base_model,
            "epochs": epochs,
        }
        self.component_outputs = {
            "model": model_path,
            "report": report_path,
        }

    def build_pod_request_obj(self, context: Any = None) -> Any:
        values = {**self.component_inputs, **self.component_outputs}
        self.arguments = [f"{name}={_text(value)}" for name, value in values.items() if value is not None]
        if self.do_xcom_push:
            self.arguments.append("claimed.result=/airflow/xcom/return.json")
        return super().build_pod_request_obj(context)
