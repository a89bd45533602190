"""FiveFilters site configs → our rules. Written from the format's description; the files are in the public domain (CC0).

A file is lines of ``key: value`` and ``key(argument): value``; ``#`` begins a comment. What is taken: strip and
strip_id_or_class as strip rules, which are never followed against the story; title, author and date as candidates
of modest trust. Body rules are not taken: most have rotted. Every other line is reported with the reason.
"""

import json
import re
from dataclasses import dataclass

from extractors.rules import css_of

TRUST = 0.6
"""How far an imported selector is trusted: less than what a page says in its head. A judgement."""

FIELDS = {"title": "headline", "author": "authors", "date": "published_at"}

_LINE = re.compile(r"^(?P<key>[a-z_]+)(?:\((?P<argument>.*?)\))?\s*:\s*(?P<value>.*)$", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"^(?P<path>.*[^/])/@(?P<name>[\w-]+)$")
_INDEX = re.compile(r"^\((?P<path>.*)\)\[1\]$|^(?P<plain>.*)\[1\]$")
_NAME = re.compile(r"[\w-]+")

_LEFT = {
    "body": "body rules have rotted more often than not",
    "test_url": "a live page; save it, and make it a test of the rules",
    "test_contains": "belongs to a live page",
    "next_page_link": "pages of one story are not joined",
    "single_page_link": "pages of one story are not joined",
    "single_page_link_in_feed": "pages of one story are not joined",
    "autodetect_next_page": "pages of one story are not joined",
    "if_page_contains": "conditions are not supported",
    "http_header": "headers stand in the publication's own settings",
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


def hosts(name: str) -> tuple[str, ...]:
    """Return the hosts that a file's name stands for: ``example.com.txt``, ``.example.com.txt`` with subdomains."""
    host = name.removesuffix(".txt").strip(".").lower().removeprefix("www.")
    return (host,) if "." in host and re.fullmatch(r"[\w.-]+", host) else ()


def convert(text: str, name: str) -> Imported:
    """Return what of a site config can be taken. Never raises."""
    strip: dict[str, None] = {}
    select: dict[str, dict[str, None]] = {}
    ignored: list[Ignored] = []
    for number, raw in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        why = _take(line, strip, select)
        if why:
            ignored.append(Ignored(number, line, why))
    if not hosts(name):
        ignored.append(Ignored(0, name, "the file's name is no host"))
        return Imported("", tuple(ignored))
    return Imported(_toml(name, list(strip), select) if strip or select else "", tuple(ignored))


def _take(line: str, strip: dict[str, None], select: dict[str, dict[str, None]]) -> str | None:
    """Note what the line says, or return why it is not taken."""
    found = _LINE.match(line)
    if not found:
        return "is no key: value"
    key, value = found["key"].lower(), found["value"].strip()
    if key in _LEFT:
        return _LEFT[key]
    if key not in ("strip", "strip_id_or_class", *FIELDS):
        return f"there is no directive {key}"
    if not value:
        return "says nothing"
    if key == "strip_id_or_class":
        name = value.strip("'\" ")
        if not _NAME.fullmatch(name):
            return "is no part of a class or id"
        strip[f'[class*="{name}"], [id*="{name}"]'] = None
        return None
    selectors = [_selector(part, fields=key != "strip") for part in value.split("|")]
    if not all(selectors):
        return "is no XPath that CSS can say"
    (strip if key == "strip" else select.setdefault(FIELDS[key], {})).update(
        dict.fromkeys(filter(None, selectors))
    )
    return None


def _selector(xpath: str, *, fields: bool) -> str | None:
    """Return an XPath as a selector of ours: ``@name`` behind it reads an attribute, where a field is meant."""
    xpath = xpath.strip()
    first = _INDEX.match(xpath)
    if first and fields:  # the first is read anyway
        xpath = first["path"] or first["plain"]
    attribute = _ATTRIBUTE.match(xpath)
    if attribute and fields:
        css = css_of(attribute["path"])
        return f"{css}@{attribute['name']}" if css else None
    return css_of(xpath.removesuffix("/text()") if fields else xpath)


def _toml(name: str, strip: list[str], select: dict[str, dict[str, None]]) -> str:
    lines = [
        f"# Imported from the FiveFilters site config {name}.",
        f"hosts = {json.dumps(list(hosts(name)))}",
    ]
    if strip:
        lines += ["strip = [", *(f"    {_text(one)}," for one in strip), "]"]
    if select:
        lines.append("[select]")
        for key, found in select.items():
            entries = ", ".join(f"{{css = {_text(one)}, trust = {TRUST}}}" for one in found)
            lines.append(f"{key} = [{entries}]")
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
