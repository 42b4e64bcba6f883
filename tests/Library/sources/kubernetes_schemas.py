"""
What the CRDs and the admission webhooks of these operators require of an object, written down from their published types.
A key that ends in `!` is required; a type alone is `str`, `int` …; a list holds what its only element says; {"*": t} is a map; ANY is anything.
"""

import re

ANY = object()

ENV = {"name!": str, "value": str, "valueFrom": ANY}
RESOURCES = {"requests": {"*": (str, int)}, "limits": {"*": (str, int)}, "claims": ANY}
CONTAINER = {
    "name!": str, "image": str, "imagePullPolicy": str, "command": [str], "args": [str], "workingDir": str, "env": [ENV], "envFrom": ANY, "resources": RESOURCES,
    "ports": [{"containerPort!": int, "name": str, "protocol": str}], "volumeMounts": ANY, "livenessProbe": ANY, "readinessProbe": ANY, "securityContext": ANY,
}
POD = {
    "containers!": [CONTAINER], "initContainers": [CONTAINER], "serviceAccountName": str, "restartPolicy": str, "nodeSelector": {"*": str}, "tolerations": ANY,
    "affinity": ANY, "volumes": ANY, "imagePullSecrets": ANY, "schedulerName": str, "priorityClassName": str, "securityContext": ANY,
}
METADATA = {
    "name!": str, "namespace": str, "labels": {"*": str}, "annotations": {"*": str}, "uid": str, "creationTimestamp": str, "generation": int, "resourceVersion": str,
    "finalizers": [str], "deletionTimestamp": str,
}
REPLICA = {"replicas": int, "restartPolicy": ("Always", "OnFailure", "Never", "ExitCode"), "template!": {"metadata": ANY, "spec!": POD}}
TFJOB = {
    "runPolicy": {
        "activeDeadlineSeconds": int, "backoffLimit": int, "ttlSecondsAfterFinished": int, "cleanPodPolicy": ("", "All", "Running", "None"),
        "schedulingPolicy": ANY, "suspend": bool,
    },
    "successPolicy": ("", "AllWorkers"), "enableDynamicWorker": bool,
    "tfReplicaSpecs!": {"PS": REPLICA, "Worker": REPLICA, "Chief": REPLICA, "Master": REPLICA, "Evaluator": REPLICA},
}
SETTINGS = [{"name": str, "value": str}]
PARAMETER = {"name!": str, "parameterType!": ("double", "int", "discrete", "categorical"),
             "feasibleSpace!": {"min": str, "max": str, "step": str, "list": [str], "distribution": str}}
EXPERIMENT = {
    "parameters": [PARAMETER], "nasConfig": ANY, "earlyStopping": {"algorithmName": str, "algorithmSettings": SETTINGS},
    "objective!": {"type!": ("minimize", "maximize"), "goal": (int, float), "objectiveMetricName!": str, "additionalMetricNames": [str],
                   "metricStrategies": [{"name": str, "value": ("min", "max", "latest")}]},
    "algorithm!": {"algorithmName!": str, "algorithmSettings": SETTINGS},
    "parallelTrialCount": int, "maxTrialCount": int, "maxFailedTrialCount": int, "resumePolicy": ("Never", "LongRunning", "FromVolume"), "metricsCollectorSpec": ANY,
    "trialTemplate!": {"retain": bool, "trialSpec": ANY, "configMap": ANY, "trialParameters": [{"name": str, "description": str, "reference": str}],
                       "primaryPodLabels": {"*": str}, "primaryContainerName": str, "successCondition": str, "failureCondition": str},
}
MODEL = {**CONTAINER, "storageUri": str, "runtimeVersion": str, "protocolVersion": str, "storage": ANY}
del MODEL["name!"]
MODEL["name"] = str
FRAMEWORKS = ("sklearn", "xgboost", "tensorflow", "pytorch", "triton", "onnx", "pmml", "lightgbm")
EXTENSION = {
    "minReplicas": int, "maxReplicas": int, "scaleTarget": int, "scaleMetric": str, "containerConcurrency": int, "timeout": int, "canaryTrafficPercent": int,
    "logger": ANY, "batcher": ANY, "labels": {"*": str}, "annotations": {"*": str}, "deploymentStrategy": ANY,
}
PREDICTOR = {
    **POD, **EXTENSION, **{framework: MODEL for framework in FRAMEWORKS}, "containers": [CONTAINER],
    "model": {**MODEL, "modelFormat!": {"name!": str, "version": str}, "runtime": str},
}
del PREDICTOR["containers!"]
INFERENCE_SERVICE = {"predictor!": PREDICTOR, "transformer": ANY, "explainer": ANY}
SPECS = {"TFJob": TFJOB, "Experiment": EXPERIMENT, "InferenceService": INFERENCE_SERVICE}


