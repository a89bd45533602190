"""URLs: resolve a link as a browser does, and find the one key under which a page is known.

Parsing is the WHATWG URL standard by way of ada, because every parser of the Python world reads another
host than a browser does in some spellings (backslashes, ``https:/x``, octal IPv4), and then robots.txt,
scope and the address gate would judge one host while the socket goes to another.
"""

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from ada_url import URL

MAX_LENGTH = 8000  # octets; RFC 9110 section 4.1 asks everyone to support at least this, and few go beyond


def resolve(link: str, base: str | None = None) -> str | None:
    """Return the absolute address that a browser would open for ``link``, without its fragment.

    None means that it must never be fetched: not http or https, no valid host, or too long.
    """
    url = _parse(link, base)
    if url is None or url.protocol not in ("http:", "https:"):
        return None
    del url.hash
    href: str = url.href
    return href if len(href) <= MAX_LENGTH else None


@lru_cache(maxsize=4096)  # one visit asks ten times for the same two, at 13 µs each
def host(url: str) -> str:
    """Return who answers for ``url``: ``example.org``, ``127.0.0.1:8000``; empty if it is no web address.

    The port stays only where it is not the scheme's own. A trailing dot, which names the same host to
    the DNS, goes: otherwise ``example.org.`` would be a second host with a delay of its own.
    """
    parsed = _parse(url)
    return "" if parsed is None else _named(parsed)


@lru_cache(maxsize=4096)
def origin(url: str) -> str:
    """Return scheme, host and port, the unit that robots.txt, cookies and authorisation belong to."""
    parsed = _parse(url)
    return "" if parsed is None else f"{parsed.protocol}//{_named(parsed)}"


def without_userinfo(url: str) -> tuple[str, str | None]:
    """Split ``https://user:pass@host/`` into the address without them and ``user:pass``, if there is any.

    The second part is percent-decoded, ready for an Authorization header, and must never be printed.
    """
    parsed = _parse(url) if "@" in url else None
    if parsed is None or not (parsed.username or parsed.password):
        return url, None
    secret = unquote_to_bytes(f"{parsed.username}:{parsed.password}").decode("utf-8", "replace")
    del parsed.username, parsed.password
    return parsed.href, secret


def printable(url: str) -> str:
    """Return ``url`` fit for a message or a log: no user name, no password, even if it does not parse."""
    address, _ = without_userinfo(url)
    return re.sub(r"(?<=//)[^/?#\s]*@", "", address) if "@" in address else address


@lru_cache(maxsize=4096)  # one visit asks for the same few several times, at 0.1 ms each
def canonical(url: str) -> str:
    """Return the key under which different spellings of one page's address meet.

    A working address as well: nothing is dropped that publishers use to tell pages apart. Gone are user
    name, fragment, tracking parameters, session ids, AMP and print marks, default index names, empty
    parameters and needless percent-encoding; parameters are sorted. Applying it twice changes nothing.
    What is no web address comes back as it came.
    """
    address = resolve(url)
    if address is None:
        return url
    parsed = URL(without_userinfo(address)[0])
    path = _canonical_path(parsed.pathname)
    query = _canonical_query(parsed.search[1:])
    return f"{parsed.protocol}//{host(address)}{path}" + (f"?{query}" if query else "")


def _named(url: URL) -> str:
    whole: str = url.hostname
    name = whole.rstrip(".") or whole
    return f"{name}:{url.port}" if url.port else name


def _parse(link: str, base: str | None = None) -> URL | None:
    try:
        return URL(_scalar(link), None if base is None else _scalar(base))
    except ValueError:
        return None


