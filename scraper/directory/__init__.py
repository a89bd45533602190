"""Known publications: where some hundred of them announce their stories.

The list (publications.json) holds facts that the Fundus project gathered: names, countries, home pages,
public feeds and sitemaps. They have not been checked since: addresses move, and what is listed may be gone.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from scraper import addresses


@dataclass(frozen=True, slots=True)
class Known:
    """A publication as the list has it. ``country`` is ISO 3166-1 alpha-2, ``language`` are BCP 47 tags."""

    name: str
    country: str
    url: str
    language: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    news_sitemaps: tuple[str, ...] = ()


@cache
def known() -> tuple[Known, ...]:
    """Return the whole list, by country and name."""
    rows = json.loads((files(__package__) / "publications.json").read_text(encoding="utf-8"))
    return tuple(_known(**row) for row in rows)


def _known(name: str, country: str, url: str, **lists: list[str]) -> Known:
    return Known(name, country, url, **{what: tuple(given) for what, given in lists.items()})


def search(words: str) -> Iterator[Known]:
    """Yield the publications in whose name, address or country every word stands; without words all."""
    wanted = words.casefold().split()
    for item in known():
        said = f"{item.name} {item.url}".casefold()
        if all(word in said or word == item.country for word in wanted):
            yield item


def named(name: str) -> list[Known]:
    """Return those of this very name, else those whose name or host holds it."""
    exact = [item for item in known() if item.name.casefold() == name.casefold()]
    return exact or list(search(name))


def at(url: str) -> Known | None:
    """Return the publication whose home page is on the host of ``url``."""
    host = _host(url)
    return next((item for item in known() if _host(item.url) == host), None)


def _host(url: str) -> str:
    return addresses.host(url).removeprefix("www.")
