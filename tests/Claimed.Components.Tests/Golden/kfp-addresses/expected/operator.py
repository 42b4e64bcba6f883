"""Runs the component golden/serve-model 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class ServeModelOperator(KubernetesPodOperator, BaseOperator):
    """Serve model

    :param Model_uri: Address (URI) of a Model in an object store. What to serve
    :type Model_uri: str
    :param baseline_uri: Address (URI) of a Dataset in an object store.
    :type baseline_uri: str
    :param rows: Path in the container of a file on a mounted volume.
    :type rows: str
    :param rows_uri: Address (URI) of a Dataset in an object store.
    :type rows_uri: str
    :param note:
    :type note: str
    :param endpoint_uri: Address (URI) of a google.VertexEndpoint in an object store.
    :type endpoint_uri: str
    :param report_uri: Address (URI) of a HTML in an object store.
    :type report_uri: str
    :param report_path: Path in the container to write to, on a volume that outlives it.
    :type report_path: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

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
        report_path: str = "/tmp/outputs/report",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "serve-model")
        super().__init__(**kwargs)
        self.component_inputs = {
            "Model_uri": Model_uri,
            "baseline_uri": baseline_uri,
            "rows": rows,
            "rows_uri": rows_uri,
            "note": note,
            "endpoint_uri": endpoint_uri,
            "report_uri": report_uri,
        }
        self.component_outputs = {
            "report": report_path,
        }

    def build_pod_request_obj(self, context: Any = None) -> Any:
        inputs = {name: _text(value) for name, value in self.component_inputs.items() if value is not None}
        outputs = self.component_outputs
        self.cmds = ["serve", "--model", *([inputs["Model_uri"]] if "Model_uri" in inputs else []), "--rows", *([inputs["rows"]] if "rows" in inputs else []), *([inputs["rows_uri"]] if "rows_uri" in inputs else [])]
        self.arguments = [*(["--baseline", *([inputs["baseline_uri"]] if "baseline_uri" in inputs else [])] if "baseline_uri" in inputs else []), "".join(["{\"uri\": \"", *([inputs["endpoint_uri"]] if "endpoint_uri" in inputs else []), "\", \"note\": \"", *([inputs["note"]] if "note" in inputs else []), "\"}"]), outputs["report"], *([inputs["report_uri"]] if "report_uri" in inputs else [])]
        return super().build_pod_request_obj(context)
