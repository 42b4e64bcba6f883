"""Hands the declared inputs of a component to its source, and what the source made of the outputs back to the caller.

Inputs reach the source as environment variables. An output comes as the path to write to; the source assigns the value, or
writes the file itself.
"""

import json
import os
import re
import shutil
import sys

RESULT_ARGUMENT = "claimed.result"

# An output of such a name is a setting of the process; its variable does not hold a path when the component starts.
SYSTEM_VARIABLES = {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "PWD", "HOSTNAME", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH"}

# What the launcher of Kubeflow Pipelines passes for an optional input that was left out.
UNRESOLVED = re.compile(r"\{\{\$.*\}\}", re.DOTALL)


class UsageError(Exception):
    """The component was started with an unknown argument, or without an input that it needs."""


def is_given(text):
    return bool(text) and not UNRESOLVED.fullmatch(text)


def fits(text, kind):
    """Whether a port that takes a number is given one; sources read numbers in ways of their own, so 3.0 is an Integer, too."""
    try:
        return kind not in ("Integer", "Float") or float(text).is_integer() or kind == "Float"
    except ValueError:
        return False


class Ports:
    def __init__(self, folder, arguments):
        with open(os.path.join(folder, "component.json"), encoding="utf-8") as file:
            self.interface = json.load(file)
        self.source = os.path.join(os.environ.get("CLAIMED_SOURCES", "/home/claimed"), self.interface["source"])
        named = self._parse(arguments)
        self.result = named.pop(RESULT_ARGUMENT, None)
        self.outputs = [Output(port, named) for port in self.interface["outputs"]]
        self._set_inputs(named)
        for output in self.outputs:
            output.prepare()

    def _parse(self, arguments):
        declared = [port["name"] for port in self.interface["inputs"] + self.interface["outputs"]]
        named = {}
        for argument in arguments:
            name, equals, value = argument.partition("=")
            if not equals:
                raise UsageError(f"the argument '{argument}' is not of the form name=value")
            if name not in declared and name != RESULT_ARGUMENT:
                raise UsageError(f"'{name}' is not declared by this component; declared are: {', '.join(declared) or 'none'}")
            named[name] = value
        return named

    def _set_inputs(self, named):
        missing, odd = [], []
        for port in self.interface["inputs"]:
            name, variable = port["name"], port["variable"]
            value = next(filter(is_given, (named.get(name), os.environ.get(name), os.environ.get(variable))), None)
            if value is not None:
                if not fits(value, port["type"]):
                    odd.append(f"'{name}' takes a number of type {port['type']}, which '{value[:80]}' is not")
                # Clients write a truth value as JSON does, sources compare it with Python's word.
                os.environ[variable] = value.capitalize() if port["type"] == "Boolean" and value in ("true", "false") else value
                continue
            # The source's own default counts only while the variable is absent.
            os.environ.pop(variable, None)
            if port["required"]:
                missing.append(f"{name} ({port['type']})")
        if missing:
            raise UsageError(f"missing input: {', '.join(missing)}; pass each as name=value or as an environment variable")
        if odd:
            raise UsageError("; ".join(odd))

    def finish(self):
        """Writes what the source assigned; call it only when the source ended well."""
        for output in self.outputs:
            output.write()
        if self.result:
            values = {output.name: output.assigned() for output in self.outputs if not output.is_file}
            with open(self.result, "w", encoding="utf-8") as file:
                json.dump(values if len(values) != 1 else next(iter(values.values())), file)


class Output:
    def __init__(self, port, named):
        self.name, self.variable = port["name"], port["variable"]
        self.is_file = port["passing"] == "file"
        # A source that names another variable for the port reads the path there; others only assign the value.
        self.holds_path = self.is_file or self.name != self.variable
        candidates = [named.get(self.name)]
        for variable in {self.name, self.variable} - SYSTEM_VARIABLES:
            candidates.append(os.environ.pop(variable, None))
        self.path = next(filter(is_given, candidates), None)
        if self.path is None and self.is_file:
            self.path = os.path.join("outputs", self.name)
        if self.path is not None:
            # The source may change its working directory.
            self.path = os.path.abspath(self.path)
        self.before = None

    def prepare(self):
        if self.path is None:
            return
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
        except OSError as error:
            raise UsageError(f"the directory of the output '{self.name}' cannot be made: {error}") from error
        self.before = self._state()
        if self.holds_path:
            os.environ[self.variable] = self.path

    def assigned(self):
        """The value that the source gave the output's variable, or None."""
        value = os.environ.get(self.variable)
        return None if self.holds_path and value == self.path else value

    def write(self):
        if self.path is None or self._state() != self.before:
            return
        value = self.assigned()
        if value is None:
            print(f"claimed: the component ended without the output '{self.name}'", file=sys.stderr)
        elif self.is_file and os.path.isdir(value):
            shutil.copytree(value, self.path, dirs_exist_ok=True)
        elif self.is_file and os.path.isfile(value):
            shutil.copyfile(value, self.path)
        else:
            with open(self.path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
                file.write(value)

    def _state(self):
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns


def prepare(folder, arguments):
    """The ports of the component in `folder`, or the end of the process with code 2."""
    try:
        return Ports(folder, arguments)
    except UsageError as error:
        print(f"claimed: {error}", file=sys.stderr)
        sys.exit(2)
