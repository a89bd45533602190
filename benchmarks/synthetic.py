"""Invented articles of realistic size: bodies of Zipf-distributed words, bylines, credits, tags, origins.

A body has some 650 words in 15 paragraphs and 4 KB, about the median of the labelled pages. Everything comes
from a seed, so that two runs store the same.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from extractors import Access, Article, Block, Credit, Image, Kind, Origin, Removal, RunnerUp, Teaser

VOCABULARY = 60_000  # words
PUBLICATIONS = 50
AUTHORS = 20_000
TAGS = 5_000
SECTIONS = ("World", "Politics", "Business", "Region", "Culture", "Science", "Sport", "Opinion", "Travel")
AGENCIES = ("AP", "Reuters", "AFP", "Getty Images", "dpa", None, None, None)
FIELDS = (
    "headline", "dek", "section", "authors", "published_at", "modified_at", "language", "body", "lead_image",
    "tags", "canonical_url", "kind",
)  # fmt: skip
START = datetime(2020, 1, 1, tzinfo=UTC)
SYLLABLES = """
    bal be bin bo dar de dit don fa fel ga gen kar ke kil ko la lem li los ma mer mi mon na nes no rad re ris
    ro sa sel ta ten ti tor va vex
""".split()
_RUNNER_UP = RunnerUp("Another value", "meta", "og:title", 0.8)


class Writer:
    """Writes articles one after the other."""

    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.words = [_word(number) for number in range(VOCABULARY)]
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(VOCABULARY)))

    def articles(self, count: int, *, begin: int = 0) -> Iterator[tuple[int, Article]]:
        """Yield the publication's number and the article, for ``count`` numbers from ``begin`` on."""
        for number in range(begin, begin + count):
            yield number % PUBLICATIONS, self._article(number)

    def paragraphs(self) -> list[str]:
        """Return the paragraphs of one body."""
        count = max(4, round(self.random.lognormvariate(2.7, 0.5)))
        return [self.sentence(self.random.randint(20, 60)) for _ in range(count)]

    def sentence(self, length: int) -> str:
        """Return so many words."""
        return (
            f"{' '.join(self.random.choices(self.words, cum_weights=self._weights, k=length))}.".capitalize()
        )

    def _article(self, number: int) -> Article:
        rng = self.random
        url = f"https://p{number % PUBLICATIONS}.example/{2020 + number // 200_000}/{number}-story"
        paragraphs = self.paragraphs()
        published = START + timedelta(minutes=3 * number + rng.randint(0, 600))
        names = tuple(f"Author {int(rng.paretovariate(0.8)) % AUTHORS}" for _ in range(rng.choice((1, 1, 2))))
        agency, person = rng.choice(AGENCIES), f"Photographer {rng.randrange(2000)}"
        credit = Credit(
            "photo", f"{person} / {agency}" if agency else person, person, agency, f"Photo: {person}"
        )
        picture = Image(f"https://cdn.example/{number}.jpg", self.sentence(6), self.sentence(14), credit.text)
        return Article(
            url=url,
            kind=Kind.ARTICLE,
            canonical_url=url,
            headline=self.sentence(9).rstrip("."),
            dek=self.sentence(18) if rng.random() < 0.7 else None,
            section=rng.choice(SECTIONS),
            authors=names,
            byline=f"By {' and '.join(names)}",
            published_at=published,
            published_zone="Z",
            modified_at=published + timedelta(hours=1),
            language="en",
            body="\n\n".join(paragraphs),
            blocks=tuple(Block("paragraph", text) for text in paragraphs),
            lead_image=Image(picture.url),
            images=(picture,),
            credits=(credit,),
            tags=tuple(dict.fromkeys(f"tag {int(rng.paretovariate(0.7)) % TAGS}" for _ in range(3))),
            access=Access.FREE,
            teasers=tuple(Teaser(self.sentence(8), f"{url}/{n}", SECTIONS[n]) for n in range(4)),
            provenance={name: _origin(name) for name in FIELDS},
            removals=tuple(
                Removal(f"stripper {n}", "recurs on other pages", self.sentence(12), f"div {n}")
                for n in range(5)
            ),
        )


def _origin(name: str) -> Origin:
    return Origin("json-ld", f"NewsArticle.{name}", 0.97, runners_up=(_RUNNER_UP,))


def _word(number: int) -> str:
    word = ""
    while number or not word:
        number, rest = divmod(number, len(SYLLABLES))
        word += SYLLABLES[rest]
    return word
