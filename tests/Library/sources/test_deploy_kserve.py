import json

import pytest
import yaml
from conftest import COMPONENTS
from forked import Forked
from kubernetes_api import KFSERVING, KSERVE, KUBEFLOW, running

COMPONENT = "deploy/kserve"
ROLE = COMPONENTS / "deploy" / "kserve" / "role.yaml"
URL = "http://iris.anonymous.example.com"
STATUS = "inferenceservices"


@pytest.fixture
def forked(component):
    return Forked(component)


@pytest.fixture
def cluster(tmp_path):
    with running(KSERVE, ROLE, "anonymous") as api:
        api.env = api.kubeconfig(tmp_path / "kubeconfig")
        yield api


@pytest.fixture
def hurried(tmp_path):
    """A cluster for a component whose minutes are seconds."""
    with running(KSERVE, ROLE, "anonymous", speed=60) as api:
        api.env = api.kubeconfig(tmp_path / "kubeconfig")
        yield api


def ports(**more):
    return {"model_name": "iris", "model_uri": "s3://models/iris", "framework": "sklearn", "inferenceservice_status": "s.json", "url": "url.txt", **more}


def ready(revision="iris-00001", **more):
    return {"observedGeneration": 1, "conditions": [{"type": "PredictorReady", "status": "True"}, {"type": "Ready", "status": "True"}], "url": URL,
            "components": {"predictor": {"latestCreatedRevision": revision, "latestReadyRevision": revision}}, **more}


def serve(api, **spec):
    """A service that is ready already."""
    api.put(STATUS, "anonymous", "iris", spec={"predictor": {"model": {"modelFormat": {"name": "sklearn"}, "runtime": "kserve-sklearnserver", "storageUri": "s3://old"}, **spec}},
            status=ready())


def predictor(api):
    return api.get(STATUS, "anonymous", "iris")["spec"]["predictor"]


