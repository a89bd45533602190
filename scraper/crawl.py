"""The whole way for many addresses: discover → frontier → fetch → archive → extract → store.

    a task per publication   reads its feeds, sitemaps and sections, and enters what it finds
    a task per host          takes its due addresses, newest first, one at a time as politeness allows
    a task per page          archives it, extracts it in a worker process, writes what it came to

An address stays due until its outcome is written, in one transaction with its article. So there is no state
to repair after a kill, and stopping means: begin nothing new, and let what is in hand finish.
"""

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from extractors import Article, Kind
from scraper import archived, frontier, health, learned, observations, refusals, rulebook
from scraper.archive import Archive
from scraper.clock import SYSTEM, Clock
from scraper.config import Config, Publication
from scraper.credentials import headers_for
from scraper.discover import Lead, SourceFailed, SourceRead, dated_by_address, discover
from scraper.errors import FetchError, StoreError
from scraper.events import (
    Failure,
    LeadFound,
    LeadsFound,
    Report,
    Resting,
    SourceTrouble,
    Started,
    Stopping,
    Summary,
    Visited,
    nobody,
)
from scraper.fetch import Fetched, Fetcher
from scraper.frontier import Due
from scraper.outcome import Outcome, Result, State, Unchanged, is_story
from scraper.politeness import Politeness
from scraper.quiet import quiet_until
from scraper.reading import Reader, WholeReader
from scraper.rendering import Part
from scraper.rendering import Reader as PageReader
from scraper.rulebook import Rulebook
from scraper.scope import in_scope, why_out
from scraper.signals import on_signal
from scraper.store import Store, check_room
from scraper.window import ALWAYS, Window
from scraper.workers import Known, Workers

GRACE = 6.0  # seconds for the pages in hand after a signal; with closing up it stays under ten
BATCH = 20  # addresses that a host's task reads at once
LEADS_AT_ONCE = 500  # leads written in one transaction
MAX_DEPTH = 2  # links followed from a section page: a calendar without end is left after two steps
MAX_FOLLOWED = 500  # addresses entered from the links of one publication's pages in one run
MAX_VARIANTS = 100  # of these, that differ from each other in their query only
KEPT_FAILURES = 100  # failures that the summary names; all are in the database


async def crawl(
    config: Config,
    publications: Sequence[Publication],
    *,
    limit: int | None = None,
    dry_run: bool = False,
    window: Window = ALWAYS,
    seconds: float | None = None,
    report: Report = nobody,
    clock: Clock = SYSTEM,
) -> Summary:
    """Visit what is new and what is due of these publications, at most ``limit`` addresses.

    With a ``window`` it is a backfill: every feed and sitemap is read whole, and only what is from then is
    entered and visited. After so many ``seconds`` nothing new is begun.

    A dry run only discovers, and writes nothing. Raises StoreError (Locked, NoSpace, Damaged …); whatever is
    wrong with a page, a server or a source is an outcome and raises nothing.
    """
    async with Fetcher(config.fetching, clock=clock) as fetcher:
        rules = rulebook.load(config)
        politeness = Politeness(config, fetcher, rules=rules, clock=clock)
        if dry_run:
            return await _rehearse(config, publications, politeness, limit, window, report)
        check_room(config.paths.archive)
        check_room(config.paths.database.parent)
        with (
            Store(config.paths.database) as store,
            store.claim(),
            Archive(config.paths.archive) as archive,
            _workers(config, rules) as workers,
        ):
            terms = _Terms(limit, window, seconds, config.politeness.quiet_hours, report, clock)
            pages = PageReader(config, fetcher, politeness, workers, archive)
            try:
                return await _Crawl(store, archive, workers, pages, politeness, publications, terms).run()
            finally:
                await pages.close()


@dataclass(frozen=True, slots=True)
class _Terms:
    """What a crawl was asked to do, and by which clock."""

    limit: int | None
    window: Window
    seconds: float | None
    quiet_hours: tuple[str, ...]
    report: Report
    clock: Clock


