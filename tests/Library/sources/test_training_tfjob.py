import json
import socket

import pytest
import yaml
from conftest import COMPONENTS
from forked import Forked
from kubernetes_api import KUBEFLOW, TOKEN, running

COMPONENT = "training/tfjob"
FOLDER = COMPONENTS / "training" / "tfjob"
WORKER = {"replicas": 2, "restartPolicy": "OnFailure", "template": {"spec": {"containers": [{"name": "tensorflow", "image": "reg.example/mnist:1", "command": ["python", "m.py"]}]}}}


@pytest.fixture
def cluster(tmp_path):
    """A cluster whose account has the rights of role.yaml in the namespace kubeflow."""
    with running(KUBEFLOW, FOLDER / "role.yaml", "kubeflow") as api:
        api.env = api.kubeconfig(tmp_path / "kubeconfig")
        yield api


@pytest.fixture
def hurried(tmp_path):
    """The same for a component whose minutes are seconds."""
    with running(KUBEFLOW, FOLDER / "role.yaml", "kubeflow", speed=60) as api:
        api.env = api.kubeconfig(tmp_path / "kubeconfig")
        yield api


@pytest.fixture
def forked(component):
    return Forked(component)


def ports(**more):
    return {"name": "mnist", "worker_spec": json.dumps(WORKER), "status": "status.json", **more}


def condition(kind, message="", reason=None):
    return {"conditions": [{"type": kind, "status": "True", "reason": reason or f"TFJob{kind}", "message": message}]}


def status_of(component):
    return json.loads((component.folder / "status.json").read_text())


def begun(forked, api, **more):
    run = forked.begin(api, **ports(**more))
    api.wait_for("tfjobs", more.get("namespace", "kubeflow"), "mnist")
    return run


@pytest.mark.image
def test_a_job_that_succeeds_is_reported_and_deleted(component, cluster):
    run = component.start(env=cluster.env, **ports(chief_spec=json.dumps({**WORKER, "replicas": 1}), backoff_limit=3, ttl_seconds_after_finished=600, active_deadline_seconds=7200))
    try:
        job = cluster.wait_for("tfjobs", "kubeflow", "mnist")
        assert job["spec"]["runPolicy"] == {"cleanPodPolicy": "Running", "backoffLimit": 3, "ttlSecondsAfterFinished": 600, "activeDeadlineSeconds": 7200}
        assert set(job["spec"]["tfReplicaSpecs"]) == {"Worker", "Chief"} and job["spec"]["tfReplicaSpecs"]["Worker"] == WORKER
        cluster.put("tfjobs", "kubeflow", "mnist", status={**condition("Running"), "replicaStatuses": {"Worker": {"active": 2}}})
        cluster.told()
        cluster.put("tfjobs", "kubeflow", "mnist", status={**condition("Succeeded", "TFJob kubeflow/mnist successfully completed."), "replicaStatuses": {"Worker": {"succeeded": 2}}})
        out, err = run.communicate(timeout=60)
    finally:
        run.kill()
    assert run.returncode == 0, err
    assert status_of(component)["state"] == "Succeeded" and status_of(component)["status"]["replicaStatuses"] == {"Worker": {"succeeded": 2}}
    assert "Worker: 2 active, 0 succeeded, 0 failed" in err and "Succeeded (TFJobSucceeded: TFJob kubeflow/mnist successfully completed.)" in err
    assert cluster.get("tfjobs", "kubeflow", "mnist") is None


def test_a_job_without_limits_stays_when_it_is_asked_for(forked, cluster):
    run = begun(forked, cluster, delete_finished_tfjob="False", clean_pod_policy="None")
    assert cluster.get("tfjobs", "kubeflow", "mnist")["spec"]["runPolicy"] == {"cleanPodPolicy": "None"}
    cluster.put("tfjobs", "kubeflow", "mnist", status=condition("Succeeded"))
    run.finished().succeeded()
    assert cluster.get("tfjobs", "kubeflow", "mnist")


