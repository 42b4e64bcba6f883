"""Runs the component golden/table-to-columns 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class TableToColumnsOperator(KubernetesPodOperator, BaseOperator):
    """table_to_columns

    # Table to columns Turns a table into files of columns

    :param log_level: update log level
    :type log_level: str
    :param data_csv: path of the table (default: data.csv)
    :type data_csv: str
    :param output_data_parquet: where the columns go (default: data.parquet)
    :type output_data_parquet: str
    :param master: url of master (default: local mode)
    :type master: str
    :param sample: sample on input data 0…1 (default: 1.0)
    :type sample: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        log_level: str = "INFO",
        data_csv: str = "data.csv",
        output_data_parquet: str = "data.parquet",
        master: str = "local[*]",
        sample: str = "1.0",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "table-to-columns")
        super().__init__(**kwargs)
        self.component_inputs = {
            "log_level": log_level,
            "data_csv": data_csv,
            "output_data_parquet": output_data_parquet,
            "master": master,
            "sample": sample,
        }
        self.component_outputs = {}

    def build_pod_request_obj(self, context: Any = None) -> Any:
        values = {**self.component_inputs, **self.component_outputs}
        self.arguments = [f"{name}={_text(value)}" for name, value in values.items() if value is not None]
        return super().build_pod_request_obj(context)
