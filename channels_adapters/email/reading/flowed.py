"""Text of format=flowed (RFC 3676) with its paragraphs put together again."""

import re

_QUOTE = re.compile(r"^>+")


def unflow(text: str, *, delsp: bool) -> str:
    """Return the text with soft line breaks removed; quoted lines begin with their marks.

    A line that ends with a space goes on in the next one of the same depth; `-- ` never does.
    """
    lines: list[list[str]] = []  # pieces of each: joining them one by one would be quadratic
    flowing, depth_before = False, 0
    for raw in text.split("\n"):
        match = _QUOTE.match(raw)
        depth = match.end() if match else 0
        content = raw[depth:].removeprefix(" ")  # space-stuffing
        is_signature = content.rstrip() == "--"
        if flowing and depth == depth_before and not is_signature:
            lines[-1].append(content)
        else:
            lines.append([f"{'>' * depth} " if depth else "", content])
        flowing = content.endswith(" ") and not is_signature
        if flowing and delsp:
            lines[-1][-1] = lines[-1][-1][:-1]
        depth_before = depth
    return "\n".join("".join(pieces).rstrip() for pieces in lines)
