"""What a run is: all that decides what comes out of a page. The same job gives the same parts anywhere.

It is written into the run's folder once and read by every worker, who is told its hash and refuses another.
Rules of publications travel in it as texts, learned noise as files beside it, each with its own hash.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from extractors import Noise, Page
from scraper import addresses, edition, frontier, rulebook, scope
from scraper.bulk import filters
from scraper.bulk.filters import Filters
from scraper.config import Config, Publication
from scraper.errors import ScrapeError
from scraper.rulebook import Source
from scraper.workers import Known

NOISES = 256  # publications whose noise a worker holds: one has 100 KB at most


@dataclass(frozen=True, slots=True)
class Job:
    """``noise`` has the SHA-256 of each publication's file; ``rules`` are files by place, winners first."""

    form: str
    edition: str
    engine: str
    page_seconds: float
    page_bytes: int
    max_body_bytes: int
    filters: Filters = field(default_factory=Filters)
    publications: tuple[Publication, ...] = ()
    rules: tuple[tuple[Source, ...], ...] = ()
    noise: Mapping[str, str] = field(default_factory=dict)

    def publication_of(self, url: str) -> str:
        """Return the key of the publication whose page it is: that of the settings, else the page's host."""
        for known in self.publications:
            if scope.in_scope(url, known):
                return known.key
        return addresses.host(url).removeprefix("www.")

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        said = {name: getattr(self, name) for name in PLAIN}
        return said | {
            "filters": self.filters.to_dict(),
            "publications": [filters.plain(one) for one in self.publications],
            "rules": [[list(one) for one in place] for place in self.rules],
            "noise": dict(sorted(self.noise.items())),
        }

    def rule_hashes(self) -> dict[str, str]:
        """Return the SHA-256 of each file of rules."""
        return {name: _sha256(text.encode()) for place in self.rules for name, text in place}


PLAIN = ("form", "edition", "engine", "page_seconds", "page_bytes", "max_body_bytes")


def of(config: Config, form: str, wanted: Filters, *, learn: bool) -> Job:
    """Return the job that the settings make, without learned noise.

    ``learn`` says that noise is to be learned by publication: then those of the settings count, too.
    """
    limits = config.extracting
    publications = config.publications if learn else ()
    return Job(
        form,
        edition.current(),
        limits.engine,
        limits.page_seconds,
        limits.page_bytes,
        config.fetching.max_body_bytes,
        wanted,
        tuple(filters.publication(filters.plain(one)) for one in publications),
        tuple(tuple(place) for place in rulebook.sources(config)),
    )


def write(job: Job, folder: Path) -> str:
    """Write the job into the folder and return its SHA-256, under which ``load`` finds it."""
    data = json.dumps(job.to_dict(), ensure_ascii=False, sort_keys=True).encode()
    digest = _sha256(data)
    _write(file(folder, digest), data)
    return digest


@lru_cache(maxsize=2)
def load(folder: Path, digest: str) -> Job:
    """Return the job that was written. Raises ScrapeError when it is another, or of another edition."""
    said = json.loads(_checked(file(folder, digest), digest))
    if said["edition"] != edition.current():
        raise ScrapeError(
            f"this worker has edition {edition.current()}, the run is for {said['edition']}: "
            "install the same cleancopy everywhere"
        )
    return Job(
        **{name: said[name] for name in PLAIN},
        filters=filters.from_dict(said["filters"]),
        publications=tuple(filters.publication(one) for one in said["publications"]),
        rules=tuple(tuple((name, text) for name, text in place) for place in said["rules"]),
        noise=said["noise"],
    )


# Learned noise


@dataclass(frozen=True, slots=True)
class Learned:
    """The lines of a publication on a sample of its pages. ``pages`` are the keys of their addresses."""

    pages: frozenset[int]
    counts: Mapping[str, int]

    def noise(self, version: str, *, counted: bool) -> Noise:
        """Return it as the extractor takes it; ``counted`` says that the page in hand is in the sample."""
        return Noise(version[:10], len(self.pages), self.counts, counted=counted)


def write_noise(folder: Path, publication: str, learned: Learned) -> str:
    """Write what was learned of a publication and return the SHA-256 of the file."""
    said = {"publication": publication, "pages": sorted(learned.pages), "counts": learned.counts}
    data = json.dumps(said, ensure_ascii=False, sort_keys=True).encode()
    digest = _sha256(data)
    _write(_noise_file(folder, digest), data)
    return digest


class Knowledge:
    """What is known of a page before it is read: the rules of its publication, the noise of its others."""

    def __init__(self, folder: Path, job: Job) -> None:
        self._folder, self._job = folder, job
        self._rules = rulebook.read(job.rules)
        self._learned = lru_cache(maxsize=NOISES)(self._load)

    def of(self, page: Page) -> Known:
        """Return what is known of a page."""
        digest = self._job.noise.get(self._job.publication_of(page.url)) if self._job.noise else None
        noise = None
        if digest is not None:
            learned = self._learned(digest)
            noise = learned.noise(digest, counted=frontier.key(page.url) in learned.pages)
        return Known(noise, self._rules.of(page.url))

    def _load(self, digest: str) -> Learned:
        said = json.loads(_checked(_noise_file(self._folder, digest), digest))
        return Learned(frozenset(said["pages"]), said["counts"])


# Files


def file(folder: Path, digest: str) -> Path:
    """Return the file of the job with this digest."""
    return folder / f"job-{digest[:12]}.json"


def _noise_file(folder: Path, digest: str) -> Path:
    return folder / "noise" / f"{digest[:24]}.json"


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.partial")
    partial.write_bytes(data)
    partial.replace(target)


def _checked(source: Path, digest: str) -> bytes:
    try:
        data = source.read_bytes()
    except OSError as error:
        raise ScrapeError(
            f"{source}: this worker cannot read it ({error.strerror}): all need the same folder"
        ) from error
    if _sha256(data) != digest:
        raise ScrapeError(f"{source}: is not what the run began with")
    return data


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
