"""What a user has set for a catalog."""

from dataclasses import dataclass
from typing import Any, Dict, Optional, Union
from urllib.parse import urlencode, urlsplit

RUNTIMES = {"KUBEFLOW_PIPELINES": "kfp", "APACHE_AIRFLOW": "airflow"}
DEFAULT_PORTS = {"http": 80, "https": 443}


class SettingsError(ValueError):
    """A setting that the user has to mend; the text says how."""


def _text(metadata: Dict[str, Any], name: str) -> Optional[str]:
    value = metadata.get(name)
    return value.strip() or None if isinstance(value, str) else None


@dataclass(frozen=True)
class Settings:
    """The settings of one catalog, checked."""

    registry_url: str
    registry: str
    runtime: str
    namespace: Optional[str]
    category: Optional[str]
    tag: Optional[str]
    channel: Optional[str]
    token: Optional[str]
    verify: Optional[Union[bool, str]]

    @classmethod
    def of(cls, metadata: Dict[str, Any]) -> "Settings":
        """Reads the metadata of a catalog instance."""
        url = (_text(metadata, "registry_url") or "").rstrip("/")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise SettingsError(f"'{url}' is no URL: write the address of the registry, such as https://registry.example.org.") from None
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            raise SettingsError(f"'{url}' is no URL of a registry: it begins with https:// or http:// and names a host.")
        if parts.username or parts.password:
            raise SettingsError("The registry's URL has a user or a password in it: write the token into the field Token.")
        runtime = RUNTIMES.get(str(metadata.get("runtime_type")))
        if runtime is None:
            raise SettingsError(f"There are no components for the runtime type '{metadata.get('runtime_type')}'; choose one of {', '.join(RUNTIMES)}.")
        authority = parts.hostname if port in (None, DEFAULT_PORTS[parts.scheme]) else f"{parts.hostname}:{port}"
        verify: Optional[Union[bool, str]] = False if metadata.get("verify_tls") is False else _text(metadata, "ca_file")
        return cls(url, authority + parts.path, runtime, _text(metadata, "namespace"), _text(metadata, "category"), _text(metadata, "tag"),
                   _text(metadata, "channel"), _text(metadata, "token"), verify)

    @property
    def catalog_url(self) -> str:
        """Where the whole catalog is, in one answer."""
        query = {"runtime": self.runtime, "category": self.category, "tag": self.tag, "channel": self.channel}
        place = f"{self.namespace}/catalog.json" if self.namespace else "catalog.json"
        return f"{self.registry_url}/catalogs/elyra/{place}?{urlencode({name: value for name, value in query.items() if value})}"
