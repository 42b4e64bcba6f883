"""Writes german-credit.pipeline for Elyra: python elyra_pipeline.py [REGISTRY] > german-credit.pipeline

A pipeline of Elyra names a component of a catalog of URLs by the SHA-256 of its URL. So a registry at another address than http://localhost:8080,
whose pipeline lies beside this program, has a pipeline of its own. Nothing is asked of the registry."""

import hashlib
import json
import sys
import uuid

DATA = "https://archive.ics.uci.edu/ml/machine-learning-databases/statlog/german/german.data"
# Meanings of the codes: https://doi.org/10.24432/C5NC77
COLUMNS = (
    "status duration credit_history purpose credit_amount savings employment installment_rate personal_status other_debtors residence_since "
    "property age other_installment_plans housing existing_credits job dependents telephone foreign_worker target"
)
# The defaults of what is not said in a node, as the editor fills them in.
DEFAULTS = {
    "input-url": {"sha256": "", "retries": 3, "timeout": "30.0", "max_megabytes": 0, "log_level": "INFO"},
    "filter-csv": {"columns": "", "separator": ",", "column_names": "", "output_separator": "", "log_level": "INFO"},
    "train-test-split": {"test_share": "0.2", "seed": 0, "stratify_column": "", "separator": ",", "log_level": "INFO"},
    "train-sklearn": {"target_column": "target", "estimator": "logistic-regression", "parameters": "{}", "ignored_columns": "", "categorical_columns": "",
                      "folds": 5, "seed": 0, "max_categories": 500, "log_level": "INFO"},
    "predict-sklearn": {"prediction_column": "prediction", "probabilities": "predicted", "log_level": "INFO"},
    "confusion-matrix": {"actual_column": "target", "predicted_column": "prediction", "normalize": "False", "max_classes": 50, "log_level": "INFO"},
    "aif360-predictions": {"metadata": "metadata.csv", "unprivileged_group_key": "", "target_column": "target", "prediction_column": "prediction",
                           "favorable_label": "1", "log_level": "INFO"},
}
OUTPUTS = {
    "input-url": ["data"], "filter-csv": ["filtered"], "train-test-split": ["train", "test"], "train-sklearn": ["model", "metrics"],
    "predict-sklearn": ["predictions"], "confusion-matrix": ["metrics", "picture"], "aif360-predictions": ["metric_output", "report", "picture"],
}
# Node, component, values, files from other nodes, place in the editor.
NODES = [
    ("input", "input-url", {"url": DATA}, {}, (0, 150)),
    ("filter", "filter-csv", {"expression": "credit_amount > 0", "separator": " ", "column_names": COLUMNS}, {"data_csv": ("input", "data")}, (220, 150)),
    ("split", "train-test-split", {"test_share": "0.3", "stratify_column": "target", "seed": 1}, {"data_csv": ("filter", "filtered")}, (440, 150)),
    ("train", "train-sklearn", {}, {"data_csv": ("split", "train")}, (660, 50)),
    ("predict", "predict-sklearn", {}, {"model": ("train", "model"), "data_csv": ("split", "test")}, (880, 150)),
    ("confusion", "confusion-matrix", {}, {"data_csv": ("predict", "predictions")}, (1100, 50)),
    # A91, A93 and A94 are men; credits are good for those who are predicted 1.
    ("fairness-sex", "aif360-predictions", {"protected_column": "personal_status", "privileged_group_key": "A91,A93,A94"}, {"data_csv": ("predict", "predictions")}, (1100, 150)),
    ("fairness-age", "aif360-predictions", {"protected_column": "age", "privileged_group_key": ">25"}, {"data_csv": ("predict", "predictions")}, (1100, 250)),
]


def id_of(name):
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"german-credit/{name}"))


def node(registry, name, component, values, files, place):
    url = f"{registry}/api/v1/components/claimed/{component}/versions/~0/elyra.yaml"
    parameters = {}
    for port, value in {**DEFAULTS[component], **values}.items():
        parameters[port] = {"widget": "number" if isinstance(value, int) else "string", "value": value}
    for port, (source, output) in files.items():
        parameters[port] = {"widget": "inputpath", "value": {"value": id_of(source), "option": f"output_{output}"}}
    parameters.update({f"output_{output}": "" for output in OUTPUTS[component]})
    port = {"app_data": {"ui_data": {"cardinality": {"min": 0, "max": -1}, "label": "Port"}}}
    sources = sorted({source for source, _ in files.values()})
    links = [{"id": id_of(f"{source}-{name}"), "node_id_ref": id_of(source), "port_id_ref": "outPort"} for source in sources]
    return {
        "id": id_of(name),
        "type": "execution_node",
        "op": "url-catalog:" + hashlib.sha256(url.encode()).hexdigest()[:12],
        "app_data": {
            "component_parameters": parameters,
            "label": name,
            "component_source": json.dumps({"catalog_type": "url-catalog", "component_ref": {"url": url}}),
            "ui_data": {"label": name, "image": "", "x_pos": place[0], "y_pos": place[1], "description": component},
        },
        "inputs": [{"id": "inPort", **port, **({"links": links} if links else {})}],
        "outputs": [{"id": "outPort", **port}],
    }


def pipeline(registry):
    return {
        "doc_type": "pipeline",
        "version": "3.0",
        "json_schema": "http://api.dataplatform.ibm.com/schemas/common-pipeline/pipeline-flow/pipeline-flow-v3-schema.json",
        "id": "elyra-auto-generated-pipeline",
        "primary_pipeline": "primary",
        "pipelines": [{
            "id": "primary",
            "nodes": [node(registry, *one) for one in NODES],
            "app_data": {
                "ui_data": {"comments": []},
                "version": 8,
                "runtime_type": "KUBEFLOW_PIPELINES",
                "properties": {"name": "german-credit", "runtime": "Kubeflow Pipelines", "pipeline_defaults": {}, "pipeline_parameters": []},
            },
            "runtime_ref": "",
        }],
        "schemas": [],
    }


print(json.dumps(pipeline((sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080").rstrip("/")), indent=2))
