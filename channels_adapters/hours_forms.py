"""Days off and texts by language, as people fill them in rather than as JSON; and opening hours."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    TEXTAREA_CLASSES,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from chatbot.conversations.wording import OURS
from chatbot.routing.forms import WeekHoursField
from chatbot.routing.holidays import UnknownRegion, check_region, regions_of

_LONGEST_TEXT = 1_000  # characters
_LONGEST_BREAK = 366  # days from the first to the last of one line
_MOST = 32_767  # a PositiveSmallIntegerField
_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y")
_DASHES = ("–", " - ", "..", " to ")


# --- Days off ---------------------------------------------------------------------------------
class RegionField(forms.CharField):
    """Whose public holidays count: DK, or with a region DE-SH."""

    def clean(self, value: Any) -> str:
        """Return the code. Raises ValidationError for one that has no calendar."""
        code = str(super().clean(value) or "").strip().upper()
        if not code:
            return ""
        try:
            check_region(code)
        except UnknownRegion:
            raise ValidationError(_unknown(code)) from None
        return code


def _unknown(code: str) -> Any:
    country = code.partition("-")[0]
    try:
        regions = regions_of(country)
    except UnknownRegion:
        regions = []
    if regions:
        return _("%(country)s has these regions: %(regions)s.") % {
            "country": country,
            "regions": ", ".join(f"{country}-{region}" for region in regions),
        }
    return _("No calendar is known for this. Write a country, or a country with its region: DE-SH.")


class DaysField(forms.CharField):
    """Days, one a line, or the first and the last of several: kept as ISO dates in order."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": UnfoldAdminTextareaWidget(attrs={"rows": 4}), **options})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(_in_lines(value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """Return the days. Raises ValidationError with the line that is wrong."""
        days: set[date] = set()
        for line in str(super().clean(value) or "").splitlines():
            if line.strip():
                days |= set(_days(line.strip()))
        return [day.isoformat() for day in sorted(days)]

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(list(initial or []) != self.clean(data))
        except ValidationError:
            return True


def _days(line: str) -> list[date]:
    dash = next((dash for dash in _DASHES if dash in line), None)
    parts = line.split(dash) if dash else [line]
    ends = [_day(part.strip()) for part in parts]
    first, last = ends[0], ends[-1]
    if len(parts) > 2 or first is None or last is None:
        raise ValidationError(
            _("“%(line)s” is no day. Write 2026-12-24, or 2026-12-24 – 2027-01-02.")
            % {"line": line[:40]}
        )
    if not 0 <= (last - first).days <= _LONGEST_BREAK:
        raise ValidationError(
            _("“%(line)s”: the last day must follow the first, within a year.")
            % {"line": line[:40]}
        )
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _day(text: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
    return None


def _in_lines(days: Sequence[str]) -> list[str]:
    """Return days as lines: those that follow each other as the first and the last."""
    lines: list[list[date]] = []
    for text in sorted(days):
        day = date.fromisoformat(text)
        if lines and day - lines[-1][-1] == timedelta(days=1):
            lines[-1].append(day)
        else:
            lines.append([day])
    return [f"{run[0]} – {run[-1]}" if len(run) > 1 else str(run[0]) for run in lines]


# --- Texts by language ------------------------------------------------------------------------
class TextsWidget(forms.Widget):
    """A text area for each of our languages."""

    template_name = "channels_adapters/widgets/texts_by_language.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        texts, names = value if isinstance(value, Mapping) else {}, dict(settings.LANGUAGES)
        context["widget"] |= {
            "classes": " ".join(TEXTAREA_CLASSES),
            "longest": _LONGEST_TEXT,
            "texts": [
                {
                    "name": f"{name}_{language}",
                    "language": language,
                    "label": names[language],
                    "value": texts.get(language, ""),
                }
                for language in OURS
            ],
        }
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> dict[str, str]:
        return {one: str(data.get(f"{name}_{one}", "")) for one in OURS}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not any(f"{name}_{one}" in data for one in OURS)


class TextsField(forms.Field):
    """Texts by language: {"da": "..."}; empty ones are left out."""

    widget = TextsWidget

    def clean(self, value: Any) -> dict[str, str]:
        """Return the texts. Raises ValidationError for one that is too long."""
        texts = {one: text.replace("\r\n", "\n").strip() for one, text in (value or {}).items()}
        if any(len(text) > _LONGEST_TEXT for text in texts.values()):
            raise ValidationError(
                _("A text may have %(most)d characters.") % {"most": _LONGEST_TEXT}
            )
        return {one: text for one, text in texts.items() if text}

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or {}) != self.clean(data))


# --- Which column is filled in how ------------------------------------------------------------
class NumberField(forms.IntegerField):
    """A number; left empty, what a new channel has."""

    def __init__(self, *, usual: int, **options: Any) -> None:
        super().__init__(min_value=0, max_value=_MOST, **options)
        self._usual = usual
        self.widget = UnfoldAdminIntegerFieldWidget(attrs=self.widget.attrs)

    def clean(self, value: Any) -> int:
        number = super().clean(value)
        return self._usual if number is None else number


def field_of(column: "models.Field[Any, Any]") -> forms.Field | None:
    """Return the form's field for a column of channels; None where Django's own will do."""
    options: dict[str, Any] = {
        "label": capfirst(str(column.verbose_name)),
        "help_text": column.help_text,
        "required": False,
    }
    match column.name:
        case "opening_hours":
            return WeekHoursField(**options | {"help_text": _("Without any: always open.")})
        case "holidays":
            return RegionField(max_length=10, widget=UnfoldAdminTextInputWidget, **options)
        case "closed_days":
            how = _("One a line: 2026-12-24, or the first and the last: 2026-12-24 – 2027-01-02.")
            return DaysField(max_length=4_000, **options | {"help_text": how})
        case "away_messages":
            return TextsField(**options)
        case "people_first" | "offer_bot_seconds" | "nps_days":
            return NumberField(usual=column.get_default(), **options)
    return None
