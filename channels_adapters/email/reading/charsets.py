"""Bytes to text: transfer encodings and charsets, however damaged or wrongly declared."""

import binascii
import codecs
import re

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]")
_ALIASES = {
    "ansi": "cp1252",
    "cp-850": "cp850",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "iso-8859-8-i": "iso-8859-8",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
}
# What these say is often not so; Windows-1252 is a superset of both (WHATWG Encoding, 4.2).
_WESTERN = frozenset({"ascii", "iso8859-1", "cp1252"})
# Text codecs by name, but of no mail; punycode and idna take quadratic time.
_FOREIGN = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined"})
MOST_LINES = 500_000  # of damaged base64, which is read by the line
_SAMPLE = 20_000  # bytes: enough to guess by, and quick


def transfer_decode(body: bytes, encoding: str, *, is_text: bool) -> tuple[bytes, bool]:
    """Return a body as it was before its Content-Transfer-Encoding, and whether it was damaged.

    Text that comes to nothing was not encoded as its header says, and stays as it is.
    """
    encoding = encoding.strip().strip("\"'").lower()
    decoded, damaged = body, False
    if encoding == "base64":
        decoded, damaged = _from_base64(body, is_text=is_text)
    elif encoding == "quoted-printable":
        decoded = binascii.a2b_qp(body)
    elif encoding in ("x-uuencode", "uuencode", "x-uue"):
        decoded, damaged = _from_uuencode(body)
    if is_text and damaged and not decoded.strip():
        return body, True
    return decoded, damaged


def _from_base64(body: bytes, *, is_text: bool) -> tuple[bytes, bool]:
    foreign = _NOT_BASE64.findall(body[:4000].translate(None, b" \t\r\n"))
    if is_text and len(foreign) > 0.05 * min(len(body), 4000) and b" " in body[:4000].strip():
        return body, True  # plain text whose header lies
    kept, _, after = _NOT_BASE64.sub(b"", body).partition(b"=")
    damaged = bool(foreign) or bool(after.strip(b"=")) or len(kept) % 4 == 1
    if not damaged:
        return _decoded(kept), False
    first, *others = body.split(b"\n", MOST_LINES)
    if others and len(first.strip()) % 4 == 0:
        # Lines begin anew: what is broken in one does not spoil those below.
        return b"".join(_decoded(_NOT_BASE64.sub(b"", line)) for line in (first, *others)), True
    if after.strip(b"=") and not is_text:
        # Some programs put pieces together that were encoded one by one.
        return b"".join(_decoded(piece) for piece in (kept, *after.split(b"=", MOST_LINES))), True
    return _decoded(kept), True


def _decoded(letters: bytes) -> bytes:
    letters = letters.partition(b"=")[0]
    whole = letters if len(letters) % 4 != 1 else letters[:-1]
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def _from_uuencode(body: bytes) -> tuple[bytes, bool]:
    decoded, damaged = [], False
    for line in body.split(b"\n"):
        if line.startswith(b"begin ") or not line.strip() or line.strip() == b"end":
            continue
        try:
            decoded.append(binascii.a2b_uu(line))
        except binascii.Error:
            damaged = True
    return b"".join(decoded), damaged


def charset_decode(data: bytes, declared: str = "") -> tuple[str, bool]:
    """Return text, and whether its charset was not as declared."""
    name = declared.strip().strip("\"' ;").lower()
    codec = _codec(name)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and len(data) % 2 == 0:
        return data.decode("utf-16", "replace"), codec not in ("utf-16", "utf-16-le", "utf-16-be")
    if not codec or codec in _WESTERN:
        return _western(data, declared=codec, is_unknown=bool(name and not codec))
    try:
        return data.decode(codec), False
    except (UnicodeError, ValueError):
        pass
    if codec == "utf-8":
        repaired = data.decode("utf-8", "replace")
        broken = repaired.count("\ufffd")
        whole = sum(character > "\x7f" for character in repaired[:200_000]) - broken
        if broken <= max(1, whole // 4):
            return repaired, True
        return _windows(data), True
    text, _ = _western(data, declared="", is_unknown=False)
    return text, True


def _codec(name: str) -> str:
    try:
        found = codecs.lookup(_ALIASES.get(name, name))
    except (LookupError, ValueError):
        return ""
    # There is no public way to ask whether a codec makes text; `bytes.decode` uses this one.
    is_text = getattr(found, "_is_text_encoding", True)
    return found.name if is_text and found.name not in _FOREIGN else ""


def _western(data: bytes, *, declared: str, is_unknown: bool) -> tuple[str, bool]:
    if data.isascii():
        return data.decode("ascii"), is_unknown
    try:
        # Words of Latin-1 that are UTF-8 by chance do not happen.
        return data.decode("utf-8"), declared not in ("", "utf-8")
    except UnicodeDecodeError:
        pass
    if declared:
        return _windows(data), declared == "ascii"
    return _guessed(data), True


def _windows(data: bytes) -> str:
    return data.decode("cp1252", "replace")


def _guessed(data: bytes) -> str:
    from charset_normalizer import from_bytes

    # The likely ones only: a list twenty times as long takes that much longer, and errs more.
    likely = ["cp1252", "cp1250", "cp1251", "cp932", "gb18030", "cp949", "iso8859_15", "mac_roman"]
    best = from_bytes(data[:_SAMPLE], cp_isolation=likely, steps=3, chunk_size=256).best()
    return data.decode(best.encoding if best else "cp1252", "replace")
