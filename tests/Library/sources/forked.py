"""Runs a source in a copy of the tests' own process, where libraries that take seconds to load are loaded already."""

import logging
import multiprocessing
import os
import runpy
import subprocess
import sys

import conftest


def run(component, limit=120, **variables):
    """As calling the component, but without its runner: `variables` are those of the source, `output_model` and not `model`."""
    program = conftest.COMPONENTS / component.name / f"{component.name.split('/')[1]}.py"
    out, err = (component.folder.with_name(component.folder.name + end) for end in (".out", ".err"))
    process = multiprocessing.get_context("fork").Process(target=_child, args=(program, component.folder, component.environment(), variables, out, err))
    process.start()
    process.join(limit)
    if process.exitcode is None:
        process.kill()
        process.join()
    return conftest.Outcome(component.folder, subprocess.CompletedProcess([], process.exitcode, out.read_text(), err.read_text()))


def _child(program, folder, environment, variables, out, err):
    os.environ.clear()
    os.environ.update(environment)
    os.environ.update({name: str(value) for name, value in variables.items()})
    os.chdir(folder)
    logging.root.handlers.clear()
    sys.stdout, sys.stderr = open(out, "w", buffering=1), open(err, "w", buffering=1)
    runpy.run_path(str(program), run_name="__main__")
