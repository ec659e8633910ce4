"""Which texts are a score, and which begin with a number and mean something else."""

import pytest

from chatbot.conversations.scoring import Said, may_be_score, read_score

SCORES = {
    "5": Said(5),
    " 5! ": Said(5),
    "4/5": Said(4),
    "4 ud af 5": Said(4),
    "5 stars": Said(5),
    "5 Sterne, danke": Said(5, "danke"),
    "★★★★": Said(4),
    "⭐️⭐️⭐️": Said(3),
    "5️⃣": Said(5),
    "5 👍": Said(5, "👍"),
    "4 · Good": Said(4),
    "4. Godt": Said(4),
    "5 tak, super hjælp": Said(5, "tak, super hjælp"),
    "5 tack för snabb hjälp": Said(5, "tack för snabb hjälp"),
    "2 weil niemand geantwortet hat": Said(2, "weil niemand geantwortet hat"),
    "4 good, but slow": Said(4, "good, but slow"),
    "5 Mette var så sød": Said(5, "Mette var så sød"),
    "1 - nobody answered me": Said(1, "nobody answered me"),
    "5\n\nTusind tak for hjælpen": Said(5, "Tusind tak for hjælpen"),
    "3, but when does it come?": Said(3, "but when does it come?", asks=True),
    "3\nWhere is my refund?": Said(3, "Where is my refund?", asks=True),
}
OTHERS = [
    "2 chairs arrived broken",
    "2 of my chairs are broken",
    "2 ikke leveret",
    "3 dager siden bestilte jeg",
    "5. november skulle den komme",
    "5-7 days is too long",
    "4.5",
    "4/10",
    "10",
    "0",
    "7",
    "5?",
    "5pcs please",
    "1. My chair 2. My table",
    "2, 3 and 5 are missing",
    "1 not delivered",
    "10493",
    "5:30 is fine",
    "Good",
    "My order has 5 chairs",
]


@pytest.mark.parametrize("text", SCORES)
def test_a_score_is_read_with_the_word_that_goes_with_it(text: str) -> None:
    assert may_be_score(text)
    labels = {"good", "godt"}
    assert read_score(text, least=1, most=5, names=["Mette"], labels=labels) == SCORES[text]


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_no_score_goes_its_normal_way(text: str) -> None:
    assert read_score(text, least=1, most=5) is None


@pytest.mark.parametrize(("text", "score"), [("0", 0), ("10", 10), ("9 tak", 9), ("10/10", 10)])
def test_a_recommendation_goes_to_ten(text: str, score: int) -> None:
    said = read_score(text, least=0, most=10)
    assert said is not None
    assert said.score == score
