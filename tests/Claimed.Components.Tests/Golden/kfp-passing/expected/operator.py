"""Runs the component golden/passing 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Optional, Tuple

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s


def _command_1(inputs: Dict[str, str], outputs: Dict[str, str]) -> Any:
    return ["run", *([inputs["by value"]] if "by value" in inputs else []), *([inputs["by path"]] if "by path" in inputs else []), *([inputs["custom value"]] if "custom value" in inputs else []), *([inputs["custom path"]] if "custom path" in inputs else []), *([inputs["untyped path"]] if "untyped path" in inputs else [])], [*(["--file", *([inputs["optional file"]] if "optional file" in inputs else [])] if "optional file" in inputs else ["--no-file"]), outputs["text"], outputs["untyped"]]


VERSIONS: Dict[str, Dict[str, Any]] = {
    "1.2.3": {
        "image": "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "inputs": ["by value", "by path", "custom value", "custom path", "never", "untyped path", "optional file"],
        "required": ["by value", "by path", "custom value", "custom path", "never", "untyped path"],
        "files": ["by path", "custom path", "untyped path", "optional file"],
        "outputs": {"text": "value", "untyped": "file"},
        "secrets": {},
        "variables": [],
        "env": {},
        "resources": {},
        "limits": {},
        "gpus": 0,
        "command": _command_1,
        "defaults": {},
    },
}


…


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class PassingOperator(KubernetesComponent, BaseOperator):
    """passing

    Types that say one thing and placeholders that say another.

    Its XCom is the dictionary of the outputs text, untyped, each of which is an XCom of its name, too: a value as text, a file by its path.

    :param by_value: a file type as text
    :type by_value: str
    :param by_path: File in the workspace, or its path in the container. a text type as a file
    :type by_path: str
    :param custom_value: an unknown type as text
    :type custom_value: str
    :param custom_path: File in the workspace, or its path in the container. an unknown type as a file
    :type custom_path: str
    :param never: not used at all
    :type never: str
    :param untyped_path: File in the workspace, or its path in the container. no type and a file
    :type untyped_path: str
    :param optional_file: File in the workspace, or its path in the container. may be left out
    :type optional_file: str
    :param untyped_path_2: File to write in the workspace, or a path in the container; a file of its own for each run when left out. no type
    :type untyped_path_2: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/passing"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        by_value: str,
        by_path: str,
        custom_value: str,
        custom_path: str,
        never: str,
        untyped_path: str,
        optional_file: Optional[str] = None,
        untyped_path_2: Optional[str] = None,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "by value": by_value,
                "by path": by_path,
                "custom value": custom_value,
                "custom path": custom_path,
                "never": never,
                "untyped path": untyped_path,
                "optional file": optional_file,
            },
            component_outputs={
                "untyped": untyped_path_2,
            },
            workspace=workspace,
            **kwargs,
        )
