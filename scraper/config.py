"""config.toml as frozen values, checked once at the edge.

A setting comes from the first of these that has it:

    a flag                  --set fetching.attempts=1
    the environment         SCRAPE_FETCHING_ATTEMPTS=1
    the project's file      config.toml in this folder, or --config FILE, or SCRAPE_CONFIG
    the user's file         ~/.config/cleancopy/config.toml
    the default             below

A file names only what it changes. A path in a file is relative to that file; the default paths are relative
to the project's file, so that the data lies beside the settings that made it. What a setting means stands
beside its type, and the documentation is made from it.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from scraper import quiet, share
from scraper.errors import ConfigError


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The smallest value that makes sense."""

    low: float


@dataclass(frozen=True, slots=True)
class OneOf:
    """The only values there are."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """Each entry is a stretch of the day: see quiet.py."""


@dataclass(frozen=True, slots=True)
class Share:
    """This machine's number and that of all: see share.py."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Where the data lies."""

    database: Annotated[Path, "the SQLite file"] = Path("data/articles.db")
    archive: Annotated[Path, "the folder of the raw pages, as WARC files"] = Path("data/archive")
    rules: Annotated[Path, "the folder of your own rules for publications, one .toml each"] = Path("rules")


@dataclass(frozen=True, slots=True)
class Fetching:
    """How one address is asked for."""

    user_agent: Annotated[str, "how we introduce ourselves; followed by (+contact) when there is one"] = (
        "cleancopy/0.1"
    )
    contact: Annotated[str, "an address or page where a publisher reaches you"] = ""
    total_timeout: Annotated[float, "seconds for one request, whatever arrives", AtLeast(0.1)] = 60.0
    connect_timeout: Annotated[float, "seconds for the connection to stand", AtLeast(0.1)] = 10.0
    max_wire_bytes: Annotated[int, "bytes of one answer as sent; more is refused", AtLeast(1)] = (
        10 * 1024 * 1024
    )
    max_body_bytes: Annotated[int, "bytes of one answer after content decoding", AtLeast(1)] = (
        20 * 1024 * 1024
    )
    max_redirects: Annotated[int, "redirects that are followed for one address", AtLeast(0)] = 10
    attempts: Annotated[int, "times that an address is asked when the reason may pass", AtLeast(1)] = 3
    concurrency: Annotated[int, "requests under way over all hosts", AtLeast(1)] = 64
    transport: Annotated[
        str,
        "whose connections are used; aiohttp takes about half the CPU (cleancopy[fast])",
        OneOf(("httpx", "aiohttp")),
    ] = "httpx"
    http2: Annotated[bool, "speak HTTP/2 with servers that can (cleancopy[http2]; by httpx's core)"] = False
    proxy: Annotated[str, "proxy for all requests: http://host:port, or socks5:// with cleancopy[socks]"] = ""
    allow_private: Annotated[
        tuple[str, ...], "host:port or network (CIDR) that may be asked though it is not public"
    ] = ()


