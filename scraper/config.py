"""config.toml as frozen values, checked once at the edge."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Paths:
    database: Path = Path("data/articles.db")
    archive: Path = Path("data/archive")


@dataclass(frozen=True, slots=True)
class Fetching:
    user_agent: str = "cleancopy/0.1"  # followed by (+contact) when a contact is set
    contact: str = ""  # an address or page where a publisher reaches you
    total_timeout: float = 60.0  # seconds for one request, whatever arrives
    connect_timeout: float = 10.0
    max_wire_bytes: int = 10 * 1024 * 1024  # as sent
    max_body_bytes: int = 20 * 1024 * 1024  # after content decoding
    max_redirects: int = 10
    attempts: int = 3
    concurrency: int = 16  # requests under way over all hosts
    allow_private: tuple[str, ...] = ()  # host:port or CIDR that may be asked though it is not public


@dataclass(frozen=True, slots=True)
class Politeness:
    delay: float = 1.0  # seconds between requests to one host, at least
    max_delay: float = 60.0
    obey_robots: bool = True
    robots_hours: float = 24.0


@dataclass(frozen=True, slots=True)
class Extracting:
    engine: str = "own"  # or "trafilatura"
    processes: int = 0  # 0: one per core
    page_seconds: float = 10.0  # a page that takes longer is given up
    page_bytes: int = 1024**3  # memory a worker may use


@dataclass(frozen=True, slots=True)
class Publication:
    key: str  # the table's name in config.toml: what `scrape crawl KEY` takes
    name: str
    url: str
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    include: tuple[str, ...] = ()  # regular expressions on addresses
    exclude: tuple[str, ...] = ()
    language: str | None = None
    delay: float | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    paths: Paths = field(default_factory=Paths)
    fetching: Fetching = field(default_factory=Fetching)
    politeness: Politeness = field(default_factory=Politeness)
    extracting: Extracting = field(default_factory=Extracting)
    publications: tuple[Publication, ...] = ()
    origins: dict[str, str] = field(default_factory=dict)  # "fetching.delay" → "config.toml" | "SCRAPE_…" | "default"
