"""Forms of routing in the admin: hours by weekday, languages to tick, weights with their usual."""

from collections.abc import Mapping, Sequence
from datetime import time
from itertools import pairwise
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import ManyToManyField
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from chatbot.routing.models import AgentProfile, Skill, StrategyWeights
from chatbot.routing.models.rules import Strategy
from chatbot.routing.policy import ROUTINE, STRATEGIES

_SPANS = 2  # rows of a day: before and after noon, say
_MOST_SPANS = 6
_LAST_MINUTE = "23:59"  # a day's end, where hours know no 24:00

# Topics and channels to tick, for an admin's `formfield_overrides`.
TO_TICK = {ManyToManyField: {"widget": UnfoldAdminCheckboxSelectMultipleWidget}}

WeekHours = dict[str, list[list[str]]]  # weekday "0" (Monday) to "6" -> [["09:00", "17:00"]]


# --- Hours by weekday -----------------------------------------------------------------------------
class WeekHoursWidget(forms.Widget):
    """A row for each weekday, each with two spans of time, or as many as there are."""

    template_name = "routing/week_hours.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        hours = value if isinstance(value, Mapping) else {}
        widest = max([_SPANS, *(len(_spans(hours, day)) for day in range(7))])
        context["widget"]["days"] = [
            {
                "name": capfirst(str(WEEKDAYS[day])),
                "spans": [
                    {
                        "number": number + 1,
                        "start": f"{name}_{day}_{number}_from",
                        "end": f"{name}_{day}_{number}_to",
                        "from": span[0],
                        "to": span[1],
                    }
                    for number, span in enumerate(_filled(_spans(hours, day), widest))
                ],
            }
            for day in range(7)
        ]
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> WeekHours:
        """Return the spans in which anything stands, half of one too: it is told as an error."""
        found: WeekHours = {}
        for day in range(7):
            for number in range(_MOST_SPANS):
                span = [
                    str(data.get(f"{name}_{day}_{number}_{part}") or "").strip()[:8]
                    for part in ("from", "to")
                ]
                if any(span):
                    found.setdefault(str(day), []).append(span)
        return found

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not any(key.startswith(f"{name}_") for key in data)

    def id_for_label(self, id_: str) -> str:
        return ""  # it has no input of its own to which a label could belong


def _spans(hours: Mapping[str, Any], day: int) -> list[list[str]]:
    spans = hours.get(str(day), ())
    if not isinstance(spans, Sequence):
        return []
    return [[str(part) for part in span] for span in spans if len(span) == 2][:_MOST_SPANS]


def _filled(spans: list[list[str]], count: int) -> list[list[str]]:
    return [*spans, *([["", ""]] * (count - len(spans)))]


class WeekHoursField(forms.Field):
    """Hours by weekday, kept as `hours.Hours`: {"0": [["09:00", "17:00"]]}, 0 being Monday.

    Used as it is in a form of a model with such a JSON column. Midnight as an end is 23:59.
    """

    widget = WeekHoursWidget

    def to_python(self, value: Any) -> WeekHours:
        """Return the hours, each day's in order. Raises ValidationError, naming the day."""
        cleaned: WeekHours = {}
        for day in range(7):
            spans = sorted(_span(day, *span) for span in _spans(value or {}, day))
            for before, after in pairwise(spans):
                if after[0] < before[1]:
                    raise ValidationError(_("%(day)s: the times overlap.") % _named(day))
            if spans:
                cleaned[str(day)] = spans
        return cleaned

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether other hours were chosen than there were."""
        try:
            return bool(self.to_python(data) != (initial or {}))
        except ValidationError:
            return True


def _span(day: int, start: str, end: str) -> list[str]:
    if not start or not end:
        raise ValidationError(_("%(day)s: fill in both times, or neither.") % _named(day))
    try:
        begins, ends = (time.fromisoformat(part).strftime("%H:%M") for part in (start, end))
    except ValueError:
        raise ValidationError(_("%(day)s: write times like 09:00.") % _named(day)) from None
    ends = _LAST_MINUTE if ends == "00:00" else ends
    if ends <= begins:
        raise ValidationError(_("%(day)s: it ends before it begins.") % _named(day))
    return [begins, ends]


def _named(day: int) -> dict[str, str]:
    return {"day": capfirst(str(WEEKDAYS[day]))}


# --- Languages ------------------------------------------------------------------------------------
class LanguagesField(forms.MultipleChoiceField):
    """Languages to tick, kept as a list of codes; those that are none of ours stay as they are."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=settings.LANGUAGES,
            required=False,
            widget=UnfoldAdminCheckboxSelectMultipleWidget,
            **options,
        )

    def offer(self, codes: Any) -> None:
        """Let codes be chosen that an agent or a skill has already."""
        known = dict(settings.LANGUAGES)
        others = [(str(code), str(code)) for code in codes or () if code not in known]
        self.choices = [*settings.LANGUAGES, *others]


