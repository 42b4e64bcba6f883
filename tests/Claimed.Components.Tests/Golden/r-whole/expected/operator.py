"""Runs the component golden/summarise-table 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
SECRETS = {"api_token": "api_token"}


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class SummariseTableOperator(KubernetesPodOperator, BaseOperator):
    """claimed-Summarise_Table

    Summarises a table. One line for each column.

    Its XCom is the dictionary of the outputs count, mean.

    :param path: the table, as \"CSV\"
    :type path: str
    :param rows: most rows
    :type rows: int
    :param share: part of the rows
    :type share: float
    :param loud: say more
    :type loud: bool
    :param settings: settings Default: {\"a\": 1}
    :type settings: str
    :param pattern: a pattern Default: \\d#
    :type pattern: str
    :param maybe: may be left out
    :type maybe: str
    :param api_token: Better left out: mount a Kubernetes secret as the variable api_token with `secrets`. for the service
    :type api_token: str
    :param summary_path: Path in the container to write to, on a volume that outlives it. the lines
    :type summary_path: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        path: str,
        rows: int = 3600,
        share: float = 0.5,
        loud: bool = False,
        settings: Optional[str] = None,
        pattern: Optional[str] = None,
        maybe: Optional[str] = None,
        api_token: Optional[str] = None,
        summary_path: str = "/tmp/outputs/summary",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "summarise-table")
        kwargs.setdefault("do_xcom_push", True)
        super().__init__(**kwargs)
        self.component_inputs = {
            "path": path,
            "rows": rows,
            "share": share,
            "loud": loud,
            "settings": settings,
            "pattern": pattern,
            "maybe": maybe,
            "api_token": api_token,
        }
        self.component_outputs = {
            "summary": summary_path,
        }

    def _mounted(self) -> Dict[str, str]:
        targets = [secret.deploy_target for secret in self.secrets or [] if secret.deploy_type == "env"]
        mounted = {}
        for name, variable in SECRETS.items():
            if None in targets or variable.upper() in [target.upper() for target in targets if target]:
                mounted[name] = variable
        return mounted

    def build_pod_request_obj(self, context: Any = None) -> Any:
        mounted = self._mounted()
        values = {**self.component_inputs, **self.component_outputs}
        self.arguments = [f"{name}={_text(value)}" for name, value in values.items() if value is not None and name not in mounted]
        if self.do_xcom_push:
            self.arguments.append("claimed.result=/airflow/xcom/return.json")
        pod = super().build_pod_request_obj(context)
        for container in pod.spec.containers:
            known = {variable.name: variable for variable in container.env or []}
            for name in mounted.values():
                if name not in known and name.upper() in known:
                    container.env.append(k8s.V1EnvVar(name=name, value_from=known[name.upper()].value_from))
        return pod
