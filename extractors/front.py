"""What stands before a dump's story: headline, dek, section, byline and date, told by words, length and place."""

from collections.abc import Sequence

from extractors import lines
from extractors.lines import ENDS, Line, spaceless, words_of

FRONT_LINES = 30
"""How many lines above the story may hold its headline, and how many of the story are compared with it."""


def is_title(line: Line) -> bool:
    """May the line be a headline or a dek?"""
    return (
        line.kind in ("label", "sentence", "paragraph")
        and len(line.text) >= 15 * (0.5 if spaceless(line.text) else 1)
        and not (_is_name(line.text) and len(line.text) < 30)
        and not lines.ROLE.search(line.text[-25:] if len(line.text) < 45 else "")
    )


def _is_name(text: str) -> bool:
    return len(text) <= 40 and bool(
        lines.NAME.match(text) or (spaceless(text) and lines.SPACELESS_NAME.match(text))
    )


def is_label(text: str) -> bool:
    """May the line name a section?"""
    return (
        1 < len(text) <= lines.LABEL_CHARS
        and len(text.split()) <= 3
        and not any(map(str.isdigit, text))
        and any(map(str.isalpha, text))
        and not ENDS.search(text)
    )


GENERIC = frozenset(
    "news|latest news|nachrichten|aktuell|actualités|actu|noticias|actualidad|wiadomości|notícias|notizie|nieuws|"
    "новости|新闻|新聞|ニュース|top stories|home".split("|")
)
"""What stands above every story of a publication and tells no section."""

Roles = dict[int, str]
"""Of each line that is something: h1, dek, section, breadcrumb, byline or date."""


def read(found: Sequence[Line], story: list[int]) -> tuple[Roles, list[int]]:
    """Return the roles of the lines before the story, and the story without what was its dek."""
    if not story:
        return {}, story
    roles, story = _without_dek(found, story)
    first = story[0]
    start = max(0, first - FRONT_LINES)
    headline = _headline(found, range(start, first), roles, frozenset(words_of(found, story[:FRONT_LINES])))
    if headline >= 0:
        roles[headline] = "h1"
    _add_byline_and_date(found, range(start, first), headline, roles)
    _add_dek(found, first, headline, roles)
    _add_section(found, range(start, first), headline, roles)
    return roles, story


def _without_dek(found: Sequence[Line], story: list[int]) -> tuple[Roles, list[int]]:
    """A first paragraph that is followed by byline or date is no paragraph of the story but its dek."""
    prose = [i for i in story if found[i].is_prose][:2]
    if len(prose) < 2 or not any(_is_meta(found[i]) for i in range(prose[0] + 1, prose[1])):
        return {}, story
    return {prose[0]: "dek"}, [i for i in story if i >= prose[1]]


def _is_meta(line: Line) -> bool:
    return line.kind in ("byline", "date") or bool(lines.NAME.match(line.text))


def _headline(found: Sequence[Line], place: range, roles: Roles, words: frozenset[str]) -> int:
    """Return the best title, -1 when there is none."""
    titles = [i for i in place if i not in roles and is_title(found[i])]
    return max(titles, key=lambda i: _title_score(found, place, i, titles, words), default=-1)


def _title_score(
    found: Sequence[Line], place: range, index: int, titles: Sequence[int], words: frozenset[str]
) -> float:
    """A headline shares words with the story, is no sentence, and little but the dek stands behind it."""
    line = found[index].text
    mine = words_of(found, [index])
    shared = sum(word in words for word in mine) / (len(mine) or 1)
    later = [i for i in titles if i > index]
    score = shared + min(len(line), 60) / 60 - 0.15 * max(0, len(later) - 1)
    if ENDS.search(line) and not line.endswith("?"):
        score -= 0.5
    if later and later[0] - index <= 2:
        score += _dek_bonus(found[index], found[later[0]], last=len(later) == 1, shared=shared)
    if any(_is_meta(found[i]) for i in range(index + 1, place.stop)):
        score += 0.4  # its byline or date
    if any(found[i].kind in ("date", "byline") for i in range(place.start, index)):
        score -= 0.3
    return score


