"""What is sent to one publication and to nobody else: its headers, and its cookies from a file.

They go to the host of the publication's address and to hosts below it. A feed that lies elsewhere, or a page
that ``include`` admits on another host, is asked without them.
"""

import urllib.request
from functools import lru_cache
from http.cookiejar import LoadError, MozillaCookieJar
from pathlib import Path

from scraper import addresses
from scraper.config import Publication
from scraper.errors import ConfigError

Headers = tuple[tuple[str, str], ...]


def headers_for(url: str, publication: Publication) -> Headers:
    """Return the headers with which ``publication`` wants ``url`` to be asked.

    Raises ConfigError for a cookie file that cannot be read.
    """
    if not _is_own(url, publication):
        return ()
    cookies = _cookies(url, publication.cookies) if publication.cookies else None
    return (*publication.headers, ("Cookie", cookies)) if cookies else publication.headers


def _is_own(url: str, publication: Publication) -> bool:
    host, own = (addresses.host(each).removeprefix("www.") for each in (url, publication.url))
    return host == own or host.endswith(f".{own}")


def _cookies(url: str, file: Path) -> str | None:
    """Return the Cookie header for ``url``: those whose domain, path, scheme and lifetime fit."""
    request = urllib.request.Request(url)
    _jar(file).add_cookie_header(request)
    return request.get_header("Cookie")


@lru_cache
def _jar(file: Path) -> MozillaCookieJar:
    jar = MozillaCookieJar(file)
    try:
        jar.load(ignore_discard=True, ignore_expires=True)
    except LoadError as error:
        raise ConfigError(f"{file}: is no cookie file in Netscape format, as browsers export it") from error
    except OSError as error:
        raise ConfigError(f"{file}: the cookie file cannot be read: {error.strerror}") from error
    for cookie in jar:
        cookie.expires = cookie.expires or None  # 0 is how browsers export a cookie of this session
    return jar
