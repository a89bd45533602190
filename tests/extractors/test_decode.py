"""Bytes become text by the WHATWG steps: byte order mark, header, meta, detector."""

# ruff: noqa: E501  markup and tables read best with an element on one line

import pytest

from extractors.decode import decode

RUSSIAN = "Паромная переправа у деревни Косые Броды закроется в середине сентября этого года."


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        pytest.param(b"\xef\xbb\xbf\xc3\xa9t\xc3\xa9", "text/html; charset=windows-1252", "été", id="mark over header"),
        pytest.param(b"\xff\xfeh\x00i\x00", "text/html; charset=utf-8", "hi", id="utf-16 little-endian mark"),
        pytest.param(b"\xfe\xff\x00h\x00i", "", "hi", id="utf-16 big-endian mark"),
        pytest.param(
            b'<meta charset="koi8-r">\xe9', "text/html; charset=windows-1252", '<meta charset="koi8-r">é', id="header over meta"
        ),
        pytest.param(b"\xe9", "text/html; charset=ISO-8859-1", "é", id="header in capitals"),
        pytest.param(b"\xe9", 'text/html; charset="iso-8859-1"', "é", id="header in quotes"),
        pytest.param(b"\xe9", 'text/html; x="charset=koi8-r;"; charset=windows-1252', "é", id="inside another parameter"),
        pytest.param(
            b"<meta charset=iso-8859-1>\xe9", "text/html; charset='koi8-r'", "<meta charset=iso-8859-1>é", id="single quotes are none"
        ),
        pytest.param(b"caf\xc3\xa9", "text/html; charset=nonsense", "café", id="unknown label is passed over"),
        pytest.param(b"caf\xc3\xa9", "", "café", id="utf-8 that says nothing"),
        pytest.param(b"caf\xc3", "text/html; charset=utf-8", "caf\ufffd", id="broken bytes become replacement marks"),
        pytest.param(b"", "", "", id="nothing"),
    ],
)  # fmt: skip
def test_the_order_of_trust(body: bytes, content_type: str, expected: str) -> None:
    assert decode(body, content_type) == expected


@pytest.mark.parametrize(
    ("meta", "raw", "expected"),
    [
        pytest.param('<meta charset="gb2312">', "镕".encode("gb18030"), "镕", id="gb2312 means gb18030"),
        pytest.param('<meta charset="iso-8859-1">', b"\x93\x80\x94", "“€”", id="iso-8859-1 means windows-1252"),
        pytest.param('<meta charset="us-ascii">', b"\x97", "—", id="ascii means windows-1252"),
        pytest.param('<meta charset="iso-8859-9">', b"\xfd\x80", "ı€", id="iso-8859-9 means windows-1254"),
        pytest.param('<meta charset="shift_jis">', "①".encode("cp932"), "①", id="shift_jis means windows-31j"),
        pytest.param('<meta charset="euc-kr">', "똠".encode("cp949"), "똠", id="euc-kr means windows-949"),
        pytest.param('<meta charset="utf-16">', "é".encode(), "é", id="utf-16 in a meta means utf-8"),
        pytest.param('<meta charset="utf-16le">', "é".encode(), "é", id="utf-16le in a meta means utf-8"),
        pytest.param("<META CHARSET=windows-1251>", "Ж".encode("cp1251"), "Ж", id="capitals and no quotes"),
        pytest.param("<meta charset='windows-1251'/>", "Ж".encode("cp1251"), "Ж", id="single quotes"),
        pytest.param(
            '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
            "Ж".encode("cp1251"),
            "Ж",
            id="http-equiv",
        ),
        pytest.param(
            '<meta content="text/html; charset=windows-1251" http-equiv="content-type">',
            "Ж".encode("cp1251"),
            "Ж",
            id="http-equiv after content",
        ),
        pytest.param(
            '<!-- <meta charset="koi8-r"> --><meta charset="windows-1251">',
            "Ж".encode("cp1251"),
            "Ж",
            id="a meta in a comment does not count",
        ),
        pytest.param(
            '<meta name="description" content="charset=koi8-r"><meta charset="windows-1251">',
            "Ж".encode("cp1251"),
            "Ж",
            id="charset in a description does not count",
        ),
        pytest.param(
            '<meta charset="nonsense"><meta charset="windows-1251">', "Ж".encode("cp1251"), "Ж", id="the first known one"
        ),
    ],
)  # fmt: skip
def test_what_a_meta_means(meta: str, raw: bytes, expected: str) -> None:
    assert decode(meta.encode("ascii") + b"<p>" + raw) == f"{meta}<p>{expected}"


def test_a_meta_that_stands_too_far_down_is_not_read() -> None:
    """The standard looks at the first 1,024 bytes."""
    late = b" " * 1024 + b'<meta charset="koi8-r">'
    assert decode(late + "é".encode()).endswith("é")


@pytest.mark.parametrize("codec", ["cp1251", "koi8_r", "utf-8"])
def test_russian_that_declares_nothing_is_told_by_its_letters(codec: str) -> None:
    assert decode(RUSSIAN.encode(codec)) == RUSSIAN


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        pytest.param(
            "春の海ひねもすのたりのたりかな、島の分校で最後の運動会が開かれた。", "cp932", id="shift_jis"
        ),
        pytest.param(
            "春の海ひねもすのたりのたりかな、島の分校で最後の運動会が開かれた。", "euc_jp", id="euc-jp"
        ),
        pytest.param(
            "春の海ひねもすのたりのたりかな。", "iso2022_jp", id="iso-2022-jp, which is ASCII with escapes"
        ),
        pytest.param("เรือข้ามฟากกลับมาให้บริการในเช้าวันจันทร์", "cp874", id="windows-874"),
        pytest.param("老城最后一家钟表铺决定再开十年，街坊们都以为老师傅会就此退休。", "gb18030", id="gbk"),
        pytest.param(
            "L’été dernier, le passeur a rangé sa barque à côté de l’école.", "cp1252", id="windows-1252"
        ),
    ],
)
def test_other_undeclared_encodings(text: str, codec: str) -> None:
    assert decode(text.encode(codec)) == text


def test_a_page_cut_in_the_middle_of_a_letter_stays_utf_8() -> None:
    assert decode("Mühle, Rösti, Füße".encode()[:-2]).startswith("Mühle, Rösti, Fü")
