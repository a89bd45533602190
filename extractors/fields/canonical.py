"""The address that the publication gives the story."""

from collections.abc import Iterator

from extractors.addresses import absolute
from extractors.candidates import Candidate
from extractors.reading import Reading


def candidates(reading: Reading) -> Iterator[Candidate]:
    """Yield link rel=canonical, og:url, and the page's own address."""
    base = reading.page.url
    for rel, attributes in reading.document.linked:
        if rel == "canonical":
            found = absolute(attributes.get("href") or "", base)
            if found and not _is_front(found, base):
                yield Candidate(found, "page", "link rel=canonical", 0.97)
                break
    for content in reading.document.metas("og:url"):
        found = absolute(content, base)
        if found and not _is_front(found, base):
            yield Candidate(found, "meta", "og:url", 0.9)
            break
    yield Candidate(base, "url", "address", 0.6)


def _is_front(found: str, base: str) -> bool:
    """Some sites call their front page the canonical address of every page."""
    return found.rstrip("/").count("/") <= 2 < base.rstrip("/").count("/")
