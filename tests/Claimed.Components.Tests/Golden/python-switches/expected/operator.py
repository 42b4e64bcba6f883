"""Runs the component golden/build-switches 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "create_image", "install_requirements", "repository", "version", "model"],
        "required": ["repository", "version"],
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
class BuildSwitchesOperator(KubernetesComponent, BaseOperator):
    """build_switches

    Reads switches of its own build, as old sources do.

    :param log_level: update log level
    :type log_level: str
    :param create_image:
    :type create_image: bool
    :param install_requirements:
    :type install_requirements: bool
    :param repository:
    :type repository: str
    :param version_value:
    :type version_value: str
    :param model: the model
    :type model: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/build-switches"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        repository: str,
        version_value: str,
        log_level: str = "INFO",
        create_image: bool = False,
        install_requirements: bool = False,
        model: str = "small",
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "create_image": create_image,
                "install_requirements": install_requirements,
                "repository": repository,
                "version": version_value,
                "model": model,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
