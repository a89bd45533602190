"""Bytes to text by the WHATWG steps: byte order mark, transport header, meta prescan, detector.

Source: https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding and
https://encoding.spec.whatwg.org/ for labels. The detector is chardetng, the one Firefox uses.
"""

import codecs
import re

from chardetng_py import EncodingDetector

PRESCAN_BYTES = 1024
"""How far a meta tag may stand from the start of the page, by the standard."""

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"))
_CHARSET = re.compile(r"charset\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s;\"']+))", re.IGNORECASE)

# Labels that the Encoding Standard maps to another codec than Python's own registry does.
_LABELS = {
    "ascii": "cp1252", "us-ascii": "cp1252", "ansi_x3.4-1968": "cp1252", "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252", "iso88591": "cp1252", "iso_8859-1": "cp1252", "iso_8859-1:1987": "cp1252",
    "iso-ir-100": "cp1252", "l1": "cp1252", "latin1": "cp1252", "cp819": "cp1252", "ibm819": "cp1252",
    "csisolatin1": "cp1252", "x-cp1252": "cp1252", "windows-1252": "cp1252",
    "iso-8859-9": "cp1254", "iso8859-9": "cp1254", "iso88599": "cp1254", "iso_8859-9": "cp1254",
    "latin5": "cp1254", "l5": "cp1254", "iso-ir-148": "cp1254", "csisolatin5": "cp1254",
    "iso_8859-9:1989": "cp1254", "x-cp1254": "cp1254",
    "iso-8859-11": "cp874", "iso8859-11": "cp874", "iso885911": "cp874", "tis-620": "cp874",
    "dos-874": "cp874", "windows-874": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "chinese": "gb18030",
    "csgb2312": "gb18030", "csiso58gb231280": "gb18030", "gb_2312": "gb18030", "iso-ir-58": "gb18030",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "ms_kanji": "cp932",
    "windows-31j": "cp932", "csshiftjis": "cp932", "ms932": "cp932",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "korean": "cp949", "ksc5601": "cp949", "ksc_5601": "cp949",
    "ks_c_5601-1989": "cp949", "cseuckr": "cp949", "csksc56011987": "cp949", "iso-ir-149": "cp949",
    "windows-949": "cp949",
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "cn-big5": "big5hkscs", "csbig5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "euc-jp": "euc_jis_2004", "x-euc-jp": "euc_jis_2004", "cseucpkdfmtjapanese": "euc_jis_2004",
    "unicode-1-1-utf-8": "utf-8", "unicode11utf8": "utf-8", "unicode20utf8": "utf-8", "x-unicode20utf8": "utf-8",
    "utf8": "utf-8", "utf-16": "utf-16-le", "ucs-2": "utf-16-le", "unicode": "utf-16-le",
    "unicodefeff": "utf-16-le", "utf-16le": "utf-16-le", "csunicode": "utf-16-le", "iso-10646-ucs-2": "utf-16-le",
    "unicodefffe": "utf-16-be", "utf-16be": "utf-16-be",
    "dos-866": "cp866", "ibm866": "cp866", "csibm866": "cp866", "866": "cp866",
    "x-mac-cyrillic": "mac_cyrillic", "x-mac-ukrainian": "mac_cyrillic", "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman", "mac": "mac_roman", "csmacintosh": "mac_roman",
    "koi": "koi8_r", "koi8": "koi8_r", "koi8-r": "koi8_r", "koi8_r": "koi8_r", "cskoi8r": "koi8_r",
    "koi8-u": "koi8_u", "koi8-ru": "koi8_u",
    "logical": "iso8859_8", "visual": "iso8859_8", "iso-8859-8-i": "iso8859_8", "iso-8859-8-e": "iso8859_8",
    "csiso88598i": "iso8859_8", "csiso88598e": "iso8859_8", "hebrew": "iso8859_8",
    "x-user-defined": "cp1252",
    "cyrillic": "iso8859_5", "greek": "iso8859_7", "arabic": "iso8859_6", "sun_eu_greek": "iso8859_7",
}  # fmt: skip


