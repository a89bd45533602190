"""The labelled kits, where they are unpacked beside the folder that CORPUS names; none is committed."""

import json
import os
from pathlib import Path
from typing import Any

from benchmarks import kits

_BESIDE = Path(os.environ.get("CORPUS", "/nowhere")).parent / "kits"
KITS = _BESIDE if _BESIDE.is_dir() else None


def rows(file: str) -> list[dict[str, Any]]:
    """Return the rows of a kit, none where the kits are not."""
    if KITS is None:
        return []
    return [json.loads(line) for line in (KITS / file).read_text(encoding="utf-8").splitlines()]


def scored(*names: str) -> list[kits.Score]:
    """Return what these kits of ``benchmarks.kits`` gave."""
    assert KITS is not None
    return [score for name in names for score in getattr(kits, name)(KITS)]
