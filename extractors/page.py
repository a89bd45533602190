"""What arrives: one fetched page, before anyone has looked inside."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Page:
    """A page as the server sent it, after content codings (gzip, br, …) are undone.

    ``url`` is the address that answered, after redirects. ``content_type`` is the header's value as
    sent (``text/html; charset=utf-8``), empty when there was none. ``fetched_at`` is aware UTC; it is
    the only clock that extraction knows: no date after it (and a day) is believed. ``more`` are the pages on
    which the story goes on, in their order.
    """

    url: str
    body: bytes
    content_type: str = ""
    fetched_at: datetime | None = None
    more: tuple["Page", ...] = ()
