"""Runs the component golden/native-defaults 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class NativeDefaultsOperator(KubernetesPodOperator, BaseOperator):
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
    :param k: Path in the container of a file on a mounted volume. a file with a default
    :type k: str
    :param l: a list
    :type l: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

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
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "native-defaults")
        own = {"LEVEL": "3", "MODE": "fast"}
        env_vars = kwargs.get("env_vars") or {}
        if isinstance(env_vars, dict):
            kwargs["env_vars"] = {**own, **env_vars}
        else:
            kwargs["env_vars"] = [*(k8s.V1EnvVar(name=key, value=value) for key, value in own.items()), *env_vars]
        super().__init__(**kwargs)
        self.component_inputs = {
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
        }
        self.component_outputs = {}

    def build_pod_request_obj(self, context: Any = None) -> Any:
        inputs = {name: _text(value) for name, value in self.component_inputs.items() if value is not None}
        outputs = self.component_outputs
        self.cmds = ["run", *([inputs["a"]] if "a" in inputs else []), *([inputs["b"]] if "b" in inputs else []), *([inputs["c"]] if "c" in inputs else []), *([inputs["d"]] if "d" in inputs else []), *([inputs["e"]] if "e" in inputs else []), *([inputs["f"]] if "f" in inputs else []), *([inputs["g"]] if "g" in inputs else []), *([inputs["h"]] if "h" in inputs else []), *([inputs["i"]] if "i" in inputs else []), *([inputs["j"]] if "j" in inputs else []), *([inputs["k"]] if "k" in inputs else []), *([inputs["l"]] if "l" in inputs else []), "5", "True"]
        self.arguments = []
        return super().build_pod_request_obj(context)
