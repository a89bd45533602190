"""``scrape warc``: articles out of web archives, on this machine or on many."""

import hashlib
import re
from pathlib import Path
from typing import Any

import click

from scraper import config, terminal
from scraper.bulk import check, forms, inputs, places
from scraper.bulk.engines import ENGINES
from scraper.bulk.filters import Filters
from scraper.bulk.importing import Database
from scraper.bulk.run import Asked, Away, Summary, run
from scraper.commands.exits import DONE, ERROR, PARTLY, complain, say
from scraper.commands.options import MOMENT, pass_settings, window_of
from scraper.config import Config
from scraper.store import Store

NAMED = 10  # damaged records, pages given up and inputs that are named at the end; the manifest has all


FILE = click.Path(path_type=Path)
FORM = click.Choice(list(forms.FORMS))
SQLITE = "sqlite"
ENGINE = click.Choice(list(ENGINES))


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--list", "lists", multiple=True, type=FILE, help="Read the paths in this file, too.")
@click.option("-o", "--output", help="The folder or address to write to; not asked for with sqlite.")
@click.option("-f", "--format", "form", type=FORM, default="parquet", show_default=True)
@click.option("--host", "hosts", multiple=True, help="Only pages of this host and of those below it.")
@click.option("--publication", "names", multiple=True, help="Only pages of this publication of the settings.")
@click.option("--since", type=MOMENT, help="Only pages captured then or later: 2024-05-31 (UTC).")
@click.option("--until", type=MOMENT, help="Only pages captured up to the end of that day (UTC).")
@click.option("--pattern", default="", help="Only addresses in which this regular expression is found.")
@click.option(
    "--learn", is_flag=True, help="Two passes: first learn what recurs on each publication's pages."
)
@click.option("--engine", type=ENGINE, default="local", show_default=True, help="Who does the work.")
@click.option("--workers", type=click.IntRange(0), default=0, help="Processes here; 0 is one a core.")
@click.option("--scheduler", help="A Dask scheduler's address; without it dask works on this machine.")
@click.option(
    "--verify", "verifying", is_flag=True, help="Only compare all with the manifest; write nothing."
)
@pass_settings
def warc(settings: Config, paths: tuple[str, ...], output: str | None, **said: Any) -> None:
    """Make a data set of the articles in web archives: one file an input, and a manifest.

    With --format sqlite the articles are stored in the database of the settings, as a crawl stores them.

    PATH is a WARC file (.warc, .warc.gz, .warc.zst), a folder of these or of saved pages, wildcards in
    quotes, or an address such as s3://bucket/crawl/*.warc.gz (cleancopy[remote]). Run it again to go on where
    it was stopped, or to add inputs: what is done is skipped. Parts that go to an address are made beside the
    database of the settings. A damaged record or a page that kills its
    process costs itself alone and is listed. Exit code 3: finished, but with such records, or with inputs
    that could not be read.

    \b
    Examples:
      scrape warc crawl.warc.gz -o articles/
      scrape warc 'cc-news/*.warc.gz' --host gazette.example --since 2024-05-01 -o gazette/
      scrape warc data/archive --format jsonl --learn -o articles/
      scrape warc --list paths.txt --engine dask --scheduler tcp://head:8786 -o /shared/articles
      scrape warc --verify -o articles/
    """
    if output is None and said["form"] != SQLITE:
        raise click.UsageError("say with -o which folder to write")
    address = output.rstrip("/") if output and places.is_address(output) else None
    if address and said["form"] == SQLITE:
        raise click.UsageError("with sqlite the articles go into the database of the settings, to no address")
    folder = _folder(settings, output)
    if said["verifying"]:
        raise SystemExit(_verify(address or str(folder)))
    if not paths and not said["lists"]:
        raise click.UsageError("say what to read: paths, or --list FILE")
    if said["scheduler"] and said["engine"] != "dask":
        raise click.UsageError("--scheduler goes with --engine dask")
    asked = Asked(
        inputs.find(paths, said["lists"]),
        folder,
        said["form"],
        _filters(settings, said),
        said["learn"],
        said["engine"],
        said["workers"],
        said["scheduler"],
    )
    try:
        summary = _made(settings, asked, address)
    except KeyboardInterrupt:
        say("Stopped. Nothing is lost: run the same command again to go on.")
        raise SystemExit(ERROR) from None
    raise SystemExit(_tell(summary, folder))


def _folder(settings: Config, output: str | None) -> Path:
    """Return where parts are made: the folder asked for, or one for what they go to, beside the database."""
    if output is not None and not places.is_address(output):
        return Path(output)
    mark = f".{hashlib.sha256(output.rstrip('/').encode()).hexdigest()[:8]}" if output else ""
    return settings.paths.database.with_name(f"{settings.paths.database.name}{mark}.parts")


def _made(settings: Config, asked: Asked, address: str | None) -> Summary:
    with terminal.meter("warc") as meter:
        if asked.form != SQLITE and address is None:
            return run(settings, asked, report=meter, say=say)
        if asked.form != SQLITE:
            away = Away(asked.folder, str(address))
            try:
                return run(settings, asked, away, meter, say)
            finally:
                away.close()
        with Store(settings.paths.database) as store, store.claim():
            sink, outcome = Database(store, settings, asked.folder), "interrupted"
            try:
                summary = run(settings, asked, sink, meter, say)
                outcome = "finished"
            finally:
                counts = sink.close(outcome)
    stored = ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "nothing new"
    say(f"{settings.paths.database}: {stored}")
    return summary


def _filters(settings: Config, said: dict[str, Any]) -> Filters:
    try:
        re.compile(said["pattern"])
    except re.error as error:
        raise click.BadParameter(f"--pattern {said['pattern']!r} is no regular expression: {error}") from None
    publications = config.chosen(settings, said["names"]) if said["names"] else ()
    return Filters(said["hosts"], publications, window_of(said["since"], said["until"]), said["pattern"])


def _tell(summary: Summary, folder: Path) -> int:
    """Say how it went, and return the exit code."""
    for place, reason in summary.failed[:NAMED]:
        complain(f"{place}: {reason}")
    for one in summary.problems[:NAMED]:
        place = f"{one['file']} at byte {one['offset']} {one['url']}".rstrip()
        complain(f"{place}: {one['outcome']}: {one['detail']}")
    if len(summary.failed) + len(summary.problems) > NAMED:
        say(f"{folder}/_manifest.jsonl names all of them")
    counted = ", ".join(f"{name} {count}" for name, count in summary.counts.most_common())
    say(f"{summary.records} records: {counted}")
    earlier = f", {summary.earlier} of them made earlier" if summary.earlier else ""
    say(f"{summary.rows} articles in {summary.parts} parts{earlier}; {summary.seconds:.1f} s")
    return PARTLY if summary.failed or summary.problems else DONE


def _verify(folder: str) -> int:
    with terminal.meter("verify") as meter:
        verdict = check.verify(folder, meter)
    for sentence in verdict.wrong:
        say(sentence)
    absent = f"; {verdict.absent} are not here" if verdict.absent else ""
    terminal.line(
        f"{verdict.parts} parts with {verdict.rows} articles and {verdict.inputs} files that they were made "
        f"of were compared with the manifest{absent}; {len(verdict.wrong)} are not as it says"
    )
    return ERROR if verdict.wrong else DONE
