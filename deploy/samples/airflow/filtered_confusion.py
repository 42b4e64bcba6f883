"""Keeps some rows of a table of predictions and compares them with what was actual. The two containers share the workspace and nothing else."""

import os
from datetime import datetime

from airflow import DAG

from claimed_demo.operators.docker import ConfusionMatrixV1DockerOperator, FilterCsvV1DockerOperator

# A folder of the engine's machine that every user may write to (mode 1777), with predictions.csv in it.
WORKSPACE = os.environ.get("WORKSPACE", "/srv/workspace")

with DAG(
    dag_id="filtered-confusion",
    start_date=datetime(2026, 1, 1),
    schedule=None,
    catchup=False,
    default_args={"workspace": f"{WORKSPACE}:/workspace", "network_mode": "none"},
) as dag:
    kept = FilterCsvV1DockerOperator(task_id="keep-some", data_csv="predictions.csv", expression="actual != 'bird'")
    compared = ConfusionMatrixV1DockerOperator(
        task_id="compare",
        data_csv=kept.output,
        actual_column="actual",
        predicted_column="predicted",
        metrics_path="metrics.json",
    )
