"""Runs the component golden/score-pictures 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "model_zip", "picture_shape", "rounds", "keep", "store_user", "store_pass", "data_dir"],
        "required": [],
        "files": [],
        "outputs": {},
        "secrets": {"store_pass": "store_pass"},
        "variables": ["store_pass"],
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
class ScorePicturesOperator(KubernetesComponent, BaseOperator):
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
    :param store_pass: Better left out: give it as the variable store_pass, in a pod from a secret (`secrets`), in Docker with `private_environment`. password of the store
    :type store_pass: str
    :param data_dir:
    :type data_dir: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/score-pictures"
    versions = VERSIONS
    default_version = "1.2.3"

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
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "model_zip": model_zip,
                "picture_shape": picture_shape,
                "rounds": rounds,
                "keep": keep,
                "store_user": store_user,
                "store_pass": store_pass,
                "data_dir": data_dir,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
