"""What a process of forked.py does; it stands alone, because importing pytest would cost more than all the rest."""

import os
import runpy
import sys
import time


def faster(speed):
    monotonic, sleep = time.monotonic, time.sleep
    time.monotonic = lambda: monotonic() * speed
    time.sleep = lambda seconds: sleep(seconds / speed)


def child(command, environment, folder, said, speed):
    os.chdir(folder)
    for number, name in zip((1, 2), said):
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    sys.dont_write_bytecode = True
    sys.argv = command
    sys.path[:] = [os.path.dirname(command[0]), *(path for path in sys.path if "sources" not in path)]
    if speed != 1:
        faster(speed)
    runpy.run_path(command[0], run_name="__main__")
