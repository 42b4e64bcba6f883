"""Who gets a credit: a pipeline from the UCI data to a report on fairness, for Airflow with Docker.

Its operators are those of the registry's package: pip install --index-url http://localhost:8080/catalogs/airflow/simple/ claimed-claimed"""

import os
from datetime import datetime

from airflow import DAG

from claimed_claimed.operators.docker import (
    Aif360PredictionsV0DockerOperator,
    ConfusionMatrixV0DockerOperator,
    FilterCsvV0DockerOperator,
    InputUrlV0DockerOperator,
    PredictSklearnV0DockerOperator,
    TrainSklearnV0DockerOperator,
    TrainTestSplitV0DockerOperator,
)

# A folder of the engine's machine that every user may write to (mode 1777).
WORKSPACE = os.environ.get("WORKSPACE", "/srv/workspace")
DATA = os.environ.get("GERMAN_CREDIT_DATA", "https://archive.ics.uci.edu/ml/machine-learning-databases/statlog/german/german.data")
# Meanings of the codes: https://doi.org/10.24432/C5NC77
COLUMNS = (
    "status duration credit_history purpose credit_amount savings employment installment_rate personal_status other_debtors residence_since "
    "property age other_installment_plans housing existing_credits job dependents telephone foreign_worker target"
)

with DAG(
    dag_id="german-credit",
    start_date=datetime(2026, 1, 1),
    schedule=None,
    catchup=False,
    default_args={"workspace": f"{WORKSPACE}:/workspace"},
) as dag:
    data = InputUrlV0DockerOperator(task_id="input", url=DATA)
    credits = FilterCsvV0DockerOperator(task_id="filter", data_csv=data.output, expression="credit_amount > 0", separator=" ", column_names=COLUMNS)
    parts = TrainTestSplitV0DockerOperator(task_id="split", data_csv=credits.output, test_share=0.3, stratify_column="target", seed=1)
    trained = TrainSklearnV0DockerOperator(task_id="train", data_csv=parts.output["train"], estimator="logistic-regression")
    predicted = PredictSklearnV0DockerOperator(task_id="predict", model=trained.output["model"], data_csv=parts.output["test"])
    ConfusionMatrixV0DockerOperator(task_id="confusion", data_csv=predicted.output, metrics_path="confusion.json", picture_path="confusion.png")
    # A91, A93 and A94 are men; credits are good for those who are predicted 1.
    for name, column, privileged in (("sex", "personal_status", "A91,A93,A94"), ("age", "age", ">25")):
        Aif360PredictionsV0DockerOperator(
            task_id=f"fairness-{name}",
            data_csv=predicted.output,
            protected_column=column,
            privileged_group_key=privileged,
            favorable_label="1",
            metric_output_path=f"fairness-{name}.json",
            report_path=f"fairness-{name}.html",
            picture_path=f"fairness-{name}.png",
        )
