"""Whether a product is there: by its name, with typos and near misses, or by its number."""

import re
import time

from rapidfuzz import fuzz

from chatbot.actions import reading, wording
from chatbot.actions.base import Action, Ask, Case, Choice, Done, Person, Step, Task
from chatbot.actions.slots import words
from chatbot.systems import connected
from chatbot.systems.ports import NamesProducts, Product, Stock, Variant
from chatbot.text import normalise

_SURE, _LIKELY, _MAYBE = 79.0, 68.0, 60.0  # of 100: alike; so if alone; worth offering
_CLOSE = 4.0  # as near as the best
_SAME_WORD = 70.0  # from which two words may be one with a typo
_FEW_WORDS = 9
_OWN, _KIND = 0.8, 0.75  # of its nearness: a name's own word; the others without it
_MOST_OFFERED = 4


class CheckStock(Action):
    name = "stock"
    port = "stock"
    slots = (words("product"),)

    def begun(self, task: Task, text: str, case: Case) -> Task:
        # The whole message goes to the search, which weighs the words that products have.
        found = _near(text, case.language)
        return task.having(product=text) if found and found[0][0] >= _MAYBE else task

    def step(self, task: Task, case: Case) -> Step:
        said = task.value("product")
        if not said:
            return Ask("product", wording.ask_product())
        found = _near(said, case.language)
        if found and found[0][0] >= _SURE:
            best = [one for score, one in found if score >= found[0][0] - _CLOSE]
            if len(best) == 1 or normalise(best[0].name) == normalise(said):
                return self._told(best[0], said, case)
            return _offer(best, task)
        near = [one for score, one in found if score >= _MAYBE]
        if len(near) == 1 and found[0][0] >= _LIKELY:
            return self._told(near[0], said, case)
        if near:
            return _offer(near, task)
        if task.failures or task.knows("_missed"):
            return Person(
                "not_found", "missing_knowledge", wording.no_product(words=said[:60]), task=task
            )
        return Ask(
            "product",
            wording.ask_product_again(words=said[:60]),
            task=task.having(_missed="yes").without("product"),
        )

    def _told(self, product: Product, said: str, case: Case) -> Done:
        text = wording.in_stock(product=_narrowed(product, said), today=case.today)
        return Done("told", f"{text}\n{product.url}".strip())

    def answered(self, task: Task, text: str, case: Case) -> Task | None:
        if not task.asked:  # it is over: "and the lamp?"
            found = _near(text, case.language)
            sure = bool(found) and found[0][0] >= _SURE and len(text.split()) <= _FEW_WORDS
            return task.having(product=text) if sure else None
        if len(task.choices) == 1 and reading.yes_or_no(text):
            return task.having(product=task.choices[0].value)
        if task.choices and reading.yes_or_no(text) is False:
            return task.having(_missed="yes").without("product")
        return None


# --- Products in questions ----------------------------------------------------------------------
_THING = {"en": "product", "da": "varen", "sv": "varan", "de": "artikel"}
_BEFORE_NAMES = re.compile("in|i|the|den|det|de|die|der|das|im|auf|af|av|en|ein|eine")
_names: tuple[float, frozenset[str]] = (float("-inf"), frozenset())
_NAMES_SECONDS = 60.0


def without_products(text: str, language: str) -> str:
    """Return `text` with "product" for the names of products, or "" where it has none.

    What is asked of a product is the same for all of them: the bot knows the question though
    nobody wrote it down for this one.
    """
    known = _product_words()
    if not known:
        return ""
    words = normalise(text).split()
    is_name = [_is_name(word, known) for word in words]
    if not any(is_name):
        return ""
    thing = _THING.get(language, _THING["en"])
    kept: list[str] = []
    for word, named in zip(words, is_name, strict=True):
        is_size = word == "x" or word[:1].isdigit()
        if not (named or is_size):
            kept.append(word)
        elif thing not in kept and named:
            kept.append(thing)
        else:
            while kept and _BEFORE_NAMES.fullmatch(kept[-1]):  # "in", of "in grey"
                kept.pop()
    return " ".join(kept)


def _is_name(word: str, known: frozenset[str]) -> bool:
    if word in known:
        return True
    if len(word) < 5:
        return False
    stems = {word.removesuffix(ending) for ending in ("", "en", "et", "n", "t", "s", "er")}
    return any(
        any(len(stem) >= 5 and name.endswith(stem) for stem in stems)
        or (len(name) >= 4 and name[0] == word[0] and _is_near(word, name))
        for name in known
    )


def _is_near(word: str, name: str) -> bool:
    return word.startswith(name) or fuzz.ratio(word, name) >= 88


def _product_words() -> frozenset[str]:
    global _names
    now = time.monotonic()
    if now - _names[0] > _NAMES_SECONDS:
        stock = connected.stock()
        _names = (now, stock.names() if isinstance(stock, NamesProducts) else frozenset())
    return _names[1]


def _offer(products: list[Product], task: Task) -> Ask:
    choices = tuple(Choice(one.name, one.name) for one in products[:_MOST_OFFERED])
    only = products[0].name if len(products) == 1 else ""
    text = wording.this_product(name=only) if only else wording.which_product()
    return Ask("product", text, choices, task=task)


def _near(said: str, language: str) -> list[tuple[float, Product]]:
    """Return the products that `said` may mean with how near they are, nearest first."""
    stock: Stock | None = connected.stock()
    if stock is None:
        raise LookupError("no system has a stock")
    words_said = normalise(said)
    scored = [(_score(words_said, one), one) for one in stock.search(said, language)]
    return sorted(scored, key=lambda pair: -pair[0])


def _score(said: str, product: Product) -> float:
    """Return how near a product is to `said`, of 100: the best of its names and numbers."""
    numbers = [product.number, *(variant.number for variant in product.variants)]
    if any(
        re.search(rf"\b{re.escape(normalise(number))}\b", said)
        for number in numbers
        if any(map(str.isdigit, number)) or "-" in number
    ):
        return 100.0
    name = normalise(product.name)
    whole = fuzz.partial_ratio(name, said) if len(said) >= len(name) else fuzz.ratio(name, said)
    return max(whole, _by_words(said.split(), name.split()))


def _by_words(said: list[str], name: list[str]) -> float:
    """Return how well the words of a name are found among those said.

    The first is its own; the others say what it is ("wool blanket"), which several may be.
    """
    name = [word for word in name if len(word) >= 3] or name
    if not name:
        return 0.0
    own, *rest = (max((_alike(word, other) for other in said), default=0.0) for word in name)
    kind = sum(rest) / len(rest) if rest else own
    return max(_OWN * own + (1 - _OWN) * kind, _KIND * kind if rest else 0.0)


def _alike(word: str, other: str) -> float:
    score = reading.alike(word, other, shortest=3)
    return score if score >= _SAME_WORD else 0.0


def _narrowed(product: Product, said: str) -> Product:
    """Return the product with the variants that `said` names, if it names some."""
    if len(product.variants) < 2:
        return product
    telling = [_words_of(variant) for variant in product.variants]
    common = set.intersection(*telling)
    asked = set(normalise(said).split())
    hits = [len((own - common) & asked) for own in telling]
    if not max(hits):
        return product
    chosen = tuple(v for v, hit in zip(product.variants, hits, strict=True) if hit == max(hits))
    return Product(product.number, product.name, chosen, product.url)


def _words_of(variant: Variant) -> set[str]:
    return {word for word in normalise(variant.name).split() if len(word) >= 2}
