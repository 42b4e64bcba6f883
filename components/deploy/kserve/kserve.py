"""
Deploys a model: creates, changes or deletes an InferenceService of KServe (or of KFServing), waits until it is ready and reports its URL.

Exit codes: 0 ready, or deleted; 1 an input, a right or something in the cluster is missing; 3 the model failed to load or the service was deleted;
4 its pods were evicted; 5 it was not ready within watch_timeout. A service that this run has created and that did not become ready is deleted,
also at SIGTERM, unless delete_unready is off; one that was there before stays, and KServe keeps serving its last ready revision.
"""

# claimed: category=Deploy
# claimed: group=Serving
# claimed: displayName=KServe
# claimed: tags=kfserving, kserve, inference, kubernetes
# claimed: imports=kubernetes,yaml
# claimed: output inferenceservice_status: JsonObject from output_inferenceservice_status

# pip install kubernetes==31.0.0

import json
import logging
import os

from cluster import carry_out
from ports import EVICTED, FAILED, TIMED_OUT, End, write
from service import Settings, Wanted
from troubles import told

# What to do: create, update, apply (create, or update what is there), rollout (a new model gets canary_traffic_percent), promote, delete
action = os.environ.get('action', 'create').strip().lower()

# Name of the InferenceService; empty takes the one in inferenceservice_yaml
model_name = os.environ.get('model_name', '')

# Where the model is: s3://, gs://, pvc://, https://, hdfs:// …
model_uri = os.environ.get('model_uri', '')

# Share of requests in percent that the new model gets, the last ready one gets the rest; 100 all, 0 rolls back
canary_traffic_percent = os.environ.get('canary_traffic_percent', '100')

# Namespace of the service; empty takes the one in inferenceservice_yaml, else the namespace of this step, else anonymous
namespace = os.environ.get('namespace', '')

# Framework of the model: sklearn, xgboost, tensorflow, pytorch, triton, onnx, pmml, lightgbm; with KServe any other model format, too
framework = os.environ.get('framework', '')

# Instead of a framework, a container that serves: {"image": …, "port": 8080, "name": …, "env": [], "command": [], "args": [], "resources": {}}
custom_model_spec = os.environ.get('custom_model_spec', '{}')

# Requests, or requests per second, of one replica before there are more; 0 leaves it to the cluster
autoscaling_target = os.environ.get('autoscaling_target', '0')

# Service account of the pods; it holds the credentials of the model's storage
service_account = os.environ.get('service_account', '')

# Whether the pods get a sidecar of Istio
enable_istio_sidecar = os.environ.get('enable_istio_sidecar', 'True').lower() in ('true', '1', 'yes')

# A whole InferenceService as YAML or JSON; inputs about the model then count for nothing
inferenceservice_yaml = os.environ.get('inferenceservice_yaml', '{}')

# Seconds until the service must be ready, or gone
watch_timeout = os.environ.get('watch_timeout', '300')

# Fewest replicas; 0 scales to none when nobody asks, -1 leaves it to the cluster
min_replicas = os.environ.get('min_replicas', '-1')

# Most replicas; -1 leaves it to the cluster
max_replicas = os.environ.get('max_replicas', '-1')

# Seconds that a request to the model may take
request_timeout = os.environ.get('request_timeout', '60')

# Whether a service that this run has created is deleted when it does not become ready
delete_unready = os.environ.get('delete_unready', 'True').lower() in ('true', '1', 'yes')

# Path of a kubeconfig file; empty takes the account of the pod, else the file that KUBECONFIG names or ~/.kube/config
kubeconfig = os.environ.get('kubeconfig', '')

# The InferenceService as the cluster has it at the end: apiVersion, kind, metadata and status, without the spec
output_inferenceservice_status = os.environ['output_inferenceservice_status']

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')

GROUPS = [('serving.kserve.io', 'v1beta1'), ('serving.kubeflow.org', 'v1beta1')]
OPERATOR = 'Install KServe (serving.kserve.io), or KFServing 0.5 or 0.6 (serving.kubeflow.org).'
VERBS = {
    'create': ['create', 'list', 'watch', 'delete'], 'apply': ['create', 'list', 'watch', 'patch', 'delete'], 'update': ['list', 'watch', 'patch'],
    'rollout': ['list', 'watch', 'patch'], 'promote': ['list', 'watch', 'patch'], 'delete': ['list', 'watch', 'delete'],
}


