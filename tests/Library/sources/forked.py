"""
Runs a component as conftest's Component does, in a process forked from one that has imported the heavy packages already: a start costs
milliseconds instead of more than a second. `speed` makes its clock run faster, for tests of time-outs.
"""

import multiprocessing
import types

from conftest import IMAGES, Outcome
from forked_child import child

HEAVY = ["forked_child", "kubernetes.client", "kubernetes.config", "kubernetes.watch", "yaml", "matplotlib.figure", "matplotlib.backends.backend_agg", "pandas", "sklearn.pipeline", "sklearn.ensemble", "sklearn.linear_model"]

context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(HEAVY)


class Running:
    def __init__(self, process, folder, texts):
        self.process, self.folder, self.texts = process, folder, texts

    def terminate(self):
        self.process.terminate()

    def kill(self):
        """As the node's power supply would."""
        self.process.kill()
        self.process.join()

    def alive(self):
        return self.process.exitcode is None

    def finished(self, limit=120):
        self.process.join(limit)
        if self.process.exitcode is None:
            self.process.kill()
            raise AssertionError(f"still running after {limit} s\n{self.said()}")
        done = types.SimpleNamespace(returncode=self.process.exitcode, stdout=self.texts[0].read_text(), stderr=self.said())
        return Outcome(self.folder, done)

    def said(self):
        return self.texts[1].read_text()


class Forked:
    def __init__(self, component):
        self.component, self.folder = component, component.folder

    def start(self, env=None, speed=1, **ports):
        command = self.component.command(**ports)[2:]
        # Beside its folder, which tests look into.
        texts = [self.folder.with_name(f"{self.folder.name}.{name}") for name in ("out", "err")]
        process = context.Process(target=child, args=(command, self.component.environment(env), str(self.folder), [str(text) for text in texts], speed))
        process.start()
        return Running(process, self.folder, texts)

    def begin(self, api, speed=1, **ports):
        """Starts it with a cluster, whose waiting ends when the component does."""
        api.client = self.start(api.env, speed, **ports)
        return api.client

    def __call__(self, env=None, speed=1, **ports):
        return self.start(env, speed, **ports).finished()


def run(component, **variables):
    """As calling the component, by the variables of its source: `output_model` is the port `model`."""
    started = Forked(component) if IMAGES is None else component
    return started(**{name.removeprefix("output_"): value for name, value in variables.items()})
