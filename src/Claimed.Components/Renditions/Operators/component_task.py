"""What the operators of components have in common, whatever runs their containers."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Optional, Tuple

# ----
# What the database of every Airflow takes as a value.
MOST_BYTES = 48 * 1024


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


class ComponentTask:
    """Stands before an operator of Airflow among the bases of a component's operator."""

    # namespace/name, and by number what each version runs; the default is the highest that is not yanked.
    component = ""
    versions: Dict[str, Dict[str, Any]] = {}
    default_version: Optional[str] = None
    # Where a container of a foreign command leaves values.
    value_folder = "/tmp"
    result_file = "/tmp/claimed-result.json"

    def __init__(
        self,
        *,
        component_inputs: Dict[str, Any],
        component_outputs: Dict[str, Any],
        workspace: Optional[str] = None,
        component_version: Optional[str] = None,
        do_xcom_push: bool = True,
        **kwargs: Any,
    ) -> None:
        number = component_version or self.default_version
        version = self._known(number)
        self._check(number, version, component_inputs)
        volume, folder = self._volume(workspace)
        self.returns = do_xcom_push
        self.workspace_folder = folder
        self.component_version = number
        super().__init__(**self._adjusted(kwargs, version, volume, folder))
        # After Airflow's own: these hold references to other tasks, which Airflow looks for when they are set.
        self.component_inputs = component_inputs
        self.component_outputs = component_outputs

    @property
    def version(self) -> Dict[str, Any]:
        return self.versions[self.component_version]

    def _known(self, number: Optional[str]) -> Dict[str, Any]:
        known = ", ".join(self.versions)
        if number is None:
            raise ValueError(f"All versions of {self.component} that {type(self).__name__} has are yanked. Name one with component_version: {known}.")
        if number not in self.versions:
            raise ValueError(f"component_version={number!r} of {self.component} is not among those that {type(self).__name__} has: {known}.")
        return self.versions[number]

    def _check(self, number: Optional[str], version: Dict[str, Any], inputs: Dict[str, Any]) -> None:
        for name, value in inputs.items():
            if name not in version["inputs"] and value is not None and not (isinstance(value, str) and value == ""):
                raise ValueError(f"{self.component} {number} has no input {name!r}: leave it out, or take a version that has it.")
        missing = [name for name in version["required"] if inputs.get(name) is None]
        if missing:
            raise ValueError(f"{self.component} {number} needs {', '.join(missing)}.")

    @staticmethod
    def _volume(workspace: Optional[str]) -> Tuple[Optional[str], Optional[str]]:
        """The volume and where it is mounted; without a volume somebody else mounts it."""
        if not workspace:
            return None, None
        source, colon, folder = workspace.rpartition(":")
        if not colon and workspace.startswith("/"):
            source, folder = None, workspace
        elif not colon:
            source, folder = workspace, "/workspace"
        if not folder.startswith("/"):
            raise ValueError(f"workspace={workspace!r}: write a volume (data), a volume and where to mount it (data:/workspace), or where one is mounted already (/workspace).")
        return source or None, folder.rstrip("/") or "/"

    @staticmethod
    def _given(kwargs: Dict[str, Any], name: str) -> Any:
        return kwargs[name] if name in kwargs else (kwargs.get("default_args") or {}).get(name)

    def _placed(self, path: str) -> str:
        if path.startswith("/"):
            return path
        if self.workspace_folder is None:
            raise ValueError(f"{path!r} is not the path of a file in the container: give workspace=, under which it then lies, or a path that begins with /.")
        return f"{self.workspace_folder.rstrip('/')}/{path}"

    def _default_path(self, context: Any, name: str) -> str:
        """A file beside the others of the run, so that no folder needs to be made and none belongs to another task's user."""
        if self.workspace_folder is None:
            raise ValueError(f"The output {name!r} of {self.component} is a file: give workspace=, a volume that is mounted alike in every task, or its path.")
        words = [self.task_id]
        if context is not None:
            words = [context["dag"].dag_id, context["run_id"], *words]
            if getattr(context["ti"], "map_index", -1) >= 0:
                words.append(str(context["ti"].map_index))
        return self._placed(".".join(re.sub(r"[^\w.-]", "-", word) for word in [*words, name]))

    def _ports(self, context: Any) -> Tuple[Dict[str, str], Dict[str, str]]:
        """Inputs that were given, and a path for each output that goes to a file."""
        version = self.version
        inputs = {name: _text(value) for name, value in self.component_inputs.items() if value is not None and name in version["inputs"]}
        for name in version["files"]:
            if inputs.get(name):
                inputs[name] = self._placed(inputs[name])
        outputs = {}
        for index, (name, kind) in enumerate(version["outputs"].items()):
            if kind == "file":
                path = self.component_outputs.get(name)
                outputs[name] = self._placed(str(path)) if path else self._default_path(context, name)
            elif version["command"] is not None:
                outputs[name] = f"{self.value_folder}/claimed-{index}"
        return inputs, outputs

    def _values(self) -> Tuple[str, ...]:
        return tuple(name for name, kind in self.version["outputs"].items() if kind == "value")

    def _named(self, result: Any) -> Dict[str, Any]:
        """Values by output; of a single one the component wrote the text alone."""
        names = self._values()
        if result is None or not names:
            return {}
        return {names[0]: result} if len(names) == 1 else dict(result)

    def _tell(self, context: Any, values: Optional[Dict[str, Any]]) -> Any:
        """Each output becomes an XCom of its name; the task's own is the only one, or all of them by name."""
        if not self.returns:
            return None
        _, paths = self._ports(context)
        results = {}
        for name, kind in self.version["outputs"].items():
            value = paths[name] if kind == "file" else (values or {}).get(name)
            if value is None:
                continue
            size = len(_text(value).encode("utf-8", "surrogateescape"))
            if size > MOST_BYTES:
                raise ValueError(f"The output {name!r} of {self.component} has {size} bytes; a value that Airflow passes on has at most {MOST_BYTES}. Let the component write it to a file.")
            results[name] = value
            context["ti"].xcom_push(key=name, value=value)
        if not results:
            return None
        result = next(iter(results.values())) if len(self.version["outputs"]) == 1 else results
        context["ti"].xcom_push(key="return_value", value=result)
        return result
