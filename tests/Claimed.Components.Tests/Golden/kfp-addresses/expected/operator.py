"""Runs the component golden/serve-model 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Optional, Tuple

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s


def _command_1(inputs: Dict[str, str], outputs: Dict[str, str]) -> Any:
    return ["serve", "--model", *([inputs["Model_uri"]] if "Model_uri" in inputs else []), "--rows", *([inputs["rows"]] if "rows" in inputs else []), *([inputs["rows_uri"]] if "rows_uri" in inputs else [])], [*(["--baseline", *([inputs["baseline_uri"]] if "baseline_uri" in inputs else [])] if "baseline_uri" in inputs else []), "".join(["{\"uri\": \"", *([inputs["endpoint_uri"]] if "endpoint_uri" in inputs else []), "\", \"note\": \"", *([inputs["note"]] if "note" in inputs else []), "\"}"]), outputs["report"], *([inputs["report_uri"]] if "report_uri" in inputs else [])]


VERSIONS: Dict[str, Dict[str, Any]] = {
    "1.2.3": {
        "image": "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "inputs": ["Model_uri", "baseline_uri", "rows", "rows_uri", "note", "endpoint_uri", "report_uri"],
        "required": ["Model_uri", "rows", "rows_uri", "endpoint_uri", "report_uri"],
        "files": ["rows"],
        "outputs": {"report": "file"},
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
class ServeModelOperator(KubernetesComponent, BaseOperator):
    """Serve model

    Its XCom is the output report: a value as text, a file by its path.

    :param Model_uri: Address (URI) of a Model in an object store. What to serve
    :type Model_uri: str
    :param baseline_uri: Address (URI) of a Dataset in an object store.
    :type baseline_uri: str
    :param rows: File in the workspace, or its path in the container.
    :type rows: str
    :param rows_uri: Address (URI) of a Dataset in an object store.
    :type rows_uri: str
    :param note:
    :type note: str
    :param endpoint_uri: Address (URI) of a google.VertexEndpoint in an object store.
    :type endpoint_uri: str
    :param report_uri: Address (URI) of a HTML in an object store.
    :type report_uri: str
    :param report_path: File to write in the workspace, or a path in the container; a file of its own for each run when left out.
    :type report_path: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/serve-model"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        Model_uri: str,
        rows: str,
        rows_uri: str,
        endpoint_uri: str,
        report_uri: str,
        baseline_uri: Optional[str] = None,
        note: str = "none",
        report_path: Optional[str] = None,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "Model_uri": Model_uri,
                "baseline_uri": baseline_uri,
                "rows": rows,
                "rows_uri": rows_uri,
                "note": note,
                "endpoint_uri": endpoint_uri,
                "report_uri": report_uri,
            },
            component_outputs={
                "report": report_path,
            },
            workspace=workspace,
            **kwargs,
        )
