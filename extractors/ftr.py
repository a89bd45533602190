"""FiveFilters site configs → our rules. Written from the format's description; the files are in the public domain (CC0).

A file is lines of ``key: value`` and ``key(argument): value``; ``#`` begins a comment. What is taken:

    strip, strip_id_or_class   strip rules, which are never followed against the story
    title, author, date        candidates of modest trust
    next_page_link             where a story goes on, believed only for pages that say they are the same story
    http_header                but those that say who asks
    test_url, test_contains    tests whose pages are still to be saved

An XPath becomes CSS where it says the same, and stays XPath otherwise. Body rules are not taken: most have rotted.
Every other line is reported with the reason.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from extractors import xpath
from extractors.rules import OURS, css_of

TRUST = 0.6
"""How far an imported selector is trusted: less than what a page says in its head. A judgement."""

FIELDS = {"title": "headline", "author": "authors", "date": "published_at"}

_LINE = re.compile(r"^(?P<key>[a-z_]+)(?:\((?P<argument>.*?)\))?\s*:\s*(?P<value>.*)$", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"^(?P<path>.*[^/])/@(?P<name>[\w-]+)$")
_INDEX = re.compile(r"^\((?P<path>.*)\)\[1\]$|^(?P<plain>.*)\[1\]$")
_UNQUOTABLE = re.compile(r'["\\\x00-\x1f]')
_QUOTES = "'\" "

_LEFT = {
    "body": "body rules have rotted more often than not",
    "single_page_link": "the pages of a story are joined instead",
    "single_page_link_in_feed": "the pages of a story are joined instead",
    "autodetect_next_page": "the next page is always looked for",
    "if_page_contains": "conditions are not supported; a next page is believed only if it says that it is one",
    "find_string": "the page is not rewritten",
    "replace_string": "the page is not rewritten",
} | dict.fromkeys(
    "prune tidy parser autodetect_on_failure skip_json_ld convert_double_br_tags insert_detected_image footnotes "
    "wrap_in move_into dissolve strip_attr post_strip_attr strip_image_src strip_comments src_lazy_load_attr "
    "native_ad_clue skip_id_or_class requires_login not_logged_in_xpath login_uri login_username_field "
    "login_password_field login_extra_fields".split(),
    "our extractor has no such step",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ignored:
    """A line that was not taken, and why."""

    line: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Imported:
    """Rules as TOML, empty when no line could be taken, and the lines that were not."""

    toml: str
    ignored: tuple[Ignored, ...]


@dataclass(slots=True)
class _Taken:
    """What the lines so far say: selectors as they stand in TOML, without trust."""

    strip: dict[str, None] = field(default_factory=dict)
    select: dict[str, dict[str, None]] = field(default_factory=dict)
    next_page: dict[str, None] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    tests: list[tuple[str, list[str]]] = field(
        default_factory=list
    )  # (address, texts that its story must have)

    def __bool__(self) -> bool:
        return bool(self.strip or self.select or self.next_page or self.headers or self.tests)


def hosts(name: str) -> tuple[str, ...]:
    """Return the hosts that a file's name stands for: ``example.com.txt``, ``.example.com.txt`` with subdomains."""
    host = name.removesuffix(".txt").strip(".").lower().removeprefix("www.")
    return (host,) if "." in host and re.fullmatch(r"[\w.-]+", host) else ()


def convert(text: str, name: str) -> Imported:
    """Return what of a site config can be taken. Never raises."""
    taken = _Taken()
    ignored: list[Ignored] = []
    for number, raw in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        why = _take(line, taken)
        if why:
            ignored.append(Ignored(number, line, why))
    if not hosts(name):
        ignored.append(Ignored(0, name, "the file's name is no host"))
        return Imported("", tuple(ignored))
    return Imported("\n".join(_toml(name, taken)) + "\n" if taken else "", tuple(ignored))


def _take(line: str, taken: _Taken) -> str | None:
    """Note what the line says, or return why it is not taken."""
    found = _LINE.match(line)
    if not found:
        return "is no key: value"
    key, value, argument = found["key"].lower(), found["value"].strip(), found["argument"]
    if key in _LEFT:
        return _LEFT[key]
    if key not in _TAKERS:
        return f"there is no directive {key}"
    if not value:
        return "says nothing"
    if (argument is not None) != (key == "http_header"):
        return "takes no argument" if argument is not None else "names no header"
    return _TAKERS[key](taken, key if argument is None else argument, value)


