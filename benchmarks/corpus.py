"""The labelled pages: where they are, and the scorer that comes with them.

They are not part of this project, because the publications own the pages. The folder holds ``cases.jsonl``,
``split.json``, ``html/``, the peers' stored answers in ``pred/`` and the programs ``score.py``,
``run_ours.py`` and ``score_kinds.py``. It is named by ``--corpus`` or by the environment variable CORPUS.
"""

import argparse
import importlib.util
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

Case = Mapping[str, Any]
"""A labelled page: id, source, url, domain, encoding, and ``gold``, what people said it holds."""

ABSENT = (
    "the labelled pages are not at {place}; unpack them and say where: --corpus DIR, or the environment "
    "variable CORPUS (docs/benchmarks.md tells what they are)"
)


def add_option(parser: argparse.ArgumentParser) -> None:
    """Give the command its ``--corpus``."""
    said = os.environ.get("CORPUS")
    parser.add_argument("--corpus", type=Path, default=Path(said) if said else None, metavar="DIR")


def is_there(folder: Path | None) -> bool:
    return folder is not None and (folder / "score.py").is_file() and (folder / "cases.jsonl").is_file()


def required(folder: Path | None) -> Path:
    """Return the folder. Exits with a sentence when there is none."""
    if folder is None or not is_there(folder):
        raise SystemExit(ABSENT.format(place=folder or "a known place"))
    return folder.resolve()


@lru_cache(maxsize=1)
def scorer(folder: Path) -> Any:
    """Return the corpus's own ``score.py``: it reads pages, knows the accepted bodies, and counts."""
    spec = importlib.util.spec_from_file_location("corpus_score", folder / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
