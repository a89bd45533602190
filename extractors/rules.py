"""One publication's rules, from TOML to frozen values. A mistake costs its own line: it is told, the rest is used.

    hosts = ["gazette.example"]              # and their subdomains
    strip = [".read-next"]                   # never part of a story
    keep = [".pull-story"]                   # always part of it, whatever a stripper thinks
    byline = ["^Words: (.+)"]                # regular expressions on lines; the group is what counts
    credit = ["^Bild: (.+)"]
    next_page = ["a.onward"]                 # the link to the story's next page; its href is read

    [select]                                 # best first: newest layout, then older ones
    headline = ["h1.title"]
    published_at = ["time.published@datetime"]           # @ names an attribute
    dek = [".dek", {css = "h2.sub", valid_until = 2023-05-01}]   # by the day that the page was fetched

    section = [{css = ".part", trust = 0.6}]             # 0-1; without it a rule stands above all else

    [headers]                                # what requests to these hosts say besides
    Accept-Language = "de"

    [[kinds]]                                # what a page is that has this element, or whose address fits
    kind = "video"
    css = ".player-page"

    [[tests]]                                # a stored page, beside this file, and what must come out
    page = "tests/tolls.html"
    url = "https://gazette.example/tolls/"
    headline = "Tolls to end early"
    contains = ["two weeks early"]           # texts that its body must have

Selectors are CSS. They see the page as it came, before anything is taken out of it. What CSS cannot say may be
``{xpath = "//p[contains(., 'Photo')]"}``, which costs the page a second parse.
"""

import difflib
import re
import tomllib
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from extractors import xpath
from extractors.article import Kind
from extractors.document import is_selector

FIELDS = (
    "headline", "dek", "section", "authors", "published_at", "modified_at", "lead_image", "tags", "body",
)  # fmt: skip
KEYS = ("hosts", "strip", "keep", "byline", "credit", "next_page", "headers", "select", "kinds", "tests")
KIND_KEYS = ("kind", "css", "url")
SELECTOR_KEYS = ("css", "xpath", "valid_from", "valid_until", "trust")

OURS = frozenset(
    "user-agent cookie referer x-forwarded-for authorization proxy-authorization host content-length transfer-encoding connection "
    "accept-encoding range if-none-match if-modified-since".split()
)
"""Headers that say who asks, or that a request rests on: a rule, which may come from elsewhere, must not set them."""

SURE = 0.99
"""How far a rule that somebody wrote for this publication is trusted."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in a rules file: where it stands, what is wrong, and what to do about it."""

    file: str
    line: int | None
    says: str
    advice: str

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{place}: {self.says}. {self.advice}."


@dataclass(frozen=True, slots=True)
class Selector:
    """A CSS selector, the attribute that is read instead of the text, and the days of fetching it is meant for.

    ``css`` is an XPath where ``is_xpath`` says so.
    """

    css: str
    attribute: str = ""
    valid_from: date | None = None
    valid_until: date | None = None  # this day included
    line: int | None = None
    confidence: float = SURE
    is_xpath: bool = False

    def holds_on(self, day: date | None) -> bool:
        """Is the selector meant for a page fetched on this day? On an unknown day it is tried."""
        if day is None:
            return True
        return (self.valid_from or date.min) <= day <= (self.valid_until or date.max)

    def __str__(self) -> str:
        return f"{self.css}@{self.attribute}" if self.attribute else self.css