class _WithLanguages(forms.ModelForm):  # type: ignore[type-arg]  # no subscript at run time
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields.get("languages")
        if isinstance(field, LanguagesField) and self.instance.pk:
            field.offer(self.instance.languages)


class AgentForm(_WithLanguages):
    """An agent, with languages to tick and hours to fill in."""

    languages = LanguagesField(label=gettext_lazy("Languages"))
    hours = WeekHoursField(
        label=gettext_lazy("Working hours"),
        required=False,
        help_text=gettext_lazy(
            "In the agent's own time zone. Nothing filled in: whenever they are here."
        ),
    )

    class Meta:
        model = AgentProfile
        fields = "__all__"  # noqa: DJ007  the admin names those that it shows


class SkillForm(_WithLanguages):
    """A skill, with languages to tick."""

    languages = LanguagesField(
        label=gettext_lazy("Languages"),
        help_text=gettext_lazy("Conversations in these languages need this skill."),
    )

    class Meta:
        model = Skill
        fields = "__all__"  # noqa: DJ007  the admin names those that it shows


# --- Weights of a strategy ------------------------------------------------------------------------
WEIGHTS = (
    *("language", "speed", "soonest", "quality", "rating", "declared", "room", "balance"),
    *("exploration", "continuity"),
)
_ROUNDING = 1e-6


def usual_weight(strategy: str, factor: str) -> float:
    """Return what a factor weighs in a strategy that nobody changed."""
    return float(getattr(STRATEGIES.get(strategy, ROUTINE), factor))


class WeightsForm(forms.ModelForm):  # type: ignore[type-arg]  # no subscript at run time
    """The weights of one strategy; an empty one weighs what it does as shipped."""

    class Meta:
        model = StrategyWeights
        fields = ("strategy", *WEIGHTS)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        strategy = self.instance.strategy or (self.initial or {}).get("strategy") or ""
        if "strategy" in self.fields:
            taken = StrategyWeights.objects.exclude(pk=self.instance.pk)
            free = set(Strategy.values) - set(taken.values_list("strategy", flat=True))
            self.fields["strategy"] = forms.ChoiceField(
                label=self.fields["strategy"].label,
                choices=[one for one in Strategy.choices if one[0] in free],
                widget=UnfoldAdminSelectWidget,
            )
        for name in WEIGHTS:
            field = self.fields.get(name)
            if field is None:
                continue  # somebody who may only look
            usual = usual_weight(strategy, name)
            field.required = False
            field.widget = UnfoldAdminTextInputWidget(
                attrs={"placeholder": f"{usual:g}", "inputmode": "decimal"}
            )
            if not self.is_bound:
                now = getattr(self.instance, name) if self.instance.pk else usual
                self.initial[name] = "" if abs(now - usual) < _ROUNDING else f"{now:g}"

    def clean(self) -> dict[str, Any]:
        """Return the weights, the empty ones filled in. Raises ValidationError.

        A language that weighs less than all others together would not always decide.
        """
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        strategy = cleaned.get("strategy") or self.instance.strategy
        for name in WEIGHTS:
            if name in self.fields and name not in self.errors and cleaned.get(name) is None:
                cleaned[name] = usual_weight(strategy, name)
        if any(name in self.errors for name in WEIGHTS):
            return cleaned
        others = sum(cleaned[name] for name in WEIGHTS[1:])
        if cleaned["language"] + _ROUNDING < others:
            raise ValidationError(
                _(
                    "The language has to weigh as much as all others together, so that it always "
                    "decides: it weighs %(language).2f, the others %(others).2f."
                )
                % {"language": cleaned["language"], "others": others}
            )
        return cleaned
