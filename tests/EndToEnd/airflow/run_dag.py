"""Runs the tasks of a DAG file one after the other: run_dag.py ENDPOINT DAG_FILE. Stands in for Airflow where it is not installed: its classes as far as operators
of wheels need them, with a DockerOperator that starts real containers by the docker program. Prints the XComs of each task as JSON."""

import functools
import inspect
import json
import subprocess
import sys
import types

ENDPOINT, DAG_FILE = sys.argv[1:]


class Reference:
    """The XCom of a task that has not run yet."""

    def __init__(self, task, key="return_value"):
        self.task, self.key = task, key

    def __getitem__(self, key):
        return Reference(self.task, key)


class DAG:
    current = None

    def __init__(self, dag_id, default_args=None, **kwargs):
        self.dag_id, self.default_args, self.tasks = dag_id, default_args or {}, []

    def __enter__(self):
        DAG.current = self
        return self

    def __exit__(self, *_):
        DAG.current = None


def with_defaults(function):
    names = [name for name, one in inspect.signature(function).parameters.items() if one.kind is inspect.Parameter.KEYWORD_ONLY]

    @functools.wraps(function)
    def filled(self, **kwargs):
        defaults = DAG.current.default_args
        kwargs.update({name: defaults[name] for name in names if name in defaults and name not in kwargs})
        return function(self, **{**kwargs, "default_args": defaults})

    return filled


class BaseOperator:
    template_fields = ()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.__init__ = with_defaults(cls.__init__)

    def __init__(self, *, task_id, default_args=None):
        self.task_id = task_id
        DAG.current.tasks.append(self)

    @property
    def output(self):
        return Reference(self)


def docker(*arguments):
    return subprocess.run(["docker", "-H", ENDPOINT, *arguments], check=True, stdout=subprocess.PIPE).stdout


class NotFound(Exception):
    pass


class Client:
    def get_archive(self, container, path):
        try:
            return [docker("cp", f"{container}:{path}", "-")], {}
        except subprocess.CalledProcessError as missing:
            raise NotFound(path) from missing

    def remove_container(self, container, force=False):
        docker("rm", *(["-f"] if force else []), container)


class DockerOperator(BaseOperator):
    template_fields = ("image", "command", "environment")

    def __init__(self, *, image, command=None, entrypoint=None, environment=None, private_environment=None, mounts=None, mount_tmp_dir=True, auto_remove="never", network_mode=None,
                 cpus=1.0, mem_limit=None, device_requests=None, **kwargs):
        super().__init__(**kwargs)
        assert not mount_tmp_dir, "An engine elsewhere has no folder of this machine."
        self.image, self.command, self.entrypoint, self.environment = image, command, entrypoint, environment or {}
        self.mounts, self.auto_remove, self.network_mode, self.cli, self.container = mounts or [], auto_remove, network_mode, Client(), None

    def execute(self, context):
        mounts = [word for mount in self.mounts for word in ("--mount", f"type={mount['type']},source={mount['source']},target={mount['target']}")]
        variables = [word for name, value in self.environment.items() for word in ("--env", f"{name}={value}")]
        made = docker("create", "--network", self.network_mode, *mounts, *variables, self.image, *self.command)
        self.container = {"Id": made.decode().strip()}
        docker("start", "--attach", self.container["Id"])


def module(name, **members):
    made = types.ModuleType(name)
    made.__dict__.update(members)
    sys.modules[name] = made


for name in ("airflow.providers", "airflow.providers.docker", "airflow.providers.docker.operators", "docker"):
    module(name)
module("airflow", DAG=DAG)
module("airflow.models", BaseOperator=BaseOperator)
module("airflow.providers.docker.operators.docker", DockerOperator=DockerOperator)
module("docker.errors", NotFound=NotFound)
module("docker.types", Mount=lambda **parts: parts, DeviceRequest=lambda **parts: parts)

names = {}
with open(DAG_FILE, encoding="utf-8") as file:
    exec(compile(file.read(), DAG_FILE, "exec"), names)
dag, xcoms = names["dag"], {}


def rendered(value):
    if isinstance(value, dict):
        return {key: rendered(one) for key, one in value.items()}
    return xcoms[value.task.task_id][value.key] if isinstance(value, Reference) else value


for task in dag.tasks:
    told = xcoms[task.task_id] = {}
    for field in task.template_fields:
        setattr(task, field, rendered(getattr(task, field)))
    task.execute({"dag": dag, "run_id": "manual__2026-01-05T10:00:00+00:00", "ti": types.SimpleNamespace(map_index=-1, xcom_push=lambda key, value: told.__setitem__(key, value))})
print(json.dumps(xcoms))
