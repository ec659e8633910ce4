"""`python -m tests.services.imports`: load all that workers run, and see what came with it."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatbot.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402, F401  (both start by manage.py)
from django.utils.module_loading import import_string  # noqa: E402

from chatbot.management.commands import sweep  # noqa: E402, F401

for name, path in sorted(settings.BACKGROUND_TASKS.items()):
    import_string(path)
    print(name)  # noqa: T201

SERVERS = {"daphne", "twisted", "autobahn", "uvicorn"}
loaded = SERVERS & {module.partition(".")[0] for module in sys.modules}
assert not loaded, f"a worker loads {loaded}"
