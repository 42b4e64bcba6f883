"""Runs the component golden/serve-pictures 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "create_image", "install_requirements", "port", "debug"],
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
class ServePicturesOperator(KubernetesComponent, BaseOperator):
    """serve-pictures

    # Picture endpoint Takes pictures over HTTP and calls a model

    :param log_level: update log level
    :type log_level: str
    :param create_image:
    :type create_image: bool
    :param install_requirements:
    :type install_requirements: bool
    :param port:
    :type port: int
    :param debug:
    :type debug: bool
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/serve-pictures"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        log_level: str = "INFO",
        create_image: bool = False,
        install_requirements: bool = False,
        port: int = 8080,
        debug: bool = False,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "create_image": create_image,
                "install_requirements": install_requirements,
                "port": port,
                "debug": debug,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
