"""What extracted a text: the name that tells a publisher's edit from a change of ours.

    0.1.0+3fa9c1b2d4 rules:9b1c22aa07 noise:51c0de9f3e

Version and code, the publication's rules, and what was learned of its noise; the last two only where there
are any, and ``engine:trafilatura`` where another engine than our own read the page. The same page under the
same name gives the same text.
"""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

import extractors
from extractors import Noise, Rules

FOLDER = Path(extractors.__file__).parent
DIGITS = 10  # hex digits of the hash: two editions that somebody compares will not share them


@cache
def current() -> str:
    """Return the version of the code and a hash of everything in ``extractors/``: ``0.1.0+3fa9c1b2d4``.

    Code, phrases, weights and the rules that come with the program all lie there.
    """
    return f"{version('cleancopy')}+{files_hash(FOLDER)[:DIGITS]}"


def of(rules: Rules | None, noise: Noise | None, engine: str = "own") -> str:
    """Return the whole name for a page that is read with these."""
    parts = [current()]
    if rules is not None:
        parts.append(f"rules:{rules.version}")
    if noise is not None and noise.version:
        parts.append(f"noise:{noise.version}")
    if engine != "own":
        parts.append(f"engine:{engine}")
    return " ".join(parts)


def files_hash(folder: Path) -> str:
    """Return the SHA-256 of the names and contents of a folder's files, but for compiled code."""
    total = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            total.update(f"{file.relative_to(folder).as_posix()}\0".encode())
            total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()
