"""The language of the story, as a BCP 47 primary tag (``en``, ``de``, ``zh``), by what the page declares."""

import re
from collections import Counter
from collections.abc import Iterator

from extractors import structured
from extractors.candidates import Candidate
from extractors.reading import Reading
from extractors.signals import beyond_ascii

_TAG = re.compile(r"^([a-z]{2,3})(?:[-_].*)?$")
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")), ("ko", re.compile(r"[\uac00-\ud7af]")), ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")), ("ru", re.compile(r"[\u0400-\u04ff]")), ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")), ("th", re.compile(r"[\u0e00-\u0e7f]")), ("hi", re.compile(r"[\u0900-\u097f]")),
)  # fmt: skip
_COMMON = {
    "en": "the and of to in that is was for with", "de": "der die und das ist nicht mit von den auf", "fr": "les des est dans pour que une sur pas qui",
    "es": "los las del que una por con para como el", "pt": "não uma dos com para que mais por foi os em ao da do são também pelo pela", "it": "che della per una non sono del gli con alla",
    "nl": "het een van niet dat zijn voor met ook aan", "pl": "nie się jest na że do jak przez ale oraz", "sv": "och att det som för inte på av är med",
    "da": "og det at ikke til af er for med den", "no": "og det som ikke til av er for på med", "tr": "bir ve bu için da ile olarak çok daha gibi",
    "cs": "není je na že se jako pro ale byl které", "fi": "ja on ei että oli myös hän mutta kun se", "hu": "az és hogy nem egy is volt már csak meg",
    "ro": "și este nu din pentru care mai cu sunt pe",
}  # fmt: skip
_LANGUAGES = {
    word: tuple(language for language, words in _COMMON.items() if word in words.split())
    for words in _COMMON.values()
    for word in words.split()
}


def candidates(reading: Reading) -> Iterator[Candidate]:
    """Yield the declared languages, and a guess from script and common words where none is declared or it is doubtful."""
    text = " ".join(reading.document.pieces[i].text for i in reading.story.pieces[:12])[:1500]
    guess = _guess(text)
    for value, method, locator, confidence in (
        (structured.text(reading.data.get("inLanguage")), "json-ld", "inLanguage", 0.93),
        (reading.document.language, "page", "html lang", 0.9),
        (next(reading.document.metas("og:locale"), ""), "meta", "og:locale", 0.85),
        (
            next(reading.document.metas("content-language", "language", "dc.language"), ""),
            "meta",
            "content-language",
            0.8,
        ),
    ):
        found = _TAG.match(value.strip().lower())
        if found:
            yield Candidate(
                found[1], method, locator, confidence - (0.5 if guess and guess != found[1] else 0.0)
            )
    if guess:
        yield Candidate(guess, "text", "common words", 0.7)


def _guess(text: str) -> str | None:
    if not text:
        return None
    if beyond_ascii(text) * 5 > len(text):
        for language, script in _SCRIPTS:
            if len(script.findall(text)) * 5 > len(text):
                return language
    counts = dict.fromkeys(_COMMON, 0)
    for languages, times in Counter(map(_LANGUAGES.get, text.lower().split())).items():
        for language in languages or ():
            counts[language] += times
    *_, second, best = sorted(counts, key=counts.__getitem__)
    return best if counts[best] >= 5 and counts[best] > 1.3 * counts[second] else None
