"""Runs the component golden/weather-download 1.2.3 as an Airflow task."""

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
        "inputs": ["log_level", "station", "first_day", "days", "timeout", "unverified", "parameters", "target"],
        "required": ["station"],
        "files": [],
        "outputs": {"rows": "value"},
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
class WeatherDownloadOperator(KubernetesComponent, BaseOperator):
    """weather_download

    Downloads the measurements of a weather station. Each day becomes a row; days without data are left out.

    Its XCom is the output rows: a value as text, a file by its path.

    :param log_level: update log level
    :type log_level: str
    :param station: number of the station
    :type station: str
    :param first_day: first day, as YYYY-MM-DD
    :type first_day: str
    :param days: how many days to load
    :type days: int
    :param timeout_value: seconds before a request is given up
    :type timeout_value: float
    :param unverified: also load days that are not verified yet
    :type unverified: bool
    :param parameters: more parameters of the request Default: {\"unit\": \"metric\"}
    :type parameters: str
    :param target: where the table goes
    :type target: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/weather-download"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        station: str,
        log_level: str = "INFO",
        first_day: str = "2020-01-01",
        days: int = 30,
        timeout_value: float = 7.5,
        unverified: bool = False,
        parameters: Optional[str] = None,
        target: str = "weather.csv",
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "log_level": log_level,
                "station": station,
                "first_day": first_day,
                "days": days,
                "timeout": timeout_value,
                "unverified": unverified,
                "parameters": parameters,
                "target": target,
            },
            component_outputs={
            },
            workspace=workspace,
            **kwargs,
        )
