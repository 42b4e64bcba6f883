"""Runs the component golden/awkward-names 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Optional, Tuple

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s


def _command_1(inputs: Dict[str, str], outputs: Dict[str, str]) -> Any:
    return ["run", *([inputs["class"]] if "class" in inputs else []), *([inputs["self"]] if "self" in inputs else []), *([inputs["a__b"]] if "a__b" in inputs else []), *([inputs["1st"]] if "1st" in inputs else []), *([inputs["größe"]] if "größe" in inputs else []), *([inputs["rate (%)"]] if "rate (%)" in inputs else []), outputs["output_table"], outputs["class"]], []


VERSIONS: Dict[str, Dict[str, Any]] = {
    "1.2.3": {
        "image": "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "inputs": ["class", "self", "a__b", "1st", "größe", "rate (%)"],
        "required": ["class", "self", "a__b", "1st", "größe", "rate (%)"],
        "files": [],
        "outputs": {"output_table": "file", "class": "file"},
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
class AwkwardNamesOperator(KubernetesComponent, BaseOperator):
    """awkward-names

    Names that break one client or another.

    Its XCom is the dictionary of the outputs output_table, class, each of which is an XCom of its name, too: a value as text, a file by its path.

    :param class_value: a keyword
    :type class_value: str
    :param self_value: reserved
    :type self_value: str
    :param a_b: two underscores
    :type a_b: str
    :param port_1st: begins with a digit
    :type port_1st: str
    :param gr_e: no ASCII
    :type gr_e: str
    :param rate: signs
    :type rate: float
    :param output_table_path: File to write in the workspace, or a path in the container; a file of its own for each run when left out. with the prefix
    :type output_table_path: str
    :param class_path: File to write in the workspace, or a path in the container; a file of its own for each run when left out. as the input
    :type class_path: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/awkward-names"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        class_value: str,
        self_value: str,
        a_b: str,
        port_1st: str,
        gr_e: str,
        rate: float,
        output_table_path: Optional[str] = None,
        class_path: Optional[str] = None,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "class": class_value,
                "self": self_value,
                "a__b": a_b,
                "1st": port_1st,
                "größe": gr_e,
                "rate (%)": rate,
            },
            component_outputs={
                "output_table": output_table_path,
                "class": class_path,
            },
            workspace=workspace,
            **kwargs,
        )
