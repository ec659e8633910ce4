"""Compile translations without gettext's system tools."""

from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Compile the .po files that changed to .mo files."

    # Runs before anything is compiled, so it must not translate.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
                compile_file(source)


def compile_file(source: Path) -> None:
    """Write `source`'s .mo file, if that is missing or older."""
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parent.parent.name)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    target.write_bytes(compiled.getvalue())
