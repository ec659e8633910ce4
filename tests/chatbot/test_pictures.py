"""Reliability as a picture that a browser can show and a person can read."""

from xml.etree import ElementTree

import pytest

from chatbot.answering.evaluation import Scored, bins_of
from chatbot.answering.pictures import reliability

SVG = "{http://www.w3.org/2000/svg}"
SCORED = [
    *[Scored("a", "a", 0.97)] * 23,
    *[Scored("b", "a", 0.92)] * 4,
    *[Scored("a", "a", 0.55)] * 7,
    *[Scored(None, "b", 0.12)] * 11,
    Scored("c", None, 0.0),
]


def drawn(scored: list[Scored], title: str = "shop", **options: object) -> ElementTree.Element:
    """Return the picture, read as XML."""
    return ElementTree.fromstring(reliability(scored, title=title, **options))  # noqa: S314  # ours


def texts(picture: ElementTree.Element) -> list[str]:
    """Return what is written in the picture."""
    return [text.text or "" for text in picture.iter(f"{SVG}text")]


def test_the_picture_is_an_svg_that_says_what_it_shows() -> None:
    picture = drawn(SCORED, "shop")
    assert picture.tag == f"{SVG}svg"
    assert picture.get("role") == "img"
    assert picture.findtext(f"{SVG}title") == "shop"
    assert f"shop · n = {len(SCORED)}" in texts(picture)


def test_each_dot_stands_with_its_count_inside_the_picture() -> None:
    picture = drawn(SCORED)
    dots = list(picture.iter(f"{SVG}circle"))
    bins = bins_of(SCORED)
    assert len(dots) == len(bins)
    for found in bins:
        assert str(found.count) in texts(picture)
    _, _, width, height = map(float, picture.attrib["viewBox"].split())
    for dot in dots:
        x, y, size = (float(dot.attrib[name]) for name in ("cx", "cy", "r"))
        assert size <= x <= width - size
        assert size <= y <= height - size
    sizes = {found.count: float(dot.attrib["r"]) for found, dot in zip(bins, dots, strict=True)}
    assert sizes[27] > sizes[11] > sizes[7] > sizes[1]


def test_a_dot_lies_lower_the_fewer_were_right() -> None:
    honest = drawn([Scored("a", "a", 0.9)] * 9 + [Scored("b", "a", 0.9)])
    boasting = drawn([Scored("a", "a", 0.9)] * 3 + [Scored("b", "a", 0.9)] * 7)
    heights = [
        float(next(iter(picture.iter(f"{SVG}circle"))).attrib["cy"])
        for picture in (honest, boasting)
    ]
    assert heights[0] < heights[1]  # SVG counts downwards


def test_what_the_threshold_does_is_written_out() -> None:
    at_80, at_95 = texts(drawn(SCORED)), texts(drawn(SCORED, threshold=0.95))
    assert "coverage 59%" in at_80
    assert "precision 85%" in at_80
    assert "coverage 50%" in at_95
    assert "precision 100%" in at_95


def test_where_nothing_is_answered_there_is_no_precision() -> None:
    picture = drawn([Scored("a", None, 0.0), Scored(None, None, 0.0)])
    assert "coverage 0%" in texts(picture)
    assert not any("precision" in text for text in texts(picture))


def test_titles_and_words_are_text_not_markup() -> None:
    title = '<script>alert("1")</script> & co'
    words = ("lovet <p>", "rigtigt & sandt", "grænse", "præcision", "dækning")
    raw = reliability(SCORED, title=title, words=words)
    assert "<script>" not in raw
    picture = drawn(SCORED, title, words=words)
    assert picture.findtext(f"{SVG}title") == title
    assert {"lovet <p>", "rigtigt & sandt", "grænse"} <= set(texts(picture))
    assert any(text.startswith("dækning ") for text in texts(picture))


def test_the_same_messages_make_the_same_picture() -> None:
    assert reliability(SCORED, title="a") == reliability(list(SCORED), title="a")


def test_nothing_to_draw_is_said() -> None:
    with pytest.raises(ValueError, match="no messages"):
        reliability([], title="empty")
