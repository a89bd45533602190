"""Is a word somebody's given name? A list of them tells a person from a desk, a section or a slogan."""

from functools import cache
from importlib.resources import files

FILE = "given_names.txt"


def is_given(word: str) -> bool:
    """Is the word a given name, or two joined by a hyphen?"""
    return key(word.partition("-")[0]) in _known()


def any_given(line: str) -> bool:
    """Is any word of the line, with no mark beside it, a given name? Quickly asked: most lines have none."""
    return not _known().isdisjoint(line.lower().replace("-", " ").split())


def key(word: str) -> str:
    """Return the letters of the word, in lower case."""
    return "".join(filter(str.isalpha, word.casefold()))


@cache
def _known() -> frozenset[str]:
    return frozenset(files("extractors.weights").joinpath(FILE).read_text("utf-8").split())
