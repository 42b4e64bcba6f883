"""Runs the component golden/secrets-everywhere 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
SECRETS = {"password": "password", "api_key": "api_key", "access_token": "access_token", "cos_connection": "cos_connection", "url": "url"}


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class SecretsEverywhereOperator(KubernetesPodOperator, BaseOperator):
    """secrets_everywhere

    Secrets as inputs, and secrets in defaults.

    :param log_level: update log level
    :type log_level: str
    :param user: who
    :type user: str
    :param password: Better left out: mount a Kubernetes secret as the variable password with `secrets`. of the database
    :type password: str
    :param api_key: Better left out: mount a Kubernetes secret as the variable api_key with `secrets`. of the service
    :type api_key: str
    :param access_token: Better left out: mount a Kubernetes secret as the variable access_token with `secrets`. for the repository
    :type access_token: str
    :param cos_connection: Better left out: mount a Kubernetes secret as the variable cos_connection with `secrets`. where to
    :type cos_connection: str
    :param url: Better left out: mount a Kubernetes secret as the variable url with `secrets`. with credentials in it
    :type url: str
    :param max_tokens: no secret
    :type max_tokens: int
    :param key_column: no secret
    :type key_column: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        log_level: str = "INFO",
        user: str = "nobody",
        password: Optional[str] = None,
        api_key: Optional[str] = None,
        access_token: Optional[str] = None,
        cos_connection: Optional[str] = None,
        url: Optional[str] = None,
        max_tokens: int = 100,
        key_column: str = "id",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "secrets-everywhere")
        super().__init__(**kwargs)
        self.component_inputs = {
            "log_level": log_level,
            "user": user,
            "password": password,
            "api_key": api_key,
            "access_token": access_token,
            "cos_connection": cos_connection,
            "url": url,
            "max_tokens": max_tokens,
            "key_column": key_column,
        }
        self.component_outputs = {}

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
        pod = super().build_pod_request_obj(context)
        for container in pod.spec.containers:
            known = {variable.name: variable for variable in container.env or []}
            for name in mounted.values():
                if name not in known and name.upper() in known:
                    container.env.append(k8s.V1EnvVar(name=name, value_from=known[name.upper()].value_from))
        return pod