@dataclass(frozen=True, slots=True)
class KindRule:
    """Pages that have the element, or whose address the pattern finds, are of this kind."""

    kind: Kind
    css: Selector | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A stored page and what must come out of it."""

    page: str  # path beside the rules file
    url: str
    wanted: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rules:
    """What is known of one publication's pages."""

    file: str
    hosts: tuple[str, ...] = ()
    select: Mapping[str, tuple[Selector, ...]] = field(default_factory=dict)
    strip: tuple[Selector, ...] = ()
    keep: tuple[Selector, ...] = ()
    kinds: tuple[KindRule, ...] = ()
    byline: tuple[str, ...] = ()
    credit: tuple[str, ...] = ()
    tests: tuple[Example, ...] = ()
    next_page: tuple[Selector, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    version: str = ""  # a hash of the file's text, and of what was left out of it

    def without(self, strip: Container[str]) -> "Rules":
        """Return the rules without these strip rules."""
        gone = [str(one) for one in self.strip if str(one) in strip]
        if not gone:
            return self
        kept = tuple(one for one in self.strip if str(one) not in strip)
        return replace(self, strip=kept, version=_digest(f"{self.version} without {sorted(gone)}"))

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield (what for, selector) for each that looks for something."""
        for name, found in (
            *self.select.items(),
            ("strip", self.strip),
            ("keep", self.keep),
            ("next_page", self.next_page),
        ):
            yield from ((name, one) for one in found)


def read(text: str, file: str) -> tuple[Rules | None, tuple[Problem, ...]]:
    """Return the rules in a file's text without its mistakes, and the mistakes. None when nothing can be used."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        says = f"is not valid TOML: {str(error).partition(' (at ')[0].lower()}"
        at = int(found[1]) if found else len(text.splitlines())  # at the end of the document
        return None, (Problem(file, at, says, "Mend the line; none of the file's rules is used until then"),)
    reader = _Reader(text, file)
    rules = reader.rules(told)
    return (replace(rules, version=_digest(text)) if rules.hosts else None), tuple(reader.problems)


def _digest(text: str) -> str:
    """Return ten hex digits: two versions that somebody compares will not share them."""
    return sha256(text.encode()).hexdigest()[:10]


class _Reader:
    """Reads one file's tables and gathers what is wrong with them."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text.splitlines(), file
        self.problems: list[Problem] = []

    def rules(self, told: Mapping[str, Any]) -> Rules:
        self._known(told, KEYS, "")
        hosts = tuple(host.lower().removeprefix("www.") for host in self._texts(told, "hosts"))
        if not hosts:
            self._complain(None, "names no hosts", 'Write hosts = ["gazette.example"]')
        selected = told.get("select", {})
        self._known(selected, FIELDS, "select.")
        return Rules(
            self.file,
            hosts,
            {name: self._selectors(selected, name) for name in FIELDS if name in selected},
            self._selectors(told, "strip"),
            self._selectors(told, "keep"),
            tuple(self._kinds(told.get("kinds", []))),
            self._patterns(told, "byline"),
            self._patterns(told, "credit"),
            tuple(self._tests(told.get("tests", []))),
            tuple(self._next_pages(told)),
            tuple(self._headers(told.get("headers", {}))),
        )

    def _complain(self, mark: str | None, says: str, advice: str) -> None:
        self.problems.append(Problem(self.file, self._line(mark), says, advice))

    def _line(self, mark: str | None) -> int | None:
        """Return the first line in which the text stands."""
        return next((number for number, line in enumerate(self.text, 1) if mark and mark in line), None)

    def _known(self, table: Any, keys: Sequence[str], prefix: str) -> None:
        for key in table if isinstance(table, dict) else ():
            if key not in keys:
                near = difflib.get_close_matches(key, keys, n=1, cutoff=0.0)[0]
                self._complain(
                    key, f"there is no key {prefix}{key}", f"Write {prefix}{near}, if you meant that"
                )

    def _texts(self, table: Mapping[str, Any], key: str) -> list[str]:
        given = table.get(key, [])
        found = [given] if isinstance(given, str) else given
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            self._complain(key, f"{key} must be a list of texts", f'Write {key} = ["…"]')
            return []
        return found

    def _patterns(self, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        kept = []
        for pattern in self._texts(table, key):
            try:
                groups = re.compile(pattern).groups
            except re.error as error:
                self._complain(
                    pattern, f"{key}: {pattern!r} is no regular expression: {error}", "Mend it or take it out"
                )
                continue
            if groups != 1:
                self._complain(
                    pattern, f"{key}: {pattern!r} has {groups} groups", "Put brackets around what counts"
                )
                continue
            kept.append(pattern)
        return tuple(kept)

    def _selectors(self, table: Mapping[str, Any], key: str) -> tuple[Selector, ...]:
        given = table.get(key, [])
        listed = given if isinstance(given, list) else [given]
        return tuple(found for one in listed if (found := self._selector(one, key)))

    def _selector(self, told: Any, key: str) -> Selector | None:
        if isinstance(told, dict):
            self._known(told, SELECTOR_KEYS, f"{key}.")
            days = {name: told[name] for name in ("valid_from", "valid_until") if name in told}
            wrong = next(
                (
                    name
                    for name, day in days.items()
                    if not isinstance(day, date) or isinstance(day, datetime)
                ),
                "",
            )
            if wrong:
                self._complain(
                    wrong, f"{key}: {wrong} must be a day", "Write it as 2024-05-31, without quotes"
                )
                return None
            trust = told.get("trust", SURE)
            if not isinstance(trust, int | float) or not 0 < trust <= 1:
                self._complain("trust", f"{key}: trust must be a number up to 1", "Write it as 0.6")
                return None
            if "xpath" in told:
                return self._xpath(told, key, days, float(trust))
            told = told.get("css")
        else:
            days, trust = {}, SURE
        if not isinstance(told, str):
            self._complain(key, f"{key}: a selector must be a text", f'Write {key} = [".class"]')
            return None
        css, _, attribute = told.partition("@") if "[" not in told.rpartition("@")[2] else (told, "", "")
        if is_xpath(told):
            instead = css_of(told)
            advice = (
                f"Rules are CSS: write {instead!r}"
                if instead
                else 'Rules are CSS; find the element by its class or id, or write {xpath = "…"}'
            )
            self._complain(told, f"{key}: {told!r} is XPath", advice)
            return None
        if not is_selector(css.strip()):
            self._complain(told, f"{key}: {told!r} is no CSS selector", "Mend it or take it out")
            return None
        return Selector(
            css.strip(),
            attribute.strip(),
            days.get("valid_from"),
            days.get("valid_until"),
            self._line(told),
            float(trust),
        )

    def _xpath(
        self, told: Mapping[str, Any], key: str, days: Mapping[str, date], trust: float
    ) -> Selector | None:
        expression = told["xpath"]
        why = xpath.fault(expression) if isinstance(expression, str) else "is no text"
        if why:
            self._complain(
                str(expression), f"{key}: {expression!r} is no XPath: {why}", "Mend it or take it out"
            )
            return None
        line = self._line(expression)
        return Selector(
            expression, "", days.get("valid_from"), days.get("valid_until"), line, trust, is_xpath=True
        )

    def _next_pages(self, told: Mapping[str, Any]) -> Iterator[Selector]:
        for one in self._selectors(told, "next_page"):
            yield one if one.attribute or one.is_xpath else replace(one, attribute="href")

    def _headers(self, told: Any) -> Iterator[tuple[str, str]]:
        for name, value in told.items() if isinstance(told, dict) else [("headers", None)]:
            if not isinstance(value, str) or not _HEADER.fullmatch(name) or not value.isprintable():
                self._complain(
                    name, f"headers: {name} is no header", 'Write Accept-Language = "de" under [headers]'
                )
            elif name.lower() in OURS:
                self._complain(
                    name,
                    f"headers: {name} is not for a rule to say",
                    "Take it out; headers of your own stand with the publication in config.toml",
                )
            else:
                yield name, value

    def _kinds(self, told: Any) -> Iterator[KindRule]:
        for table in told if isinstance(told, list) else []:
            self._known(table, KIND_KEYS, "kinds.")
            if table.get("kind") not in {kind.value for kind in Kind}:
                names = ", ".join(kind.value for kind in Kind)
                self._complain(
                    f'"{table.get("kind")}"',
                    f"kinds: {table.get('kind')!r} is no kind of page",
                    f"Choose one of {names}",
                )
                continue
            selector = self._selector(table["css"], "kinds.css") if "css" in table else None
            yield KindRule(Kind(table["kind"]), selector, str(table.get("url", "")))

    def _tests(self, told: Any) -> Iterator[Example]:
        for table in told if isinstance(told, list) else []:
            wanted = {key: value for key, value in table.items() if key not in ("page", "url")}
            self._known(wanted, (*FIELDS, "kind", "contains"), "tests.")
            if not isinstance(table.get("page"), str) or not isinstance(table.get("url"), str):
                self._complain(
                    "[[tests]]",
                    "a test needs page and url",
                    'Write page = "tests/story.html" and url = "https://…"',
                )
                continue
            yield Example(
                table["page"],
                table["url"],
                {key: value for key, value in wanted.items() if key in (*FIELDS, "kind", "contains")},
            )


_HEADER = re.compile(r"[!#$%&'*+.^`|~\w-]+", re.ASCII)  # a token of RFC 9110, section 5.6.2
_XPATH = re.compile(r"^\(?\.?/|::|\[@|\btext\(\)")


def is_xpath(selector: str) -> bool:
    """Does it look like XPath?"""
    return bool(_XPATH.search(selector.strip()))


_STEP = re.compile(
    r"""(?P<axis>/{1,2})(?P<tag>\*|[a-zA-Z][\w-]*)(?P<tests>(?:\[(?:@\w[\w-]*\s*=\s*(?:'[^']*'|"[^"]*")|contains\(@(?:class|id),\s*(?:'[^']*'|"[^"]*")\))\])*)"""
)
_TEST = re.compile(r"""@(?P<name>\w[\w-]*)\s*(?P<sign>=|,)\s*['"](?P<value>[^'"]*)['"]""")


def css_of(expression: str) -> str | None:
    """Return the CSS for an XPath of steps, attributes and ``contains``; None for anything else."""
    expression = expression.strip()
    steps = list(_STEP.finditer(expression))
    if "".join(step[0] for step in steps) != expression:
        return None
    css = ""
    for step in steps:
        css += (" " if step["axis"] == "//" else " > ") if css else ""
        css += step["tag"] if step["tag"] != "*" or not step["tests"] else ""
        for test in _TEST.finditer(step["tests"]):
            name, sign, value = test["name"], test["sign"], test["value"]
            simple = re.fullmatch(r"[A-Za-z][\w-]*", value)
            if sign == "=" and simple and name in ("class", "id"):
                css += f"{'.' if name == 'class' else '#'}{value}"
            else:
                css += f'[{name}{"*" if sign == "," else ""}="{value}"]'
    return css if is_selector(css) else None
