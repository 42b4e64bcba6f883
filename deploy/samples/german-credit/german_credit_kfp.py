"""Who gets a credit: a pipeline from the UCI data to a report on fairness, for Kubeflow Pipelines.

python german_credit_kfp.py [FILE] writes the compiled pipeline. REGISTRY is the address of the registry, http://localhost:8080 without it; nothing else
is needed than the SDK kfp 2."""

import os
import sys

from kfp import compiler, components, dsl

REGISTRY = os.environ.get("REGISTRY", "http://localhost:8080").rstrip("/")


def component(name):
    """The newest version of major 0: its ports stay as they are."""
    return components.load_component_from_url(f"{REGISTRY}/api/v1/components/claimed/{name}/versions/~0/component.yaml")


input_url = component("input-url")
filter_csv = component("filter-csv")
train_test_split = component("train-test-split")
train_sklearn = component("train-sklearn")
predict_sklearn = component("predict-sklearn")
confusion_matrix = component("confusion-matrix")
aif360_predictions = component("aif360-predictions")

DATA = "https://archive.ics.uci.edu/ml/machine-learning-databases/statlog/german/german.data"
# Meanings of the codes: https://doi.org/10.24432/C5NC77
COLUMNS = (
    "status duration credit_history purpose credit_amount savings employment installment_rate personal_status other_debtors residence_since "
    "property age other_installment_plans housing existing_credits job dependents telephone foreign_worker target"
)


@dsl.pipeline(name="german-credit")
def german_credit(data_url: str = DATA):
    data = input_url(url=data_url)
    credits = filter_csv(data_csv=data.outputs["data"], expression="credit_amount > 0", separator=" ", column_names=COLUMNS)
    parts = train_test_split(data_csv=credits.outputs["filtered"], test_share=0.3, stratify_column="target", seed=1)
    trained = train_sklearn(data_csv=parts.outputs["train"], estimator="logistic-regression")
    predicted = predict_sklearn(model=trained.outputs["model"], data_csv=parts.outputs["test"])
    confusion_matrix(data_csv=predicted.outputs["predictions"])
    # A91, A93 and A94 are men; credits are good for those who are predicted 1.
    aif360_predictions(
        data_csv=predicted.outputs["predictions"], protected_column="personal_status", privileged_group_key="A91,A93,A94", favorable_label="1"
    ).set_display_name("fairness-sex")
    aif360_predictions(
        data_csv=predicted.outputs["predictions"], protected_column="age", privileged_group_key=">25", favorable_label="1"
    ).set_display_name("fairness-age")


if __name__ == "__main__":
    file = sys.argv[1] if len(sys.argv) > 1 else "german-credit.yaml"
    compiler.Compiler().compile(german_credit, file)
    print(file)
