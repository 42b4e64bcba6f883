"""Runs components in pods."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

try:
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
    from kubernetes.client import models as k8s
except ImportError as missing:
    raise ImportError("This operator runs in pods, for which Airflow's provider for Kubernetes is missing: pip install '{project}[kubernetes]'") from missing

from {package}.component_task import ComponentTask, _text

# ----
class KubernetesComponent(ComponentTask, KubernetesPodOperator):
    """A component as a pod."""

    template_fields = (*KubernetesPodOperator.template_fields, "component_inputs", "component_outputs")
    # An input that ends like a template file is still a text.
    template_ext = ()

    def _adjusted(self, kwargs: Dict[str, Any], version: Dict[str, Any], volume: Optional[str], folder: Optional[str]) -> Dict[str, Any]:
        kwargs.setdefault("image", version["image"])
        kwargs.setdefault("name", self.component.split("/")[1])
        # A pod gets a second container for its result: only where there is one.
        kwargs["do_xcom_push"] = self.returns and "value" in version["outputs"].values()
        self.value_folder = "/airflow/xcom" if kwargs["do_xcom_push"] else "/tmp"
        if version["resources"] and self._given(kwargs, "container_resources") is None:
            kwargs["container_resources"] = k8s.V1ResourceRequirements(**version["resources"])
        if version["env"]:
            own, given = version["env"], self._given(kwargs, "env_vars") or {}
            kwargs["env_vars"] = {**own, **given} if isinstance(given, dict) else [*(k8s.V1EnvVar(name=key, value=value) for key, value in own.items()), *given]
        if volume is not None:
            source = {"host_path": k8s.V1HostPathVolumeSource(path=volume)} if volume.startswith("/") else {
                "persistent_volume_claim": k8s.V1PersistentVolumeClaimVolumeSource(claim_name=volume)}
            kwargs["volumes"] = [*(self._given(kwargs, "volumes") or []), k8s.V1Volume(name="workspace", **source)]
            kwargs["volume_mounts"] = [*(self._given(kwargs, "volume_mounts") or []), k8s.V1VolumeMount(name="workspace", mount_path=folder)]
        return kwargs

    def _mounted(self) -> Dict[str, str]:
        """Secret inputs that a secret of Kubernetes is mounted for, with the variable of each."""
        targets = [secret.deploy_target for secret in self.secrets or [] if secret.deploy_type == "env"]
        known = [target.upper() for target in targets if target]
        return {name: variable for name, variable in self.version["secrets"].items() if None in targets or variable.upper() in known}

    # Built when the pod is: the inputs have been rendered by then, and texts of the component itself are never taken for templates.
    def build_pod_request_obj(self, context: Any = None) -> Any:
        version, mounted = self.version, self._mounted()
        inputs, outputs = self._ports(context)
        if version["command"] is not None:
            inputs = {**version["defaults"], **inputs}
            for name in version["secrets"]:
                # Of a source's command an empty value leaves the variable; elsewhere Kubernetes puts the secret in its place when the container starts.
                if name in version["variables"] and (name in mounted or name not in inputs):
                    inputs[name] = ""
                elif name in mounted:
                    inputs[name] = f"$({mounted[name]})"
            self.cmds, self.arguments = version["command"](inputs, outputs)
        else:
            values = {name: value for name, value in inputs.items() if name not in mounted}
            self.arguments = [f"{name}={value}" for name, value in {**values, **outputs}.items()]
            if self.do_xcom_push:
                self.arguments.append("claimed.result=/airflow/xcom/return.json")
        pod = super().build_pod_request_obj(context)
        # Airflow writes the variables of secrets in capitals; the component reads them by its own names.
        for container in pod.spec.containers if mounted else []:
            known = {variable.name: variable for variable in container.env or []}
            for name in mounted.values():
                if name not in known and name.upper() in known:
                    container.env.append(k8s.V1EnvVar(name=name, value_from=known[name.upper()].value_from))
        return pod

    def extract_xcom(self, pod: Any) -> Any:
        if self.version["command"] is None:
            return self._named(super().extract_xcom(pod))
        _, paths = self._ports(None)
        values = {name: self._file(pod, paths[name]) for name in self._values()}
        super().extract_xcom(pod)
        return values

    def _file(self, pod: Any, path: str) -> Optional[str]:
        """A small file of the folder that the pod's second container shares with the first."""
        from kubernetes.stream import stream

        written = stream(
            self.client.connect_get_namespaced_pod_exec, pod.metadata.name, pod.metadata.namespace, container="airflow-xcom-sidecar",
            command=["sh", "-c", 'test ! -e "$0" || { printf x; cat "$0"; }', path], stdin=False, stdout=True, stderr=False, tty=False, _preload_content=False)
        written.run_forever(timeout=60)
        text = written.read_all()
        return text[1:] if text else None

    def execute(self, context: Any) -> Any:
        return self._tell(context, super().execute(context))

    def trigger_reentry(self, context: Any, event: Any) -> Any:
        return self._tell(context, super().trigger_reentry(context, event))
