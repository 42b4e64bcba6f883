"""The Kubernetes side of a component: which cluster, which rights, and one custom resource from its creation to its end.

tfjob, katib and kserve have this file in common; each has its own copy, because a component's folder is all that travels with it.
"""

import copy
import hashlib
import itertools
import json
import logging
import os
import signal
import sys
import time
import uuid

try:
    import urllib3.exceptions
    from kubernetes import client, config, watch
    from kubernetes.client.rest import ApiException
except ImportError as missing:
    sys.exit(f"error: the package {missing.name} is missing; pip install kubernetes, or build the component's image where a package index or a wheelhouse has it")

from ports import TIMED_OUT, USAGE, End
from troubles import trouble_of

# Seconds that a single request, or an unreachable cluster, is tried again
PATIENCE = 60

# Seconds that one watch stays open before it is opened again where it ended
WINDOW = 60

OWN_NAMESPACE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'
SPEC, RUN = 'claimed.registry/spec-sha256', 'claimed.registry/run'


class Stopped(BaseException):
    """SIGTERM or SIGINT."""


def explained(error):
    """What the API server, or the connection to it, says is wrong."""
    if not isinstance(error, ApiException):
        return str(error)
    try:
        said = json.loads(error.body)['message']
    except (TypeError, ValueError, KeyError):
        said = error.reason
    return f'{error.status} {said}' if error.status else str(said)


