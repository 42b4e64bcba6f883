"""Runs a component as its container does: arguments become environment variables, outputs are files."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

COMPONENTS = pathlib.Path(os.environ.get("CLAIMED_COMPONENTS", pathlib.Path(__file__).parents[3] / "components"))

# A component is run either from its source, with the runner of its image and the packages of this machine …
RUNNERS = pathlib.Path(os.environ.get("CLAIMED_RUNNERS", "runners"))
# … or from the image that a registry has built: "category/name" → image, in a file, and the engine that has them.
IMAGES = json.loads(pathlib.Path(os.environ["CLAIMED_IMAGES"]).read_text()) if "CLAIMED_IMAGES" in os.environ else None
ENGINE = os.environ.get("CLAIMED_ENGINE")


def pytest_configure(config):
    config.addinivalue_line("markers", "image: also run in a container of the built image")


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

    def command(self, env=None, **ports):
        arguments = [f"{name}={value}" for name, value in ports.items()]
        if IMAGES is None:
            return [sys.executable, "-B", str(RUNNERS / self.name / "runner.py"), *arguments]
        assert IMAGES[self.name], f"{self.name} has no image"
        variables = [part for name in env or {} for part in ("-e", name)]
        # Any user of group 0, as a cluster may choose one; the folders of the tests have the same paths inside.
        tests = self.folder.parent
        return ["docker", "-H", ENGINE, "run", "--rm", "--network", "host", "--user", "4711:0", "-v", f"{tests}:{tests}", "-w", str(self.folder),
                *variables, IMAGES[self.name], *arguments]

    def environment(self, env=None):
        if IMAGES is not None:
            self.folder.chmod(0o777)
            self.folder.parent.chmod(0o755)
            return {**os.environ, **(env or {})}
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OMP_NUM_THREADS") if name in os.environ}
        return {**kept, "HOME": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1", "CLAIMED_SOURCES": str(COMPONENTS / self.name), **(env or {})}

    def __call__(self, env=None, limit=120, **ports):
        done = subprocess.run(self.command(env, **ports), env=self.environment(env), cwd=self.folder, capture_output=True, text=True, timeout=limit)
        return Outcome(self.folder, done)

    def start(self, env=None, **ports):
        """The running process, for tests that send it a signal or speak to it."""
        return subprocess.Popen(self.command(env, **ports), env=self.environment(env), cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def component(request, tmp_path):
    """The component that the test's file is about: `COMPONENT = "category/name"`."""
    return Component(request.module.COMPONENT, tmp_path)
