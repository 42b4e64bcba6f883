"""How components stand in the palette: under which category, and under a label that no other has."""

from collections import Counter
from typing import Any, Dict, Iterable, List, Optional, Set

MAX_CATEGORY = 18


def labels(entries: List[Dict[str, Any]]) -> List[str]:
    """A label for each entry: its title, and what tells it from others of that title."""
    named = [_named(entry) for entry in entries]
    often = Counter(named)
    return [name if often[name] == 1 else f"{name} ({entry['namespace']}/{entry['name']})" for name, entry in zip(named, entries)]


def shared_names(entries: Iterable[Dict[str, Any]]) -> Set[str]:
    """Names of components that several namespaces have."""
    often = Counter(name for _, name in {(entry["namespace"], entry["name"]) for entry in entries})
    return {name for name, count in often.items() if count > 1}


def categories(entry: Dict[str, Any], fallback: List[str], runtime: str, shared: Set[str]) -> List[str]:
    """The category of the component itself, else those of the catalog, else the namespace."""
    own = entry.get("category")
    names = [own] if own else fallback or [entry["namespace"]]
    # An operator's label is its class, which two namespaces may have.
    if runtime == "airflow" and entry["name"] in shared:
        names = [entry["namespace"]]
    # So do all its majors.
    if runtime == "airflow" and not entry.get("newest", True):
        return [_short(name, f" {entry['major']}.x") for name in names]
    return [_short(name, "") for name in names]


def _named(entry: Dict[str, Any]) -> str:
    name = str(entry.get("title") or entry["name"])
    if not entry.get("newest", True):
        name += f" {entry['major']}.x"
    return name + " (deprecated)" if entry.get("deprecated") else name


def _short(name: str, end: str) -> str:
    """The name with its end, cut between words where it is too long."""
    most = MAX_CATEGORY - len(end)
    if len(name) > most:
        cut = max(name.rfind(" ", 0, most + 1), name.rfind("-", 0, most + 1))
        name = name[:cut].rstrip() if cut > most // 3 else name[: most - 1].rstrip() + "…"
    return name + end


def note(entry: Dict[str, Any]) -> Optional[str]:
    """What the user should know of an entry, for the log; None for nothing."""
    if not entry.get("deprecated"):
        return None
    successor = entry.get("successor")
    advice = f"; use {successor} instead" if successor else ""
    return f"{entry['namespace']}/{entry['name']} {entry['version']} is deprecated{advice}."
