import csv
import json

import pytest
import yaml
from conftest import COMPONENTS
from forked import Forked
from kubernetes_api import KUBEFLOW, running

COMPONENT = "tuning/katib"
FOLDER = COMPONENTS / "tuning" / "katib"
SPEC = {
    "objective": {"type": "maximize", "goal": 0.99, "objectiveMetricName": "accuracy", "additionalMetricNames": ["loss"], "metricStrategies": [{"name": "accuracy", "value": "latest"}]},
    "algorithm": {"algorithmName": "random"}, "maxTrialCount": 12, "parallelTrialCount": 3, "maxFailedTrialCount": 2,
    "parameters": [{"name": "lr", "parameterType": "double", "feasibleSpace": {"min": "0.0001", "max": "0.1"}},
                   {"name": "layers", "parameterType": "int", "feasibleSpace": {"min": "1", "max": "5"}},
                   {"name": "optimizer", "parameterType": "categorical", "feasibleSpace": {"list": ["adam", "sgd", "ftrl"]}}],
    "trialTemplate": {"primaryContainerName": "training", "trialParameters": [{"name": "learningRate", "reference": "lr"}],
                      "trialSpec": {"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {"spec": {"containers": [{"name": "training", "image": "i"}], "restartPolicy": "Never"}}}}},
}
BEST = {"bestTrialName": "mnist-t3", "parameterAssignments": [{"name": "lr", "value": "0.02"}, {"name": "layers", "value": "3"}, {"name": "optimizer", "value": "adam"}],
        "observation": {"metrics": [{"name": "accuracy", "latest": "0.97", "max": "0.98", "min": "0.1"}, {"name": "loss", "latest": "0.2", "max": "2", "min": "0.19"}]}}


@pytest.fixture
def forked(component):
    return Forked(component)


@pytest.fixture
def cluster(tmp_path):
    with running(KUBEFLOW, FOLDER / "role.yaml", "anonymous") as api:
        api.env = api.kubeconfig(tmp_path / "kubeconfig")
        yield api


def ports(**more):
    return {"experiment_name": "mnist", "experiment_spec": json.dumps(SPEC), "best_parameter_set": "best.json", "trials": "trials.csv", "picture": "picture.png", **more}


def begun(forked, api, speed=1, **more):
    run = forked.begin(api, speed, **ports(**more))
    api.wait_for("experiments", "anonymous", "mnist")
    return run


def trial(api, number, lr, layers, optimizer, accuracy, state="Succeeded", message="", label="katib.kubeflow.org/experiment"):
    name = f"mnist-t{number}"
    metrics = [{"name": "accuracy", "latest": str(accuracy), "max": "1", "min": "0"}, {"name": "loss", "latest": "9", "max": "9", "min": "unavailable"}]
    api.put("trials", "anonymous", name, metadata={"name": name, "namespace": "anonymous", "labels": {label: "mnist"}},
            spec={"parameterAssignments": [{"name": "lr", "value": str(lr)}, {"name": "layers", "value": str(layers)}, {"name": "optimizer", "value": optimizer}]},
            status={"startTime": f"2026-01-01T00:{number:02}:00Z", "completionTime": f"2026-01-01T01:{number:02}:00Z", "observation": {"metrics": metrics} if accuracy else None,
                    "conditions": [{"type": "Created", "status": "True"}, {"type": "Running", "status": "False"}, {"type": state, "status": "True", "message": message}]})


def some_trials(api, **more):
    trial(api, 1, 0.0005, 1, "sgd", 0.61, **more)
    trial(api, 2, 0.09, 5, "ftrl", None, state="Failed", message="exit code 1", **more)
    trial(api, 3, 0.02, 3, "adam", 0.97, **more)
    trial(api, 4, 0.01, 3, "adam", "nan", state="MetricsUnavailable", **more)


def finish(api, kind, reason, **status):
    api.put("experiments", "anonymous", "mnist", status={"conditions": [{"type": kind, "status": "True", "reason": reason, "message": "the end"}], **status})


def rows(component):
    with open(component.folder / "trials.csv", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.image
def test_the_best_parameters_the_trials_and_a_picture_come_out(component, cluster):
    run = component.start(env=cluster.env, **ports())
    try:
        assert cluster.wait_for("experiments", "anonymous", "mnist")["spec"] == SPEC
        cluster.put("experiments", "anonymous", "mnist", status={"trialsRunning": 3, "conditions": [{"type": "Running", "status": "True", "reason": "ExperimentRunning"}]})
        cluster.told()
        cluster.put("experiments", "anonymous", "mnist", status={"trialsRunning": 1, "trialsSucceeded": 2, "currentOptimalTrial": BEST})
        cluster.told()
        some_trials(cluster)
        finish(cluster, "Succeeded", "ExperimentGoalReached", trialsRunning=0, trialsSucceeded=2, trialsFailed=1)
        out, err = run.communicate(timeout=90)
    finally:
        run.kill()
    assert run.returncode == 0, err
    best = json.loads((component.folder / "best.json").read_text())
    assert best == {"currentOptimalTrial": BEST, "parameters": {"lr": "0.02", "layers": "3", "optimizer": "adam"}}
    assert [(row["trial"], row["state"], row["accuracy"], row["loss"], row["parameter:lr"]) for row in rows(component)] == [
        ("mnist-t1", "Succeeded", "0.61", "9.0", "0.0005"), ("mnist-t2", "Failed", "", "", "0.09"),
        ("mnist-t3", "Succeeded", "0.97", "9.0", "0.02"), ("mnist-t4", "MetricsUnavailable", "", "9.0", "0.01")]
    assert (component.folder / "picture.png").read_bytes().startswith(b"\x89PNG") and (component.folder / "picture.png").stat().st_size > 20_000
    assert "trials of 12: 2 succeeded, 1 running" in err and "best so far accuracy=0.97 with lr=0.02, layers=3, optimizer=adam" in err
    assert "Succeeded (ExperimentGoalReached: the end)" in err
    assert cluster.get("experiments", "anonymous", "mnist") is None


def test_an_experiment_stays_when_it_is_asked_for(forked, cluster):
    run = begun(forked, cluster, delete_finished_experiment="False", experiment_spec=json.dumps({"apiVersion": "kubeflow.org/v1beta1", "kind": "Experiment", "spec": SPEC}))
    some_trials(cluster, label="experiment")
    finish(cluster, "Succeeded", "ExperimentMaxTrialsReached", currentOptimalTrial=BEST)
    run.finished().succeeded()
    assert len(rows(forked)) == 4 and cluster.get("experiments", "anonymous", "mnist")["spec"] == SPEC


def test_a_failed_experiment_tells_of_its_trials(forked, cluster):
    run = begun(forked, cluster)
    some_trials(cluster)
    finish(cluster, "Failed", "ExperimentMaxFailedTrialsReached", currentOptimalTrial=BEST)
    run.finished().failed("Failed (ExperimentMaxFailedTrialsReached: the end); trial mnist-t2: exit code 1", code=3)
    assert json.loads((forked.folder / "best.json").read_text())["parameters"]["lr"] == "0.02" and len(rows(forked)) == 4
    assert cluster.get("experiments", "anonymous", "mnist")


def test_an_experiment_whose_trials_were_evicted_is_told_from_a_failure(forked, cluster):
    run = begun(forked, cluster)
    some_trials(cluster)
    trial(cluster, 5, 0.1, 1, "sgd", None, state="Failed", message="Pod was evicted: low on memory")
    cluster.put("pods", "anonymous", "mnist-t2-x7", metadata={"name": "mnist-t2-x7", "namespace": "anonymous", "labels": {"katib.kubeflow.org/trial": "mnist-t2"}},
                status={"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."})
    finish(cluster, "Failed", "ExperimentMaxFailedTrialsReached")
    run.finished().failed("pod mnist-t2-x7: Evicted: The node was low on resource: memory.", code=4)


def test_an_experiment_without_a_metric_has_failed(forked, cluster):
    run = begun(forked, cluster)
    trial(cluster, 1, 0.1, 1, "sgd", None)
    finish(cluster, "Succeeded", "ExperimentMaxTrialsReached")
    run.finished().failed("but no trial has reported accuracy", code=3)
    assert (forked.folder / "picture.png").read_bytes().startswith(b"\x89PNG") and not (forked.folder / "best.json").exists()


def test_an_experiment_that_takes_too_long_is_deleted_and_what_it_found_is_kept(forked, tmp_path):
    with running(KUBEFLOW, FOLDER / "role.yaml", "anonymous", speed=60) as api:
        api.env = api.kubeconfig(tmp_path / "kubeconfig")
        run = begun(forked, api, speed=60, experiment_timeout_minutes=1)
        some_trials(api)
        api.put("experiments", "anonymous", "mnist", status={"currentOptimalTrial": BEST})
        run.finished().failed("experiments anonymous/mnist was not done in time", code=5)
        assert api.get("experiments", "anonymous", "mnist") is None
    assert len(rows(forked)) == 4 and json.loads((forked.folder / "best.json").read_text())["currentOptimalTrial"] == BEST


def test_sigterm_deletes_the_experiment(forked, cluster):
    run = begun(forked, cluster)
    run.terminate()
    run.finished().failed("stopped by SIGTERM", code=143)
    assert cluster.get("experiments", "anonymous", "mnist") is None


def test_an_experiment_that_somebody_deletes_has_failed(forked, cluster):
    run = begun(forked, cluster)
    cluster.remove("experiments", "anonymous", "mnist")
    run.finished().failed("Experiment anonymous/mnist was deleted while it ran", code=3)


def test_history_that_is_forgotten_loses_nothing(forked, cluster):
    run = begun(forked, cluster)
    with cluster.changed:
        cluster.break_watches()
        finish(cluster, "Succeeded", "ExperimentGoalReached", currentOptimalTrial=BEST)
        cluster.forget_history()
    run.finished().succeeded()


def test_another_experiment_of_the_name_is_left_alone(forked, cluster):
    cluster.put("experiments", "anonymous", "mnist", spec=SPEC)
    forked(env=cluster.env, **ports()).failed("Experiment anonymous/mnist is there already", "delete it or take another name", code=1)


def test_rights_and_operators_that_are_missing_are_told(forked, cluster, tmp_path):
    forked(env=cluster.env, **ports(experiment_namespace="team-a")).failed(
        "lacks rights in the namespace team-a: create experiments.kubeflow.org", "list trials.kubeflow.org, list pods. components/tuning/katib/role.yaml grants them", code=1)
    with running({("kubeflow.org", "v1"): {"tfjobs": "TFJob"}}, FOLDER / "role.yaml", "anonymous") as api:
        forked(env=api.kubeconfig(tmp_path / "k"), **ports()).failed("has no experiments.kubeflow.org/v1beta1. Install Katib", "kubeflow.org (v1)", code=1)


def test_the_role_grants_what_is_used_and_no_more(forked, cluster):
    run = begun(forked, cluster)
    finish(cluster, "Failed", "ExperimentMaxFailedTrialsReached")
    run.finished().failed(code=3)
    cluster.remove("experiments", "anonymous", "mnist")
    begun(forked, cluster).terminate()
    cluster.client.finished()
    role, _ = yaml.safe_load_all((FOLDER / "role.yaml").read_text())
    assert cluster.used == {(group, plural, verb) for rule in role["rules"] for group in rule["apiGroups"] for plural in rule["resources"] for verb in rule["verbs"]}


@pytest.mark.parametrize("wrong, part", [
    ({"experiment_spec": "{}"}, "experiment_spec: there is no objective.objectiveMetricName, no objective.type (minimize or maximize), no algorithm.algorithmName, "
                                "no trialTemplate.trialSpec or trialTemplate.configMap, no parameters"),
    ({"experiment_spec": json.dumps({**SPEC, "parameters": [{"name": "lr", "parameterType": "double"}]})}, "experiment_spec: there is no parameters[0].feasibleSpace"),
    ({"experiment_spec": "{'a': "}, "experiment_spec: not valid JSON"),
    ({"experiment_timeout_minutes": "soon"}, "'experiment_timeout_minutes' takes a number of type Integer, which 'soon' is not"),
    ({"experiment_name": ""}, "experiment_name")])
def test_wrong_inputs_are_told_before_anything_is_asked(forked, cluster, wrong, part):
    outcome = forked(env=cluster.env, **ports(**wrong))
    assert outcome.code in (1, 2) and part in outcome.err and "Traceback" not in outcome.err and not cluster.asked
