"""What a person sees in a terminal: tables, and progress on stderr. The home of rich.

rich leaves colours out when the output is no terminal or NO_COLOR is set. Progress is shown on a terminal
only, so that logs of scheduled runs hold lines and no animation.
"""

import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any, Protocol

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

PIPE_WIDTH = 120  # columns where nobody tells: wide enough for a headline and a few facts beside it

MARKS = ("\ue000", "\ue001")  # around words to be set off; private use characters: hardly any text has them

NARROWEST = 8  # columns that a cell keeps however narrow the terminal


class Meter(Protocol):
    """Shows how far a long job is."""

    def __call__(self, done: int, total: int | None, doing: str) -> None:
        """Show that ``done`` of ``total`` are done and what is being done now."""


def table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "", out: IO[str] | None = None
) -> None:
    """Print a table; long cells take several lines. None is an empty cell; numbers stand to the right."""
    drawn = Table(title=printable(title) or None, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for index, name in enumerate(columns):
        numbers = bool(rows) and all(isinstance(row[index], int | float | None) for row in rows)
        drawn.add_column(name, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(_text(cell) for cell in row))
    _console(out or sys.stdout).print(drawn)


def overview(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "", out: IO[str] | None = None
) -> None:
    """Print a table with one line a row: the widest columns are cut until all fit the terminal."""
    widths = [max(_text(cell).cell_len for cell in column) for column in zip(columns, *rows, strict=True)]
    room = _console(out or sys.stdout).width - 3 * len(columns) - 1  # two of padding each, and the edges
    widest = max(widths)
    while widest > NARROWEST and sum(min(width, widest) for width in widths) > room:
        widest -= 1
    table(columns, [[_cut(cell, widest) for cell in row] for row in rows], title=title, out=out)


def stories(found: Iterable[Mapping[str, Any]], *, out: IO[str] | None = None) -> None:
    """Print what a search found, each story in a few lines: headline, when and where, a piece of its text.

    Columns would leave the headline ten characters of a terminal of 80, and break every address.
    """
    console = _console(out or sys.stdout)
    for row in found:
        facts = (row["published_at"] and row["published_at"][:10], row["publication"], row["section"])
        headline = _text(row["headline"] or "No headline")
        headline.stylize_before("bold")
        console.print(headline)
        console.print(Text(printable(" · ".join(filter(None, facts))), style="cyan"))
        console.print(Padding(_text(" ".join(row["snippet"].split())), (0, 0, 0, 2), expand=False))
        console.print(Text(f"  {printable(row['url'])}\n", style="dim"), soft_wrap=True)


def _cut(cell: object, width: int) -> object:
    if cell is None or isinstance(cell, int | float):
        return cell
    text = _text(cell)
    text.truncate(width, overflow="ellipsis")
    return text.plain


def _text(cell: object) -> Text:
    """Return the cell; what stands between MARKS is in bold."""
    text = Text("" if cell is None else printable(str(cell)))
    text.highlight_regex(f"{MARKS[0]}[^{MARKS[1]}]*{MARKS[1]}", "bold yellow")
    return Text("").join(part for part in text.split(MARKS[0]) for part in part.split(MARKS[1]))


def line(text: str = "", *, style: str = "", out: IO[str] | None = None) -> None:
    """Print one line, wrapped to the terminal; ``style`` is a colour name of rich."""
    _console(out or sys.stdout).print(Text(printable(text), style=style), soft_wrap=True)


def struck(lines: Iterable[tuple[str, str, str]], *, out: IO[str] | None = None) -> None:
    """Print (text, style, note): with a note, a text is struck out and the note stands behind it."""
    console = _console(out or sys.stdout)
    for text, style, note in lines:
        shown = Text()
        if note:
            shown.append(f"[-{printable(text)}-]", "red strike")
            shown.append(f"  {printable(note)}", "yellow")
        else:
            shown.append(printable(text), style)
        console.print(shown, soft_wrap=True)


CONTEXT = 60  # characters of unchanged text shown on each side of a change


def difference(name: str, pieces: Sequence[tuple[str, str]], *, out: IO[str] | None = None) -> None:
    """Print the way from one wording to another: pieces with = for what stayed, - for what went, + came."""
    text = Text(f"  {name}: ", style="bold")
    for number, (sign, words) in enumerate(pieces):
        if sign == "=":
            text.append(_shortened(words, first=number == 0, last=number == len(pieces) - 1), "none")
        else:
            before, after, style = ("[-", "-]", "red strike") if sign == "-" else ("{+", "+}", "green")
            text.append(f"{before}{printable(words)}{after}", style)
    _console(out or sys.stdout).print(text, soft_wrap=True)


def _shortened(text: str, *, first: bool, last: bool) -> str:
    """Return the ends of an unchanged stretch that stand beside a change."""
    text = printable(" ".join(text.split(" ")))
    begin, end = ("" if first else text[:CONTEXT]), ("" if last else text[-CONTEXT:])
    return text if len(text) <= len(begin) + len(end) else f"{begin} … {end}"


@contextmanager
def meter(title: str, beside: IO[str] | None = None) -> Iterator[Meter]:
    """Give a function that moves a progress bar on stderr.

    It does nothing when that is no terminal, or when results go to the terminal too (``beside``).
    """
    console = _console(sys.stderr)
    shown = console.is_terminal and not (beside and beside.isatty())
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
    )
    with Progress(*columns, TimeElapsedColumn(), console=console, disable=not shown, transient=True) as bar:
        task = bar.add_task(title, total=None)

        def show(done: int, total: int | None, doing: str) -> None:
            bar.update(
                task, completed=done, total=total, description=f"{title} {printable(doing)[:60]}".strip()
            )

        yield show


def printable(text: str) -> str:
    """Return the text without control characters: a page cannot move the cursor or recolour the terminal."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", text)


def _console(out: IO[str]) -> Console:
    width = None if out.isatty() or shutil.get_terminal_size((0, 0)).columns else PIPE_WIDTH
    return Console(file=out, width=width, highlight=False, markup=False, emoji=False)
