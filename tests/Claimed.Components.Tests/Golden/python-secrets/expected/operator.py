"""Runs the component golden/secrets-everywhere 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "user", "password", "api_key", "access_token", "cos_connection", "url", "max_tokens", "key_column"],
        "required": [],
        "files": [],
        "outputs": {},
        "secrets": {"password": "password", "api_key": "api_key", "access_token": "access_token", "cos_connection": "cos_connection", "url": "url"},
        "variables": ["password", "api_key", "access_token", "cos_connection", "url"],
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
class SecretsEverywhereOperator(KubernetesComponent, BaseOperator):
    """secrets_everywhere

    Secrets as inputs, and secrets in defaults.

    :param log_level: update log level
    :type log_level: str
    :param user_value: who
    :type user_value: str
    :param password: Better left out: give it as the variable password, in a pod from a secret (`secrets`), in Docker with `private_environment`. of the database
    :type password: str
    :param api_key: Better left out: give it as the variable api_key, in a pod from a secret (`secrets`), in Docker with `private_environment`. of the service
    :type api_key: str
    :param access_token: Better left out: give it as the variable access_token, in a pod from a secret (`secrets`), in Docker with `private_environment`. for the repository
    :type access_token: str
    :param cos_connection: Better left out: give it as the variable cos_connection, in a pod from a secret (`secrets`), in Docker with `private_environment`. where to
    :type cos_connection: str
    :param url: Better left out: give it as the variable url, in a pod from a secret (`secrets`), in Docker with `private_environment`. with credentials in it
    :type url: str
    :param max_tokens: no secret
    :type max_tokens: int
    :param key_column: no secret
    :type key_column: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/secrets-everywhere"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        log_level: str = "INFO",
        user_value: str = "nobody",
        password: Optional[str] = None,
        api_key: Optional[str] = None,
        access_token: Optional[str] = None,
        cos_connection: Optional[str] = None,
        url: Optional[str] = None,
        max_tokens: int = 100,
        key_column: str = "id",
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "user": user_value,
                "password": password,
                "api_key": api_key,
                "access_token": access_token,
                "cos_connection": cos_connection,
                "url": url,
                "max_tokens": max_tokens,
                "key_column": key_column,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
