"""Runs the component golden/score-pictures 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
SECRETS = {"store_pass": "store_pass"}


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class ScorePicturesOperator(KubernetesPodOperator, BaseOperator):
    """score_pictures

    # Scores pictures with a trained model

    :param log_level: update log level
    :type log_level: str
    :param model_zip: zip file with the model
    :type model_zip: str
    :param picture_shape: shape the pictures shall be scaled to and the model then accepts
    :type picture_shape: str
    :param rounds: number of rounds
    :type rounds: int
    :param keep:
    :type keep: str
    :param store_user: user of the store
    :type store_user: str
    :param store_pass: Better left out: mount a Kubernetes secret as the variable store_pass with `secrets`. password of the store
    :type store_pass: str
    :param data_dir:
    :type data_dir: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        log_level: str = "INFO",
        model_zip: str = "model.zip",
        picture_shape: str = "400,400",
        rounds: int = 1,
        keep: str = "False",
        store_user: str = "store",
        store_pass: Optional[str] = None,
        data_dir: str = "../../data/",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "score-pictures")
        super().__init__(**kwargs)
        self.component_inputs = {
            "log_level": log_level,
            "model_zip": model_zip,
            "picture_shape": picture_shape,
            "rounds": rounds,
            "keep": keep,
            "store_user": store_user,
            "store_pass": store_pass,
            "data_dir": data_dir,
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
        values = {**self.component_inputs, **self.component_outputs}
        self.arguments = [f"{name}={_text(value)}" for name, value in values.items() if value is not None and name not in mounted]
        pod = super().build_pod_request_obj(context)
        for container in pod.spec.containers:
            known = {variable.name: variable for variable in container.env or []}
            for name in mounted.values():
                if name not in known and name.upper() in known:
                    container.env.append(k8s.V1EnvVar(name=name, value_from=known[name.upper()].value_from))
        return pod