class Progress:
    """What is known of the service; says what is new."""

    def __init__(self, where, service, generation_before):
        self.where, self.service, self.said = where, service, {}
        # A patch that changes nothing leaves the generation, and no news will come.
        self.unchanged = service['metadata'].get('generation') == generation_before
        self.first = service['metadata']['resourceVersion']

    def see(self, service):
        self.service = service
        for condition in self.status.get('conditions') or ():
            text = f'{condition.get("type")} is {condition.get("status")}'
            reason = ': '.join(part for part in (condition.get('reason'), condition.get('message')) if part)
            self.say(condition.get('type'), f'{text} ({reason})' if reason else text)
        if transition := self.model.get('transitionStatus'):
            self.say('model', f'model {transition}')

    def say(self, about, text):
        if self.said.get(about) != text:
            self.said[about] = text
            logging.info('InferenceService %s: %s', self.where, text)

    @property
    def status(self):
        return self.service.get('status') or {}

    @property
    def model(self):
        return self.status.get('modelStatus') or {}

    @property
    def is_current(self):
        """Whether the status is about the spec as it is now, and not about the one before."""
        observed = self.status.get('observedGeneration')
        if observed is not None:
            return observed >= self.service['metadata'].get('generation', 0)
        return self.unchanged or self.service['metadata']['resourceVersion'] != self.first

    @property
    def is_ready(self):
        ready = any(one.get('type') == 'Ready' and one.get('status') == 'True' for one in self.status.get('conditions') or ())
        parts = (self.status.get('components') or {}).values()
        rolled = all(part.get('latestCreatedRevision') == part.get('latestReadyRevision') for part in parts if part.get('latestCreatedRevision'))
        return ready and rolled and self.is_current and self.model.get('transitionStatus') not in ('InProgress', 'BlockedByFailedLoad', 'InvalidSpec')

    @property
    def failure(self):
        """Why it can never become ready, or None."""
        if not self.is_current or self.model.get('transitionStatus') not in ('BlockedByFailedLoad', 'InvalidSpec'):
            return None
        about = self.model.get('lastFailureInfo') or {}
        return ': '.join(part for part in (self.model['transitionStatus'], about.get('reason'), about.get('message')) if part)

    @property
    def url(self):
        address = self.status.get('address') or {}
        return self.status.get('url') or address.get('url') or ''

    def report(self):
        metadata = {key: value for key, value in self.service['metadata'].items() if key in ('name', 'namespace', 'uid', 'generation', 'creationTimestamp')}
        found = {'apiVersion': self.service.get('apiVersion'), 'kind': 'InferenceService', 'metadata': metadata, 'status': self.status}
        write(output_inferenceservice_status, json.dumps(found, indent=2))


def unready(cluster, services, progress, text, code):
    """The end of a run whose service is not ready, with what its pods say."""
    name = progress.service['metadata']['name']
    troubles = cluster.pods(progress.service['metadata']['namespace'], f'{services[0]}/inferenceservice={name}')
    evicted = any(one['evicted'] for one in troubles)
    return End(f'InferenceService {progress.where}: {text}{told(troubles)}', EVICTED if evicted else code)


def wait(cluster, services, progress):
    """Follows the service until it is ready."""
    try:
        for service, gone in cluster.follow(services, progress.service['metadata']['namespace'], progress.service):
            progress.see(service)
            if gone:
                raise End(f'InferenceService {progress.where} was deleted before it was ready', FAILED)
            if progress.failure:
                raise unready(cluster, services, progress, progress.failure, FAILED)
            if progress.is_ready:
                return
    except End as end:
        if end.code != TIMED_OUT:
            raise
        cluster.more_time(30)
        states = ', '.join(f'{one.get("type")} {one.get("status")}' for one in progress.status.get('conditions') or ()) or 'no conditions yet'
        raise unready(cluster, services, progress, f'not ready within {watch_timeout} s ({states})', TIMED_OUT) from end
    finally:
        progress.report()


def delete(cluster, services, where, name):
    """Deletes the service and waits until it is gone."""
    there = cluster.find(services, where, name)
    if there is None:
        logging.warning('there is no InferenceService %s/%s', where, name)
        there = {'apiVersion': '/'.join(services[:2]), 'metadata': {'name': name, 'namespace': where, 'resourceVersion': ''}}
    else:
        cluster.delete(services, where, there)
        for _, gone in cluster.follow(services, where, there):
            if gone:
                break
    there['status'] = {}
    Progress(f'{where}/{name}', there, None).report()


def work(cluster):
    if action not in VERBS:
        raise End(f"action: '{action}' is not one of {', '.join(VERBS)}")
    wanted = Wanted(Settings(action, model_name, namespace, model_uri, framework, custom_model_spec, inferenceservice_yaml, canary_traffic_percent, autoscaling_target,
                             service_account, enable_istio_sidecar, min_replicas, max_replicas, request_timeout, watch_timeout))
    cluster.connect(kubeconfig, wanted.seconds)
    where, name = wanted.namespace or cluster.namespace or 'anonymous', wanted.name
    services = cluster.resource('inferenceservices', GROUPS, OPERATOR)
    rights = [(services, VERBS[action]), *([] if action == 'delete' else [(('', 'v1', 'pods'), ['list'])])]
    cluster.check_rights(where, rights, 'components/deploy/kserve/role.yaml')
    if action == 'delete':
        delete(cluster, services, where, name)
        return ''
    there = None if action == 'create' else cluster.find(services, where, name)
    if there is None and action not in ('create', 'apply'):
        raise End(f'there is no InferenceService {where}/{name} to {action}; action=apply creates it')
    if there is None:
        now = cluster.create(services, where, 'InferenceService', wanted.service(services), 'action=apply changes it')
        if not delete_unready:
            cluster.made = None
    else:
        now = cluster.patch(services, where, name, wanted.patch(services, there))
    logging.info('InferenceService %s/%s %s in %s', where, name, 'created' if there is None else 'changed', cluster.host)
    progress = Progress(f'{where}/{name}', now, there['metadata'].get('generation') if there else None)
    wait(cluster, services, progress)
    logging.info('InferenceService %s/%s is ready: %s', where, name, progress.url or 'it has no URL')
    return progress.url


def main(cluster):
    # Where the model is served; empty after action=delete
    os.environ['url'] = work(cluster)


carry_out(main)
