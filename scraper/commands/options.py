"""What several commands share: options, arguments, and the ways to print rows and articles."""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import IO, Any

import click

from extractors import Article
from scraper import addresses, render, rows, terminal
from scraper.config import Config
from scraper.explain import explain


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
    """Print rows in one of the forms."""
    listed = list(found)
    if form != "table":
        output.write(rows.FORMATS[form or "json"](listed))
    elif listed:
        terminal.table(tuple(listed[0]), [tuple(row.values()) for row in listed], out=output)


def print_article(article: Article, form: str, output: IO[str], *, single: bool, explained: bool) -> None:
    """Print one article; one of several as JSON takes one line."""
    if explained:
        explain(article, output)
    elif form == "json" and not single:
        output.write(render.to_json_line(article) + "\n")
    else:
        output.write(render.FORMATS[form](article) + "\n")


def web_address(text: str) -> str:
    """Return the address as a browser would open it. Raises BadParameter."""
    address = addresses.resolve(text)
    if address is None:
        raise click.BadParameter(
            f"{text!r} is not a web address; it must look like https://example.org/story"
        )
    return address
