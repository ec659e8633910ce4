"""Write the demo shop's questions as files that `manage.py evaluate` reads.

python -m tests.evaluation FOLDER

For each language two files: its questions against articles in English alone, and against
articles in that language alone.
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.world import ROOT

LANGUAGES = ("en", "da", "sv", "de", "nb")
_OWN = {"nb": "da"}  # a Norwegian customer of a shop that writes Danish


def articles() -> list[dict[str, Any]]:
    """Return the demo shop's articles as their files hold them."""
    folder = ROOT / "chatbot" / "demo" / "articles"
    return [yaml.safe_load(path.read_text("utf-8")) for path in sorted(folder.glob("*.yaml"))]


def entries(languages: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the entries of a knowledge base that has the articles in `languages` alone."""
    found = []
    for article in articles():
        texts = article["translations"]
        found.append(
            {
                "id": article["slug"],
                "title": texts[languages[0]]["title"],
                "questions": [
                    {"text": question, "language": language}
                    for language in languages
                    for question in (texts[language]["title"], *texts[language]["questions"])
                ],
                "answer": texts[languages[0]]["answer"],
                "language": languages[0],
            }
        )
    return found


def messages(language: str) -> list[dict[str, Any]]:
    """Return the questions in `language`, and what is out of scope."""
    written = yaml.safe_load((Path(__file__).parent / "questions.yaml").read_text("utf-8"))
    asked = [
        {"text": question[language], "expected": question["article"], "language": language}
        for question in written["questions"]
        if language in question
    ]
    outside = [
        {"text": message[language], "expected": None, "language": language}
        for message in written["out_of_scope"]
        if language in message
    ]
    return asked + outside


def main() -> None:
    """Write the files."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        against = {
            "english": ("en",),
            "own": (_OWN.get(language, language),),
        }
        for name, languages in against.items():
            data = {
                "name": f"demo shop: {language} against {name}",
                "entries": entries(languages),
                "messages": messages(language),
                "peers": {},
            }
            path = folder / f"{language}-{name}.json"
            path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main()
