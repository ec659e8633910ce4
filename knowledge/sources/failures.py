"""What went wrong with a document or a page, in a sentence for the person who added it."""

from collections.abc import Mapping

from django.utils.translation import gettext


def in_words(sentence: str, values: Mapping[str, object]) -> str:
    """Return `sentence`, a msgid with named places, in the language that is active."""
    translated = gettext(sentence)
    return translated % values if values else translated


class Told(Exception):
    """An error to be told: `sentence` is a msgid, and `values` what its places hold.

    As a string it is in English, for logs.
    """

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence = sentence
        self.values = values

    def in_words(self) -> str:
        """Return the sentence in the language that is active."""
        return in_words(self.sentence, self.values)


class FetchFailed(Told):
    """The page could not be fetched; `retry` says whether a later attempt may succeed."""

    retry = False


class Refused(FetchFailed):
    """We do not ask: the address is private, its form unsafe, or its owner asks us not to."""


class Unreachable(FetchFailed):
    """We asked and got no page. `status` is that of HTTP (RFC 9110) if there was an answer."""

    def __init__(
        self, sentence: str, *, retry: bool, status: int | None = None, **values: object
    ) -> None:
        if status is not None:
            values["status"] = status
        super().__init__(sentence, **values)
        self.retry = retry
        self.status = status


class TooLarge(FetchFailed):
    """The page is larger than the limit, as sent or once decompressed."""


class UnsupportedType(FetchFailed):
    """The page is of a media type that cannot be read."""
