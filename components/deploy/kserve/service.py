"""The InferenceService that the inputs describe: as an object to create, and as a merge patch of one that is there."""

import dataclasses
import logging

from ports import End, mapping, named, whole

# Frameworks that v1beta1 has a key for, in KServe and in KFServing
FRAMEWORKS = ('sklearn', 'xgboost', 'tensorflow', 'pytorch', 'triton', 'onnx', 'pmml', 'lightgbm')

# What a predictor can be; one that changes from one to another has to lose the other
IMPLEMENTATIONS = (*FRAMEWORKS, 'huggingface', 'paddle', 'model', 'containers')

KSERVE = 'serving.kserve.io'

# Names that a container's fields have in custom_model_spec
CONTAINER_FIELDS = {'image_pull_policy': 'imagePullPolicy', 'working_dir': 'workingDir'}


@dataclasses.dataclass
class Settings:
    """The inputs, as texts."""

    action: str
    model_name: str
    namespace: str
    model_uri: str
    framework: str
    custom_model_spec: str
    inferenceservice_yaml: str
    canary_traffic_percent: str
    autoscaling_target: str
    service_account: str
    enable_istio_sidecar: bool
    min_replicas: str
    max_replicas: str
    request_timeout: str
    watch_timeout: str


class Wanted:
    """The checked inputs."""

    def __init__(self, settings):
        self.settings, self.action = settings, settings.action
        self.given = mapping('inferenceservice_yaml', settings.inferenceservice_yaml)
        self.custom = mapping('custom_model_spec', settings.custom_model_spec)
        self.seconds = whole('watch_timeout', settings.watch_timeout, 1)
        self.canary = whole('canary_traffic_percent', settings.canary_traffic_percent, 0, 100)
        self.target = whole('autoscaling_target', settings.autoscaling_target, 0)
        self.least = whole('min_replicas', settings.min_replicas, -1)
        self.most = whole('max_replicas', settings.max_replicas, -1)
        self.timeout = whole('request_timeout', settings.request_timeout, 1)
        self.framework = settings.framework.strip().lower()
        if 0 <= self.most < max(self.least, 1):
            raise End(f'max_replicas: {self.most} is less than {max(self.least, 1)}, the fewest replicas')
        metadata = self.given.get('metadata') or {}
        spec = self.given.get('spec')
        if self.given and not (isinstance(metadata, dict) and isinstance(spec, dict) and isinstance(spec.get('predictor'), dict)):
            raise End('inferenceservice_yaml: a v1beta1 InferenceService has metadata and spec.predictor')
        if self.given and self.given.get('kind', 'InferenceService') != 'InferenceService':
            raise End(f"inferenceservice_yaml: it is a {str(self.given['kind'])[:50]} and no InferenceService")
        name, namespace = settings.model_name or metadata.get('name') or '', settings.namespace or metadata.get('namespace') or ''
        if not name:
            raise End('give model_name, or inferenceservice_yaml with metadata.name')
        self.name = named('model_name', str(name), first='[a-z]')
        self.namespace = named('namespace', str(namespace)) if namespace else ''
        if self.custom and not self.custom.get('image'):
            raise End('custom_model_spec: there is no image')
        self.has_model = bool(self.given or self.custom or settings.model_uri and self.framework)
        if self.action in ('create', 'update', 'apply') and not self.has_model:
            raise End('give model_uri and framework, or custom_model_spec, or inferenceservice_yaml')
        if self.action == 'rollout' and not self.has_model and (settings.model_uri or self.framework):
            raise End('a rollout of another model needs model_uri and framework')

    def service(self, resource):
        """The object to create."""
        if self.given:
            return {'metadata': {'name': self.name, **self.marks()}, 'spec': self.given['spec']}
        if self.canary < 100:
            logging.warning('the first model of a service gets all requests, whatever canary_traffic_percent says')
        annotations = {key: value for key, value in self.annotations().items() if value is not None}
        return {'metadata': {'name': self.name, **({'annotations': annotations} if annotations else {})}, 'spec': {'predictor': self.predictor(resource)}}

    def patch(self, resource, there):
        """The merge patch that makes of the service `there` what is wanted; null takes a field away."""
        if self.action == 'promote' or self.action == 'rollout' and not self.has_model:
            return {'spec': {'predictor': {'canaryTrafficPercent': self.share() if self.action == 'rollout' else None}}}
        if self.given:
            wanted = {'metadata': self.marks(), 'spec': dict(self.given['spec'])}
        else:
            wanted = {'metadata': {'annotations': self.annotations()} if self.action != 'rollout' else {}, 'spec': {'predictor': self.predictor(resource)}}
        predictor = wanted['spec']['predictor'] = {'canaryTrafficPercent': None, **wanted['spec']['predictor']}
        if self.action == 'rollout':
            predictor['canaryTrafficPercent'] = self.share()
        before = (there.get('spec') or {}).get('predictor') or {}
        for key in IMPLEMENTATIONS:
            if key in before and key not in predictor:
                predictor[key] = None
        if 'model' in predictor and (before.get('model') or {}).get('modelFormat') != (predictor['model'] or {}).get('modelFormat'):
            # What the cluster has chosen for the old format does not suit the new one.
            predictor['model'] = predictor['model'] and {'runtime': None, 'protocolVersion': None, **predictor['model']}
        return wanted

    def marks(self):
        """Labels and annotations of inferenceservice_yaml; the rest of the metadata is the cluster's."""
        return {key: value for key, value in (self.given.get('metadata') or {}).items() if key in ('labels', 'annotations') and value}

    def share(self):
        return self.canary if self.canary < 100 else None

    def annotations(self):
        return {'autoscaling.knative.dev/target': str(self.target) if self.target else None, 'sidecar.istio.io/inject': None if self.settings.enable_istio_sidecar else 'false'}

    def predictor(self, resource):
        """spec.predictor by the inputs."""
        found = {
            'timeout': self.timeout,
            **({'canaryTrafficPercent': self.canary} if self.canary < 100 else {}),
            **({'serviceAccountName': self.settings.service_account} if self.settings.service_account else {}),
            **({'minReplicas': self.least} if self.least >= 0 else {}),
            **({'maxReplicas': self.most} if self.most >= 0 else {}),
        }
        if self.custom:
            return {**found, 'containers': [self.container(resource[0])]}
        if self.framework in FRAMEWORKS:
            return {**found, self.framework: {'storageUri': self.settings.model_uri}}
        if resource[0] != KSERVE:
            raise End(f"framework: '{self.framework[:50]}' is not one of {', '.join(FRAMEWORKS)}, and this cluster has KFServing, which knows no others")
        return {**found, 'model': {'modelFormat': {'name': self.framework}, 'storageUri': self.settings.model_uri}}

    def container(self, group):
        """The container of custom_model_spec, in Kubernetes' words."""
        found = {'name': 'kserve-container' if group == KSERVE else 'kfserving-container'}
        for key, value in self.custom.items():
            if key == 'port':
                found['ports'] = [{'containerPort': whole('custom_model_spec.port', str(value), 1, 65535), 'protocol': 'TCP'}]
            elif value not in (None, '', [], {}):
                found[CONTAINER_FIELDS.get(key, key)] = value
        if self.settings.model_uri:
            env = found.get('env', [])
            if not isinstance(env, list):
                raise End('custom_model_spec: env is a list of objects with name and value')
            found['env'] = [*env, {'name': 'STORAGE_URI', 'value': self.settings.model_uri}]
        return found