class _Crawl:
    """One crawl under way: its tasks, its counts, and what they share."""

    def __init__(
        self,
        store: Store,
        archive: Archive,
        workers: Workers,
        pages: PageReader,
        politeness: Politeness,
        publications: Sequence[Publication],
        terms: _Terms,
    ) -> None:
        self._store, self._pages, self._archive, self._workers = store, pages, archive, workers
        self._politeness, self._terms = politeness, terms
        self._report, self._clock = terms.report, terms.clock
        self._publications = {store.publication_id(publication): publication for publication in publications}
        self._room = asyncio.Semaphore(4 * workers.processes)  # pages between fetch and store
        self._tasks: set[asyncio.Task[None]] = set()
        self._hosts: set[int] = set()  # hosts that have a task
        self._in_hand: set[int] = set()  # addresses taken and not yet settled
        self._idle_or_failed = asyncio.Event()
        self._error: BaseException | None = None
        self._stopped = False
        self._taken = 0
        self._entered = 0
        self._outside = 0
        self._cut_short = False
        self._resting: set[str] = set()
        self._ends_at: float | None = None  # by the clock's seconds
        self._followed: Counter[int] = Counter()
        self._variants: Counter[tuple[int, str]] = Counter()
        self._knowledge: dict[tuple[int, bool], Known] = {}  # by publication; was the page counted?
        self._counts: Counter[tuple[str, str | None]] = Counter()
        self._by_publication: dict[str, Counter[str]] = {one.key: Counter() for one in publications}
        self._failures: list[Failure] = []
        self._sources_failed: list[Failure] = []

    async def run(self) -> Summary:
        started = self._clock.seconds()
        if self._terms.seconds is not None:
            self._ends_at = started + self._terms.seconds
        self._run = self._store.begin_run(self._clock.now())
        before = frontier.before_run(self._store.conn)
        self._politeness.restore(self._store.politeness())
        self._report(Started(self._run, self._due()))
        try:
            with on_signal(self._stop):
                await self._work()
            self._store.remember_politeness(self._politeness.export())
        except BaseException:
            with suppress(StoreError):  # the disk may be full: the first error is the one to tell
                self._store.end_run(self._run, "failed", self._plain_counts(), self._clock.now())
            raise
        with self._store.transaction() as db:
            learned.forget(db, self._clock.now())
        outcome = "interrupted" if self._stopped else "finished"
        if not self._stopped:
            self._store.find_copies()
        self._store.end_run(self._run, outcome, self._plain_counts(), self._clock.now())
        return self._summary(outcome, self._clock.seconds() - started, before)

    # Tasks.

    async def _work(self) -> None:
        """Run until nothing is left to do, a signal came, or something of ours failed."""
        for publication_id, publication in self._publications.items():
            self._spawn(self._discover(publication_id, publication))
        self._wake_hosts()
        try:
            while self._tasks and not self._stopped and self._error is None:
                await self._idle_or_failed.wait()
                self._idle_or_failed.clear()
            if self._stopped and self._tasks:
                await asyncio.wait(self._tasks, timeout=GRACE)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._error is not None:
            raise self._error

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            if not self._stopped:  # else its visit would be missing and nobody would know
                self._error = self._error or RuntimeError("a task of the crawl was cut off in its work")
        elif task.exception() is not None:
            self._error = self._error or task.exception()
        if self._error is not None or not self._tasks:
            self._idle_or_failed.set()

    def _stop(self) -> None:
        """On the first signal begin nothing new; on the second drop what is in hand, which stays due."""
        if self._stopped:
            for task in self._tasks:
                task.cancel()
            return
        self._stopped = True
        self._idle_or_failed.set()
        self._report(Stopping(len(self._in_hand)))

    def _enough(self) -> bool:
        if self._ends_at is not None and self._clock.seconds() >= self._ends_at:
            self._cut_short = True
            return True
        return self._stopped or (self._terms.limit is not None and self._taken >= self._terms.limit)

    def _rests(self, publication: Publication) -> bool:
        """Tell whether the publication is in its quiet hours, and say so once."""
        hours = (*self._terms.quiet_hours, *publication.quiet_hours)
        until = quiet_until(hours, self._clock.now())
        if until is not None and publication.key not in self._resting:
            self._resting.add(publication.key)
            self._report(Resting(publication.key, until))
        return until is not None

    # Discovery.

    async def _discover(self, publication_id: int, publication: Publication) -> None:
        reader = self._reader(publication)
        leads: list[Lead] = []
        named, new = 0, 0
        if self._rests(publication):
            return
        async for found in discover(publication, reader.get, reader):
            if self._enough() or self._rests(publication):
                return  # the source is read again from its beginning, what was entered stays
            if isinstance(found, SourceFailed):
                self._note_source(publication, found)
                trouble = (found.reason, found.detail)
                self._note_reading(publication_id, found.source.rpartition(" ")[2], 0, 0, trouble)
            elif isinstance(found, SourceRead):
                if leads and leads[0].source.startswith("section "):
                    leads = self._without_variants(publication_id, leads)
                new += self._enter(publication_id, leads)
                reader.note(found, new)
                self._note_reading(publication_id, found.fetched.url, named, new)
                leads, named, new = [], 0, 0
            else:
                leads.append(found)
                named += 1
                if len(leads) >= LEADS_AT_ONCE:
                    new += self._enter(publication_id, leads)
                    leads = []

    def _reader(self, publication: Publication) -> Reader | WholeReader:
        if self._terms.window == ALWAYS:
            return Reader(self._store, self._politeness, publication, self._clock)
        return WholeReader(self._politeness, publication, self._terms.window)

    def _note_reading(
        self, publication_id: int, url: str, leads: int, new: int, trouble: tuple[str, str] | None = None
    ) -> None:
        """Write what a feed, sitemap or section gave in this run, which health compares with other runs.

        robots.txt is none, and a backfill says nothing of what comes in a day.
        """
        if url.endswith("/robots.txt") or self._terms.window != ALWAYS:
            return
        with self._store.transaction() as db:
            observations.reading(
                db,
                run=self._run,
                publication_id=publication_id,
                source=url,
                leads=leads,
                new=new,
                trouble=trouble,
            )

    def _note_source(self, publication: Publication, failed: SourceFailed) -> None:
        self._sources_failed.append(Failure(publication.key, failed.source, failed.reason, failed.detail))
        self._report(SourceTrouble(publication.key, failed.source, failed.reason, failed.detail))

    def _enter(self, publication_id: int, leads: Sequence[Lead], *, depth: int = 0) -> int:
        """Enter leads, start the tasks of their hosts, and return how many were new."""
        dated = [lead for lead in map(dated_by_address, leads) if self._in_window(lead)]
        self._outside += len(leads) - len(dated)
        if not dated:
            return 0
        publication = self._publications[publication_id]
        sorted_out: dict[str | None, list[Lead]] = {None: []}  # by the reason to skip them
        for lead in dated:
            out = why_out(lead.url, publication)
            sorted_out.setdefault(out and out[0], []).append(lead)
        now = self._clock.now()
        with self._store.transaction() as db:
            entered = {
                skip: frontier.add(db, some, publication_id=publication_id, now=now, depth=depth, skip=skip)
                for skip, some in sorted_out.items()
            }
        self._entered += sum(each.new for each in entered.values())
        own = entered[None]
        self._report(LeadsFound(publication.key, leads[0].source, len(leads), own.new))
        if own.new or own.revived:
            self._wake_hosts()
        return own.new

    def _in_window(self, lead: Lead) -> bool:
        """Tell whether the lead is from the window; without a date it is not, in a backfill."""
        window = self._terms.window
        return window == ALWAYS or (lead.published_at is not None and window.holds(lead.published_at))

    # Visits.

    def _wake_hosts(self) -> None:
        """Give a task to every host that has an address due and no task."""
        if self._enough():
            return
        for host_id, _ in frontier.hosts_due(self._store.conn, self._publications, self._clock.now()):
            if host_id not in self._hosts:
                self._hosts.add(host_id)
                self._spawn(self._visit_host(host_id))

    async def _visit_host(self, host_id: int) -> None:
        try:
            while batch := self._next(host_id):
                for due in batch:
                    if self._enough() or self._rests(self._publications[due.publication_id or 0]):
                        return
                    self._taken += 1
                    self._in_hand.add(due.id)
                    try:
                        await self._visit(due)
                    except BaseException:
                        self._in_hand.discard(due.id)
                        raise
        finally:
            self._hosts.discard(host_id)

    def _next(self, host_id: int) -> list[Due]:
        found = frontier.due(
            self._store.conn,
            host_id,
            self._publications,
            run=self._run,
            now=self._clock.now(),
            limit=BATCH + len(self._in_hand),
            window=self._terms.window,
        )
        return [due for due in found if due.id not in self._in_hand][:BATCH]

    async def _visit(self, due: Due) -> None:
        """Fetch one address; what follows is left to a task of its own, so that the host is asked on."""
        publication = self._publications[due.publication_id or 0]
        try:
            fetched = await self._politeness.get(
                due.url,
                headers=headers_for(due.url, publication),
                etag=due.etag,
                last_modified=due.last_modified,
                size=due.wire,
            )
        except FetchError as error:
            if error.retry_after:  # a killed crawl must not forget that a host asked to be left alone
                self._store.remember_politeness(self._politeness.export(error.url))
            self._settle(due, error, error.beginning, await self._pages.keep_beginning(error))
            return
        if fetched.not_modified or due.sha256 == hashlib.sha256(fetched.body).hexdigest():
            self._settle(due, Unchanged(due.url), fetched)
            return
        await self._room.acquire()
        self._spawn(self._finish(due, fetched))

    async def _finish(self, due: Due, fetched: Fetched) -> None:
        """Archive a page, extract it, and write what it came to."""
        try:
            known = self._known(due)
            read = await self._pages.read(fetched, self._publications[due.publication_id or 0], known)
            made = self._workers.edition(read.fetched.page(), known)
            result, baseline = read.result, await self._baseline(due, made)
            outcome = self._settle(
                due, result, read.fetched, read.pointer, more=read.more, baseline=baseline, edition=made
            )
            if isinstance(result, Article) and outcome.reason != "duplicate":
                self._follow(due, result)
        finally:
            self._in_hand.discard(due.id)
            self._room.release()

    def _known(self, due: Due) -> Known:
        """Return what was known of the publication when the run began: the order of pages does not tell."""
        publication_id, counted = due.publication_id or 0, due.article_id is not None
        if (publication_id, counted) not in self._knowledge:
            noise = learned.load(self._store.conn, publication_id)
            demoted = refusals.demoted(self._store.conn, publication_id)
            for one in (False, True):
                self._knowledge[publication_id, one] = Known(replace(noise, counted=one), demoted=demoted)
        return self._knowledge[publication_id, counted]

    async def _baseline(self, due: Due, edition: str) -> Article | None:
        """Return what ``edition`` makes of the page behind the stored text, if another edition made that.

        It tells the publisher's edit from a change of ours.
        """
        known = due.article_id and archived.outdated(self._store.conn, due.article_id, edition)
        if not known:
            return None
        try:
            page = await asyncio.to_thread(archived.read_page, self._archive.folder, known)
        except StoreError:  # gone or damaged: the revision will say that it is unclear whose it was
            return None
        result = await self._workers.attempt(page, self._known(due))
        return result if isinstance(result, Article) else None

    def _settle(
        self,
        due: Due,
        result: Result,
        fetched: Fetched | None = None,
        pointer: Any = None,
        *,
        more: Sequence[Part] = (),
        baseline: Article | None = None,
        edition: str | None = None,
    ) -> Outcome:
        publication = self._publications[due.publication_id or 0]
        outcome = self._store.save(
            due.url,
            result,
            fetched=fetched,
            pointer=pointer,
            more=more,
            run=self._run,
            publication_id=due.publication_id,
            now=self._clock.now(),
            baseline=baseline,
            edition=edition,
        )
        self._in_hand.discard(due.id)
        self._entered += outcome.entered
        self._counts[outcome.state.value, outcome.reason] += 1
        self._by_publication[publication.key][outcome.state.value] += 1
        failed = outcome.state is State.FAILED or (outcome.state is State.DUE and outcome.reason)
        if failed and len(self._failures) < KEPT_FAILURES:
            self._failures.append(Failure(publication.key, due.url, outcome.reason or "", outcome.detail))
        headline = result.headline if isinstance(result, Article) else None
        self._report(Visited(publication.key, due.url, outcome, headline))
        return outcome

    def _follow(self, due: Due, article: Article) -> None:
        """Enter what a page leads to, where the publication is read by its section pages."""
        publication_id = due.publication_id or 0
        publication = self._publications[publication_id]
        room = MAX_FOLLOWED - self._followed[publication_id]
        if due.depth >= MAX_DEPTH or room <= 0 or self._enough() or not follows(publication):
            return
        source = f"pages of {publication.key}"
        leads = [Lead(url, source) for url in _links(article) if in_scope(url, publication)]
        kept = self._without_variants(publication_id, leads)[:room]
        self._followed[publication_id] += self._enter(publication_id, kept, depth=due.depth + 1)

    def _without_variants(self, publication_id: int, leads: Sequence[Lead]) -> list[Lead]:
        """Return the leads without those that are one of too many queries to one path: filters, orders.

        They are not entered, so a next run may take them up. Only links of pages are thinned: what a feed or
        a sitemap names is meant.
        """
        kept = []
        for lead in leads:
            path, _, asked = lead.url.partition("?")
            if asked and not frontier.known(self._store.conn, lead.url):
                self._variants[publication_id, path] += 1
                if self._variants[publication_id, path] > MAX_VARIANTS:
                    continue
            kept.append(lead)
        return kept

    # The end.

    def _due(self) -> int:
        counts = frontier.ledger(self._store.conn, self._publications)
        return sum(number for (state, _), number in counts.items() if state == State.DUE)

    def _plain_counts(self) -> dict[str, int]:
        return {f"{state} {reason or ''}".strip(): count for (state, reason), count in self._counts.items()}

    def _summary(self, outcome: str, seconds: float, before: frontier.Before) -> Summary:
        contradictions = frontier.contradictions(
            self._store.conn,
            run=self._run,
            before=before,
            entered=self._entered,
            outcomes=dict(self._counts),
        )
        return Summary(
            run=self._run,
            outcome=outcome,
            seconds=seconds,
            discovered=self._entered,
            counts=dict(self._counts),
            publications={key: dict(counts) for key, counts in self._by_publication.items()},
            failures=tuple(self._failures),
            sources_failed=tuple(self._sources_failed),
            due=self._due(),
            outside=self._outside,
            cut_short=self._cut_short,
            contradictions=tuple(contradictions),
            alarms=tuple(health.check(self._store.conn, self._publications)),
        )