@dataclass(frozen=True, slots=True)
class Politeness:
    """When a host may be asked."""

    delay: Annotated[float, "seconds between requests to one host, at least", AtLeast(0)] = 1.0
    max_delay: Annotated[float, "seconds that a slow or failing host is given, at most", AtLeast(0)] = 60.0
    obey_robots: Annotated[bool, "ask robots.txt first, and do what it says"] = True
    robots_hours: Annotated[float, "hours that a robots.txt is believed (RFC 9309: 24)", AtLeast(0)] = 24.0
    quiet_hours: Annotated[
        tuple[str, ...],
        "times of day in which nobody is asked: HH:MM-HH:MM, in UTC or with a zone behind, as Europe/Berlin",
        Hours(),
    ] = ()
    share: Annotated[
        str,
        "which publications this machine crawls: 2/3 is the second of three, by a hash of the host",
        Share(),
    ] = "1/1"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When `scrape schedule` crawls."""

    every_minutes: Annotated[float, "minutes from one crawl of a publication to the next", AtLeast(1)] = 60.0


@dataclass(frozen=True, slots=True)
class Extracting:
    """How pages become articles."""

    engine: Annotated[str, "who finds the body", OneOf(("own", "trafilatura"))] = "own"
    processes: Annotated[int, "worker processes; 0 is one per core", AtLeast(0)] = 0
    page_seconds: Annotated[float, "seconds after which a page is given up", AtLeast(0.1)] = 10.0
    page_bytes: Annotated[int, "bytes of memory that a worker may use", AtLeast(64 * 1024**2)] = 1024**3


@dataclass(frozen=True, slots=True)
class Browsing:
    """How pages are rendered that are empty until their scripts run (cleancopy[browser])."""

    shells: Annotated[bool, "render every page that is an empty shell"] = False
    executable: Annotated[str, "the Chromium to use; empty: the one that is installed"] = ""
    seconds: Annotated[float, "seconds for one page to be rendered", AtLeast(1)] = 60.0


@dataclass(frozen=True, slots=True)
class Publication:
    """One publication: where it lives and where it announces its stories."""

    key: str  # the table's name in config.toml: what `scrape crawl KEY` takes
    name: Annotated[str, "as people call it; the key when left out"]
    url: Annotated[str, "its home page; required"]
    feeds: Annotated[tuple[str, ...], "RSS, Atom or JSON feeds"] = ()
    sitemaps: Annotated[
        tuple[str, ...], "sitemaps or sitemap indexes; robots.txt names them when none is here"
    ] = ()
    sections: Annotated[tuple[str, ...], "pages whose links are stories"] = ()
    include: Annotated[tuple[str, ...], "regular expressions; only addresses that match one are crawled"] = ()
    exclude: Annotated[tuple[str, ...], "regular expressions; addresses that match one are not crawled"] = ()
    render: Annotated[bool, "its pages are empty until their scripts run: render them in a browser"] = False
    language: Annotated[str | None, "its language as a BCP 47 tag, where its pages do not say"] = None
    delay: Annotated[
        float | None, "seconds between requests to it, instead of politeness.delay", AtLeast(0)
    ] = None
    every_minutes: Annotated[
        float | None,
        "minutes from one scheduled crawl to the next, instead of schedule.every_minutes",
        AtLeast(1),
    ] = None
    quiet_hours: Annotated[
        tuple[str, ...], "times of day in which it is not asked, besides politeness.quiet_hours", Hours()
    ] = ()
    headers: Annotated[
        tuple[tuple[str, str], ...],
        "request headers for its own site alone; ${NAME} is the environment's",
    ] = ()
    cookies: Annotated[
        Path | None, "a cookie file in Netscape format, as browsers export it; sent to its own site alone"
    ] = None


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be set, and for each setting where it came from."""

    paths: Paths = field(default_factory=Paths)
    fetching: Fetching = field(default_factory=Fetching)
    politeness: Politeness = field(default_factory=Politeness)
    schedule: Schedule = field(default_factory=Schedule)
    extracting: Extracting = field(default_factory=Extracting)
    browser: Browsing = field(default_factory=Browsing)
    publications: tuple[Publication, ...] = ()
    origins: dict[str, str] = field(
        default_factory=dict
    )  # "fetching.delay" → "config.toml" | "SCRAPE_…" | "default"
    file: Path = Path("config.toml")  # the project's file, whether it is there or not


SECTIONS: Mapping[str, type] = MappingProxyType(
    {
        "paths": Paths,
        "fetching": Fetching,
        "politeness": Politeness,
        "schedule": Schedule,
        "extracting": Extracting,
        "browser": Browsing,
    }
)


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set: its name, type, default, meaning and limits."""

    name: str  # "fetching.attempts"
    kind: Any
    default: Any
    meaning: str
    limits: tuple[AtLeast | OneOf | Hours, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where values were read: what to call it in a message, its text, and the folder its paths start from."""

    name: str
    folder: Path
    text: str = ""

    def at(self, table: str, key: str) -> str:
        """Return "config.toml, line 12", or without the line where it is not known."""
        line = _line_of(self.text, table, key)
        return f"{self.name}, line {line}" if line else self.name


@dataclass(frozen=True, slots=True)
class Found:
    """A checked value and the source that gave it."""

    value: Any
    origin: str


