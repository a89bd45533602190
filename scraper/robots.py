"""robots.txt after RFC 9309: which paths an agent may ask, and the line that says so.

Where the RFC leaves room, the reading is that of Google's parser, the one that site owners test their files
with: misspelt and colon-less keys are understood, an unknown line does not end a group, the longest pattern
wins and Allow wins a tie. Crawl-delay and Sitemap are no part of the RFC and are read as is the custom.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

MAX_BYTES = 512 * 1024  # RFC 9309 section 2.5: at least 500 KiB must be read
_MAX_LINE = 16 * 1024  # characters; longer than any address, and it bounds the work that one line can make


@dataclass(frozen=True, slots=True)
class Decision:
    """May the address be asked, and by which line: as written, and its number from 1.

    ``line`` is empty and ``number`` 0 if no line speaks of the address.
    """

    allowed: bool
    line: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """One Allow or Disallow line. ``pattern`` has its escapes in capitals and non-ASCII escaped."""

    allow: bool
    pattern: str
    line: str
    number: int

    def matches(self, path: str) -> bool:
        """Tell whether ``pattern`` is a prefix of ``path``; ``*`` is anything and a final ``$`` the end."""
        pattern, ends = (self.pattern[:-1], True) if self.pattern.endswith("$") else (self.pattern, False)
        first, *others = pattern.split("*")
        if not path.startswith(first):
            return False
        if not others:
            return not ends or path == first
        at = len(first)
        for part in others[:-1]:
            at = path.find(part, at)
            if at < 0:
                return False
            at += len(part)
        last = others[-1]
        return len(path) - len(last) >= at and path.endswith(last) if ends else path.find(last, at) >= 0


@dataclass(frozen=True, slots=True)
class Group:
    """The rules under one or several User-agent lines. ``agents`` are product tokens in lower case."""

    agents: frozenset[str]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Robots:
    """A parsed file."""

    groups: tuple[Group, ...] = ()
    delays: tuple[tuple[str, float], ...] = ()  # agent → seconds, in the order of the file
    sitemaps: tuple[str, ...] = ()

    def decide(self, url: str, agent: str) -> Decision:
        """Say whether ``agent`` may ask ``url``. ``agent`` is a product token or a whole User-Agent value."""
        path = _path(url)
        best = max(
            (rule for rule in self._rules(_token(agent)) if rule.matches(path)),
            key=lambda rule: (len(rule.pattern), rule.allow, -rule.number),
            default=None,
        )
        return Decision(True) if best is None else Decision(best.allow, best.line, best.number)

    def crawl_delay(self, agent: str) -> float | None:
        """Return the seconds between two requests that the file asks of ``agent``, None if it asks none."""
        name = self._group_name(_token(agent))
        return next((seconds for owner, seconds in self.delays if owner == name), None)

    def _rules(self, token: str) -> Iterator[Rule]:
        name = self._group_name(token)
        return (rule for group in self.groups if name in group.agents for rule in group.rules)

    def _group_name(self, token: str) -> str:
        return token if token in self._named else "*"

    @cached_property
    def _named(self) -> frozenset[str]:
        return frozenset(agent for group in self.groups for agent in group.agents)


def parse(body: bytes) -> Robots:
    """Read a robots.txt. There is no such thing as a broken one: what is not understood is passed over."""
    groups: list[Group] = []
    delays: list[tuple[str, float]] = []
    sitemaps: list[str] = []
    agents: list[str] = []
    rules: list[Rule] = []
    undelayed: list[str] = []  # named since the last Crawl-delay: each such line is for those just above it
    naming = True  # still among the User-agent lines of a group: only Allow and Disallow end them
    for number, line in enumerate(_lines(body), start=1):
        key, value = _split(line)
        if key == "user-agent":
            if not naming:
                groups.append(Group(frozenset(agents), tuple(rules)))
                agents, rules, undelayed, naming = [], [], [], True
            agents.append(_agent(value))
            undelayed.append(agents[-1])
        elif key in ("allow", "disallow") and agents:
            naming = False
            rules.extend(_rules(key == "allow", _escaped(value), _text(line), number))
        elif key == "crawl-delay" and (seconds := _seconds(value)) is not None:
            delays.extend((agent, seconds) for agent in undelayed or agents)
            undelayed = []
        elif key == "sitemap" and value:
            sitemaps.append(_text(value))
    groups.append(Group(frozenset(agents), tuple(rules)))
    return Robots(tuple(groups), tuple(delays), tuple(sitemaps))


def _rules(allow: bool, pattern: str, line: str, number: int) -> Iterator[Rule]:
    """Yield what a line rules: nothing if it is empty; and to allow an index page is to allow its folder."""
    if pattern:
        yield Rule(allow, pattern, line, number)
    folder, slash, name = pattern.rpartition("/")
    if allow and name.startswith("index.htm"):
        yield Rule(allow, f"{folder}{slash}$", line, number)


# Lines. The text is taken as Latin-1, so each character is one octet: patterns compare octets.

_KEYS = {  # what people write → what they mean (the list of Google's parser)
    "useragent": "user-agent",
    "user agent": "user-agent",
    "dissallow": "disallow",
    "dissalow": "disallow",
    "disalow": "disallow",
    "diasllow": "disallow",
    "disallaw": "disallow",
    "site-map": "sitemap",
    "crawldelay": "crawl-delay",
    "crawl delay": "crawl-delay",
}
_MARKS = re.compile(rb"^(?:\xef\xbb\xbf|\xef\xbb|\xef)")  # a byte order mark, also when cut by an editor


def _lines(body: bytes) -> list[str]:
    body = body[:MAX_BYTES]
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        body = body.decode("utf-16", "replace").encode()
    text = _MARKS.sub(b"", body).decode("latin-1")
    return [line[:_MAX_LINE] for line in re.split("\r\n|\n|\r", text)]


def _split(line: str) -> tuple[str, str]:
    """Return key and value of a line, both empty if it is none. A missing colon is forgiven."""
    line = line.partition("#")[0].strip()
    key, colon, value = line.partition(":")
    if not colon:
        words = line.split()
        if len(words) != 2:
            return "", ""
        key, value = words
    key = key.strip().lower()
    return _KEYS.get(key, key), value.strip()


def _agent(value: str) -> str:
    """Return the product token that a User-agent line names, or ``*``."""
    return "*" if re.match(r"\*(?:\s|<|$)", value) else _token(value)


def _token(agent: str) -> str:
    """Return the product token a User-Agent begins with: ``FooBot/2.1 (…)`` is ``foobot``."""
    found = re.match(r"[A-Za-z_-]*", agent)
    return found[0].lower() if found else ""


def _seconds(value: str) -> float | None:
    found = re.match(r"\d+(?:\.\d*)?|\.\d+", value)
    return float(found[0]) if found else None


def _text(latin: str) -> str:
    """Return a line as a person reads it, to be shown beside a decision."""
    return latin.encode("latin-1").decode("utf-8", "replace").strip()


_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}|[\x80-\xff]")


def _escaped(octets: str) -> str:
    """Write escapes in capitals and escape octets outside ASCII (RFC 9309 section 2.2.2)."""
    return _ESCAPE.sub(lambda m: m[0].upper() if m[0][0] == "%" else f"%{ord(m[0]):02X}", octets)


def _path(url: str) -> str:
    """Return what rules are compared with: path and query, from ``/`` on, without the fragment."""
    found = re.match(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?(?://[^/?;#]*)?([^#]*)", url)
    path = found[1] if found else ""
    path = path if path.startswith("/") else "/" + path
    return _escaped(path.encode("utf-8", "replace").decode("latin-1"))
