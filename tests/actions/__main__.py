"""`python -m tests.actions [ACTION ...]`: play the written dialogues and print what went wrong."""

import os
import sys
import tempfile
from pathlib import Path

os.environ["SVAR_DATA_DIR"] = tempfile.mkdtemp(prefix="svar-dialogues-")
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from tests.actions.playing import FOLDER, Player, dialogues  # noqa: E402
from tests.mail import MailServer  # noqa: E402
from tests.world import Server, build_shop  # noqa: E402


def main() -> None:
    """Play what is named, else everything."""
    wanted = sys.argv[1:] or [path.stem for path in sorted(FOLDER.glob("*.yaml"))]
    data = Path(os.environ["SVAR_DATA_DIR"])
    build_shop(data)
    mails = MailServer().start()
    server = Server(data, SVAR_EMAIL_URL=mails.url).start()
    player = Player(server, mails)
    say = sys.stdout.write
    try:
        for action in wanted:
            played = [player.play(dialogue) for dialogue in dialogues(action)]
            for one in played:
                if not one.is_right or "all" in os.environ.get("SVAR_SHOW", ""):
                    say(f"{one}\n\n")
            right = sum(one.is_right for one in played)
            leaks, ends = sum(bool(p.leaks) for p in played), sum(p.dead_end for p in played)
            say(f"== {action}: {right} of {len(played)}, {leaks} leaks, {ends} dead ends\n")
    finally:
        server.stop()
        mails.stop()
        if "-v" in os.environ.get("SVAR_SHOW", ""):
            say(server.log.read_text()[-5_000:])


if __name__ == "__main__":
    main()
