"""Runs the code cells of a notebook in one IPython shell. The first error ends it; what it wrote goes to standard error."""

import json
import os
import re
import signal
import sys
import warnings

import claimed_ports

ports = claimed_ports.prepare(os.path.dirname(os.path.abspath(__file__)), sys.argv[1:])
sys.argv = [ports.source]
sys.path[0] = os.path.dirname(ports.source)

from IPython.core.interactiveshell import InteractiveShell  # noqa: E402
from traitlets.config import Config  # noqa: E402

# IPython tells people how to leave it whenever a cell exits.
warnings.filterwarnings("ignore", message="To exit: use")

# A command that the image's build has run, or that only fetches lists of packages for one.
INSTALL = re.compile(
    r"(sudo\s+)?"
    r"((\S*python[\d.]*|\{sys\.executable\})\s+-m\s+)?pip[\d.]*\s+(-\S+\s+)*install\b.*"
    r"|(sudo\s+)?(apt|apt-get|dnf)\s+(-\S+\s+)*(install|update|clean|autoclean|autoremove)\b.*"
    r"|(sudo\s+)?rm\s+-rf\s+/var/lib/apt/lists/\*?",
    re.DOTALL,
)
# The text of a here-document is data, whatever it says.
DOCUMENT = re.compile(r"<<-?\s*\\?(['\"]?)([A-Za-z_]\w*)\1")
SHELL_CELL = re.compile(r"%%(bash|sh|script\s+(ba)?sh)\b[^\n]*\n")


class Shell(InteractiveShell):
    system = InteractiveShell.system_raw

    def ask_exit(self):
        raise SystemExit

    def enable_gui(self, gui=None):
        """There is no event loop to join."""

    def showtraceback(self, *args, **kwargs):
        if not isinstance(sys.exc_info()[1], SystemExit):
            super().showtraceback(*args, **kwargs)

    def _showtraceback(self, etype, evalue, stb):
        print(self.InteractiveTB.stb2text(stb), file=sys.stderr, flush=True)


def is_install(command):
    steps = [step.strip() for step in re.split(r"&&|\|\||;", command) if step.strip()]
    return bool(steps) and all(INSTALL.fullmatch(step) for step in steps)


def logical_lines(text):
    """Lines with their continuations."""
    lines = text.split("\n")
    while lines:
        line = lines.pop(0)
        while line.endswith("\\") and lines:
            line += "\n" + lines.pop(0)
        yield line


def commands_without_installs(text):
    end = None
    for line in logical_lines(text):
        if end is not None:
            end = None if line.strip() == end else end
        elif is_install(line.strip().replace("\\\n", " ")):
            continue
        else:
            document = DOCUMENT.search(line)
            end = document.group(2) if document else None
        yield line


def without_installs(cell):
    head = SHELL_CELL.match(cell)
    if head:
        body = list(commands_without_installs(cell[head.end():]))
        is_empty = all(not line.strip() or line.lstrip().startswith("#") for line in body)
        return "" if is_empty else head.group() + "\n".join(body)
    if cell.startswith("%%"):
        return cell
    lines = []
    for line in logical_lines(cell):
        stripped = line.lstrip()
        if stripped[:1] in ("!", "%") and is_install(stripped[1:].strip().replace("\\\n", " ")):
            # A line in an indented block may be the only one there.
            line = line[: len(line) - len(stripped)] + "pass"
        lines.append(line)
    return "\n".join(lines)


def code_cells(path):
    with open(path, encoding="utf-8-sig") as file:
        notebook = json.load(file)
    sheets = notebook.get("worksheets") or [notebook]
    for cell in (cell for sheet in sheets for cell in sheet.get("cells", [])):
        if cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            yield source if isinstance(source, str) else "".join(source)


def run():
    config = Config()
    config.InteractiveShell.colors = "nocolor"
    config.HistoryManager.enabled = False
    shell = Shell.instance(config=config)
    for cell in code_cells(ports.source):
        source = without_installs(cell)
        if not source.strip():
            continue
        result = shell.run_cell(source, silent=True)
        error = result.error_before_exec or result.error_in_exec
        if isinstance(error, SystemExit):
            return error.code
        if isinstance(error, KeyboardInterrupt):
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
        if error is not None:
            return 1
    return 0


code = run()
if code in (None, 0):
    ports.finish()
sys.exit(code)
