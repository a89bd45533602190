"""Pages in, articles out. Pure: no clock, disk, network, database or randomness.

>>> from extractors import Page, extract
>>> extract(Page("https://gazette.example/a", b"<h1>Dam opens</h1><p>The dam ...")).headline
"""

from extractors.article import (
    Access,
    Article,
    Block,
    Credit,
    Image,
    Kind,
    Origin,
    Refusal,
    Removal,
    RunnerUp,
    Teaser,
)
from extractors.decode import utf8
from extractors.errors import EmptyPage, ExtractError, NoContent, NotAPage
from extractors.ftr import convert as convert_ftr
from extractors.noise import Noise, sightings
from extractors.page import Page
from extractors.paging import MOST_PAGES
from extractors.pipeline import attempt, extract, trial
from extractors.rules import Problem, Rules
from extractors.rules import read as read_rules
from extractors.suggesting import Suggestion, suggest
from extractors.trial import Line, Trial

__all__ = [
    "MOST_PAGES",
    "Access",
    "Article",
    "Block",
    "Credit",
    "EmptyPage",
    "ExtractError",
    "Image",
    "Kind",
    "Line",
    "NoContent",
    "Noise",
    "NotAPage",
    "Origin",
    "Page",
    "Problem",
    "Refusal",
    "Removal",
    "Rules",
    "RunnerUp",
    "Suggestion",
    "Teaser",
    "Trial",
    "attempt",
    "convert_ftr",
    "extract",
    "read_rules",
    "sightings",
    "suggest",
    "trial",
    "utf8",
]
