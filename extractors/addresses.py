"""Addresses as pages write them, made absolute without work where none is needed."""

from functools import lru_cache
from urllib.parse import urljoin, urlsplit


@lru_cache(maxsize=1024)
def _origin(base: str) -> tuple[str, str]:
    parts = urlsplit(base)
    return parts.scheme or "https", f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def absolute(link: str, base: str) -> str:
    """Return ``link`` as an http(s) address without fragment, empty when it is none."""
    link = link.strip().partition("#")[0]
    if link.startswith(("https://", "http://")):
        return link
    if not link:
        return ""
    scheme, origin = _origin(base)
    if link.startswith("//"):
        return f"{scheme}:{link}"
    if link[0] == "/" and origin and "/." not in link:
        return origin + link
    if ":" in link.split("/", 1)[0]:
        return ""
    try:
        joined = urljoin(base, link)
    except ValueError:
        return ""
    return joined if joined.startswith("http") else ""