class Cluster:
    """The connection, and what this run has made with it."""

    def __init__(self):
        self.run = uuid.uuid4().hex
        self.deadline = float('inf')
        self.made = None

    def connect(self, kubeconfig, seconds):
        """Finds the cluster: the given file, else the account of the pod, else KUBECONFIG or ~/.kube/config. The run may last `seconds`."""
        self.deadline = time.monotonic() + seconds
        configuration, self.namespace = connection(kubeconfig)
        configuration.retries = False
        self.host = configuration.host
        self.api = client.ApiClient(configuration)
        self.objects = client.CustomObjectsApi(self.api)
        # Some releases of the client would send a kind of patch that custom resources do not have.
        self.patches = client.CustomObjectsApi(client.ApiClient(configuration, 'Content-Type', 'application/merge-patch+json'))

    def more_time(self, seconds):
        """For what is left to do when the time is over."""
        self.deadline = max(self.deadline, time.monotonic() + seconds)

    def ask(self, call, *arguments, passing=(), **options):
        """Calls the API. Broken connections, 429 and 5xx are tried again; statuses in `passing` are raised, others end the run."""
        limit = min(self.deadline, time.monotonic() + PATIENCE)
        for attempt in itertools.count():
            try:
                return call(*arguments, _request_timeout=(10, 30), **options)
            except (ApiException, urllib3.exceptions.HTTPError) as error:
                if isinstance(error, ApiException) and error.status in passing:
                    raise
                self.pause(error, attempt, limit, USAGE)

    def pause(self, error, attempt, limit, code):
        """Waits before another try; ends the run where none would help or the time is over."""
        if isinstance(error, ApiException) and error.status not in (0, 408, 410, 429, 500, 502, 503, 504):
            about = {401: 'the cluster does not accept this account', 403: 'the cluster does not allow it'}.get(error.status, 'the cluster refuses')
            raise End(f'{about}: {explained(error)}')
        left = limit - time.monotonic()
        if left <= 0:
            raise End(f'{self.host}: no answer in time: {explained(error)}', code)
        told = str(error.headers.get('Retry-After', '')) if isinstance(error, ApiException) and error.headers else ''
        seconds = min(left, int(told) if told.isdigit() else min(2 ** min(attempt, 6) / 2, 30))
        logging.warning('%s: %s; trying again in %.1f s', self.host, explained(error), seconds)
        time.sleep(seconds)

    def resource(self, plural, choices, lacking):
        """The first (group, version) of `choices` in which the cluster has `plural`; ends the run with `lacking` where it has none."""
        groups = {group.name: [version.version for version in group.versions] for group in self.ask(client.ApisApi(self.api).get_api_versions).groups}
        for group, version in choices:
            if version in groups.get(group, ()):
                served = self.ask(self.api.call_api, f'/apis/{group}/{version}', 'GET', header_params={'Accept': 'application/json'},
                                  response_type='object', auth_settings=['BearerToken'], _return_http_data_only=True)
                if any(resource['name'] == plural for resource in served['resources']):
                    return group, version, plural
        wanted = ' or '.join(f'{plural}.{group}/{version}' for group, version in choices)
        known = ', '.join(f'{group} ({", ".join(versions)})' for group, versions in sorted(groups.items()))
        raise End(f'the cluster {self.host} has no {wanted}. {lacking} Its groups are: {known or "none"}')

    def check_rights(self, namespace, rights, role):
        """Ends the run where the account lacks one of `rights`, pairs of a (group, version, plural) and verbs; `role` is the file that grants them."""
        missing = []
        for (group, _, plural), verbs in rights:
            kind = f'{plural}.{group}' if group else plural
            missing += [f'{verb} {kind}' for verb in verbs if not self.may(namespace, group, plural, verb)]
        if missing:
            raise End(f'the account of this step lacks rights in the namespace {namespace}: {", ".join(missing)}. '
                      f'{role} grants them: name the account there and run kubectl apply -n {namespace} -f {os.path.basename(role)}')

    def may(self, namespace, group, plural, verb):
        attributes = client.V1ResourceAttributes(namespace=namespace, group=group, resource=plural, verb=verb)
        review = client.V1SelfSubjectAccessReview(spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes))
        try:
            return self.ask(client.AuthorizationV1Api(self.api).create_self_subject_access_review, review, passing=(403, 404)).status.allowed
        except ApiException as error:
            logging.warning('the cluster does not say what this account may do: %s', explained(error))
            return True

    def list(self, resource, namespace, **selector):
        group, version, plural = resource
        return self.ask(self.objects.list_namespaced_custom_object, group, version, namespace, plural, **selector)

    def find(self, resource, namespace, name):
        """The object of this name, or None."""
        return next(iter(self.list(resource, namespace, field_selector=f'metadata.name={name}')['items']), None)

    def create(self, resource, namespace, kind, body, advice):
        """Creates the object, or takes up the very same one of an earlier try of this step; `advice` is what to do about another one."""
        group, version, plural = resource
        name = body['metadata']['name']
        spec = hashlib.sha256(json.dumps(body['spec'], sort_keys=True).encode()).hexdigest()
        body = copy.deepcopy(body)
        body.update(apiVersion=f'{group}/{version}', kind=kind)
        body['metadata'].update(namespace=namespace)
        body['metadata'].setdefault('annotations', {}).update({SPEC: spec, RUN: self.run})
        for attempt in itertools.count():
            self.made = resource, namespace, name, None
            try:
                made = self.ask(self.objects.create_namespaced_custom_object, group, version, namespace, plural, body, passing=(409,))
            except ApiException as error:
                made = self.find(resource, namespace, name)
                if made is None or made['metadata'].get('deletionTimestamp'):
                    logging.info('%s %s/%s is still being deleted', kind, namespace, name)
                    error.status = 503
                    self.pause(error, attempt, min(self.deadline, time.monotonic() + PATIENCE) if attempt < 10 else 0, USAGE)
                    continue
                marks = made['metadata'].get('annotations') or {}
                # The answer to an earlier try may have been lost.
                if marks.get(RUN) != self.run:
                    created = made['metadata'].get('creationTimestamp')
                    if marks.get(SPEC) != spec:
                        self.made = None
                        raise End(f'{kind} {namespace}/{name} is there already, since {created}; {advice}') from error
                    logging.warning('%s %s/%s is there already, since %s, with the very same spec: this run goes on with it', kind, namespace, name, created)
            self.made = resource, namespace, name, made['metadata']['uid']
            return made

    def patch(self, resource, namespace, name, body):
        """Merges the body into the object; returns the object as it is then."""
        group, version, plural = resource
        return self.ask(self.patches.patch_namespaced_custom_object, group, version, namespace, plural, name, body)

    def delete(self, resource, namespace, found):
        """Deletes this object, and none that has taken its name since."""
        group, version, plural = resource
        options = client.V1DeleteOptions(propagation_policy='Background', preconditions=client.V1Preconditions(uid=found['metadata']['uid']))
        try:
            self.ask(self.objects.delete_namespaced_custom_object, group, version, namespace, plural, found['metadata']['name'], body=options, passing=(404, 409))
        except ApiException:
            return
        logging.info('deleted %s %s/%s', plural, namespace, found['metadata']['name'])

    def discard(self):
        """Deletes what this run has made, so that nothing runs on without it."""
        if self.made is None:
            return
        resource, namespace, name, uid = self.made
        self.deadline = time.monotonic() + 20
        try:
            found = self.find(resource, namespace, name)
            if found and (found['metadata']['uid'] == uid or (found['metadata'].get('annotations') or {}).get(RUN) == self.run):
                self.delete(resource, namespace, found)
        except End as end:
            logging.error('%s %s/%s may still be there, delete it by hand: %s', resource[2], namespace, name, end)

    def follow(self, resource, namespace, made):
        """
        Yields (object, False) as it is now and after each change, (object, True) when it is gone; ends the run at the deadline. What
        breaks on the way, and a version too old to watch from (410), is mended by listing again.
        """
        group, version, plural = resource
        name, uid = made['metadata']['name'], made['metadata']['uid']
        selector = f'metadata.name={name}'
        since, attempt = None, 0
        while True:
            left, opened = self.deadline - time.monotonic(), None
            if left <= 0:
                raise End(f'{plural} {namespace}/{name} was not done in time', TIMED_OUT)
            try:
                if since is None:
                    listed = self.objects.list_namespaced_custom_object(group, version, namespace, plural, field_selector=selector, _request_timeout=(10, 30))
                    since = listed['metadata']['resourceVersion']
                    now = next(iter(listed['items']), None)
                    here = now is not None and now['metadata']['uid'] == uid
                    made = now if here else made
                    yield made, not here
                seconds, opened = max(1, min(WINDOW, int(left))), time.monotonic()
                events = watch.Watch().stream(
                    self.objects.list_namespaced_custom_object, group, version, namespace, plural, field_selector=selector,
                    resource_version=since, timeout_seconds=seconds, allow_watch_bookmarks=True, _request_timeout=(10, seconds + 15))
                for event in events:
                    since, attempt = event['raw_object']['metadata']['resourceVersion'], 0
                    if event['type'] in ('ADDED', 'MODIFIED', 'DELETED'):
                        here = event['type'] != 'DELETED' and event['raw_object']['metadata']['uid'] == uid
                        made = event['raw_object'] if here or event['raw_object']['metadata']['uid'] == uid else made
                        yield made, not here
                attempt = 0
                time.sleep(max(0, opened + 1 - time.monotonic()))
            except (ApiException, urllib3.exceptions.HTTPError, ValueError, KeyError) as error:
                since = None
                if opened is not None and time.monotonic() - opened > 5:
                    attempt = 0
                if not (isinstance(error, ApiException) and error.status == 410 and attempt == 0):
                    self.pause(error, attempt, self.deadline, TIMED_OUT)
                attempt += 1

    def pods(self, namespace, selector):
        """What is wrong with these pods: a list of name, reason, message and whether it was evicted."""
        try:
            items = self.ask(client.CoreV1Api(self.api).list_namespaced_pod, namespace, label_selector=selector, limit=500).items
        except End as end:
            logging.warning('the pods cannot be seen: %s', end)
            return []
        return [trouble for trouble in map(trouble_of, items) if trouble]


