"""The fixture pages and what their author knows about them.

``tests/fixtures/pages/NAME.html`` (or ``.txt``, a plain-text dump) is a page: invented prose in the markup of
a real kind of site. ``NAME.toml`` beside it is the truth. ``tests/fixtures/accepted/NAME.json`` is the whole
article that the extractor makes of it today, rewritten by ``make accept``.
"""

import json
import re
import tomllib
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from extractors import Article, ExtractError, Page, attempt

FOLDER = Path(__file__).parents[1] / "fixtures"
FETCHED_AT = datetime(2025, 6, 1, tzinfo=UTC)  # after every date on the pages
NAMES = sorted(path.stem for path in (FOLDER / "pages").glob("*.toml"))


@cache
def truth(name: str) -> dict[str, Any]:
    """Return what the page's author knows: its address, its header, and the fields of the article."""
    return tomllib.loads((FOLDER / "pages" / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def page(name: str) -> Page:
    """Return the page as a server would have sent it."""
    file = next(path for path in (FOLDER / "pages").glob(f"{name}.*") if path.suffix != ".toml")
    return Page(truth(name)["url"], file.read_bytes(), truth(name)["content_type"], FETCHED_AT)


@cache
def extracted(name: str) -> Article | ExtractError:
    """Return what the extractor makes of the page."""
    return attempt(page(name))


def as_json(name: str) -> str:
    """Return the extractor's answer as the accepted files hold it, provenance sorted by field."""
    answer = extracted(name)
    if isinstance(answer, Article):
        plain = answer.to_dict() | {"provenance": dict(sorted(answer.to_dict()["provenance"].items()))}
    else:
        plain = {"error": type(answer).__name__, "says": str(answer)}
    return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"


def accepted(name: str) -> Path:
    """Return the file that holds the accepted answer for the page."""
    return FOLDER / "accepted" / f"{name}.json"


def lines(body: str) -> list[str]:
    """Return the body's paragraphs, headings and list items, one string each, white space folded."""
    return [" ".join(line.split()) for line in body.split("\n") if line.strip()]


_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff]|\w+"
)  # words; single characters where words have no spaces


def token_f1(found: str, wanted: str) -> float:
    """Return the harmonic mean of precision and recall over tokens, 0-1; 1 when both texts are empty."""
    mine, theirs = Counter(_TOKEN.findall(found)), Counter(_TOKEN.findall(wanted))
    if not mine and not theirs:
        return 1.0
    return 2 * (mine & theirs).total() / (mine.total() + theirs.total())
