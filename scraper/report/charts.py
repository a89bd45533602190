"""Numbers → SVG, drawn by hand: bars, stacked days, small lines, a heat map. No script, no other file.

Colours are CSS classes (``c0`` … ``c7``), so that the page decides them for light and dark. Every mark has a
``<title>``, which browsers show when one points at it and which is read aloud.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, LEFT, RIGHT, TOP = 760, 46, 8, 10
SERIES = 8  # colours; what is more is "other"
WIDEST = 48  # of a day's column: one day alone would fill the chart
CELL = 120  # characters of a table's cell; a headline has 60 to 100


def bars(rows: Sequence[tuple[str, float]], *, unit: str) -> str:
    """Return horizontal bars with their names at the left and their numbers at the right."""
    most = max((value for _, value in rows), default=0) or 1
    names = 200
    parts = []
    for number, (name, value) in enumerate(rows):
        y, width = number * 24, (WIDTH - names - 70) * value / most
        parts.append(
            f"<g><title>{escape(name)}: {_number(value)} {unit}</title>"
            f'<text class="name" x="{names - 8}" y="{y + 16}">{escape(_short(name, 30))}</text>'
            f'<rect class="c0" x="{names}" y="{y + 4}" width="{max(width, 1):.1f}" height="16" rx="2"/>'
            f'<text x="{names + width + 6:.1f}" y="{y + 16}">{_number(value)}</text></g>'
        )
    return _svg(len(rows) * 24 + 4, parts)


def stacked(
    days: Sequence[str], series: Mapping[str, Sequence[float]], *, unit: str, height: int = 220
) -> str:
    """Return a column for each day, with a part for each series from the ground up."""
    totals = [sum(values[at] for values in series.values()) for at in range(len(days))]
    most = 4 * math.ceil(max(totals, default=0) / 4) or 4  # four steps of whole numbers
    step = (WIDTH - LEFT - RIGHT) / max(len(days), 1)
    wide = min(max(step * 0.8, 1), WIDEST)
    parts = [*_scale(most, height), *_days(days, step, height)]
    for at, day in enumerate(days):
        ground = float(TOP + height)
        for number, (name, values) in enumerate(series.items()):
            if not values[at]:
                continue
            tall = height * values[at] / most
            ground -= tall
            parts.append(
                f'<rect class="c{number % SERIES}" x="{LEFT + at * step + wide / 8:.1f}" y="{ground:.1f}" '
                f'width="{wide:.1f}" height="{tall:.1f}">'
                f"<title>{escape(day)} · {escape(name)}: {_number(values[at])} {unit}</title></rect>"
            )
    return _svg(height + TOP + 26, parts) + _legend(list(series))


def lines(days: Sequence[str], series: Mapping[str, Sequence[float | None]], *, height: int = 220) -> str:
    """Return a line for each series of shares (0-1); None is a gap."""
    step = (WIDTH - LEFT - RIGHT) / max(len(days) - 1, 1)
    parts = [*_scale(1.0, height, percent=True), *_days(days, step, height)]
    for number, (name, values) in enumerate(series.items()):
        points = [
            (LEFT + at * step, TOP + height * (1 - value), value)
            for at, value in enumerate(values)
            if value is not None
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
        parts.append(f'<polyline class="l{number % SERIES}" points="{path}"/>')
        parts += [
            f'<circle class="c{number % SERIES}" cx="{x:.1f}" cy="{y:.1f}" r="3">'
            f"<title>{escape(name)}: {value:.0%}</title></circle>"
            for x, y, value in points
        ]
    return _svg(height + TOP + 26, parts) + _legend(list(series))


def heat(rows: Sequence[str], columns: Sequence[str], values: Mapping[tuple[str, str], float]) -> str:
    """Return a table of shares (0-1) with a shade for each; what is not there is empty."""
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    lines_ = []
    for row in rows:
        cells = "".join(_cell(values.get((row, column)), f"{row}, {column}") for column in columns)
        lines_.append(f"<tr><th>{escape(row)}</th>{cells}</tr>")
    return (
        f'<table class="heat"><thead><tr><th></th>{head}</tr></thead><tbody>{"".join(lines_)}</tbody></table>'
    )


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a plain table; long cells are cut."""
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(
        "<tr>"
        + "".join(f"<td>{escape('' if cell is None else _short(str(cell), CELL))}</td>" for cell in row)
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: float | None, name: str) -> str:
    if value is None:
        return "<td></td>"
    shade = "bad" if value < 0.5 else "middling" if value < 0.85 else "good"
    return f'<td class="{shade}" title="{escape(name)}: {value:.1%}">{value:.0%}</td>'


def _scale(most: float, height: int, *, percent: bool = False) -> list[str]:
    parts = []
    for part in range(5):
        y = TOP + height * (1 - part / 4)
        value = most * part / 4
        text = f"{value:.0%}" if percent else _number(value)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="name" x="{LEFT - 6}" y="{y + 4:.1f}">{text}</text>')
    return parts


def _days(days: Sequence[str], step: float, height: int) -> list[str]:
    """Return some dates under the chart: as many as have room."""
    every = max(1, round(len(days) / max(1, min(8, (WIDTH - LEFT) / 90))))
    return [
        f'<text x="{LEFT + at * step:.1f}" y="{TOP + height + 18}">{escape(day)}</text>'
        for at, day in enumerate(days)
        if at % every == 0 and (at + every < len(days) + every // 2 or at == 0)
    ]


def _legend(names: Sequence[str]) -> str:
    if len(names) < 2:
        return ""
    items = "".join(
        f'<span><svg width="12" height="12"><rect class="c{number % SERIES}" width="12" height="12"/></svg> '
        f"{escape(name)}</span>"
        for number, name in enumerate(names)
    )
    return f'<p class="legend">{items}</p>'


def _svg(height: float, parts: Sequence[str]) -> str:
    return f'<svg class="chart" viewBox="0 0 {WIDTH} {height:.0f}" role="img">{"".join(parts)}</svg>'


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
