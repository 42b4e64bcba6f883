"""Runs the component golden/query 1.2.3 as an Airflow task."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Optional, Tuple

from airflow.models import BaseOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s


def _command_1(inputs: Dict[str, str], outputs: Dict[str, str]) -> Any:
    return ["sh", "-ec", "(shift 2; exec \"$@\")\nmkdir -p \"${1%/*}\"\ncp -RL -- '/output.txt' \"${1}\"\nmkdir -p \"${2%/*}\"\ncp -RL -- '/it'\\''s/the metadata.json' \"${2}\"\n", "sh", outputs["output"], outputs["MLPipeline UI metadata"], "python3", "/query.py", "--query", *([inputs["query"]] if "query" in inputs else [])], ["--output", *([inputs["output"]] if "output" in inputs else []), "--log", outputs["log"]]


VERSIONS: Dict[str, Dict[str, Any]] = {
    "1.2.3": {
        "image": "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "inputs": ["query", "output"],
        "required": ["query"],
        "files": [],
        "outputs": {"output": "value", "MLPipeline UI metadata": "file", "log": "file"},
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
class QueryOperator(KubernetesComponent, BaseOperator):
    """Query

    Its XCom is the dictionary of the outputs output, MLPipeline UI metadata, log, each of which is an XCom of its name, too: a value as text, a file by its path.

    :param query:
    :type query: str
    :param output:
    :type output: str
    :param mlpipeline_ui_metadata_path: File to write in the workspace, or a path in the container; a file of its own for each run when left out.
    :type mlpipeline_ui_metadata_path: str
    :param log_path: File to write in the workspace, or a path in the container; a file of its own for each run when left out.
    :type log_path: str
    :param workspace: Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.
    :type workspace: str
    """

    component = "golden/query"
    versions = VERSIONS
    default_version = "1.2.3"

    def __init__(
        self,
        *,
        query: str,
        output: Optional[str] = None,
        mlpipeline_ui_metadata_path: Optional[str] = None,
        log_path: Optional[str] = None,
        workspace: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            component_inputs={
                "query": query,
                "output": output,
            },
            component_outputs={
                "MLPipeline UI metadata": mlpipeline_ui_metadata_path,
                "log": log_path,
            },
            workspace=workspace,
            **kwargs,
        )
