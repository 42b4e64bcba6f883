"""Runs the component golden/fetch-page 1.2.3 as an Airflow task."""

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
        "inputs": ["url", "retries", "proxy", "agent", "language", "stamp", "inside", "api_key"],
        "required": ["url", "language"],
        "files": [],
        "outputs": {"page": "file", "bytes": "value"},
        "secrets": {"api_key": "api_key"},
        "variables": ["api_key"],
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
class FetchPageOperator(KubernetesComponent, BaseOperator):
    """fetch_page

    Fetches a page. Follows no redirects.

    Its XCom is the dictionary of the outputs page, bytes, each of which is an XCom of its name, too: a value as text, a file by its path.

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
    :param api_key: Better left out: give it as the variable api_key, in a pod from a secret (`secrets`), in Docker with `private_environment`.
    :type api_key: str
    :param page_path: File to write in the workspace, or a path in the container; a file of its own for each run when left out. what came back
    :type page_path: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/fetch-page"
    versions = VERSIONS
    default_version = "1.2.3"

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
        page_path: Optional[str] = None,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "url": url,
                "retries": retries_value,
                "proxy": proxy,
                "agent": agent,
                "language": language,
                "stamp": stamp,
                "inside": inside,
                "api_key": api_key,
            },
            component_outputs={
                "page": page_path,
            },
            workspace=workspace,
            **kwargs,
        )
