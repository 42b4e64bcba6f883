"""Runs the component golden/fetch-page 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
SECRETS = {"api_key": "api_key"}


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class FetchPageOperator(KubernetesPodOperator, BaseOperator):
    """fetch_page

    Fetches a page. Follows no redirects.

    Its XCom is the text of the output bytes.

    :param url: where to load from
    :type url: str
    :param retries_value: how often to try
    :type retries_value: str
    :param proxy:
    :type proxy: str
    :param agent:
    :type agent: str
    :param language: which language
    :type language: str
    :param stamp:
    :type stamp: str
    :param inside:
    :type inside: str
    :param api_key: Better left out: mount a Kubernetes secret as the variable api_key with `secrets`.
    :type api_key: str
    :param page_path: Path in the container to write to, on a volume that outlives it. what came back
    :type page_path: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        url: str,
        language: str,
        retries_value: str = "3",
        proxy: Optional[str] = None,
        agent: str = "my agent",
        stamp: Optional[str] = None,
        inside: str = "1",
        api_key: Optional[str] = None,
        page_path: str = "/tmp/outputs/page",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "fetch-page")
        kwargs.setdefault("do_xcom_push", True)
        super().__init__(**kwargs)
        self.component_inputs = {
            "url": url,
            "retries": retries_value,
            "proxy": proxy,
            "agent": agent,
            "language": language,
            "stamp": stamp,
            "inside": inside,
            "api_key": api_key,
        }
        self.component_outputs = {
            "page": page_path,
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
