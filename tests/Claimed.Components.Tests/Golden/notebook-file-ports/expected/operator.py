"""Runs the component golden/filter-rows 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class FilterRowsOperator(KubernetesPodOperator, BaseOperator):
    """filter_rows

    # Filter rows Keeps the rows that an expression chooses.

    :param log_level: update log level
    :type log_level: str
    :param data_csv: Path in the container of a file on a mounted volume. the table
    :type data_csv: str
    :param predicate: the expression, such as a > 3
    :type predicate: str
    :param data_csv_filtered_path: Path in the container to write to, on a volume that outlives it. the rows that are kept
    :type data_csv_filtered_path: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        predicate: str,
        log_level: str = "INFO",
        data_csv: Optional[str] = None,
        data_csv_filtered_path: str = "/tmp/outputs/data_csv_filtered",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "filter-rows")
        super().__init__(**kwargs)
        self.component_inputs = {
            "log_level": log_level,
            "data_csv": data_csv,
            "predicate": predicate,
        }
        self.component_outputs = {
            "data_csv_filtered": data_csv_filtered_path,
        }

    def build_pod_request_obj(self, context: Any = None) -> Any:
        values = {**self.component_inputs, **self.component_outputs}
        self.arguments = [f"{name}={_text(value)}" for name, value in values.items() if value is not None]
        return super().build_pod_request_obj(context)
