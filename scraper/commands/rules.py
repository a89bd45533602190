"""``scrape rules``: what is written about publications' pages, and whether it still holds."""

import asyncio
import dataclasses
from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import click

from extractors import ExtractError, Page, Rules, convert_ftr, suggest, trial, utf8
from scraper import config, refusals, rulebook, trying
from scraper.commands.exits import DONE, PARTLY, complain, say
from scraper.commands.options import pass_settings, print_rows, row_options, web_address
from scraper.commands.try_rules import try_rules
from scraper.config import Config
from scraper.store import Store
from scraper.visit import Visit, visit


@click.group()
def rules() -> None:
    """Show, try and test the rules of publications.

    A publication's rules are a .toml file in the project's rules/ folder, in ~/.config/cleancopy/rules/, or
    among those that come with the program; the first that names a host wins.
    """


@rules.command("list")
@row_options
@pass_settings
def list_rules(settings: Config, form: str | None, output: IO[str]) -> None:
    """Print the rules in force: file, hosts, fields, and how many strip and keep. Problems go to stderr.

    \b
    Example:
      scrape rules list --table
    """
    book = rulebook.load(settings)
    print_rows(
        (
            {
                "file": one.file,
                "hosts": " ".join(one.hosts),
                "select": " ".join(one.select),
                "strip": len(one.strip),
                "keep": len(one.keep),
                "tests": len(one.tests),
            }
            for one in book.all()
        ),
        form,
        output,
    )
    raise SystemExit(PARTLY if book.problems else DONE)


@rules.command("test")
@click.option("--fetch", is_flag=True, help="First save the test pages that are not here yet.")
@row_options
@pass_settings
def test_rules(settings: Config, fetch: bool, form: str | None, output: IO[str]) -> None:
    """Extract the pages that rules name as their tests, offline, and print what is not as it should be.

    A selector that finds nothing on any of its file's test pages is told, too. Exit code 3: something failed.

    \b
    Examples:
      scrape rules test --table
      scrape rules test --fetch
    """
    book = rulebook.load(settings)
    if fetch:
        _save_pages(settings, book.all())
    wrong = [row for one in book.all() for row in _failures(one)]
    print_rows(wrong, form, output)
    raise SystemExit(PARTLY if wrong or book.problems else DONE)


@rules.command("suggest")
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@row_options
@pass_settings
def suggest_rules(settings: Config, urls: tuple[str, ...], form: str | None, output: IO[str]) -> None:
    """Propose selectors for the fields that these pages say otherwise, as in their heads or JSON-LD.

    A selector is proposed only if it says nothing else on any of the pages; several pages of one publication
    tell a good one from a chance. Archived pages are not asked for again.

    \b
    Example:
      scrape rules suggest https://gazette.example/tolls/ https://gazette.example/mill/ --table
    """
    found = suggest(trying.pages_at(settings, [web_address(url) for url in urls]))
    print_rows(map(dataclasses.asdict, found), form, output)
    raise SystemExit(DONE if found else PARTLY)


@rules.command("refused")
@click.argument("names", nargs=-1, metavar="[PUBLICATION]...")
@click.option("--forget", is_flag=True, help="Follow demoted rules again, and count anew.")
@row_options
@pass_settings
def refused_rules(
    settings: Config, names: tuple[str, ...], forget: bool, form: str | None, output: IO[str]
) -> None:
    """Print the strip rules that were not followed in crawls, because they would have taken a story.

    A rule that was refused on three stories of a publication is demoted: not tried on its pages any more,
    until it is written anew or forgotten here.

    \b
    Examples:
      scrape rules refused --table
      scrape rules refused gazette --forget
    """
    chosen = [one.key for one in config.chosen(settings, names)]
    with Store(settings.paths.database, read_only=not forget) as store:
        rows = [dataclasses.asdict(one) for one in refusals.listed(store.conn) if one.publication in chosen]
        if forget:
            with store.transaction() as db:
                refusals.forget(db, chosen)
    print_rows(rows, form, output)


@rules.command("import")
@click.argument("form_of_file", type=click.Choice(["ftr"]), metavar="ftr")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@row_options
@pass_settings
def import_rules(settings: Config, form_of_file: str, path: Path, form: str | None, output: IO[str]) -> None:
    """Turn FiveFilters site configs (a file, or a folder of them) into rules in the project's folder.

    Each line that is not taken is printed, with the reason. A file of yours is never written over.

    
    Example:
      scrape rules import ftr ftr-site-config/ --csv > left.csv
    """
    say(f"{form_of_file}: {path} to {settings.paths.rules}")
    left: list[dict[str, Any]] = []
    for file in sorted(path.glob("*.txt")) if path.is_dir() else [path]:
        imported = convert_ftr(file.read_text("utf-8", errors="replace"), file.name)
        left += [
            {"file": file.name, "line": one.line, "text": one.text, "why": one.why}
            for one in imported.ignored
        ]
        target = settings.paths.rules / f"{file.name.removesuffix('.txt').strip('.')}.toml"
        if not imported.toml:
            continue
        if target.exists():
            left.append(
                {"file": file.name, "line": 0, "text": str(target), "why": "there is such a file already"}
            )
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(imported.toml, "utf-8")
    print_rows(left, form, output)


def _save_pages(settings: Config, books: list[Rules]) -> None:
    """Fetch the test pages that are not saved yet; what cannot be had is said."""
    missing = {
        test.url: Path(one.file).parent / test.page
        for one in books
        for test in one.tests
        if Path(one.file).is_file() and not (Path(one.file).parent / test.page).is_file()
    }

    def keep(seen: Visit) -> None:
        if seen.fetched is None:
            complain(seen.result)
            return
        file = missing[seen.url]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(BOM_UTF8 + utf8(seen.fetched.body, seen.fetched.content_type))

    if missing:
        asyncio.run(visit(settings, list(missing), keep))


def _folded(text: str) -> str:
    return " ".join(text.split())


def _failures(one: Rules) -> Iterator[dict[str, Any]]:
    """Yield each value that a test page does not give, and each rule that was refused or found nothing."""
    found: set[str] = set()
    read = 0
    for test in one.tests:
        file = Path(one.file).parent / test.page
        if not file.is_file():
            yield _row(one, test.page, "page", str(file), "there is no such file; --fetch saves it")
            continue
        page = Page(test.url, file.read_bytes(), "text/html")
        try:
            tried = trial(page, rules=one)
        except ExtractError as error:
            yield _row(one, test.page, "kind", test.wanted.get("kind"), str(error))
            continue
        said = tried.article.to_dict()
        for name, wanted in test.wanted.items():
            if name == "contains":
                missing = [text for text in wanted if _folded(text) not in _folded(tried.article.body)]
                yield from (_row(one, test.page, "body", text, "is not in the body") for text in missing)
            elif said.get(name) != wanted and str(said.get(name)) != str(wanted):
                yield _row(one, test.page, name, wanted, said.get(name))
        found |= {css for css, count in tried.found.items() if count}
        read += 1
        yield from (
            _row(one, test.page, "strip", None, f"strip {refusal.rule!r} {refusal.reason}")
            for refusal in tried.article.refused
        )
    for name, selector in one.selectors() if read else ():
        if str(selector) not in found:
            yield _row(
                one, "", name, str(selector), f"finds nothing on {read} test pages (line {selector.line})"
            )


def _row(one: Rules, page: str, field: str, wanted: object, got: object) -> dict[str, Any]:
    return {"file": one.file, "page": page, "field": field, "wanted": wanted, "got": got}


rules.add_command(try_rules)
