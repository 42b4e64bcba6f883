"""Runs the source of a component as its container does: arguments become environment variables, outputs are files."""

import os
import pathlib
import subprocess
import sys

import pytest

COMPONENTS = pathlib.Path(os.environ.get("CLAIMED_COMPONENTS", pathlib.Path(__file__).parents[3] / "components"))
RUNNERS = pathlib.Path(os.environ["CLAIMED_RUNNERS"])


class Outcome:
    def __init__(self, folder, done):
        self.folder, self.code, self.out, self.err = folder, done.returncode, done.stdout, done.stderr

    def succeeded(self):
        assert self.code == 0, f"exit code {self.code}\n{self.out}\n{self.err}"
        return self

    def failed(self, *parts, code=None):
        """It ended with an error that says these things, and not with a traceback."""
        assert self.code != 0 if code is None else self.code == code, f"exit code {self.code}\n{self.out}\n{self.err}"
        for part in parts:
            assert part in self.err, f"'{part}' is not in:\n{self.err}"
        assert "Traceback" not in self.err, self.err
        return self


class Component:
    """A component whose working folder is `folder`; calling it runs it to its end."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder

    def command(self, **ports):
        return [sys.executable, "-B", str(RUNNERS / self.name / "runner.py"), *(f"{name}={value}" for name, value in ports.items())]

    def environment(self, env=None):
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE") if name in os.environ}
        return {**kept, "HOME": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1", "CLAIMED_SOURCES": str(COMPONENTS / self.name), **(env or {})}

    def __call__(self, env=None, limit=120, **ports):
        done = subprocess.run(self.command(**ports), env=self.environment(env), cwd=self.folder, capture_output=True, text=True, timeout=limit)
        return Outcome(self.folder, done)

    def start(self, env=None, **ports):
        """The running process, for tests that send it a signal or speak to it."""
        return subprocess.Popen(self.command(**ports), env=self.environment(env), cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def component(request, tmp_path):
    """The component that the test's file is about: `COMPONENT = "category/name"`."""
    return Component(request.module.COMPONENT, tmp_path)
