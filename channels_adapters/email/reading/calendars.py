"""An invitation (RFC 5545, RFC 5546) in one line."""

import re

from .printable import clean_line

_METHOD = re.compile(r"^METHOD\s?:\s?(\w{1,20})", re.IGNORECASE | re.MULTILINE)
_EVENT = re.compile(r"^BEGIN:VEVENT\s*$(.*?)(?:^END:VEVENT|\Z)", re.I | re.M | re.S)
_START = re.compile(
    r"^DTSTART[^:\n]{0,200}:(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d{0,2}(Z?))?", re.I | re.M
)
_SUMMARY = re.compile(r"^SUMMARY[^:\n]{0,200}:(.*)$", re.IGNORECASE | re.MULTILINE)
_ANSWER = re.compile(r"PARTSTAT=(ACCEPTED|DECLINED|TENTATIVE)", re.IGNORECASE)


def read_calendar(text: str) -> str:
    """Return method, answer, summary and start of the first event; empty if there is none."""
    text = re.sub(r"\r?\n[ \t]", "", text)
    event = _EVENT.search(text)
    method = _METHOD.search(text)
    if not event or not method:
        return ""
    words = [method[1].upper()]
    answer = _ANSWER.search(event[1])
    if answer and words == ["REPLY"]:
        words.append(answer[1].lower())
    summary = _SUMMARY.search(event[1])
    shown = re.sub(r"\\([,;\\])", r"\1", summary[1].replace("\\n", " ")) if summary else ""
    start = _START.search(event[1])
    when = ""
    if start:
        year, month, day, hour, minute, utc = start.groups()
        when = (
            f"{year}-{month}-{day}"
            + (f" {hour}:{minute}" if hour else "")
            + (" UTC" if utc else "")
        )
    return clean_line(
        f"{' '.join(words)}: {', '.join(each for each in (shown.strip(), when) if each)}", 300
    )