async def _rehearse(
    config: Config,
    publications: Sequence[Publication],
    politeness: Politeness,
    limit: int | None,
    window: Window,
    report: Report,
) -> Summary:
    """Discover without writing; ``limit`` new addresses are enough."""
    outside = 0
    started = time.monotonic()
    failed: list[Failure] = []
    new: Counter[str] = Counter()
    with _known_addresses(config) as is_known:
        for publication in publications:
            reader = WholeReader(politeness, publication, window)
            async for found in discover(publication, reader.get, reader):
                if isinstance(found, SourceFailed):
                    failed.append(Failure(publication.key, found.source, found.reason, found.detail))
                    report(SourceTrouble(publication.key, found.source, found.reason, found.detail))
                elif isinstance(found, Lead) and in_scope(found.url, publication):
                    lead = dated_by_address(found)
                    if window != ALWAYS and not (lead.published_at and window.holds(lead.published_at)):
                        outside += 1
                        continue
                    is_new = not is_known(lead.url)
                    new[publication.key] += is_new
                    report(LeadFound(publication.key, lead, is_new))
                if limit is not None and new.total() >= limit:
                    break
    seconds = time.monotonic() - started
    return Summary(None, "finished", seconds, new.total(), {}, {}, (), tuple(failed), new.total(), outside)


@contextmanager
def _known_addresses(config: Config) -> Iterator[Callable[[str], bool]]:
    """Give a test for addresses that the database knows, if there is one. Writes nothing."""
    if not config.paths.database.exists():
        yield lambda _: False
        return
    with Store(config.paths.database, read_only=True) as store:
        yield lambda url: frontier.known(store.conn, url)


def follows(publication: Publication) -> bool:
    """Tell whether a publication is read by its pages' links: it names sections, or no source at all."""
    return bool(publication.sections) or not (publication.feeds or publication.sitemaps)


def _links(article: Article) -> Iterable[str]:
    """Return a listing's links; of a story only those to the stories that it offers.

    A section with few words beside its links can look like an empty shell, so it counts as a listing.
    """
    if article.kind in (Kind.LISTING, Kind.SHELL):
        return article.links
    teasers = [teaser.url for teaser in article.teasers if teaser.url]
    return teasers if is_story(article) else ()


def _workers(config: Config, rules: Rulebook) -> Workers:
    settings = config.extracting
    return Workers(settings.processes, settings.page_seconds, settings.page_bytes, settings.engine, rules)
