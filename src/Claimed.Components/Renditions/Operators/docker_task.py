"""Runs components in containers of a Docker engine."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any, Dict, Optional

try:
    from airflow.providers.docker.operators.docker import DockerOperator
    from docker.errors import NotFound
    from docker.types import DeviceRequest, Mount
except ImportError as missing:
    raise ImportError("This operator runs in containers, for which Airflow's provider for Docker is missing: pip install '{project}[docker]'") from missing

from {package}.component_task import ComponentTask, _text

# ----
class DockerComponent(ComponentTask, DockerOperator):
    """A component as a container."""

    template_fields = (*DockerOperator.template_fields, "component_inputs", "component_outputs")
    # An input that ends like a template file is still a text.
    template_ext = ()

    def _adjusted(self, kwargs: Dict[str, Any], version: Dict[str, Any], volume: Optional[str], folder: Optional[str]) -> Dict[str, Any]:
        kwargs.setdefault("image", version["image"])
        for name, value in {"mount_tmp_dir": False, "auto_remove": "success", **version["limits"]}.items():
            if self._given(kwargs, name) is None:
                kwargs[name] = value
        if version["gpus"] and self._given(kwargs, "device_requests") is None:
            kwargs["device_requests"] = [DeviceRequest(count=version["gpus"], capabilities=[["gpu"]])]
        kwargs["environment"] = {**version["env"], **(self._given(kwargs, "environment") or {})}
        self.secret_values = dict(self._given(kwargs, "private_environment") or {})
        if volume is not None:
            mount = Mount(target=folder, source=volume, type="bind" if volume.startswith("/") else "volume")
            kwargs["mounts"] = [*(self._given(kwargs, "mounts") or []), mount]
        return kwargs

    def _start(self, context: Any) -> None:
        version = self.version
        inputs, outputs = self._ports(context)
        if version["command"] is not None:
            inputs = {**version["defaults"], **inputs}
            for name, variable in version["secrets"].items():
                if name in version["variables"]:
                    self._hide(variable, inputs.get(name))
                    inputs[name] = ""
                elif variable in self.secret_values:
                    inputs[name] = self.secret_values[variable]
            entrypoint, arguments = version["command"](inputs, outputs)
            self.entrypoint, self.command = entrypoint or None, arguments
        else:
            # A command line is shown by the engine to everyone who may ask it.
            for name, variable in version["secrets"].items():
                self._hide(variable, inputs.pop(name, None))
            self.command = [f"{name}={value}" for name, value in {**inputs, **outputs}.items()]
            if self.returns and self._values():
                self.command.append(f"claimed.result={self.result_file}")

    def _hide(self, variable: str, value: Optional[str]) -> None:
        if value and variable not in self.secret_values:
            self.environment = {**self.environment, variable: value}

    def execute(self, context: Any) -> Any:
        self._start(context)
        # The container stays until its values are read.
        removal, self.auto_remove = self.auto_remove, "never"
        values, ended = None, False
        try:
            super().execute(context)
            values = self._read(context) if self.returns and self._values() else None
            ended = True
        finally:
            self.auto_remove = removal
            if self.container and (removal == "force" or (removal == "success" and ended)):
                self.cli.remove_container(self.container["Id"], force=True)
        return self._tell(context, values)

    def _read(self, context: Any) -> Dict[str, Any]:
        if self.version["command"] is None:
            result = self._file(self.result_file)
            return self._named(None if result is None else json.loads(result))
        _, paths = self._ports(context)
        return {name: self._file(paths[name]) for name in self._values()}

    def _file(self, path: str) -> Optional[str]:
        try:
            pieces, _ = self.cli.get_archive(self.container["Id"], path)
        except NotFound:
            return None
        with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as archive:
            return archive.extractfile(archive.next()).read().decode("utf-8", "replace")
