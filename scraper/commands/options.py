"""What several commands share: options, arguments, and the ways to print rows and articles."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from functools import wraps
from typing import IO, Any

import click

from extractors import Article
from scraper import addresses, config, render, rows, share, terminal
from scraper.commands.exits import say
from scraper.config import Config, Publication
from scraper.explain import explain
from scraper.search import Wanted
from scraper.window import Window


def pass_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give the command the settings, read now: --help works whatever the settings say."""

    @wraps(command)
    @click.pass_obj
    def with_settings(read: Callable[[], Config], /, *args: Any, **kwargs: Any) -> None:
        command(read(), *args, **kwargs)

    return with_settings


def output_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add -o."""
    return click.option(
        "-o",
        "--output",
        type=click.File("w", encoding="utf-8", lazy=True),
        default="-",
        help="Write to this file.",
    )(command)


def article_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the ways to print articles."""
    forms = click.Choice(list(render.FORMATS))
    command = output_option(command)
    command = click.option(
        "--explain",
        "explained",
        is_flag=True,
        help="Print why each field says what it says, and what was cut.",
    )(command)
    return click.option("-f", "--format", "form", type=forms, default="json", show_default=True)(command)


def row_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the ways to print rows."""
    command = output_option(command)
    for names, form, meaning in reversed(ROW_FORMS):
        command = click.option(*names, "form", flag_value=form, help=meaning)(command)
    return command


ROW_FORMS = (
    (("--json",), "json", "Print a JSON list (the default)."),
    (("--nl",), "nl", "Print one JSON object a line."),
    (("--csv",), "csv", "Print comma-separated values."),
    (("--tsv",), "tsv", "Print tab-separated values."),
    (("-t", "--table"), "table", "Print a table for people."),
)


def print_rows(found: Iterable[Mapping[str, object]], form: str | None, output: IO[str]) -> None:
    """Print rows in one of the forms, as they come; a table when all are there."""
    if form != "table":
        rows.FORMATS[form or "json"](found, output)
    elif listed := list(found):
        terminal.table(tuple(listed[0]), [tuple(row.values()) for row in listed], out=output)


def wanted_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the ways to choose stored articles; the command gets them as ``wanted``."""

    @wraps(command)
    def with_wanted(*args: Any, words: tuple[str, ...], **kwargs: Any) -> None:
        said = {name: kwargs.pop(name) for name, _ in CHOICES}
        command(*args, wanted=Wanted(" ".join(words), **said), **kwargs)

    chosen = with_wanted
    for name, meaning in reversed(CHOICES):
        kind = _moment if name in ("since", "until") else None
        chosen = click.option(f"--{name}", help=meaning, callback=kind)(chosen)
    return click.argument("words", nargs=-1, metavar="[WORDS]")(chosen)


CHOICES = (
    ("publication", "Only of this publication: its key in the settings or its name."),
    ("section", "Only of this section."),
    ("author", "Only by an author in whose name this stands."),
    ("since", "Only published on or after this: 2026, 2026-03, 2026-03-02 or a time."),
    ("until", "Only published on or before this."),
)


def _moment(ctx: click.Context, option: click.Parameter, text: str | None) -> str | None:  # noqa: ARG001
    """Return the beginning of a stored time. Raises BadParameter for what is none."""
    if text is not None and not re.fullmatch(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\dZ?)?)?)?)?)?", text):
        raise click.BadParameter(f"{text!r} is no time: write 2026, 2026-03, 2026-03-02 or 2026-03-02T12:00")
    return text


def print_article(article: Article, form: str, output: IO[str], *, single: bool, explained: bool) -> None:
    """Print one article; one of several as JSON takes one line."""
    if explained:
        explain(article, output)
    elif form == "json" and not single:
        output.write(render.to_json_line(article) + "\n")
    else:
        output.write(render.FORMATS[form](article) + "\n")


def own_of(settings: Config, names: tuple[str, ...]) -> tuple[Publication, ...]:
    """Return the publications with these keys, or all, that are this machine's; say how many are not."""
    wanted = config.chosen(settings, names)
    own = share.own(settings.politeness.share, wanted)
    if len(own) < len(wanted):
        say(f"{len(wanted) - len(own)} publications are another machine's (politeness.share)")
    return own


MOMENT = click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M"))


def window_of(since: datetime | None, until: datetime | None) -> Window:
    """Return the window in UTC; a day given as ``until`` counts to its end."""
    if until is not None and until.time() == time():
        until += timedelta(days=1)
    return Window(since and since.replace(tzinfo=UTC), until and until.replace(tzinfo=UTC))


def web_address(text: str) -> str:
    """Return the address as a browser would open it. Raises BadParameter."""
    address = addresses.resolve(text)
    if address is None:
        raise click.BadParameter(
            f"{text!r} is not a web address; it must look like https://example.org/story"
        )
    return address
