"""Runs the component golden/table-to-columns 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "data_csv", "output_data_parquet", "master", "sample"],
        "required": [],
        "files": [],
        "outputs": {},
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
class TableToColumnsOperator(KubernetesComponent, BaseOperator):
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
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/table-to-columns"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        log_level: str = "INFO",
        data_csv: str = "data.csv",
        output_data_parquet: str = "data.parquet",
        master: str = "local[*]",
        sample: str = "1.0",
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "data_csv": data_csv,
                "output_data_parquet": output_data_parquet,
                "master": master,
                "sample": sample,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
