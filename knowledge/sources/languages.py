"""The language of a document that does not say."""

import functools

_KNOWN = ("en", "da", "sv", "de", "nb")
_NORWEGIAN = ("no", "nn")
_LETTERS = 20  # fewer tell nothing
_READ = 5_000  # characters: more say the same


@functools.cache
def _identifier():  # type: ignore[no-untyped-def]  # py3langid has no types
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(sorted(set(identifier.labels) & {*_KNOWN, *_NORWEGIAN}))
    return identifier


def detect(text: str) -> str:
    """Return the likeliest of the languages that we know for `text`, or an empty string."""
    if sum(character.isalpha() for character in text[:_READ]) < _LETTERS:
        return ""
    scores = dict.fromkeys(_KNOWN, 0.0)
    for language, probability in _identifier().rank(text[:_READ]):
        scores["nb" if language in _NORWEGIAN else language] += float(probability)
    return max(scores, key=scores.__getitem__)
