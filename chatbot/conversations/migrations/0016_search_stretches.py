"""An index of stretches of messages, for PostgreSQL's search, where the index of words was made before."""

from typing import Any

from django.db import migrations

from chatbot.conversations.search_index import STRETCHES


def make(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(STRETCHES)


class Migration(migrations.Migration):
    dependencies = [("conversations", "0015_next_due")]
    # It goes with the index of words.
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