def _scalar(text: str) -> str:
    """Replace lone surrogates, which JSON can carry and UTF-8 cannot, by U+FFFD (WHATWG USVString)."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# Percent-encoding: "%41" and "A" are one, "%2F" and "/" are two (RFC 3986 section 6.2.2.2).

_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def _plain(text: str) -> str:
    """Undo the escapes of unreserved characters and write the others in capitals; ada escaped the rest."""
    before = None
    while text != before:  # "%%36%31" uncovers "%61"
        before, text = text, _ESCAPED.sub(_unescape, text)
    return text


def _unescape(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED else match[0].upper()


# Paths. Names of index files as Apache, IIS, nginx and the Java servers ship them.

_INDEX = re.compile(r"/(?:index|default)\.(?:x?html?|php[345]?|aspx?|jspx?|jsf|jspa|cgi)$", re.IGNORECASE)
_SESSION_IN_PATH = re.compile(
    r";(?:jsessionid|phpsessid|sessionid|sid)=[^/;?]*"  # Java servlets
    r"|/\((?:[a-z]\([0-9a-z]{20,}\))+\)(?=/)"  # ASP.NET: /(S(4hqa0555fwsecu455xqckv45))/
    r"|/\([0-9a-z]{24}\)(?=/)",
    re.IGNORECASE,
)
_AMP = re.compile(r"(?<=.)(?:/amp/?|\.amp/?)$", re.IGNORECASE)
_AMP_PAGE = re.compile(r"\.amp(?=\.html?$)", re.IGNORECASE)
_SLASHES = re.compile(r"//+")


def _canonical_path(path: str) -> str:
    before = None
    while path != before:  # one rule can uncover work for another: "/a/amp/index.html"
        before = path
        path = _SLASHES.sub("/", _SESSION_IN_PATH.sub("", URL("http://x" + _plain(path)).pathname))
        path = _AMP_PAGE.sub("", _AMP.sub("", _INDEX.sub("/", path))) or "/"
    return path


# Parameters that say how a reader came, not what he reads. Sources: the vendors' own documentation
# (Google, Meta, Microsoft, Yandex, Adobe, Matomo, AT Internet, HubSpot, Mailchimp, Marketo, Chartbeat) and
# the shared lists of browsers that remove them.

_TRACKING_PREFIXES = (
    "utm_", "mtm_", "matomo_", "pk_", "piwik_", "at_", "hsa_", "fb_", "ga_", "ns_", "oly_", "vero_", "__hs",
    "_hs", "guce_", "mkt_", "pf_rd_", "stm_", "itm_", "wt_", "dm_", "cm_mmc", "action_object_",
    "action_type_", "action_ref_",
)  # fmt: skip
_TRACKING = frozenset((
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "ttclid", "yclid",
    "ysclid", "li_fat_id", "epik", "igshid", "igsh", "mc_cid", "mc_eid", "_ga", "_gl", "_openstat",
    "xtor", "xtref", "ncid", "cmpid", "cmp", "icid", "ito", "s_cid", "smid", "smtyp", "spm", "trk",
    "trkcampaign", "wickedid", "ref", "ref_", "ref_src", "ref_url", "refid", "__twitter_impression",
    "__tn__", "_ft_", "mibextid", "guccounter", "sr_share", "hsctatracking", "usqp", "ved", "emc",
    "recruiter", "een", "seen", "platform", "campaignid", "adgroupid", "cn-reloaded", "ao_noptimize",
    "cbrd", "ucbcb", "_rdc", "_rdr", "si", "ab_channel", "share", "replytocom", "_unique_id", "amp",
    "nocache", "cachebuster",
))  # fmt: skip
_SESSIONS = frozenset((
    "jsessionid", "phpsessid", "sessionid", "session_id", "sessid", "session-id", "bv_sessionid",
    "_sessionid", "oscsid", "zenid", "cfid", "cftoken",
))  # fmt: skip
_SESSION_VALUES = {
    "sid": 20,
    "s": 32,
    "_sid": 20,
}  # name → a value of so many hex digits or letters is a session
_TWINS = {  # name → values that show the same page in other clothes
    "output": {"amp"},
    "mode": {"amp"},
    "outputtype": {"amp", "amp-type"},
    "print": {"", "1", "true", "yes", "y", "print"},
    "printable": {"", "1", "true", "yes"},
    "view": {"print", "amp"},
}


def _canonical_query(query: str) -> str:
    query = _SESSION_IN_PATH.sub("", query.replace("&amp;", "&"))
    kept = [_plain(part) for part in query.split("&") if part]
    return "&".join(sorted(part.removesuffix("=") for part in kept if _tells_pages_apart(part)))


def _tells_pages_apart(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    name, value = name.lower(), value.lower()
    return not (
        name in ("", *_TRACKING)
        or name in _SESSIONS
        or name.startswith(_TRACKING_PREFIXES)
        or name.startswith("aspsessionid")
        or value in _TWINS.get(name, ())
        or (len(value) >= _SESSION_VALUES.get(name, MAX_LENGTH) and value.isalnum())
    )