def test_a_job_that_fails_ends_with_3_and_stays(forked, cluster):
    run = begun(forked, cluster)
    cluster.put("pods", "kubeflow", "mnist-worker-0", metadata={"name": "mnist-worker-0", "namespace": "kubeflow", "labels": {"training.kubeflow.org/job-name": "mnist"}},
                status={"phase": "Failed", "containerStatuses": [{"name": "tensorflow", "image": "i", "imageID": "i", "ready": False, "restartCount": 0,
                                                                  "state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}]})
    cluster.put("tfjobs", "kubeflow", "mnist", status={**condition("Failed", "1 Worker replica(s) failed."), "replicaStatuses": {"Worker": {"failed": 1}}})
    run.finished().failed("Failed (TFJobFailed: 1 Worker replica(s) failed.); pod mnist-worker-0: OOMKilled: container tensorflow ended with exit code 137", code=3)
    assert status_of(forked)["state"] == "Failed"
    assert cluster.get("tfjobs", "kubeflow", "mnist")


@pytest.mark.parametrize("pod", [
    {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."},
    {"phase": "Failed", "conditions": [{"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler", "message": "The node was low on resource: memory."}]}])
def test_an_evicted_pod_is_told_from_a_failure(forked, cluster, pod):
    run = begun(forked, cluster)
    cluster.put("pods", "kubeflow", "mnist-worker-1", metadata={"name": "mnist-worker-1", "namespace": "kubeflow", "labels": {"training.kubeflow.org/job-name": "mnist"}}, status=pod)
    cluster.put("pods", "kubeflow", "other", metadata={"name": "other", "namespace": "kubeflow"}, status={"phase": "Failed", "reason": "Evicted"})
    cluster.put("tfjobs", "kubeflow", "mnist", status={**condition("Running"), "replicaStatuses": {"Worker": {"active": 1, "failed": 1}}})
    cluster.told()
    cluster.wait(lambda: ("list", "pods", "kubeflow") in cluster.asked)
    cluster.remove("pods", "kubeflow", "mnist-worker-1")
    cluster.put("tfjobs", "kubeflow", "mnist", status=condition("Failed", "1 Worker replica(s) failed."))
    run.finished().failed("mnist-worker-1", "The node was low on resource: memory.", code=4)
    assert status_of(forked)["state"] == "Evicted" and [one["pod"] for one in status_of(forked)["pods"]] == ["mnist-worker-1"]


def test_a_job_named_after_an_eviction_is_not_evicted(forked, cluster):
    run = forked.begin(cluster, **ports(name="eviction-model"))
    cluster.wait_for("tfjobs", "kubeflow", "eviction-model")
    cluster.put("tfjobs", "kubeflow", "eviction-model", status=condition("Failed", "TFJob kubeflow/eviction-model has failed"))
    run.finished().failed(code=3)


def test_a_condition_evicted_is_an_eviction(forked, cluster):
    run = begun(forked, cluster)
    cluster.put("tfjobs", "kubeflow", "mnist", status=condition("Evicted", "quota was taken back"))
    run.finished().failed("quota was taken back", code=4)


def test_a_job_that_somebody_deletes_has_failed(forked, cluster):
    run = begun(forked, cluster)
    cluster.remove("tfjobs", "kubeflow", "mnist")
    run.finished().failed("TFJob kubeflow/mnist was deleted while it ran", code=3)


def test_a_job_that_takes_too_long_is_deleted(forked, hurried):
    run = forked.begin(hurried, speed=60, **ports(tfjob_timeout_minutes=1))
    hurried.wait_for("tfjobs", "kubeflow", "mnist")
    hurried.put("tfjobs", "kubeflow", "mnist", status=condition("Running"))
    run.finished().failed("tfjobs kubeflow/mnist was not done in time", code=5)
    assert status_of(forked)["state"] == "Running"
    assert hurried.get("tfjobs", "kubeflow", "mnist") is None


def test_sigterm_deletes_the_job(forked, cluster):
    run = begun(forked, cluster)
    run.terminate()
    run.finished().failed("stopped by SIGTERM", code=143)
    assert cluster.get("tfjobs", "kubeflow", "mnist") is None


def test_the_watch_outlives_what_networks_do(forked, cluster):
    cluster.fail("discover", "apis", (503, {"Retry-After": "0"}), (429, {"Retry-After": "0"}))
    run = begun(forked, cluster)
    cluster.fail("list", "tfjobs", (500, {"Retry-After": "0"}), "hang up", (429, {"Retry-After": "0"}))
    for gone_as_status, state in ((False, "Created"), (True, "Running")):
        seen = cluster.watches
        cluster.gone_as_status = gone_as_status
        cluster.break_watches()
        cluster.wait(lambda: cluster.watches > seen)
        cluster.put("tfjobs", "kubeflow", "mnist", status=condition(state))
        cluster.told()
        cluster.fail("watch", "tfjobs", (503, {"Retry-After": "0"}))
        seen = cluster.watches
        cluster.forget_history()
        cluster.wait(lambda: cluster.watches > seen)
    cluster.put("tfjobs", "kubeflow", "mnist", status=condition("Succeeded"))
    outcome = run.finished().succeeded()
    assert outcome.err.count("Created (TFJobCreated)") == outcome.err.count("Running (TFJobRunning)") == 1


def test_what_happened_during_a_break_is_not_lost(forked, cluster):
    run = begun(forked, cluster)
    with cluster.changed:
        cluster.put("tfjobs", "kubeflow", "mnist", status=condition("Succeeded"))
        cluster.remove("tfjobs", "kubeflow", "mnist")
        cluster.break_watches()
    # Deleted by its ttl before it was seen, without a trace of its success: nobody can know.
    run.finished().failed("was deleted while it ran", code=3)


def test_a_job_deleted_after_its_success_has_succeeded(forked, cluster):
    run = begun(forked, cluster)
    with cluster.changed:
        # The only news is the deletion, which shows the job as it was last.
        cluster.objects["tfjobs", "kubeflow", "mnist"]["status"] = condition("Succeeded")
        cluster.remove("tfjobs", "kubeflow", "mnist")
    run.finished().succeeded()


def test_another_job_of_the_name_is_left_alone(forked, cluster):
    cluster.put("tfjobs", "kubeflow", "mnist", spec={"tfReplicaSpecs": {}})
    forked(env=cluster.env, **ports()).failed("TFJob kubeflow/mnist is there already, since 2", "delete it or take another name", code=1)
    assert cluster.get("tfjobs", "kubeflow", "mnist")


def test_the_same_job_is_taken_up_again(forked, cluster):
    first = begun(forked, cluster)
    first.kill()
    run = forked.begin(cluster, **ports())
    cluster.wait(lambda: cluster.asked.count(("watch", "tfjobs", "kubeflow")) > 1)
    cluster.put("tfjobs", "kubeflow", "mnist", status=condition("Succeeded"))
    assert "with the very same spec: this run goes on with it" in run.finished().succeeded().err
    assert cluster.asked.count(("create", "tfjobs", "kubeflow")) == 2


def test_a_lost_answer_makes_no_second_job(forked, cluster):
    cluster.fail("created", "tfjobs", "hang up")
    run = begun(forked, cluster)
    cluster.put("tfjobs", "kubeflow", "mnist", status=condition("Succeeded"))
    assert "very same spec" not in run.finished().succeeded().err


def test_a_job_that_is_being_deleted_is_waited_for(forked, cluster):
    cluster.put("tfjobs", "kubeflow", "mnist", spec={"old": True}, metadata={"name": "mnist", "namespace": "kubeflow", "finalizers": ["a/b"], "deletionTimestamp": "2026-01-01T00:00:00Z"})
    run = forked.begin(cluster, **ports())
    cluster.wait(lambda: ("create", "tfjobs", "kubeflow") in cluster.asked)
    cluster.remove("tfjobs", "kubeflow", "mnist")
    cluster.wait_for("tfjobs", "kubeflow", "mnist")
    cluster.put("tfjobs", "kubeflow", "mnist", status=condition("Succeeded"))
    run.finished().succeeded()


def test_missing_rights_are_all_named(forked, cluster):
    forked(env=cluster.env, **ports(namespace="team-a")).failed(
        "lacks rights in the namespace team-a: create tfjobs.kubeflow.org, list tfjobs.kubeflow.org, watch tfjobs.kubeflow.org, delete tfjobs.kubeflow.org, list pods.",
        "components/training/tfjob/role.yaml grants them", "kubectl apply -n team-a -f role.yaml", code=1)
    assert not cluster.asked


def test_rights_taken_away_end_the_run(forked, cluster):
    run = begun(forked, cluster)
    cluster.rules = [rule for rule in cluster.rules if "tfjobs" not in rule["resources"]]
    cluster.break_watches()
    run.finished().failed("the cluster does not allow it: 403 tfjobs.kubeflow.org is forbidden", "may still be there, delete it by hand", code=1)


def test_the_role_grants_what_is_used_and_no_more(forked, cluster):
    run = begun(forked, cluster)
    cluster.put("tfjobs", "kubeflow", "mnist", status=condition("Failed"))
    run.finished().failed(code=3)
    cluster.remove("tfjobs", "kubeflow", "mnist")
    run = begun(forked, cluster)
    run.terminate()
    run.finished()
    role, binding = yaml.safe_load_all((FOLDER / "role.yaml").read_text())
    assert cluster.used == {(group, plural, verb) for rule in role["rules"] for group in rule["apiGroups"] for plural in rule["resources"] for verb in rule["verbs"]}
    assert binding["roleRef"]["name"] == role["metadata"]["name"] and binding["subjects"][0]["kind"] == "ServiceAccount"


@pytest.mark.parametrize("resources, version, parts", [
    ({("kubeflow.org", "v1beta1"): {"experiments": "Experiment"}, ("trainer.kubeflow.org", "v1alpha1"): {"trainjobs": "TrainJob"}}, "v1",
     ["has no tfjobs.kubeflow.org/v1.", "Install the Kubeflow training operator", "apps (v1), kubeflow.org (v1beta1), trainer.kubeflow.org (v1alpha1)"]),
    (KUBEFLOW, "v2", ["has no tfjobs.kubeflow.org/v2.", "kubeflow.org (v1, v1beta1)"])])
def test_a_cluster_without_the_operator_is_told(forked, tmp_path, resources, version, parts):
    with running(resources, FOLDER / "role.yaml", "kubeflow") as api:
        forked(env=api.kubeconfig(tmp_path / "k"), **ports(version=version)).failed(*parts, code=1)


def test_a_namespace_that_is_not_there_is_told(forked, tmp_path):
    with running(KUBEFLOW, FOLDER / "role.yaml", "nowhere") as api:
        forked(env=api.kubeconfig(tmp_path / "k"), **ports(namespace="nowhere")).failed('the cluster refuses: 404 namespaces "nowhere" not found', code=1)


def test_what_the_operator_refuses_is_told(forked, cluster):
    odd = {**WORKER, "replicas": "two"}
    forked(env=cluster.env, **ports(worker_spec=json.dumps(odd))).failed("the cluster refuses: 422", "tfReplicaSpecs.Worker.replicas: Invalid value: str", code=1)


def test_no_cluster_is_told(forked, tmp_path):
    forked(**ports()).failed("no cluster: this is no pod with an account", "~/.kube/config cannot be used", "set kubeconfig or KUBECONFIG", code=1)
    (tmp_path / "broken").write_text("users: [")
    forked(**ports(kubeconfig="broken")).failed("no cluster: the kubeconfig file broken cannot be used", code=1)


def test_a_wrong_token_is_told(forked, cluster, tmp_path):
    cluster.kubeconfig(tmp_path / "wrong", token="not-it")
    forked(env=cluster.env, **ports(kubeconfig="wrong")).failed("the cluster does not accept this account: 401", code=1)
    assert TOKEN not in forked(env=cluster.env, **ports(kubeconfig="wrong", log_level="DEBUG")).failed(code=1).err


def test_an_unreachable_cluster_is_given_up(forked, cluster, tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        text = (tmp_path / "kubeconfig").read_text().replace(str(cluster.server_port), str(unused.getsockname()[1]))
        (tmp_path / "away").write_text(text)
        forked(env={"KUBECONFIG": str(tmp_path / "away")}, speed=60, **ports()).failed("trying again", "no answer in time", "Connection refused", code=1)


@pytest.mark.parametrize("wrong, part", [
    ({"worker_spec": "{"}, "worker_spec: not valid JSON"),
    ({"worker_spec": "[1]"}, "worker_spec: expected a JSON object, found a list"),
    ({"worker_spec": "{}"}, "give at least one of worker_spec"),
    ({"worker_spec": '{"replica": 1}'}, "worker_spec: there is no replica in a replica spec"),
    ({"worker_spec": '{"template": {"spec": {"containers": []}}}'}, "worker_spec: the operator needs a container named tensorflow; there is none"),
    ({"worker_spec": '{"template": 1}'}, "worker_spec: a list of containers"),
    ({"ps_spec": "[" * 100000}, "ps_spec: not valid JSON"),
    ({"worker_spec": json.dumps({**WORKER, "restartPolicy": "Sometimes"})}, "worker_spec: restartPolicy is one of"),
    ({"backoff_limit": "3.0"}, "backoff_limit: '3.0' is not a whole number"),
    ({"active_deadline_seconds": "0"}, "active_deadline_seconds: 0 leaves no time"),
    ({"tfjob_timeout_minutes": "0"}, "tfjob_timeout_minutes: 0 is not at least 1"),
    ({"clean_pod_policy": "Some"}, "clean_pod_policy: 'Some' is not one of Running, All, None"),
    ({"name": "My_Job"}, "name: 'My_Job' is not a name of small letters"),
    ({"namespace": "a/b"}, "namespace: 'a/b' is not a name")])
def test_wrong_inputs_are_told_before_anything_is_asked(forked, cluster, wrong, part):
    forked(env=cluster.env, **ports(**wrong)).failed(part, code=1)
    assert not cluster.asked


def test_the_shared_files_are_the_same_in_all_three():
    for name in ("cluster.py", "ports.py", "troubles.py"):
        assert len({(COMPONENTS / folder / name).read_bytes() for folder in ("training/tfjob", "tuning/katib", "deploy/kserve")}) == 1