def settings(table: str, shape: type) -> tuple[Setting, ...]:
    """Return what can be set in ``[table]``, in the order of the dataclass."""
    hints = get_type_hints(shape, include_extras=True)
    documented = [
        (item, hints[item.name]) for item in fields(shape) if get_origin(hints[item.name]) is Annotated
    ]
    return tuple(_setting(f"{table}.{item.name}", hint, item.default) for item, hint in documented)


def _setting(name: str, hint: Any, default: Any) -> Setting:
    kind, meaning, *limits = get_args(hint)
    return Setting(name, kind, default, meaning, tuple(limits))


SETTINGS: Mapping[str, Setting] = MappingProxyType(
    {setting.name: setting for table, shape in SECTIONS.items() for setting in settings(table, shape)}
)
PUBLICATION: Mapping[str, Setting] = MappingProxyType(
    {setting.name.partition(".")[2]: setting for setting in settings("publication", Publication)}
)


def load(path: Path | None = None, overrides: Mapping[str, str] = MappingProxyType({})) -> Config:
    """Return the settings in force; ``overrides`` are flags, "fetching.attempts" → "1".

    Raises ConfigError for a file that cannot be read, an unknown name, a wrong type or a value out of range.
    """
    project = _project_file(path)
    documents = [_read(file) for file in (_user_file(), project) if file is not None]
    home = project.parent if project else Path()
    found = {name: Found(_default(setting, home), "default") for name, setting in SETTINGS.items()}
    publications: dict[str, Publication] = {}
    for source, document in documents:
        found |= _settings_in(document, source)
        publications |= {item.key: item for item in _publications_in(document, source)}
    found |= _environment() | _flags(overrides)
    return _config(found, publications, project or Path("config.toml"))


def _config(found: Mapping[str, Found], publications: Mapping[str, Publication], file: Path) -> Config:
    tables = {
        table: shape(**{s.name.partition(".")[2]: found[s.name].value for s in settings(table, shape)})
        for table, shape in SECTIONS.items()
    }
    origins = {name: item.origin for name, item in found.items()}
    return Config(**tables, publications=tuple(publications.values()), origins=origins, file=file)


def rows(config: Config) -> Iterator[dict[str, object]]:
    """Yield setting, value, origin and meaning of each setting in force."""
    for name, setting in SETTINGS.items():
        table, _, key = name.partition(".")
        value = getattr(getattr(config, table), key)
        shown = str(value) if isinstance(value, Path) else list(value) if isinstance(value, tuple) else value
        origin = config.origins.get(name, "default")
        yield {"setting": name, "value": shown, "origin": origin, "meaning": setting.meaning}


def publication_rows(config: Config) -> Iterator[dict[str, object]]:
    """Yield what the settings say of each publication; of headers only the names, as they may be secret."""
    for item in config.publications:
        row: dict[str, object] = {part.name: getattr(item, part.name) for part in fields(item)}
        file = None if item.cookies is None else str(item.cookies)
        yield row | {"headers": [name for name, _ in item.headers], "cookies": file}


def chosen(config: Config, names: tuple[str, ...]) -> tuple[Publication, ...]:
    """Return the publications with these keys, in this order; all of them when no name is given.

    Raises ConfigError for a key that is not in the settings, and when there is no publication at all.
    """
    known = {item.key: item for item in config.publications}
    if not known:
        raise ConfigError(
            "no publication in the settings: add [publications.NAME] with its url to config.toml"
        )
    for name in names:
        if name not in known:
            raise ConfigError(f"no publication {name!r} in the settings. {_nearest(name, known)}")
    return tuple(known[name] for name in names) or config.publications


# Files


def _user_file() -> Path | None:
    file = user_folder() / "config.toml"
    return file if file.is_file() else None