def connection(kubeconfig):
    """The configuration of the client, and the namespace that it is in or None."""
    configuration = client.Configuration()
    outside = ''
    if not kubeconfig:
        try:
            config.load_incluster_config(client_configuration=configuration)
            with open(OWN_NAMESPACE, encoding='utf-8') as file:
                return configuration, file.read().strip() or None
        except (config.ConfigException, OSError) as error:
            outside = f'this is no pod with an account ({error}), and '
    path = kubeconfig or os.environ.get('KUBECONFIG') or '~/.kube/config'
    try:
        config.load_kube_config(config_file=path, client_configuration=configuration)
        active = config.list_kube_config_contexts(config_file=path)[1]
        return configuration, active['context'].get('namespace')
    except Exception as error:  # the client lets errors of YAML, types and files through
        reason = ' '.join(str(error).split())[:200].rstrip('.')
        raise End(f'no cluster: {outside}the kubeconfig file {path} cannot be used: {reason}. Run it in a cluster, or set kubeconfig or KUBECONFIG') from error


def carry_out(work):
    """Runs `work` with a cluster; the exit code says how it ended, and what should not run on is deleted first."""
    for name in ('kubernetes', 'urllib3'):
        logging.getLogger(name).setLevel(logging.INFO)
    cluster = Cluster()

    def stop(number, _):
        raise Stopped(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    text, code, keep = None, 0, False
    try:
        work(cluster)
        return
    except End as end:
        text, code, keep = str(end), end.code, end.keep
    except Stopped as stopped:
        text, code = f'stopped by {signal.Signals(stopped.args[0]).name}', 128 + stopped.args[0]
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        if text is not None:
            print(f'error: {text}', file=sys.stderr, flush=True)
        if sys.exc_info()[0] is not None or text is not None and not keep:
            cluster.discard()
    sys.exit(code)
