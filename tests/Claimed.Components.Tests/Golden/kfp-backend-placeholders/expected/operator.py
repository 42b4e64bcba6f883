"""Runs the component golden/backend-placeholders 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class BackendPlaceholdersOperator(KubernetesPodOperator, BaseOperator):
    """backend-placeholders

    Spells out what one backend fills in.

    :param endpoint: Path in the container of a file on a mounted volume. an artifact that is no file
    :type endpoint: str
    :param project: a text
    :type project: str
    :param resources_path: Path in the container to write to, on a volume that outlives it. what was made
    :type resources_path: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        endpoint: str,
        project: str,
        resources_path: str = "/tmp/outputs/resources",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "backend-placeholders")
        super().__init__(**kwargs)
        self.component_inputs = {
            "endpoint": endpoint,
            "project": project,
        }
        self.component_outputs = {
            "resources": resources_path,
        }

    def build_pod_request_obj(self, context: Any = None) -> Any:
        inputs = {name: _text(value) for name, value in self.component_inputs.items() if value is not None}
        outputs = self.component_outputs
        self.cmds = ["launch", "--name", "{{$.inputs.artifacts['endpoint'].metadata['resourceName']}}"]
        self.arguments = ["--project", *([inputs["project"]] if "project" in inputs else []), "--all", "{{$}}", outputs["resources"]]
        return super().build_pod_request_obj(context)