def _dek_bonus(line: Line, below: Line, *, last: bool, shared: float) -> float:
    """What speaks for a headline when the next title may be its dek: as long, or a sentence, or the last of all."""
    if len(below.text) <= 0.8 * len(line.text):
        return 0.0
    told = below.kind != "label" or len(below.text) > 1.4 * len(line.text)
    return 0.8 if last or (told and shared) else 0.4


def _add_byline_and_date(found: Sequence[Line], place: range, headline: int, roles: Roles) -> None:
    after = range(headline + 1 if headline >= 0 else place.start, place.stop)
    before = range(headline - 1, max(place.start, headline - 4) - 1, -1) if headline > 0 else range(0)
    around = [*after, *before]
    bylines = [i for i in around if found[i].kind == "byline"]
    dates = [i for i in around if found[i].kind == "date"]
    roles |= dict.fromkeys(bylines[:2], "byline")
    if dates:
        roles.setdefault(dates[0], "date")
    name = -1 if bylines else _bare_name(found, after, headline, dates)
    if name >= 0:
        roles[name] = "byline"


def _bare_name(found: Sequence[Line], after: range, headline: int, dates: Sequence[int]) -> int:
    """Return the line with a name alone beside the date, a role, or between headline and buttons; -1 when there is none."""
    for i in after:
        if found[i].kind != "label" or not _is_name(found[i].text):
            continue
        below = found[i + 1]
        told = below.kind == "caption" or (below.known or ("",))[0] in ("social", "chrome", "comments")
        above = i - 1 == headline or is_title(found[i - 1])
        if lines.ROLE.search(below.text) or any(abs(d - i) <= 2 for d in dates) or (above and told):
            return i
    return -1


def _add_dek(found: Sequence[Line], first: int, headline: int, roles: Roles) -> None:
    if headline < 0 or "dek" in roles.values():
        return
    for i in range(headline + 1, min(first, headline + 5)):
        if i in roles or found[i].kind in ("noise", "crumbs"):
            continue
        said = found[i].text
        if (
            is_title(found[i])
            and not _is_name(said)
            and said.casefold() not in found[headline].text.casefold()
        ):
            roles[i] = "dek"
        return


def _add_section(found: Sequence[Line], place: range, headline: int, roles: Roles) -> None:
    """The last breadcrumb, else the label nearest to the headline; one that stands in the menu too is trusted more."""
    crumbs = [i for i in place if found[i].kind == "crumbs"]
    if crumbs:
        roles[crumbs[-1]] = "breadcrumb"
        return
    above = [line.text.casefold() for line in found[: place.stop]]
    repeated = {i: above.count(found[i].text.casefold()) > 1 for i in place}
    scores = {
        i: _section_score(found, i, headline, place.stop, repeated=repeated[i])
        + 2 * repeated[i]
        - 4 * (found[i].text.casefold() in GENERIC)
        for i in range(max(place.start, headline - 3), place.stop)
        if i not in roles and found[i].kind == "label" and is_label(found[i].text)
    }
    best = max(scores, key=lambda i: scores[i], default=-1)
    if best >= 0 and scores[best] > 0:
        roles[best] = "section"


def _section_score(found: Sequence[Line], index: int, headline: int, first: int, *, repeated: bool) -> float:
    if index < headline:
        return -1.0 if _in_menu(found, index) and not repeated else 3.0 - 1.5 * (headline - index - 1)
    behind_byline = any(_is_meta(found[k]) for k in range(headline + 1, min(index, first)))
    return 1.0 - 0.1 * (index - headline) - 0.8 * behind_byline


def _in_menu(found: Sequence[Line], index: int) -> bool:
    """Does the label stand in a list of several, or right above a menu's own words?"""
    count = 0
    for i in range(index, max(-1, index - 8), -1):
        if found[i].kind != "label" or not is_label(found[i].text):
            break
        count += 1
        if found[i].gap and not _all_gaps(found, i):
            break
    return count >= 3 or found[index + 1].kind == "noise"


def _all_gaps(found: Sequence[Line], index: int) -> bool:
    near = found[max(0, index - 3) : index + 3]
    return sum(line.gap for line in near) >= len(near) - 1
