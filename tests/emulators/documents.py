"""The published documents of the platforms' APIs, where this machine has them."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

VARIABLE = "API_DOCUMENTS"
BESIDE = Path(__file__).parents[2].parent / "shared" / "specs"


@cache
def document(pattern: str) -> dict[str, Any] | None:
    """The document whose file name fits; None where there is none: then nothing is checked."""
    for folder in (os.environ.get(VARIABLE), BESIDE):
        found = sorted(Path(folder).glob(pattern)) if folder else []
        if found:
            loaded: dict[str, Any] = json.loads(found[-1].read_text(encoding="utf-8"))
            return loaded
    return None
