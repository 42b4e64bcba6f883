"""Runs a Python script with its declared ports, and otherwise as `python script.py` would."""

import os
import runpy
import sys

import claimed_ports

ports = claimed_ports.prepare(os.path.dirname(os.path.abspath(__file__)), sys.argv[1:])
sys.argv = [ports.source]
sys.path[0] = os.path.dirname(ports.source)


def show_without_runner(kind, error, trace):
    while trace is not None and trace.tb_frame.f_code.co_filename != ports.source:
        trace = trace.tb_next
    sys.__excepthook__(kind, error.with_traceback(trace), trace)


sys.excepthook = show_without_runner
try:
    runpy.run_path(ports.source, run_name="__main__")
except SystemExit as end:
    if end.code in (None, 0):
        ports.finish()
    raise
ports.finish()
