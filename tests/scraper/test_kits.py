"""The labelled kits, where they are unpacked: each must reach its mark."""

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest

KITS = Path(os.environ.get("CORPUS", "/nowhere")).parent / "kits"


@pytest.fixture(scope="module")
def kits() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks/kits.py"
    spec = importlib.util.spec_from_file_location("kits", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not KITS.is_dir(), reason="the kits are not committed; CORPUS says where they are")
def test_every_kit_reaches_its_mark(kits: ModuleType) -> None:
    below = [f"{score.kit}: {score.good} of {score.total}" for score in kits.scores(KITS) if not score.passed]
    assert below == []
