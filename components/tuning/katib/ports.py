"""Reading inputs and writing outputs of a component that works in a cluster, and how it ends.

tfjob, katib and kserve have this file in common; each has its own copy, because a component's folder is all that travels with it.
"""

import json
import os
import re
import sys

try:
    import yaml
except ImportError:
    sys.exit("error: the package PyYAML is missing; it comes with pip install kubernetes")

USAGE, FAILED, EVICTED, TIMED_OUT = 1, 3, 4, 5


class End(Exception):
    """The run ends here: what to say, the exit code, and whether what it made in the cluster stays."""

    def __init__(self, message, code=USAGE, keep=False):
        super().__init__(message)
        self.code, self.keep = code, keep


def whole(port, text, least=None, most=None):
    """The text of an input as a whole number within bounds."""
    if not re.fullmatch(r'\s*[+-]?\d{1,15}\s*', text):
        raise End(f"{port}: '{text[:50]}' is not a whole number")
    number = int(text)
    if least is not None and number < least or most is not None and number > most:
        raise End(f'{port}: {number} is not {f"at least {least}" if most is None else f"between {least} and {most}"}')
    return number


def mapping(port, text):
    """The text of an input as a JSON object; YAML is taken, too."""
    try:
        found = json.loads(text or '{}')
    except (ValueError, RecursionError) as wrong:
        try:
            found = yaml.safe_load(text)
            json.dumps(found)
        except (yaml.YAMLError, ValueError, TypeError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise End(f'{port}: not valid JSON: {wrong}') from wrong
    if not isinstance(found, dict):
        raise End(f'{port}: expected a JSON object, found a {type(found).__name__}')
    return found


def named(port, text, first='[a-z0-9]'):
    """A name that Kubernetes takes."""
    if len(text) > 63 or not re.fullmatch(f'(?=[a-z0-9-]*[a-z0-9]$){first}[a-z0-9-]*', text):
        raise End(f"{port}: '{text[:80]}' is not a name of small letters, digits and dashes with at most 63 characters")
    return text


def write(path, text):
    """Writes a file that appears only when it is complete."""
    with open(path + '.part', 'w', encoding='utf-8') as file:
        file.write(text)
    os.replace(path + '.part', path)
