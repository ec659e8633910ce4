"""How many of the replies are read right, and what damaged mails do.

python -m tests.channels_adapters.email.reading [--fuzz 5000] [--show]
"""

import argparse
import difflib
import sys
import time

from channels_adapters.email.reading import Mail, read_mail

from .fixtures import Reply, replies, squeezed
from .fuzzing import damaged

LANGUAGES = ["en", "da", "sv", "de", "fr", "nl", "es"]


def main() -> int:
    """Run what was asked for; the exit code is 1 where something was wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fuzz", type=int, default=0)
    parser.add_argument("--show", action="store_true", help="print the differences")
    options = parser.parse_args()
    return _fuzz(options.fuzz) if options.fuzz else _compare(replies(), show=options.show)


def is_lost(mail: Mail) -> bool:
    """Whether nobody would ever see a mail."""
    is_empty = not (mail.sender.email or mail.full_text or mail.html or mail.files)
    return is_empty and mail.is_readable


def _compare(given: list[Reply], *, show: bool) -> int:
    from mailparser_reply import EmailReplyParser

    other = EmailReplyParser(languages=LANGUAGES)
    right, theirs, both = 0, 0, 0
    ours_time, their_time = 0.0, 0.0
    for reply in given:
        began = time.perf_counter()
        mail = read_mail(reply.raw)
        ours_time += time.perf_counter() - began
        is_right = squeezed(mail.text) == squeezed(reply.text)
        right += is_right
        began = time.perf_counter()
        # It reads text only: ours, of HTML too. `parse_reply` would leave signatures in.
        found = next((each.body for each in other.read(mail.full_text).replies), "")
        their_time += time.perf_counter() - began
        theirs += squeezed(found) == squeezed(reply.text)
        both += is_right or squeezed(found) == squeezed(reply.text)
        if not is_right:
            _say(f"WRONG {reply.name}")
            if show:
                lines = difflib.unified_diff(
                    reply.text.split("\n"), mail.text.split("\n"), "wanted", "got", lineterm="", n=1
                )
                _say("\n".join(lines))
    count = len(given)
    _say(f"ours: {right}/{count} ({right / count:.1%}), {ours_time / count * 1000:.2f} ms each")
    _say(f"mail-parser-reply: {theirs}/{count} ({theirs / count:.1%}), "
         f"{their_time / count * 1000:.2f} ms each; either of the two: {both}")  # fmt: skip
    return int(right < 0.95 * count)


def _fuzz(count: int) -> int:
    crashes, lost, unreadable, slowest = 0, 0, 0, 0.0
    for raw in damaged(count):
        began = time.perf_counter()
        mail = read_mail(raw)
        slowest = max(slowest, time.perf_counter() - began)
        crashes += "failed" in mail.defects
        lost += is_lost(mail)
        unreadable += not mail.is_readable
        if "failed" in mail.defects:
            _say(f"{mail.defects} {raw[:200]!r}")
    _say(f"{count} mails: crashes {crashes}, lost {lost}, marked unreadable {unreadable}, "
         f"slowest {slowest * 1000:.0f} ms")  # fmt: skip
    return int(crashes + lost > 0)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
