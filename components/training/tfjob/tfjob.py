"""
Trains with TensorFlow on several nodes and GPUs: runs a TFJob of the Kubeflow training operator and waits for its end.

Exit codes: 0 succeeded; 1 an input, a right or something in the cluster is missing; 3 the job failed or was deleted; 4 it failed because a pod was
evicted; 5 it took longer than tfjob_timeout_minutes. What is not done at a time-out or at SIGTERM is deleted, so that nothing trains on.
"""

# claimed: category=Training
# claimed: group=Distributed
# claimed: displayName=TFJob
# claimed: tags=tfjob, kubeflow, tensorflow, kubernetes, gpu
# claimed: imports=kubernetes,yaml
# claimed: input active_deadline_seconds: Integer
# claimed: input backoff_limit: Integer
# claimed: input ttl_seconds_after_finished: Integer
# claimed: input ps_spec: JsonObject
# claimed: input worker_spec: JsonObject
# claimed: input chief_spec: JsonObject
# claimed: input evaluator_spec: JsonObject
# claimed: input tfjob_timeout_minutes: Integer
# claimed: output status: JsonObject from output_status

# pip install kubernetes==31.0.0

import json
import logging
import os

from cluster import carry_out
from ports import EVICTED, FAILED, End, mapping, named, whole, write
from troubles import speaks_of_eviction, spoken_of, told

# Name of the TFJob: small letters, digits and dashes
name = os.environ['name']

# Namespace that it runs in
namespace = os.environ.get('namespace', 'kubeflow')

# Version of kubeflow.org whose TFJob it is
version = os.environ.get('version', 'v1')

# Seconds after its start at which the operator ends the job as failed; -1 sets no limit
active_deadline_seconds = os.environ.get('active_deadline_seconds', '-1')

# How often a failed pod is started again before the job counts as failed; -1 leaves it to the operator
backoff_limit = os.environ.get('backoff_limit', '-1')

# Seconds after its end at which the operator deletes the job; -1 never does
ttl_seconds_after_finished = os.environ.get('ttl_seconds_after_finished', '-1')

# Which pods the operator deletes at the end of the job: Running, All or None
clean_pod_policy = os.environ.get('clean_pod_policy', 'Running')

# Parameter servers, a replica spec: {"replicas": 1, "restartPolicy": "OnFailure", "template": {a pod template with a container tensorflow}}
ps_spec = os.environ.get('ps_spec', '{}')

# Workers, a replica spec
worker_spec = os.environ.get('worker_spec', '{}')

# Chief, a replica spec with one replica
chief_spec = os.environ.get('chief_spec', '{}')

# Evaluator, a replica spec
evaluator_spec = os.environ.get('evaluator_spec', '{}')

# Minutes until the job must be done; it is deleted then
tfjob_timeout_minutes = os.environ.get('tfjob_timeout_minutes', '1440')

# Whether the job is deleted after it has succeeded; a failed one stays to be looked at
delete_finished_tfjob = os.environ.get('delete_finished_tfjob', 'True').lower() in ('true', '1', 'yes')

# Path of a kubeconfig file; empty takes the account of the pod, else the file that KUBECONFIG names or ~/.kube/config
kubeconfig = os.environ.get('kubeconfig', '')

# How it ended: name, namespace, state (Succeeded, Failed, Evicted, Deleted, or where it stood), message, the job's status, and pods that failed
output_status = os.environ['output_status']

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')

OPERATOR = 'Install the Kubeflow training operator 1.x, which brings TFJob; Kubeflow Trainer 2 (trainer.kubeflow.org) alone does not.'
POLICIES = ('Running', 'All', 'None')
RESTARTS = ('Always', 'OnFailure', 'Never', 'ExitCode')


def replicas():
    """The specs that are given, checked for what the operator would refuse or pass over in silence."""
    given = {'PS': ('ps_spec', ps_spec), 'Worker': ('worker_spec', worker_spec), 'Chief': ('chief_spec', chief_spec), 'Evaluator': ('evaluator_spec', evaluator_spec)}
    specs = {}
    for kind, (port, text) in given.items():
        spec = mapping(port, text)
        if not spec:
            continue
        unknown = sorted(set(map(str, spec)) - {'replicas', 'restartPolicy', 'template'})
        if unknown:
            raise End(f'{port}: there is no {", ".join(unknown)} in a replica spec; it has replicas, restartPolicy and template')
        if spec.get('restartPolicy', 'Never') not in RESTARTS:
            raise End(f'{port}: restartPolicy is one of {", ".join(RESTARTS)}')
        try:
            names = [container['name'] for container in spec['template']['spec']['containers']]
        except (KeyError, TypeError):
            raise End(f'{port}: a list of containers, each with a name, is missing at template.spec.containers') from None
        if 'tensorflow' not in names:
            raise End(f'{port}: the operator needs a container named tensorflow; there is {", ".join(map(str, names)) or "none"}')
        specs[kind] = spec
    if not specs:
        raise End('give at least one of worker_spec, chief_spec, ps_spec and evaluator_spec')
    return specs


