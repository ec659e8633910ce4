"""What an admin decides about routing, and what they can read of it."""

import re
from collections.abc import Callable
from typing import Any

from tests.chatbot.routing_reports.conftest import assigned, profile
from tests.world import Agent

Send = Callable[..., str]
SHARES = {
    "open_share": "0.4",
    "complexity_share": "0.3",
    "availability_share": "0.2",
    "preference_share": "0.1",
    "half_life_days": "60",
    "chat_minutes": "2",
    "email_minutes": "120",
    "leaving_seconds": "120",
}


def form_of(page: str) -> dict[str, Any]:
    """Return what a form of the admin would send as it is."""
    fields: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", page):
        name, kind = re.search(r'name="([^"]+)"', tag), re.search(r'type="(\w+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name is None or name[1].startswith("_") or "__prefix__" in name[1]:
            continue
        if kind is not None and kind[1] in ("checkbox", "radio"):
            if re.search(r"\schecked(?=[\s>])", tag):  # and no class of that name
                fields.setdefault(name[1], []).append(value[1] if value else "on")
        elif kind is None or kind[1] not in ("submit", "file"):
            fields[name[1]] = value[1] if value else ""
    for name, more, options in re.findall(r'<select name="([^"]+)"([^>]*)>(.*?)</select>', page):
        chosen = re.findall(r'<option value="([^"]*)" selected', options)
        if "__prefix__" not in name and (chosen or "multiple" not in more):
            fields[name] = chosen or ""
    return fields


def test_settings_are_one_row_that_the_list_leads_to(send: Send) -> None:
    from chatbot.routing.models import RoutingSettings

    RoutingSettings.objects.all().delete()
    told = send("routing/routingsettings/")
    assert 'name="mode"' in told
    assert re.findall(r'name="_(save|continue|addanother|saveasnew)"', told) == ["save", "continue"]
    assert not re.search(r"/routing/routingsettings/(add|1/delete)/", told)
    assert RoutingSettings.objects.count() == 0  # looking keeps nothing
    told = send("routing/routingsettings/1/change/", {**SHARES, "mode": "observe", "_save": "1"})
    assert 'name="mode"' in told  # there is no list to go back to
    assert RoutingSettings.objects.get().mode == "observe"
    told = send("routing/routingsettings/1/change/", {**SHARES, "mode": "x", "open_share": "0.9"})
    assert "Select a valid choice" in told
    told = send(
        "routing/routingsettings/1/change/", {**SHARES, "mode": "suggest", "open_share": "0.9"}
    )
    assert "The four shares of room must add up to 1." in told


def test_a_strategy_shows_what_it_weighs_and_keeps_the_language_first(send: Send) -> None:
    from chatbot.routing.models import StrategyWeights
    from chatbot.routing.policy import STRATEGIES

    assert "?strategy=complex" in send("routing/strategyweights/add/")
    told = send("routing/strategyweights/add/?strategy=complex")
    assert f'placeholder="{STRATEGIES["complex"].quality:g}"' in told
    told = send("routing/strategyweights/add/", {"strategy": "complex", "quality": "0.9"})
    assert "The language has to weigh as much as all others together" in told
    told = send("routing/strategyweights/add/", {"strategy": "complex", "speed": "0"})
    row = StrategyWeights.objects.get()
    assert (row.strategy, row.speed, row.language) == ("complex", 0, 1)
    assert row.quality == STRATEGIES["complex"].quality
    told = send(f"routing/strategyweights/{row.pk}/change/")
    assert re.search(r'name="speed" value="0"', told)
    assert not re.search(r'name="quality" value="0', told)
    assert "?strategy=complex" not in send("routing/strategyweights/add/")
    send(f"routing/strategyweights/{row.pk}/delete/", {"post": "yes"})
    assert StrategyWeights.objects.count() == 0


def test_rules_are_ordered_and_say_for_what_they_are(send: Send) -> None:
    from knowledge.models import Category

    topic = Category.objects.get(slug="privacy")
    send(
        "routing/routingrule/add/",
        {"strategy": "complex", "order": "5", "is_active": "on", "topics": str(topic.pk)},
    )
    send(
        "routing/routingrule/add/",
        {"strategy": "vip", "order": "7", "is_active": "on", "for_vips": "on"},
    )
    told = send("routing/routingrule/").partition("result_list")[2]
    assert told.index("Complex: best match") < told.index("VIP: best rated")
    assert "Privacy" in told


def test_working_hours_are_filled_in_by_weekday(send: Send) -> None:
    from chatbot.routing.models import AgentProfile

    mette = profile("mette")
    path = f"routing/agentprofile/{mette.pk}/change/"
    AgentProfile.objects.filter(pk=mette.pk).update(hours={"0": [["08:30", "12:00"]]})
    page = send(path)
    assert re.search(r'aria-label="Monday, from, 1"', page)
    form = form_of(page)
    assert (form["hours_0_0_from"], form["hours_0_0_to"]) == ("08:30", "12:00")
    send(path, form)
    assert AgentProfile.objects.get(pk=mette.pk).hours == {"0": [["08:30", "12:00"]]}
    assert set(AgentProfile.objects.get(pk=mette.pk).languages) == set(mette.languages)
    skills = mette.agentskill_set.count()
    assert skills
    more = {
        "hours_0_1_from": "13:00",
        "hours_0_1_to": "17:00",
        "hours_6_0_from": "18:00",
        "hours_6_0_to": "00:00",
    }
    send(path, {**form, **more})
    changed = AgentProfile.objects.get(pk=mette.pk)
    assert changed.hours == {
        "0": [["08:30", "12:00"], ["13:00", "17:00"]],
        "6": [["18:00", "23:59"]],
    }
    assert changed.agentskill_set.count() == skills
    for wrong, told in (
        ({"hours_2_0_from": "09:00"}, "Wednesday: fill in both times, or neither."),
        ({"hours_2_0_from": "17:00", "hours_2_0_to": "09:00"}, "Wednesday: it ends before"),
        ({"hours_0_1_from": "11:00", "hours_0_1_to": "13:00"}, "Monday: the times overlap."),
        ({"hours_2_0_from": "nine", "hours_2_0_to": "10:00"}, "Wednesday: write times like"),
    ):
        answer = send(path, {**form, **wrong})
        assert told in answer
        assert wrong["hours_2_0_from" if "hours_2_0_from" in wrong else "hours_0_1_from"] in answer
    empty = {name: "" for name in form if name.startswith("hours_")}
    send(path, {**form, **empty})
    assert AgentProfile.objects.get(pk=mette.pk).hours == {}


def test_an_assignment_shows_every_candidate_with_every_factor(send: Send) -> None:
    mette, jonas, anke = (profile(name) for name in ("mette", "jonas", "anke"))
    candidates = [
        {
            "agent": mette.pk,
            "name": "Mette <b>",
            "score": 1.1234,
            "rejected": "",
            "factors": [["language", 1.0, 1.0, 1.0], ["speed", 0.617, 0.2, 0.1234]],
            "open": 1,
            "capacity": 4,
            "cases": 12.0,
            "minutes": 14.0,
            "solves": 0.9,
            "rating": 4.5,
        },
        {
            "agent": jonas.pk,
            "name": "Jonas",
            "score": 0.0,
            "rejected": "full",
            "factors": [],
            "open": 4,
            "capacity": 4,
            "cases": 0.0,
            "minutes": 20.0,
            "solves": 0.75,
            "rating": 4.0,
        },
        {"agent": anke.pk, "name": "Anke", "rejected": "of-old", "factors": {"skill": 1}},
    ]
    made = assigned(
        "mette",
        suggested="jonas",
        ended="declined",
        candidates=candidates[:2],
        needs={"skills": ["orders"], "requirements": [{"skills": ["orders"], "priority": 5}]},
        why="I <i>cannot</i>",
    )
    page = send(f"routing/assignment/{made.pk}/change/")
    for told in ("0.6170 × 0.2000", "0.1234", "1.1234", "no room for more", "Orders and delivery"):
        assert told in page, told
    assert "Mette &lt;b&gt;" in page
    assert "I &lt;i&gt;cannot&lt;/i&gt;" in page
    assert "Declined" in page
    assert "Learned routing would have chosen Jonas." in page
    assert 'name="_save"' not in page
    made.candidates = [{**candidates[2], "rejected": "of-old"}]
    made.agent = None
    made.save()
    assert "of-old" in send(f"routing/assignment/{made.pk}/change/")


def test_outcomes_are_for_reading_and_lead_to_the_import(send: Send, admin: Agent) -> None:
    from chatbot.routing.models import Outcome

    assigned("mette", minutes=17, topic="delivery")
    page = send("routing/outcome/")
    assert "Import closed tickets" in page
    assert ">17<" in page
    assert "1 outcome" in page
    row = Outcome.objects.get()
    assert send("routing/outcome/?source=imported").count(">17<") == 0
    assert 'name="_save"' not in send(f"routing/outcome/{row.pk}/change/")
    answer = admin.http.post(
        f"/admin/routing/outcome/{row.pk}/delete/",
        data={"post": "yes"},
        headers={"Referer": admin.server.url},
    )
    assert answer.status_code == 403
    assert "Expertise" in send("routing/expertise/")
