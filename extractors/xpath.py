"""XPath 1.0 on a page, for rules that were written elsewhere and that CSS cannot say.

lxml reads the page as Lexbor wrote it out, each element with its number, so that what an XPath finds is an element
of the one tree that everything else sees.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree

from extractors.document import MOST_MATCHES, NUMBER


@dataclass(frozen=True, slots=True)
class Located:
    """What an XPath found: what each thing says, and the numbers of those that are elements."""

    texts: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()


def fault(expression: str) -> str | None:
    """Return why lxml cannot read the XPath, None when it can."""
    try:
        _compiled(expression)
    except etree.XPathError as error:
        return str(error)
    return None


@lru_cache(maxsize=4096)
def _compiled(expression: str) -> Any:
    return etree.XPath(expression)


def find(numbered: str, expressions: Mapping[int, str]) -> dict[int, Located]:
    """Return what each expression finds on a page that ``document.numbered`` wrote; nothing for one that fails."""
    tree = etree.fromstring(numbered, etree.HTMLParser(huge_tree=True))
    numbers = {
        element: int(element.attrib.pop(NUMBER)) for element in tree.iter() if NUMBER in element.attrib
    }
    return {number: _found(tree, expression, numbers) for number, expression in expressions.items()}


def _found(tree: Any, expression: str, numbers_of: Mapping[Any, int]) -> Located:
    try:
        result = _compiled(expression)(tree)
    except etree.XPathError:  # a function that does not exist is told only now
        return Located()
    things = result if isinstance(result, list) else [result]
    texts, numbers = [], []
    for thing in things[:MOST_MATCHES]:
        if isinstance(thing, etree._Element):
            texts.append(" ".join(" ".join(thing.itertext()).split()))
            if thing in numbers_of:
                numbers.append(numbers_of[thing])
        elif isinstance(thing, str):
            texts.append(" ".join(thing.split()))
    return Located(tuple(texts), tuple(numbers))
