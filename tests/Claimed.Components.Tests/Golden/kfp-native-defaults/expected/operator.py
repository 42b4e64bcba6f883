"""Runs the component golden/native-defaults 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Optional, Tuple

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s


def _command_1(inputs: Dict[str, str], outputs: Dict[str, str]) -> Any:
    return ["run", *([inputs["a"]] if "a" in inputs else []), *([inputs["b"]] if "b" in inputs else []), *([inputs["c"]] if "c" in inputs else []), *([inputs["d"]] if "d" in inputs else []), *([inputs["e"]] if "e" in inputs else []), *([inputs["f"]] if "f" in inputs else []), *([inputs["g"]] if "g" in inputs else []), *([inputs["h"]] if "h" in inputs else []), *([inputs["i"]] if "i" in inputs else []), *([inputs["j"]] if "j" in inputs else []), *([inputs["k"]] if "k" in inputs else []), *([inputs["l"]] if "l" in inputs else []), "5", "True"], []


VERSIONS: Dict[str, Dict[str, Any]] = {
    "1.2.3": {
        "image": "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "inputs": ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"],
        "required": ["j"],
        "files": ["k"],
        "outputs": {},
        "secrets": {},
        "variables": [],
        "env": {"LEVEL": "3", "MODE": "fast"},
        "resources": {},
        "limits": {},
        "gpus": 0,
        "command": _command_1,
        "defaults": {},
    },
}


…


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class NativeDefaultsOperator(KubernetesComponent, BaseOperator):
    """native-defaults

    Defaults that are no text.

    :param a: an integer
    :type a: int
    :param b: a float
    :type b: float
    :param c: a boolean of YAML 1.1
    :type c: bool
    :param d: a mapping
    :type d: str
    :param e: an octal number of YAML 1.1
    :type e: str
    :param f: a date
    :type f: str
    :param g: no integer
    :type g: int
    :param h: the empty text
    :type h: str
    :param i: no number
    :type i: str
    :param j:
    :type j: str
    :param k: File in the workspace, or its path in the container. a file with a default
    :type k: str
    :param l: a list
    :type l: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/native-defaults"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        j: str,
        a: int = 10,
        b: float = 0.5,
        c: bool = True,
        d: str = "{\"x\":[1,null]}",
        e: str = "8",
        f: str = "2020-01-01",
        g: int = 1,
        h: Optional[str] = None,
        i: Optional[str] = None,
        k: Optional[str] = None,
        l: str = "[1, 2]",
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "a": a,
                "b": b,
                "c": c,
                "d": d,
                "e": e,
                "f": f,
                "g": g,
                "h": h,
                "i": i,
                "j": j,
                "k": k,
                "l": l,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
