"""Tells Elyra what can be set for a catalog of this kind."""

import json
from pathlib import Path
from typing import Any, Dict, List

from elyra.metadata.schema import SchemasProvider

SCHEMA_FILE = Path(__file__).parent / "claimed-catalog.json"


class ClaimedSchemasProvider(SchemasProvider):
    """Gives the one schema of this package."""

    def get_schemas(self) -> List[Dict[str, Any]]:
        return [json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))]
