"""Runs the component golden/hostile-text-here 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
SECRETS = {"token": "token"}


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class HostileTextHereOperator(KubernetesPodOperator, BaseOperator):
    """hostile 'text' / here

    Ends with three quotes \"\"\" and a backslash \\

    :param script: tab here, \"quotes\" and {{$.inputs}}
    :type script: str
    :param token: Better left out: mount a Kubernetes secret as the variable token with `secrets`. a secret
    :type token: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        script: str = "print(\"\"\"x\"\"\")",
        token: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "hostile-text-here")
        super().__init__(**kwargs)
        self.component_inputs = {
            "script": script,
            "token": token,
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
        inputs = {name: _text(value) for name, value in self.component_inputs.items() if value is not None}
        inputs.update((name, f"$({variable})") for name, variable in mounted.items())
        outputs = self.component_outputs
        self.cmds = ["python3", "-c", "\"\"\"docs\"\"\"\nimport re, sys\nprint(re.sub(\"\\\\s+\", ' ', sys.argv[1]), '\\n', sys.argv[2])\n", *([inputs["script"]] if "script" in inputs else []), *([inputs["token"]] if "token" in inputs else [])]
        self.arguments = []
        pod = super().build_pod_request_obj(context)
        for container in pod.spec.containers:
            known = {variable.name: variable for variable in container.env or []}
            for name in mounted.values():
                if name not in known and name.upper() in known:
                    container.env.append(k8s.V1EnvVar(name=name, value_from=known[name.upper()].value_from))
        return pod
