"""Which addresses are a publication's own."""

import re

from scraper import addresses
from scraper.config import Publication

EXCLUDED, OTHER_HOST = "excluded", "other_host"  # reasons in the ledger


def in_scope(url: str, publication: Publication) -> bool:
    """Tell whether the address is the publication's own."""
    return why_out(url, publication) is None


def why_out(url: str, publication: Publication) -> tuple[str, str] | None:
    """Return reason and sentence why the address is not the publication's own, or None if it is.

    It is if it lies on the host of one of the configured addresses or below one, and keeps to ``include``
    and ``exclude``. An address that ``include`` matches may lie anywhere.
    """
    for pattern in publication.exclude:
        if re.search(pattern, url):
            return EXCLUDED, f"exclude of {publication.key} says {pattern!r}"
    if publication.include:
        if any(re.search(pattern, url) for pattern in publication.include):
            return None
        return EXCLUDED, f"nothing in include of {publication.key} matches"
    host = _bare(url)
    given = (publication.url, *publication.feeds, *publication.sitemaps, *publication.sections)
    if any(host == own or host.endswith(f".{own}") for own in map(_bare, given)):
        return None
    return OTHER_HOST, f"{host} is no host of {publication.key}"


def _bare(url: str) -> str:
    return addresses.host(url).removeprefix("www.")
