"""Runs the component golden/typed-shell 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

IMAGE = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.
class TypedShellOperator(KubernetesPodOperator, BaseOperator):
    """Typed Shell

    Front matter says what the shell cannot.

    :param copies: number of copies
    :type copies: str
    :param share: share to keep
    :type share: str
    :param verbose: say more
    :type verbose: str
    :param letter: Path in the container of a file on a mounted volume. the letter
    :type letter: str
    """

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # Airflow would read a value that ends in .json or .yaml as the name of a template file.
    template_ext = ()

    def __init__(
        self,
        *,
        letter: str,
        copies: str = "2",
        share: str = "0.5",
        verbose: str = "false",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("image", IMAGE)
        kwargs.setdefault("name", "typed-shell")
        super().__init__(**kwargs)
        self.component_inputs = {
            "copies": copies,
            "share": share,
            "verbose": verbose,
            "letter": letter,
        }
        self.component_outputs = {}

    def build_pod_request_obj(self, context: Any = None) -> Any:
        values = {**self.component_inputs, **self.component_outputs}
        self.arguments = [f"{name}={_text(value)}" for name, value in values.items() if value is not None]
        return super().build_pod_request_obj(context)
