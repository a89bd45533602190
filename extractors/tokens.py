"""The scores of class names, words and signs that were learned from labelled pages: ``weights/tokens.json``."""

import json
from importlib.resources import files

TOKENS: dict[str, dict[str, float]] = json.loads(
    files("extractors.weights").joinpath("tokens.json").read_text("utf-8")
)
"""names: class names; words: first words of pieces; signs: by which pages say what they are. Log-odds each."""
