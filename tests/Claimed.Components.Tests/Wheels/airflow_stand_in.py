"""Enough of Airflow's classes to make operators of a wheel and run them: pods are kept, containers are asked of a function."""
import io
import json
import sys
import tarfile
import types


class BaseOperator:
    template_fields = ()

    def __init__(self, task_id=None, default_args=None, **kwargs):
        assert not kwargs, kwargs
        self.task_id = task_id


class Model(dict):
    __getattr__ = dict.get


class Pod(Model):
    @property
    def spec(self):
        return types.SimpleNamespace(containers=[self])

    @property
    def metadata(self):
        return types.SimpleNamespace(name="pod", namespace="space")


class KubernetesPodOperator(BaseOperator):
    template_fields = ("image", "arguments")
    # What the component left for the second container: by path.
    left = {}

    def __init__(self, *, image=None, name=None, arguments=None, cmds=None, env_vars=None, do_xcom_push=False, secrets=None, container_resources=None,
                 volumes=None, volume_mounts=None, deferrable=False, **kwargs):
        super().__init__(**kwargs)
        self.image, self.name, self.arguments, self.cmds, self.env_vars, self.do_xcom_push = image, name, arguments, cmds, env_vars, do_xcom_push
        self.secrets, self.container_resources, self.volumes, self.volume_mounts = secrets or [], container_resources, volumes, volume_mounts
        self.client = types.SimpleNamespace(connect_get_namespaced_pod_exec="exec")

    def build_pod_request_obj(self, context=None):
        return Pod(image=self.image, name=self.name, cmds=self.cmds, arguments=self.arguments, env=[], env_vars=self.env_vars, resources=self.container_resources,
                   volumes=self.volumes, mounts=self.volume_mounts)

    def extract_xcom(self, pod):
        text = self.left.get("/airflow/xcom/return.json")
        return None if text is None else json.loads(text)

    def execute(self, context):
        self.pod = self.build_pod_request_obj(context)
        return self.extract_xcom(self.pod) if self.do_xcom_push else None


class NotFound(Exception):
    pass


class Engine:
    """Runs what a test gives it."""
    run = None
    removed = []
    files = {}

    def get_archive(self, container, path):
        if path not in self.files:
            raise NotFound(path)
        packed, data = io.BytesIO(), self.files[path]
        with tarfile.open(fileobj=packed, mode="w") as archive:
            entry = tarfile.TarInfo(path.rsplit("/", 1)[1])
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        return iter([packed.getvalue()]), {}

    def remove_container(self, container, force=False):
        self.removed.append(container)


class DockerOperator(BaseOperator):
    template_fields = ("image", "command", "environment")

    def __init__(self, *, image, command=None, entrypoint=None, environment=None, private_environment=None, mounts=None, mount_tmp_dir=True, auto_remove="never",
                 cpus=1.0, mem_limit=None, device_requests=None, network_mode=None, **kwargs):
        super().__init__(**kwargs)
        self.image, self.command, self.entrypoint, self.environment, self.mounts = image, command, entrypoint, environment or {}, mounts or []
        self.private_environment, self.auto_remove, self.cpus, self.mem_limit, self.device_requests = private_environment or {}, auto_remove, cpus, mem_limit, device_requests
        self.cli, self.container = Engine(), None

    def execute(self, context):
        self.container = {"Id": "c1"}
        self.kept_while_running = self.auto_remove
        if self.cli.run is not None:
            Engine.run(self)
        return "last line of the log"


class Written:
    def __init__(self, text):
        self.text = text

    def run_forever(self, timeout=None):
        pass

    def read_all(self):
        return self.text


def stream(call, name, namespace, container=None, command=(), **kwargs):
    assert (call, container) == ("exec", "airflow-xcom-sidecar")
    text = KubernetesPodOperator.left.get(command[-1])
    return Written("" if text is None else "x" + text)


class Context(dict):
    def __init__(self, run_id="manual__2026-01-05T10:00:00+00:00"):
        self.told = {}
        ti = types.SimpleNamespace(map_index=-1, xcom_push=lambda key, value: self.told.__setitem__(key, value))
        super().__init__(dag=types.SimpleNamespace(dag_id="flow"), run_id=run_id, ti=ti)


def module(name, **members):
    made = types.ModuleType(name)
    made.__dict__.update(members)
    made.__path__ = []
    sys.modules[name] = made


def record(name):
    return type(name, (Model,), {})


def install(kubernetes=True, docker=True):
    for name in ("airflow", "airflow.providers", "airflow.providers.cncf", "airflow.providers.cncf.kubernetes", "airflow.providers.cncf.kubernetes.operators",
                 "airflow.providers.docker", "airflow.providers.docker.operators"):
        module(name)
    module("airflow.models", BaseOperator=BaseOperator)
    if kubernetes:
        module("airflow.providers.cncf.kubernetes.operators.pod", KubernetesPodOperator=KubernetesPodOperator)
        names = ["V1EnvVar", "V1ResourceRequirements", "V1Volume", "V1VolumeMount", "V1PersistentVolumeClaimVolumeSource", "V1HostPathVolumeSource"]
        module("kubernetes")
        module("kubernetes.client", models=types.SimpleNamespace(**{name: record(name) for name in names}))
        module("kubernetes.stream", stream=stream)
    if docker:
        module("airflow.providers.docker.operators.docker", DockerOperator=DockerOperator)
        module("docker")
        module("docker.errors", NotFound=NotFound)
        module("docker.types", Mount=record("Mount"), DeviceRequest=record("DeviceRequest"))