def _take_name(taken: _Taken, _: str, value: str) -> str | None:
    name = value.strip(_QUOTES)
    if not name or _UNQUOTABLE.search(name):
        return "is no part of a class or id"
    taken.strip[_text(f'[class*="{name}"], [id*="{name}"]')] = None
    return None


def _take_strip(taken: _Taken, _: str, value: str) -> str | None:
    parts = [css_of(part) for part in value.split("|")]
    if all(parts):
        taken.strip.update(dict.fromkeys(_text(one) for one in parts if one))
        return None
    return _take_xpath(taken.strip, value)


def _take_field(taken: _Taken, key: str, value: str) -> str | None:
    into = taken.select.setdefault(FIELDS[key], {})
    parts = [_selector(part) for part in value.split("|")]
    why = None
    if all(parts):
        into.update(dict.fromkeys(f"{{css = {_text(one)}, trust = {TRUST}}}" for one in parts if one))
    else:
        why = _take_xpath(into, value, f", trust = {TRUST}")
    if not into:
        del taken.select[FIELDS[key]]
    return why


def _take_next(taken: _Taken, _: str, value: str) -> str | None:
    path = value if re.search(r"@\w+\s*$", value) else f"({value})/@href"
    return _take_xpath(taken.next_page, path, f", trust = {TRUST}")


def _take_header(taken: _Taken, name: str, value: str) -> str | None:
    name = name.strip()
    if name.lower() in OURS:
        return "says who asks, which a rule must not change"
    if not re.fullmatch(r"[\w-]+", name, re.ASCII) or not value.isprintable():
        return "is no header"
    taken.headers[name] = value
    return None


def _take_test(taken: _Taken, _: str, value: str) -> str | None:
    if not re.match(r"https?://\w", value):
        return "is no web address"
    taken.tests.append((value, []))
    return None


def _take_contained(taken: _Taken, _: str, value: str) -> str | None:
    if not taken.tests:
        return "stands before any test_url"
    taken.tests[-1][1].append(value)
    return None


_TAKERS = {
    "strip": _take_strip, "strip_id_or_class": _take_name, "title": _take_field, "author": _take_field,
    "date": _take_field, "next_page_link": _take_next, "http_header": _take_header, "test_url": _take_test,
    "test_contains": _take_contained,
}  # fmt: skip


def _take_xpath(into: dict[str, None], expression: str, more: str = "") -> str | None:
    """Note an XPath as it is, or return why lxml cannot read it."""
    why = xpath.fault(expression)
    if why:
        return f"is no XPath: {why}"
    into[f"{{xpath = {_text(expression)}{more}}}"] = None
    return None


def _selector(path: str) -> str | None:
    """Return the XPath of a field as a selector of ours: ``@name`` behind it reads an attribute."""
    path = path.strip()
    first = _INDEX.match(path)
    if first:  # the first is read anyway
        path = first["path"] or first["plain"]
    attribute = _ATTRIBUTE.match(path)
    if attribute:
        css = css_of(attribute["path"])
        return f"{css}@{attribute['name']}" if css else None
    return css_of(path.removesuffix("/text()"))


def _toml(name: str, taken: _Taken) -> Iterator[str]:
    yield f"# Imported from the FiveFilters site config {name}."
    yield f"hosts = {json.dumps(list(hosts(name)))}"
    for key, found in (("strip", taken.strip), ("next_page", taken.next_page)):
        if found:
            yield from (f"{key} = [", *(f"    {one}," for one in found), "]")
    if taken.headers:
        yield "[headers]"
        yield from (f"{_text(key)} = {_text(value)}" for key, value in taken.headers.items())
    if taken.select:
        yield "[select]"
        yield from (f"{key} = [{', '.join(found)}]" for key, found in taken.select.items())
    for number, (url, texts) in enumerate(taken.tests, 1):
        yield from ("[[tests]]", f'page = "tests/{hosts(name)[0]}-{number}.html"', f"url = {_text(url)}")
        if texts:
            yield f"contains = [{', '.join(map(_text, texts))}]"


def _text(value: str) -> str:
    """Return the value as a TOML string: JSON's, but for DEL, which TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
