"""Which text of a page a reader can see, as far as its elements say so themselves.

Text that only machines see is how pages speak to language models behind their readers' backs
("indirect prompt injection", Greshake et al. 2023). Style sheets are not followed: what they hide
is mostly menus and folded answers.
"""

import re
from dataclasses import dataclass, replace

from lxml import etree

_EM = 16.0  # pixels: what browsers begin with
_SMALLEST = 3.0  # pixels: below this nobody reads
_AWAY = 500.0  # pixels beyond an edge
_ALIKE = 20  # of 255, per primary colour
_FAINT = 0.1
_TRANSPARENT = "transparent"
_NAMES = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "whitesmoke": (245, 245, 245),
    "ghostwhite": (248, 248, 255),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "navy": (0, 0, 128),
}
_PIXELS = {"px": 1.0, "": 1.0, "em": _EM, "rem": _EM, "pt": 4 / 3, "ex": 8.0, "ch": 8.0}
_PIXELS |= {"vw": 10.0, "vh": 10.0, "cm": 37.8, "mm": 3.78, "in": 96.0, "pc": 16.0}
_NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*([a-z]*|%)$")
_ESCAPE = re.compile(r"\\([0-9a-f]{1,6})[ \t\n]?|\\(.)", re.DOTALL)

Colour = tuple[int, int, int] | str
_PAPER: Colour = (255, 255, 255)  # what browsers begin with


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks at some place, as far as that is inherited; `size` is in pixels."""

    colour: Colour | None = None
    background: Colour | None = _PAPER
    size: float = _EM
    visible: bool = True

    def shows_text(self) -> bool:
        """Return whether text at this place can be seen."""
        return self.visible and self.size >= _SMALLEST and not _alike(self.colour, self.background)


def look_of(element: "etree._Element", inherited: Look) -> Look | None:
    """Return how the text of `element` looks, or None if nothing within can be seen."""
    if element.get("hidden") is not None or element.get("aria-hidden", "").lower() == "true":
        return None
    look = inherited
    if (colour := element.get("color")) is not None:
        look = replace(look, colour=_colour(colour) or look.colour)
    if (colour := element.get("bgcolor")) is not None:
        look = replace(look, background=_colour(colour) or look.background)
    style = element.get("style")
    if not style:
        return look
    rules = _rules(style)
    if _is_gone(rules):
        return None
    if "color" in rules:
        look = replace(look, colour=_colour(rules["color"]) or look.colour)
    behind = _background(rules)
    if behind is not None or _is_picture(rules):
        look = replace(look, background=behind)
    if "font" in rules:
        look = replace(look, size=_size_in_font(rules["font"], look.size))
    if "font-size" in rules:
        look = replace(look, size=_font_size(rules["font-size"], look.size))
    if "visibility" in rules:
        look = replace(look, visible=rules["visibility"] not in ("hidden", "collapse"))
    return look


def _rules(style: str) -> dict[str, str]:
    """Return the declarations of a style attribute, escapes and comments resolved, in lowercase."""
    text = re.sub(r"/\*.*?(?:\*/|$)", "", style.lower()[:10_000], flags=re.DOTALL)
    text = _ESCAPE.sub(_unescape, text)
    rules = {}
    for declaration in text.split(";"):
        name, _, value = declaration.partition(":")
        rules[name.strip()] = re.sub(r"\s*!\s*important\s*$", "", value).strip()
    return rules


def _unescape(found: "re.Match[str]") -> str:
    if found[1]:
        code = int(found[1], 16)
        return chr(code).lower() if 0 < code < 0x110000 else ""
    return found[2]


def _is_gone(rules: dict[str, str]) -> bool:
    if rules.get("display") == "none" or rules.get("content-visibility") == "hidden":
        return True
    if _share(rules.get("opacity", "1")) < _FAINT:
        return True
    faint = re.search(r"opacity\(([^)]*)\)", rules.get("filter", ""))
    if faint and _share(faint[1]) < _FAINT:
        return True
    return _is_away(rules) or _is_clipped(rules)


def _is_away(rules: dict[str, str]) -> bool:
    """Return whether the element is moved beyond an edge of the page."""
    moved = ["text-indent", "margin-left", "margin-top", "margin-right"]
    if rules.get("position") in ("absolute", "fixed", "relative", "sticky"):
        moved += ["left", "top", "right", "bottom", "inset"]
    if any(_pixels(rules[name].split(" ")[0]) <= -_AWAY for name in moved if rules.get(name)):
        return True
    transform = rules.get("transform", "")
    shifts = re.findall(r"translate(?:x|y|3d)?\(([^)]*)\)", transform)
    if any(_pixels(part) <= -_AWAY for shift in shifts for part in shift.split(",")):
        return True
    scales = re.findall(r"scale(?:x|y|3d)?\(([^)]*)\)", transform)
    return any(abs(_share(part)) < _FAINT for scale in scales for part in scale.split(","))


def _is_clipped(rules: dict[str, str]) -> bool:
    """Return whether the element is cut down to nothing."""
    clip = re.match(r"rect\(([^)]*)\)", rules.get("clip", ""))
    if clip:
        top, right, bottom, left = (
            [*map(_pixels, re.split(r"[\s,]+", clip[1].strip()))] + [0] * 4
        )[:4]
        if bottom - top <= 1 or right - left <= 1:
            return True
    path = re.match(r"(inset|circle)\(\s*([^\s)]*)", rules.get("clip-path", ""))
    if path:
        share = _share(path[2])
        if (path[1] == "inset" and "%" in path[2] and share >= 0.5) or (
            path[1] == "circle" and share < _FAINT
        ):
            return True
    if rules.get("overflow", "").split(" ")[0] not in ("hidden", "clip"):
        return False
    sizes = ("width", "height", "max-width", "max-height")
    return any(0 <= _pixels(rules[name], default=99) <= 1 for name in sizes if rules.get(name))


def _number(text: str) -> tuple[float, str] | None:
    found = _NUMBER.match(text.strip())
    # Bounded, so that no number of a page overflows ours.
    return (max(-1e6, min(1e6, float(found[1]))), found[2]) if found else None


def _pixels(text: str, *, default: float = 0.0) -> float:
    """Return a length in pixels, roughly; a percentage counts as of 500 pixels."""
    number = _number(text)
    if number is None:
        return default
    return number[0] * (5.0 if number[1] == "%" else _PIXELS.get(number[1], 1.0))


def _share(text: str) -> float:
    number = _number(text)
    if number is None:
        return 1.0
    return number[0] / 100 if number[1] == "%" else number[0]


def _font_size(text: str, inherited: float) -> float:
    number = _number(text)
    if number is None:
        return _EM  # a word such as `medium`
    value, unit = number
    if unit in ("em", "%"):
        return inherited * (value / 100 if unit == "%" else value)
    return value * _PIXELS.get(unit, 1.0)


def _size_in_font(font: str, inherited: float) -> float:
    """Return the size that the shorthand names: before the slash, and with a unit unless 0."""
    for part in font.partition("/")[0].split():
        number = _number(part)
        if number and (number[1] or number[0] == 0.0):
            return _font_size(part, inherited)
    return inherited


def _is_picture(rules: dict[str, str]) -> bool:
    """Return whether the background is a picture or a gradient, whose colours are not known."""
    return any(
        mark in rules.get(name, "")
        for name in ("background", "background-image")
        for mark in ("url(", "gradient(")
    )


def _background(rules: dict[str, str]) -> Colour | None:
    if colour := _colour(rules.get("background-color", "")):
        return None if colour == _TRANSPARENT else colour
    for part in re.findall(r"[a-z]+\([^)]*\)|[^\s]+", rules.get("background", "")):
        colour = _colour(part)
        if colour and colour != _TRANSPARENT and (not isinstance(colour, str) or colour.isalpha()):
            return colour
    return None


def _colour(text: str) -> Colour | None:
    text = text.strip().lower()
    if text in ("", "inherit", "initial", "unset", "currentcolor", "none"):
        return None
    if found := re.fullmatch(r"#([0-9a-f]{3,8})", text):
        digits = found[1]
        if len(digits) in (3, 4):
            digits = "".join(digit * 2 for digit in digits)
        if len(digits) == 8 and int(digits[6:], 16) / 255 < _FAINT:
            return _TRANSPARENT
        if len(digits) in (6, 8):
            red, green, blue = (int(digits[i : i + 2], 16) for i in (0, 2, 4))
            return red, green, blue
    if found := re.fullmatch(r"rgba?\(([^)]*)\)", text):
        parts = [part for part in re.split(r"[\s,/]+", found[1].strip()) if part]
        if len(parts) == 4 and _share(parts[3]) < _FAINT:
            return _TRANSPARENT
        if len(parts) >= 3:
            red, green, blue = (
                round(_share(part) * 255 if part.endswith("%") else _share(part))
                for part in parts[:3]
            )
            return red, green, blue
    return _NAMES.get(text, text)


def _alike(colour: Colour | None, background: Colour | None) -> bool:
    if colour == _TRANSPARENT:
        return True
    if colour is None or background is None:
        return False
    if isinstance(colour, str) or isinstance(background, str):
        return colour == background
    return all(abs(a - b) <= _ALIKE for a, b in zip(colour, background, strict=True))
