"""Where customers' files are kept: beside the data, where no address leads."""

import secrets
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage


def private_files() -> FileSystemStorage:
    """Return the folder of customers' files."""
    return FileSystemStorage(
        location=settings.ATTACHMENTS_DIR,
        file_permissions_mode=0o600,
        directory_permissions_mode=0o700,
    )


def private_path(row: Any, name: str) -> str:
    """Return a name for a file that says nothing of it."""
    token = secrets.token_hex(16)
    return f"{token[:2]}/{token}"
