"""Any LangChain chat model as a `Writer`; the only file that knows chat models of LangChain.

LangChain and the provider's package cost seconds and 100 MB to import: both wait for
`load_writer`, which belongs in a cached factory that a thread warms.
"""

import importlib.util
import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from chatbot.answering.writing import Prompt, Writer

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

SECONDS = 10.0
MOST_TOKENS = 600  # of an answer; about five sentences, with room for German
# The provider of a name, and what pip must have installed for it.
PACKAGES = {
    "openai": "langchain-openai",  # and any server that speaks its protocol, by base_url
    "azure_openai": "langchain-openai",
    "anthropic": "langchain-anthropic",
    "ollama": "langchain-ollama",
}


class LanguageModelUnusableError(RuntimeError):
    """The model that the settings name can't be loaded; the message says what to do."""


def load_writer(name: str, **options: Any) -> Writer:
    """Return the model `name`, "provider:model", as `init_chat_model` knows it.

    `options` go to the model (`base_url`, `api_key`, `timeout`, `max_tokens`, ...); None takes a
    default away (some models refuse `temperature`). By default: temperature 0, one try, 10 s.
    Keys come from the provider's environment variable. Nothing is sent until `write`.

    Raises LanguageModelUnusableError where the name, the package or the key is missing.
    """
    provider, model = _parts(name)
    from langchain.chat_models import init_chat_model

    settings = {
        k: v for k, v in {**_defaults(provider, options), **options}.items() if v is not None
    }
    try:
        loaded = init_chat_model(model, model_provider=provider, **settings)
    except ImportError as error:
        raise _lacks(name, _package(provider)) from error
    except Exception as error:  # providers' own errors: an unknown provider, a missing key
        raise LanguageModelUnusableError(f"LANGUAGE_MODEL={name}: {error}") from error
    return _LangChainWriter(loaded)


def check_installed(name: str) -> None:
    """Raise LanguageModelUnusableError where `name` or its package is wrong, importing nothing.

    A key that is missing shows when the model is loaded.
    """
    package = _package(_parts(name)[0])
    if importlib.util.find_spec(package.replace("-", "_")) is None:
        raise _lacks(name, package)


def _parts(name: str) -> tuple[str, str]:
    provider, _colon, model = name.partition(":")
    if not (provider and model):
        raise LanguageModelUnusableError(
            f"LANGUAGE_MODEL must be provider:name, such as openai:gpt-4.1-mini, not {name!r}."
        )
    return provider, model


def _package(provider: str) -> str:
    return PACKAGES.get(provider, f"langchain-{provider.replace('_', '-')}")


def _lacks(name: str, package: str) -> LanguageModelUnusableError:
    return LanguageModelUnusableError(
        f"LANGUAGE_MODEL={name} needs the package {package}: pip install {package}"
    )


def _defaults(provider: str, options: dict[str, Any]) -> dict[str, Any]:
    seconds = options.get("timeout") or SECONDS
    if provider == "ollama":  # no retries of its own; the time-out is its HTTP client's
        options.pop("timeout", None)
        return {
            "temperature": 0,
            "num_predict": options.pop("max_tokens", MOST_TOKENS),
            "client_kwargs": {"timeout": seconds},
        }
    defaults: dict[str, Any] = {
        "temperature": 0,
        "max_tokens": MOST_TOKENS,
        "timeout": seconds,
        "max_retries": 0,
    }
    if provider == "openai" and options.get("base_url") and not os.environ.get("OPENAI_API_KEY"):
        defaults["api_key"] = "none"  # servers of one's own seldom ask for a key
    return defaults


class _LangChainWriter:
    def __init__(self, model: "BaseChatModel") -> None:
        self._model = model

    def write(self, prompt: Prompt, *, seconds: float) -> Iterator[str]:
        from langsmith import tracing_context

        deadline = time.monotonic() + seconds
        # Whatever LANGSMITH_TRACING says: customers' texts go to the model and nowhere else.
        with tracing_context(enabled=False):
            for chunk in self._model.stream([("system", prompt.system), ("human", prompt.user)]):
                if time.monotonic() > deadline:
                    raise TimeoutError(f"The model took more than {seconds:.0f} s.")
                if text := str(chunk.text):
                    yield text
