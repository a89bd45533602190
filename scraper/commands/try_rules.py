"""``scrape rules try``: what a publication's rules do, seen while they are written."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from typing import IO

import click

from extractors import ExtractError, Line, Noise, Page, trial
from scraper import addresses, explain, learned, rulebook, terminal, trying
from scraper.commands.exits import DONE, PARTLY, complain, say
from scraper.commands.options import output_option, pass_settings, web_address
from scraper.config import Config
from scraper.errors import ScrapeError
from scraper.rulebook import Rulebook
from scraper.store import Store
from scraper.workers import Workers

LOOKED_EVERY = 0.1  # seconds between two looks whether a rules file was saved
SHOWN = 240  # characters of a removed box that are shown


@click.command("try")
@click.argument("target", metavar="PUBLICATION|URL")
@output_option
@pass_settings
def try_rules(settings: Config, target: str, output: IO[str]) -> None:
    """Show what the rules do to a page, and to all archived pages of its publication.

    The page is printed with what is cut struck out, then where each field comes from, then, by field, on how
    many archived pages the rules gained, lost or changed something. Of a publication the newest story is
    shown. On a terminal it is done again whenever a rules file is saved, until Ctrl-C. Exit code 3: a rule is
    wrong or was not followed.

    \b
    Examples:
      scrape rules try gazette
      scrape rules try https://gazette.example/tolls/
    """
    with ExitStack() as stack:
        subject = _subject(settings, target, stack)
        limits = settings.extracting
        workers = None
        while True:
            saved = rulebook.state(settings)
            book = rulebook.load(settings)
            if output.isatty():
                click.clear()
            well = _show(subject.page, book, subject.noise, output)
            if subject.sample:
                workers = workers or stack.enter_context(
                    Workers(limits.processes, limits.page_seconds, limits.page_bytes)
                )
                _count(settings, subject.sample, workers, book, saved, output)
            if not output.isatty():
                raise SystemExit(DONE if well and not book.problems else PARTLY)
            say("Save a rules file to see it again; Ctrl-C ends.")
            while rulebook.state(settings) == saved:
                time.sleep(LOOKED_EVERY)


@dataclass(frozen=True, slots=True)
class _Subject:
    """The page to look at, and what else there is of its publication."""

    page: Page
    noise: Noise | None = None
    sample: trying.Sample | None = None


def _subject(settings: Config, target: str, stack: ExitStack) -> _Subject:
    """Return what is to be tried. Raises ScrapeError for a publication of which nothing is archived."""
    is_key = target in {one.key for one in settings.publications}
    url = "" if is_key else web_address(target)
    if not settings.paths.database.exists():
        if is_key:
            raise ScrapeError(f"nothing of {target} is archived yet. `scrape crawl {target}` fetches it.")
        return _Subject(trying.pages_at(settings, [url])[0])
    store = stack.enter_context(Store(settings.paths.database, read_only=True))
    db, folder = store.conn, settings.paths.archive
    known = None if is_key else trying.page_at(db, url)
    publication_id = store.find_publication(target) if is_key else known and known[1]
    ids = trying.pages_of(db, publication_id) if publication_id else []
    noise = learned.load(db, publication_id) if publication_id else None
    shown = [known[0]] if known else ids if is_key else []
    page = next(filter(None, (trying.archived_page(db, folder, one) for one in shown)), None)
    if page is None and is_key:
        raise ScrapeError(f"no page of {target} is archived yet. `scrape crawl {target}` fetches some.")
    sample = trying.Sample(db, folder, ids, noise) if ids else None
    return _Subject(page or trying.pages_at(settings, [url])[0], noise, sample)


def _show(page: Page, book: Rulebook, noise: Noise | None, output: IO[str]) -> bool:
    """Print the page and its fields; tell whether every rule for it was followed."""
    rules = book.of(page.url)
    say(f"{page.url}: {rules.file if rules else f'no rules for {addresses.host(page.url)}'}")
    try:
        tried = trial(page, rules=rules, noise=noise)
    except ExtractError as error:
        complain(error)
        return False
    terminal.struck(_struck(tried.lines), out=output)
    terminal.table(explain.FIELDS, list(explain.field_rows(tried.article)), title="Fields", out=output)
    refused = {one.rule: one.reason for one in tried.article.refused}
    rows = [
        (name, str(one), tried.found.get(str(one), 0), refused.get(str(one), "") if name == "strip" else "")
        for name, one in (rules.selectors() if rules else ())
    ]
    if rows:
        terminal.table(("for", "rule", "found", "not followed, it"), rows, title="Rules", out=output)
    return not refused


def _struck(lines: tuple[Line, ...]) -> Iterator[tuple[str, str, str]]:
    """Yield text, style and why it was cut; what was cut in a row for one reason is one text."""
    for (part, reason), some in groupby(lines, lambda line: (line.part, line.reason)):
        texts = [line.text for line in some]
        if part in ("headline", "story"):
            yield from ((text, "bold" if part == "headline" else "", "") for text in texts)
        else:
            text = " · ".join(texts)
            yield text if len(text) <= SHOWN else text[: SHOWN - 1] + "…", "", f"{part}: {reason}"


def _count(
    settings: Config,
    sample: trying.Sample,
    workers: Workers,
    book: Rulebook,
    saved: tuple[tuple[str, int, int], ...],
    output: IO[str],
) -> None:
    """Print what the rules do over the archived pages; stop when a rules file is saved meanwhile."""
    with terminal.meter("archived pages", beside=None) as meter:

        def go_on(done: int) -> bool:
            meter(done, len(sample), "")
            return not output.isatty() or rulebook.state(settings) == saved

        effect = sample.effect(workers, book, go_on)
    if effect is None:
        return
    rows = [
        (name, one.gained, one.lost, one.changed, one.same, one.example)
        for name, one in effect.fields.items()
        if one.gained or one.lost or one.changed
    ]
    title = f"Rules against no rules, {effect.pages} archived pages; of the body, lines are gained and lost"
    terminal.table(
        ("field", "gained", "lost", "changed", "same", "for example"), rows, title=title, out=output
    )