def user_folder() -> Path:
    """Return where a user's own settings and rules lie (XDG base directory specification)."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "cleancopy"


def _project_file(path: Path | None) -> Path | None:
    """Return the file that was asked for, else config.toml in this folder if there is one."""
    asked = path or os.environ.get("SCRAPE_CONFIG")
    if asked:
        return Path(asked)
    here = Path("config.toml")
    return here if here.is_file() else None


def _read(file: Path) -> tuple[Source, dict[str, Any]]:
    try:
        text = file.read_bytes().decode()
        return Source(str(file), file.parent, text), tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: is not UTF-8, which TOML asks for (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: is not valid TOML: {error}") from error


def _settings_in(document: Mapping[str, Any], source: Source) -> dict[str, Found]:
    found = {}
    for table, values in document.items():
        if table == "publications":
            continue
        if table not in SECTIONS:
            raise _unknown(source.at("", table), table, [*SECTIONS, "publications", *SETTINGS])
        if not isinstance(values, dict):
            raise ConfigError(f"{source.at('', table)}: {table} must be a table: [{table}]")
        for key, raw in values.items():
            name = f"{table}.{key}"
            if name not in SETTINGS:
                raise _unknown(source.at(table, key), name, SETTINGS)
            value = _checked(SETTINGS[name], raw, source.folder, source.at(table, key))
            found[name] = Found(value, source.at(table, key))
    return found


def _publications_in(document: Mapping[str, Any], source: Source) -> Iterator[Publication]:
    tables = document.get("publications", {})
    if not isinstance(tables, dict):
        raise ConfigError(f"{source.at('', 'publications')}: write [publications.NAME], one table for each")
    for key, values in tables.items():
        if not isinstance(values, dict):
            raise ConfigError(
                f"{source.at('publications', key)}: {key} must be a table: [publications.{key}]"
            )
        yield _publication(key, values, source)


def _publication(key: str, values: Mapping[str, Any], source: Source) -> Publication:
    table = f"publications.{key}"
    given: dict[str, Any] = {"name": key}
    for name, raw in values.items():
        where = source.at(table, name)
        if name not in PUBLICATION:
            raise _unknown(where, f"{table}.{name}", [f"{table}.{known}" for known in PUBLICATION])
        given[name] = _checked(PUBLICATION[name], raw, source.folder, where)
    if not re.match(r"https?://.", given.get("url", "")):
        raise ConfigError(
            f"{source.at('', table)}: [{table}] needs a url that starts with https:// or http://"
        )
    _check_patterns(given, table, source)
    given["headers"] = tuple(
        (n, _expanded(v, source.at(table, "headers"))) for n, v in given.get("headers", ())
    )
    return Publication(key=key, **given)


def _check_patterns(given: Mapping[str, Any], table: str, source: Source) -> None:
    for key in ("include", "exclude"):
        for pattern in given.get(key, ()):
            try:
                re.compile(pattern)
            except re.error as error:
                where = source.at(table, key)
                raise ConfigError(f"{where}: {pattern!r} is no regular expression: {error}") from error


def _expanded(text: str, where: str) -> str:
    """Put the environment's values for ``${NAME}``, so that a secret need not stand in the file."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise ConfigError(f"{where}: the environment has no {match[1]}, which ${{{match[1]}}} asks for")
        return os.environ[match[1]]

    return re.sub(r"\$\{(\w+)\}", value, text)


# Environment and flags


def _environment() -> dict[str, Found]:
    names = {"SCRAPE_" + name.replace(".", "_").upper(): setting for name, setting in SETTINGS.items()}
    found = {}
    for variable, text in os.environ.items():
        if not variable.startswith("SCRAPE_") or variable == "SCRAPE_CONFIG":
            continue
        if variable not in names:
            raise _unknown("the environment", variable, [*names, "SCRAPE_CONFIG"])
        value = _checked(names[variable], _from_text(text, names[variable].kind), Path(), variable)
        found[names[variable].name] = Found(value, variable)
    return found


def _flags(overrides: Mapping[str, str]) -> dict[str, Found]:
    found = {}
    for name, text in overrides.items():
        if name not in SETTINGS:
            raise _unknown("--set", name, SETTINGS)
        value = _checked(SETTINGS[name], _from_text(text, SETTINGS[name].kind), Path(), f"--set {name}")
        found[name] = Found(value, f"--set {name}")
    return found


def _from_text(text: str, kind: Any) -> object:
    """Return what TOML would have given; the text itself where it does not fit."""
    if kind == tuple[str, ...]:
        return [part.strip() for part in text.split(",") if part.strip()]
    if kind is bool:
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
    if kind in (int, float):
        return _number(text)
    return text


def _number(text: str) -> object:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


# Types


