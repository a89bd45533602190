"""Which code and rules extracted a text: the name that tells a publisher's edit from a change of ours."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

import extractors

FOLDER = Path(extractors.__file__).parent
DIGITS = 10  # hex digits of the hash: two editions that somebody compares will not share them


@cache
def current() -> str:
    """Return the version and a hash of everything in ``extractors/``: ``0.1.0+3fa9c1b2d4``.

    Code, phrases, weights and the rules of publications all lie there, so whatever can change what comes
    out of a page changes this, and nothing else does.
    """
    return f"{version('cleancopy')}+{files_hash(FOLDER)[:DIGITS]}"


def files_hash(folder: Path) -> str:
    """Return the SHA-256 of the names and contents of a folder's files, but for compiled code."""
    total = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            total.update(f"{file.relative_to(folder).as_posix()}\0".encode())
            total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()
