"""Whom a credit names: the person, whatever stands around the name, and no body in a person's place."""

import pytest

from extractors import credit_lines


@pytest.mark.parametrize(
    ("line", "person", "agency"),
    [
        pytest.param("Photo: Jo Roe", "Jo Roe", None, id="a name"),
        pytest.param("Photo: Jo Roe / Reuters", "Jo Roe", "Reuters", id="name and agency"),
        pytest.param("Photo: Jo Roe (AP)", "Jo Roe", "AP", id="the agency in brackets"),
        pytest.param("Photo: AP (Jo Roe)", "Jo Roe", "AP", id="the name in brackets"),
        pytest.param("Top photo credit: The quay at dawn (Jo Roe)", "Jo Roe", None, id="behind a caption"),
        pytest.param("Top photo credit: The Quay (Jo Roe/Courier)", "Jo Roe", None, id="and publication"),
        pytest.param("Top image credit: The old press room (Courier archive)", None, None, id="an archive"),
        pytest.param("Photo: Mill Lane Library", None, None, id="a library"),
        pytest.param("Photo: handout", None, None, id="nobody"),
    ],
)  # fmt: skip
def test_person_and_agency(line: str, person: str | None, agency: str | None) -> None:
    credit = credit_lines.read(line)
    assert credit is not None
    assert (credit.person, credit.agency) == (person, agency)