def tfjob():
    """The object to create."""
    if clean_pod_policy not in POLICIES:
        raise End(f"clean_pod_policy: '{clean_pod_policy}' is not one of {', '.join(POLICIES)}")
    limits = {
        'activeDeadlineSeconds': whole('active_deadline_seconds', active_deadline_seconds, -1),
        'backoffLimit': whole('backoff_limit', backoff_limit, -1),
        'ttlSecondsAfterFinished': whole('ttl_seconds_after_finished', ttl_seconds_after_finished, -1),
    }
    if limits['activeDeadlineSeconds'] == 0:
        raise End('active_deadline_seconds: 0 leaves no time; -1 sets no limit')
    policy = {'cleanPodPolicy': clean_pod_policy, **{key: value for key, value in limits.items() if value >= 0}}
    return {'metadata': {'name': named('name', name)}, 'spec': {'runPolicy': policy, 'tfReplicaSpecs': replicas()}}


class Progress:
    """What is known of the job; says what is new, and why pods failed while they can still be seen."""

    def __init__(self, cluster, job):
        self.cluster, self.job, self.said, self.failed, self.troubles = cluster, job, {}, 0, {}
        self.state, self.message = 'Submitted', ''

    def see(self, job):
        self.job = job
        status = job.get('status') or {}
        for condition in status.get('conditions') or ():
            if condition.get('status') == 'True':
                self.state, self.message = condition['type'], condition.get('message') or ''
                self.say(condition['type'], spoken_of(condition))
        failed, restarts = 0, 'Restarting' in self.said
        for kind, counts in sorted((status.get('replicaStatuses') or {}).items()):
            counts = {key: (counts or {}).get(key) or 0 for key in ('active', 'succeeded', 'failed')}
            self.say(f'replicas of {kind}', f'{kind}: ' + ', '.join(f'{count} {key}' for key, count in counts.items()))
            failed += counts['failed']
        if failed + restarts > self.failed:
            self.look_at_pods()
        self.failed = max(self.failed, failed + restarts)

    def say(self, about, text):
        if self.said.get(about) != text:
            self.said[about] = text
            logging.info('TFJob %s/%s: %s', namespace, name, text)

    def look_at_pods(self):
        for trouble in self.cluster.pods(namespace, f'training.kubeflow.org/job-name={name}'):
            if trouble['pod'] not in self.troubles:
                logging.warning('pod %s: %s %s', trouble['pod'], trouble['reason'], trouble['message'] or '')
            self.troubles[trouble['pod']] = trouble

    def end(self):
        """The condition that ends the job, or None."""
        conditions = (self.job.get('status') or {}).get('conditions') or ()
        return next((one for one in conditions if one.get('type') in ('Succeeded', 'Failed', 'Evicted') and one.get('status') == 'True'), None)

    def evicted(self, end):
        return end['type'] == 'Evicted' or speaks_of_eviction(end.get('reason'), name) or speaks_of_eviction(end.get('message'), name) \
            or any(trouble['evicted'] for trouble in self.troubles.values())

    def report(self):
        found = {'name': name, 'namespace': namespace, 'state': self.state, 'message': self.message, 'status': self.job.get('status') or {},
                 'pods': list(self.troubles.values())}
        write(output_status, json.dumps(found, indent=2))


def judge(progress, gone):
    """Ends the run unless the job goes on; True when it has succeeded."""
    end = progress.end()
    if end is not None and end['type'] == 'Succeeded':
        return True
    if end is not None:
        progress.look_at_pods()
        evicted = progress.evicted(end)
        progress.state = 'Evicted' if evicted else 'Failed'
        raise End(f'TFJob {namespace}/{name}: {spoken_of(end)}{told(list(progress.troubles.values()))}', EVICTED if evicted else FAILED, keep=True)
    if gone:
        progress.state = 'Deleted'
        raise End(f'TFJob {namespace}/{name} was deleted while it ran', FAILED, keep=True)
    return False


def work(cluster):
    body = tfjob()
    named('namespace', namespace)
    cluster.connect(kubeconfig, 60 * whole('tfjob_timeout_minutes', tfjob_timeout_minutes, 1))
    tfjobs = cluster.resource('tfjobs', [('kubeflow.org', version)], OPERATOR)
    pods = ('', 'v1', 'pods')
    cluster.check_rights(namespace, [(tfjobs, ['create', 'list', 'watch', 'delete']), (pods, ['list'])], 'components/training/tfjob/role.yaml')
    made = cluster.create(tfjobs, namespace, 'TFJob', body, 'delete it or take another name')
    logging.info('TFJob %s/%s submitted to %s', namespace, name, cluster.host)
    progress = Progress(cluster, made)
    try:
        for job, gone in cluster.follow(tfjobs, namespace, made):
            progress.see(job)
            if judge(progress, gone):
                break
    finally:
        progress.report()
    if delete_finished_tfjob and not gone:
        cluster.delete(tfjobs, namespace, made)


carry_out(work)
