"""Settings of the tests: a data folder of their own, and no network but loopback.

The tests share their database with the servers that they start, as an operator's shell would.
"""

import os
import tempfile

os.environ.setdefault("SVAR_DATA_DIR", tempfile.mkdtemp(prefix="svar-tests-"))
os.environ["SVAR_DEMO"] = "1"
# Servers of the tests read what the tests encrypted, and the other way round.
os.environ.setdefault("SVAR_SECRET_KEY", "of the tests and of nobody else, long enough")
# Playwright's own loop runs in the main thread, beside which Django refuses the ORM.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from chatbot.settings import *  # noqa: F403
