"""Runs the component golden/weather-download 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class WeatherDownloadOperator(KubernetesPodOperator, BaseOperator):
    """weather_download

    Downloads the measurements of a weather station. Each day becomes a row; days without data are left out.

    Its XCom is the text of the output rows.

    :param log_level: update log level
    :type log_level: str
    :param station: number of the station
    :type station: str
    :param first_day: first day, as YYYY-MM-DD
    :type first_day: str
    :param days: how many days to load
    :type days: int
    :param timeout: seconds before a request is given up
    :type timeout: float
    :param unverified: also load days that are not verified yet
    :type unverified: bool
    :param parameters: more parameters of the request Default: {\"unit\": \"metric\"}
    :type parameters: str
    :param target: where the table goes
    :type target: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        station: str,
        log_level: str = "INFO",
        first_day: str = "2020-01-01",
        days: int = 30,
        timeout: float = 7.5,
        unverified: bool = False,
        parameters: Optional[str] = None,
        target: str = "weather.csv",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "weather-download")
        kwargs.setdefault("do_xcom_push", True)
        super().__init__(**kwargs)
        self.component_inputs = {
            "log_level": log_level,
            "station": station,
            "first_day": first_day,
            "days": days,
            "timeout": timeout,
            "unverified": unverified,
            "parameters": parameters,
            "target": target,
        }
        self.component_outputs = {}

    def build_pod_request_obj(self, context: Any = None) -> Any:
        values = {**self.component_inputs, **self.component_outputs}
        self.arguments = [f"{name}={_text(value)}" for name, value in values.items() if value is not None]
        if self.do_xcom_push:
            self.arguments.append("claimed.result=/airflow/xcom/return.json")
        return super().build_pod_request_obj(context)
