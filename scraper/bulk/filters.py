"""Which pages of an archive are wanted, told from address and time alone, before anything is parsed."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scraper import addresses, scope
from scraper.config import Publication
from scraper.window import ALWAYS, Window

TOLD = ("key", "name", "url", "feeds", "sitemaps", "sections", "include", "exclude")


@dataclass(frozen=True, slots=True)
class Filters:
    """``hosts`` with all below them; ``publications`` of the settings; captured in the ``window``; addresses
    in which ``pattern``, a regular expression, is found. Empty is all."""

    hosts: tuple[str, ...] = ()
    publications: tuple[Publication, ...] = ()
    window: Window = ALWAYS
    pattern: str = ""

    def want(self, url: str, captured_at: datetime | None) -> bool:
        """Tell whether a page is wanted. One without a time is not, where a time is asked for."""
        if self.window != ALWAYS and not (captured_at and self.window.holds(captured_at)):
            return False
        if self.pattern and not re.search(self.pattern, url):
            return False
        if self.hosts and not _is_below(addresses.host(url), self.hosts):
            return False
        return not self.publications or any(scope.in_scope(url, one) for one in self.publications)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "hosts": list(self.hosts),
            "publications": [plain(one) for one in self.publications],
            "since": self.window.since and self.window.since.isoformat(),
            "until": self.window.until and self.window.until.isoformat(),
            "pattern": self.pattern,
        }


def from_dict(said: dict[str, Any]) -> Filters:
    """Return what ``to_dict`` gave."""
    return Filters(
        tuple(said["hosts"]),
        tuple(publication(one) for one in said["publications"]),
        Window(*(said[end] and datetime.fromisoformat(said[end]) for end in ("since", "until"))),
        said["pattern"],
    )


def plain(known: Publication) -> dict[str, Any]:
    """Return what tells a publication's addresses, as JSON values. No header and no cookie is among them."""
    return {name: _listed(getattr(known, name)) for name in TOLD}


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def publication(said: dict[str, Any]) -> Publication:
    """Return what ``plain`` gave."""
    given: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in said.items()}
    return Publication(**given)


def _is_below(host: str, wanted: tuple[str, ...]) -> bool:
    return any(host == one or host.endswith(f".{one}") for one in wanted)