def _is_number(raw: object) -> bool:
    return isinstance(raw, int | float) and not isinstance(raw, bool)


def _are_texts(raw: object) -> bool:
    return isinstance(raw, list) and all(isinstance(item, str) for item in raw)


def _is_text_table(raw: object) -> bool:
    return isinstance(raw, dict) and all(isinstance(item, str) for item in raw.values())


# type → what to call it in a message, what TOML must give, how the value is made of that
TYPES: Mapping[Any, tuple[str, Callable[[Any], bool], Callable[[Any], Any]]] = MappingProxyType(
    {
        str: ("a text", lambda raw: isinstance(raw, str), str),
        Path: ("a path", lambda raw: isinstance(raw, str) and bool(raw), lambda raw: Path(raw).expanduser()),
        bool: ("true or false", lambda raw: isinstance(raw, bool), bool),
        int: ("a whole number", lambda raw: isinstance(raw, int) and not isinstance(raw, bool), int),
        float: ("a number", _is_number, float),
        str | None: ("a text", lambda raw: isinstance(raw, str), str),
        float | None: ("a number", _is_number, float),
        Path | None: (
            "a path",
            lambda raw: isinstance(raw, str) and bool(raw),
            lambda raw: Path(raw).expanduser(),
        ),
        tuple[str, ...]: ("a list of texts", _are_texts, tuple),
        tuple[tuple[str, str], ...]: ("a table of texts", _is_text_table, lambda raw: tuple(raw.items())),
    }
)


def _checked(setting: Setting, raw: object, folder: Path, where: str) -> Any:
    """Return ``raw`` as the setting's type. Raises ConfigError that says which type was wanted."""
    wanted, fits, make = TYPES[setting.kind]
    if not fits(raw):
        raise ConfigError(f"{where}: {setting.name} must be {wanted}, not {raw!r}")
    value = make(raw)
    for limit in setting.limits:
        if isinstance(limit, AtLeast) and not value >= limit.low:
            raise ConfigError(f"{where}: {setting.name} must be at least {limit.low:g}, not {raw!r}")
        if isinstance(limit, OneOf) and value not in limit.names:
            raise ConfigError(f"{where}: {setting.name} must be one of {', '.join(limit.names)}, not {raw!r}")
        if isinstance(limit, Hours):
            _check_hours(value, f"{where}: {setting.name}")
        if isinstance(limit, Share):
            _check_share(value, f"{where}: {setting.name}")
    return folder / value if isinstance(value, Path) else value


def _check_hours(entries: tuple[str, ...], where: str) -> None:
    for entry in entries:
        try:
            quiet.check(entry)
        except ValueError as error:
            raise ConfigError(f"{where}: {entry!r}: {error}") from None


def _check_share(text: str, where: str) -> None:
    try:
        share.parse(text)
    except ValueError as error:
        raise ConfigError(f"{where}: {text!r}: {error}") from None


def _default(setting: Setting, home: Path) -> Any:
    return home / setting.default if setting.kind is Path else setting.default


# Messages


def _unknown(where: str, name: str, known: Mapping[str, Any] | list[str]) -> ConfigError:
    return ConfigError(f"{where}: there is no setting {name}. {_nearest(name, known)}")


def _nearest(name: str, known: Mapping[str, Any] | list[str]) -> str:
    """Ask back with the known name that is most alike; the right key in the wrong table comes first."""
    moved = [other for other in known if "." in name and other.endswith("." + name.rpartition(".")[2])]
    nearest = moved or difflib.get_close_matches(name, list(known), n=1, cutoff=0.0)
    return f"Did you mean {nearest[0]}?" if nearest else ""


def _line_of(text: str, table: str, key: str) -> int | None:
    """Return the line where ``key`` stands in ``[table]``, or where ``[key]`` begins. tomllib does not tell.

    None where it is written in a way that this does not look for (dotted keys, inline tables).
    """
    here, wanted = "", f"{table}.{key}" if table else key
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[([^\[\]]+)\]", line):
            here = header[1].replace('"', "").replace(" ", "")
            if here == wanted:
                return number
        elif here == table and re.match(rf'\s*"?{re.escape(key)}"?\s*[=.]', line):
            return number
    return None
