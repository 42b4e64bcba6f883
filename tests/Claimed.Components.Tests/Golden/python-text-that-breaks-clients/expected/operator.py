"""Runs the component golden/odd-text 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "path", "template", "unit", "word", "number", "zip_code", "spaces"],
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
class OddTextOperator(KubernetesComponent, BaseOperator):
    """odd_text

    Splits \"words\" at and C: ew; says it's {done} $(id) `x` %s: yes # no. Ends with a backslash \\

    :param log_level: update log level
    :type log_level: str
    :param path: a \"quoted\" text, a \\ and a ''' in it Default: C:\\new\\table
    :type path: str
    :param template: {{$.inputs}} ${0} {{ ds }} Default: {{ name }} says \"hi\" $HOME `id`
    :type template: str
    :param unit: größe 漢字 🚀
    :type unit: str
    :param word: a word that YAML takes for true
    :type word: str
    :param number: a text that looks like a number
    :type number: str
    :param zip_code: with a zero in front
    :type zip_code: str
    :param spaces: spaces matter Default: leads and trails
    :type spaces: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/odd-text"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        log_level: str = "INFO",
        path: Optional[str] = None,
        template: Optional[str] = None,
        unit: str = "größe",
        word: str = "on",
        number: str = "1e3",
        zip_code: str = "01234",
        spaces: Optional[str] = None,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "path": path,
                "template": template,
                "unit": unit,
                "word": word,
                "number": number,
                "zip_code": zip_code,
                "spaces": spaces,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