@pytest.mark.image
def test_a_model_is_deployed_and_its_url_is_reported(component, cluster):
    run = component.start(env=cluster.env, **ports(min_replicas=1, max_replicas=3, service_account="models", autoscaling_target=5, enable_istio_sidecar="False"))
    try:
        service = cluster.wait_for(STATUS, "anonymous", "iris")
        assert service["spec"]["predictor"] == {
            "model": {"modelFormat": {"name": "sklearn"}, "storageUri": "s3://models/iris"}, "timeout": 60, "minReplicas": 1, "maxReplicas": 3, "serviceAccountName": "models"}
        annotations = service["metadata"]["annotations"]
        assert (annotations["autoscaling.knative.dev/target"], annotations["sidecar.istio.io/inject"]) == ("5", "false")
        cluster.put(STATUS, "anonymous", "iris", status={"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "Unknown", "reason": "RevisionMissing"}]})
        cluster.told()
        cluster.put(STATUS, "anonymous", "iris", status=ready())
        out, err = run.communicate(timeout=60)
    finally:
        run.kill()
    assert run.returncode == 0, err
    assert (component.folder / "url.txt").read_text() == URL
    found = json.loads((component.folder / "s.json").read_text())
    assert (found["metadata"]["name"], found["status"]["url"], "spec" in found) == ("iris", URL, False)
    assert "Ready is Unknown (RevisionMissing)" in err and "PredictorReady is True" in err and f"is ready: {URL}" in err


def test_a_cluster_with_kfserving_alone_is_served(forked, tmp_path):
    with running(KFSERVING, ROLE, "team-a") as api:
        api.env = api.kubeconfig(tmp_path / "k", namespace="team-a")
        run = forked.begin(api, **ports())
        assert api.wait_for(STATUS, "team-a", "iris")["apiVersion"] == "serving.kubeflow.org/v1beta1"
        api.put(STATUS, "team-a", "iris", status={key: value for key, value in ready().items() if key != "observedGeneration"})
        run.finished().succeeded()
        forked(env=api.env, **ports(action="apply", framework="mlflow")).failed("framework: 'mlflow' is not one of sklearn, xgboost", code=1)


def test_any_model_format_is_served_by_kserve(forked, cluster):
    serve(cluster)
    run = forked.begin(cluster, **ports(action="apply", framework="MLflow"))
    cluster.wait_for(STATUS, "anonymous", "iris")
    assert predictor(cluster)["model"] == {"modelFormat": {"name": "mlflow"}, "storageUri": "s3://models/iris"}
    cluster.put(STATUS, "anonymous", "iris", status=ready("iris-00002", observedGeneration=2))
    run.finished().succeeded()


def test_an_update_waits_for_the_new_revision(forked, cluster):
    serve(cluster, canaryTrafficPercent=20)
    run = forked.begin(cluster, **ports(action="apply", framework="tensorflow"))
    cluster.wait_for(STATUS, "anonymous", "iris")
    assert predictor(cluster) == {"model": {"modelFormat": {"name": "tensorflow"}, "storageUri": "s3://models/iris"}, "timeout": 60}
    cluster.told()
    new = ready(observedGeneration=2)
    for not_yet in ({}, {"components": {"predictor": {"latestCreatedRevision": "iris-00002", "latestReadyRevision": "iris-00001"}}},
                    {"components": {}, "modelStatus": {"transitionStatus": "InProgress"}}):
        cluster.put(STATUS, "anonymous", "iris", status={**(new if not_yet else ready()), **not_yet})
        cluster.told()
        assert run.alive()
    cluster.put(STATUS, "anonymous", "iris", status={**ready("iris-00002", observedGeneration=2), "modelStatus": {"transitionStatus": "UpToDate"}, "url": URL + "/2"})
    run.finished().succeeded()
    assert (forked.folder / "url.txt").read_text() == URL + "/2"


def test_a_change_that_is_none_is_ready_at_once(forked, cluster):
    serve(cluster, timeout=60)
    cluster.put(STATUS, "anonymous", "iris", status={"observedGeneration": None})
    forked(env=cluster.env, **ports(action="promote")).succeeded()


def test_canary_traffic_is_shared_changed_and_ended(forked, cluster):
    serve(cluster)
    for generation, wanted, more in ((2, 10, {"action": "rollout", "canary_traffic_percent": 10}),
                                     (3, 40, {"action": "rollout", "canary_traffic_percent": 40, "model_uri": "", "framework": ""}),
                                     (4, None, {"action": "promote"})):
        run = forked.begin(cluster, **ports(**more))
        cluster.wait(lambda: cluster.open_watches and cluster.get(STATUS, "anonymous", "iris")["metadata"]["generation"] == generation)
        assert predictor(cluster).get("canaryTrafficPercent") == wanted
        assert predictor(cluster)["model"]["storageUri"] == "s3://models/iris"
        cluster.put(STATUS, "anonymous", "iris", status=ready(observedGeneration=generation))
        run.finished().succeeded()


def test_a_custom_container_takes_the_place_of_a_framework(forked, cluster):
    serve(cluster)
    spec = {"image": "reg.example/detector:1", "port": "5000", "env": [{"name": "A", "value": "b"}], "image_pull_policy": "Always", "working_dir": "/srv"}
    run = forked.begin(cluster, **ports(action="update", framework="", custom_model_spec=json.dumps(spec)))
    cluster.wait_for(STATUS, "anonymous", "iris")
    assert predictor(cluster) == {"timeout": 60, "containers": [{
        "name": "kserve-container", "image": "reg.example/detector:1", "ports": [{"containerPort": 5000, "protocol": "TCP"}], "imagePullPolicy": "Always", "workingDir": "/srv",
        "env": [{"name": "A", "value": "b"}, {"name": "STORAGE_URI", "value": "s3://models/iris"}]}]}
    cluster.put(STATUS, "anonymous", "iris", status=ready("iris-00002", observedGeneration=2))
    run.finished().succeeded()


def test_a_whole_service_is_taken_as_yaml(forked, cluster):
    text = yaml.safe_dump({"apiVersion": "serving.kubeflow.org/v1beta1", "kind": "InferenceService",
                           "metadata": {"name": "iris", "namespace": "anonymous", "uid": "old", "resourceVersion": "7", "labels": {"team": "a"}},
                           "spec": {"predictor": {"sklearn": {"storageUri": "gs://a"}}, "transformer": {"containers": [{"name": "t", "image": "i"}]}}})
    run = forked.begin(cluster, inferenceservice_yaml=text, inferenceservice_status="s.json", url="url.txt")
    service = cluster.wait_for(STATUS, "anonymous", "iris")
    assert service["apiVersion"] == "serving.kserve.io/v1beta1" and service["metadata"]["labels"] == {"team": "a"} and "transformer" in service["spec"]
    cluster.put(STATUS, "anonymous", "iris", status=ready())
    run.finished().succeeded()


def test_deletion_waits_until_the_service_is_gone(forked, cluster):
    serve(cluster)
    cluster.put(STATUS, "anonymous", "iris", metadata={"finalizers": ["inferenceservice.finalizers"]})
    run = forked.begin(cluster, **ports(action="delete"))
    cluster.wait(lambda: cluster.open_watches and "deletionTimestamp" in cluster.get(STATUS, "anonymous", "iris")["metadata"])
    assert run.alive()
    cluster.remove(STATUS, "anonymous", "iris")
    run.finished().succeeded()
    assert (forked.folder / "url.txt").read_text() == "" and json.loads((forked.folder / "s.json").read_text())["status"] == {}
    assert "there is no InferenceService anonymous/iris" in forked(env=cluster.env, **ports(action="delete")).succeeded().err


def test_a_model_that_cannot_be_loaded_ends_with_3(forked, cluster):
    run = forked.begin(cluster, **ports())
    cluster.wait_for(STATUS, "anonymous", "iris")
    cluster.put("pods", "anonymous", "iris-1", metadata={"labels": {"serving.kserve.io/inferenceservice": "iris"}, "name": "iris-1", "namespace": "anonymous"},
                status={"phase": "Pending", "containerStatuses": [{"name": "kserve-container", "image": "i", "imageID": "", "ready": False, "restartCount": 3,
                                                                   "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}}}]})
    cluster.put(STATUS, "anonymous", "iris", status={"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "False"}], "modelStatus": {
        "transitionStatus": "BlockedByFailedLoad", "lastFailureInfo": {"reason": "ModelLoadFailed", "message": "No such file: model.joblib"}}})
    run.finished().failed("BlockedByFailedLoad: ModelLoadFailed: No such file: model.joblib; pod iris-1: CrashLoopBackOff: back-off 40s", code=3)
    assert cluster.get(STATUS, "anonymous", "iris") is None
    assert json.loads((forked.folder / "s.json").read_text())["status"]["modelStatus"]["lastFailureInfo"]["reason"] == "ModelLoadFailed"


@pytest.mark.parametrize("delete_unready", [True, False])
def test_a_service_that_is_not_ready_in_time_is_deleted_when_it_is_ours(forked, hurried, delete_unready):
    run = forked.begin(hurried, speed=60, **ports(watch_timeout=90, delete_unready=delete_unready))
    hurried.wait_for(STATUS, "anonymous", "iris")
    hurried.put(STATUS, "anonymous", "iris", status={"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "False"}]})
    run.finished().failed("not ready within 90 s (Ready False)", code=5)
    assert (hurried.get(STATUS, "anonymous", "iris") is None) == delete_unready


def test_an_evicted_pod_is_told_and_a_service_of_others_stays(forked, hurried):
    serve(hurried)
    hurried.put("pods", "anonymous", "iris-1", metadata={"labels": {"serving.kserve.io/inferenceservice": "iris"}, "name": "iris-1", "namespace": "anonymous"},
                status={"phase": "Failed", "reason": "Evicted", "message": "The node had condition: [DiskPressure]."})
    forked(env=hurried.env, speed=60, **ports(action="update", watch_timeout=60)).failed("pod iris-1: Evicted: The node had condition: [DiskPressure].", code=4)
    assert hurried.get(STATUS, "anonymous", "iris")


def test_a_service_that_somebody_deletes_has_failed(forked, cluster):
    run = forked.begin(cluster, **ports())
    cluster.wait_for(STATUS, "anonymous", "iris")
    cluster.break_watches()
    cluster.forget_history()
    cluster.remove(STATUS, "anonymous", "iris")
    run.finished().failed("InferenceService anonymous/iris was deleted before it was ready", code=3)


def test_sigterm_deletes_what_the_run_has_created(forked, cluster):
    run = forked.begin(cluster, **ports())
    cluster.wait_for(STATUS, "anonymous", "iris")
    run.terminate()
    run.finished().failed("stopped by SIGTERM", code=143)
    assert cluster.get(STATUS, "anonymous", "iris") is None


def test_what_is_there_is_no_place_to_create(forked, cluster):
    serve(cluster)
    forked(env=cluster.env, **ports()).failed("InferenceService anonymous/iris is there already", "action=apply changes it", code=1)
    assert predictor(cluster)["model"]["storageUri"] == "s3://old"


@pytest.mark.parametrize("action", ["update", "rollout", "promote"])
def test_what_is_not_there_cannot_be_changed(forked, cluster, action):
    forked(env=cluster.env, **ports(action=action)).failed(f"there is no InferenceService anonymous/iris to {action}; action=apply creates it", code=1)


def test_a_cluster_without_kserve_is_told(forked, tmp_path):
    with running(KUBEFLOW, ROLE, "anonymous") as api:
        forked(env=api.kubeconfig(tmp_path / "k"), **ports()).failed(
            "has no inferenceservices.serving.kserve.io/v1beta1 or inferenceservices.serving.kubeflow.org/v1beta1. Install KServe", "kubeflow.org (v1, v1beta1)", code=1)


def test_each_action_asks_for_its_own_rights(forked, tmp_path):
    with running(KSERVE, None, "anonymous") as api:
        api.env = api.kubeconfig(tmp_path / "k")
        forked(env=api.env, **ports(action="delete")).failed(
            "lacks rights in the namespace anonymous: list inferenceservices.serving.kserve.io, watch inferenceservices.serving.kserve.io, delete inferenceservices.serving.kserve.io. "
            "components/deploy/kserve/role.yaml grants them", code=1)
        forked(env=api.env, **ports(action="update")).failed("patch inferenceservices.serving.kserve.io, list pods. components", code=1)


@pytest.mark.parametrize("wrong, part", [
    ({"action": "install"}, "action: 'install' is not one of create, apply, update"),
    ({"model_name": ""}, "give model_name, or inferenceservice_yaml"),
    ({"model_name": "1st"}, "model_name: '1st' is not a name"),
    ({"model_uri": ""}, "give model_uri and framework, or custom_model_spec, or inferenceservice_yaml"),
    ({"action": "rollout", "framework": ""}, "a rollout of another model needs model_uri and framework"),
    ({"custom_model_spec": "{"}, "custom_model_spec: not valid JSON"),
    ({"custom_model_spec": '{"port": 1}'}, "custom_model_spec: there is no image"),
    ({"inferenceservice_yaml": "- a"}, "inferenceservice_yaml: not valid JSON"),
    ({"inferenceservice_yaml": "{spec: {default: {}}}"}, "inferenceservice_yaml: a v1beta1 InferenceService has metadata and spec.predictor"),
    ({"canary_traffic_percent": "101"}, "canary_traffic_percent: 101 is not between 0 and 100"),
    ({"min_replicas": "4", "max_replicas": "2"}, "max_replicas: 2 is less than 4"),
    ({"watch_timeout": "5m"}, "watch_timeout: '5m' is not a whole number")])
def test_wrong_inputs_are_told_before_anything_is_asked(forked, cluster, wrong, part):
    forked(env=cluster.env, **ports(**wrong)).failed(part, code=1)
    assert not cluster.asked