def decode(body: bytes, content_type: str = "") -> str:
    """Return the page as text. Never fails: bytes that fit no encoding become U+FFFD."""
    start, codec = _codec(body, content_type)
    try:
        return body[start:].decode(codec, "replace")
    except UnicodeDecodeError:  # some multi-byte codecs raise in spite of "replace"
        return body.decode("utf-8", "replace")


def utf8(body: bytes, content_type: str = "") -> bytes:
    """Return the page as UTF-8: the same bytes where they are that already, as those of most pages are."""
    start, codec = _codec(body, content_type)
    if not start and codec == "utf-8":
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            return body.decode("utf-8", "replace").encode()
        return body
    return decode(body, content_type).encode("utf-8", "replace")


def _codec(body: bytes, content_type: str) -> tuple[int, str]:
    """Return how many bytes of byte order mark the page begins with, and its codec."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return len(mark), name
    return 0, from_header(content_type) or from_meta(body) or _detected(body)


def lookup(label: str) -> str | None:
    """Return Python's codec for an encoding label, or None for a label that browsers do not know."""
    label = label.strip(" \t\n\r\f").lower()
    if label in _LABELS:
        return _LABELS[label]
    if not re.fullmatch(r"(?:utf-8|(?:x-)?(?:windows-|cp)125[0-8]|(?:cs)?iso[-_]?8859[-_]?\d{1,2}.*|latin\d|l\d|iso-2022-jp|"
                        r"csiso2022jp|gb18030|iso-ir-\d+)", label):  # fmt: skip
        return None
    try:
        return codecs.lookup(label.removeprefix("x-").replace("csiso8859", "iso8859")).name
    except LookupError:
        return None


_PARAMETER = re.compile(  # WHATWG MIME sniffing, section 4.4; a comma begins the next of several headers
    r"""[;,][ \t\r\n]*(?P<name>[^;=,]*)(?:=(?:"(?P<quoted>(?:[^"\\]|\\.?)*)"?[^;,]*|(?P<bare>[^;,]*)))?""",
    re.DOTALL,
)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]+")


def from_header(content_type: str) -> str | None:
    """Return the codec that a Content-Type header names, or None; the first charset that can be read counts."""
    for found in _PARAMETER.finditer(content_type):
        quoted, bare = found["quoted"], (found["bare"] or "").rstrip(" \t\r\n")
        value = bare if quoted is None else re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)
        if found["name"].lower() == "charset" and _TOKEN.fullmatch(found["name"]) and _VALUE.fullmatch(value):
            return lookup(value)
    return None


_META = re.compile(rb"<!--.*?-->|<meta[\s/]([^>]*)", re.IGNORECASE | re.DOTALL)
_ATTRIBUTE = re.compile(rb"([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]*)))?", re.DOTALL)


def from_meta(body: bytes) -> str | None:
    """Return the codec that a meta tag near the start names, or None."""
    for found in _META.finditer(body[:PRESCAN_BYTES]):
        if found[1] is None:
            continue
        attributes: dict[bytes, bytes] = {}
        for name, *values in _ATTRIBUTE.findall(found[1]):
            attributes.setdefault(name.lower(), values[0] or values[1] or values[2])
        label = attributes.get(b"charset")
        if label is None and attributes.get(b"http-equiv", b"").lower() == b"content-type":
            inner = _CHARSET.search(attributes.get(b"content", b"").decode("latin-1"))
            label = next(filter(None, inner.groups()), "").encode("latin-1") if inner else None
        codec = lookup(label.decode("latin-1")) if label else None
        if codec:
            return (
                "utf-8" if codec.startswith("utf-16") else codec
            )  # it was read as ASCII: it cannot be UTF-16
    return None


def _detected(body: bytes) -> str:
    if _SWITCH not in body:  # ISO-2022-JP is ASCII with escapes in it, so it is valid UTF-8 too
        try:
            body.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.reason == "unexpected end of data":
                return "utf-8"
        else:
            return "utf-8"
    detector = EncodingDetector()
    detector.feed(body, last=True)
    guess = detector.guess(tld=None, allow_utf8=True)
    return lookup(guess) or codecs.lookup(guess).name  # it says cp874, a name that no browser knows


_SWITCH = b"\x1b$"  # to two-byte characters (RFC 1468)