def differences(wanted, found, at):
    if wanted is ANY:
        return
    if isinstance(wanted, dict):
        if not isinstance(found, dict):
            yield f"{at}: must be an object"
            return
        every = wanted.get("*")
        for key, value in found.items():
            inner = every or wanted.get(key, wanted.get(f"{key}!"))
            if inner is None:
                yield f'{at}: unknown field "{key}"'
            else:
                yield from differences(inner, value, f"{at}.{key}")
        yield from (f"{at}.{key[:-1]}: Required value" for key in wanted if key.endswith("!") and key[:-1] not in found)
    elif isinstance(wanted, list):
        if not isinstance(found, list):
            yield f"{at}: must be an array"
            return
        for number, one in enumerate(found):
            yield from differences(wanted[0], one, f"{at}[{number}]")
    elif isinstance(wanted, tuple) and isinstance(wanted[0], str):
        if found not in wanted:
            yield f"{at}: Unsupported value: {found!r}"
    elif not isinstance(found, wanted) or isinstance(found, bool) and wanted is not bool:
        yield f"{at}: Invalid value: {type(found).__name__}"


def wrong_with(kind, body):
    """What the API server and the webhook would refuse, as a list of sentences."""
    top = {"apiVersion!": str, "kind!": str, "metadata!": METADATA, "spec!": SPECS[kind], "status": ANY}
    wrong = list(differences(top, body, ""))
    if wrong:
        return wrong
    name, spec = body["metadata"]["name"], body["spec"]
    if kind == "TFJob":
        for replica, it in spec["tfReplicaSpecs"].items():
            if "tensorflow" not in [container["name"] for container in it["template"]["spec"]["containers"]]:
                wrong.append(f"there is no container named tensorflow in {replica}")
        if not spec["tfReplicaSpecs"]:
            wrong.append("tfReplicaSpecs: Required value")
    if kind == "Experiment" and not spec.get("parameters") and not spec.get("nasConfig"):
        wrong.append("spec.parameters or spec.nasConfig must be specified")
    if kind == "InferenceService":
        predictor = spec["predictor"]
        implementations = [key for key in (*FRAMEWORKS, "model", "containers") if predictor.get(key)]
        if len(implementations) != 1:
            wrong.append(f"exactly one of them must be specified in PredictorSpec, there are {implementations}")
        if not re.fullmatch("[a-z]([-a-z0-9]*[a-z0-9])?", name):
            wrong.append("a name must consist of lower case alphanumeric characters or '-'")
        if predictor.get("maxReplicas") and predictor.get("minReplicas", 1) > predictor["maxReplicas"]:
            wrong.append("'MinReplicas' cannot be greater than MaxReplicas")
        if not 0 <= predictor.get("canaryTrafficPercent", 0) <= 100:
            wrong.append("canaryTrafficPercent should be between 0 and 100")
    return wrong


def defaulted(group, kind, body):
    """KServe writes the old way to name a framework as a model format."""
    predictor = body["spec"].get("predictor") if kind == "InferenceService" and group == "serving.kserve.io" else None
    for framework in FRAMEWORKS if predictor else ():
        if framework in predictor:
            predictor["model"] = {"modelFormat": {"name": framework}, **predictor.pop(framework)}
    return body
