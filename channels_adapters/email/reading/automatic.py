"""Mail that nobody wrote, and mail of ours that came back: neither is ever answered."""

import re
from collections.abc import Collection

from .bodies import SOURCE_LENGTH
from .headers import Headers, message_ids, parse_parameters, split_headers
from .mime import Part
from .printable import clean_line
from .values import Address, Bounce, Reason

LOOP_HEADER = "X-Svar-Loop"

_DAEMON = re.compile(r"^(?:mailer-daemon|mail-daemon|postmaster|mail\.?delivery|bounces?)\b", re.I)
_NO_REPLY = re.compile(
    r"^(?:no|do-?not|dont|ikke|svar-?ikke|svara-?inte|nicht|kein|ne-?pas)[._-]?"
    r"(?:reply|respond|replies|svar|besvar|antworten|antwort|svara)|^(?:noreply|donotreply"
    r"|no_reply)|"
    r"[._+-]no-?reply$|^svar-?ikke\b|^ikke-?svar\b|^svara-?(?:ej|inte)\b",
    re.I,
)
# These words begin a subject of people too, such as "Autosvar virker ikke": something has to end
# them as mail programs do.
_AWAY = re.compile(
    r"^\W{0,3}(?:"
    r"(?:auto(?:matic|mated|matisk|matiskt|mati[ck]\w{0,3}|matische[sr]?)?[\s-]{0,2}"
    r"(?:reply|response|svar|antwort|antwoord|e-?mail reply)|auto|autosvar|ferieautosvar"
    r"|semestersvar"
    r"|out[\s-]of[\s-](?:the[\s-])?office(?: auto-?\s?reply)?|ooo|away from (?:the|my) (?:office"
    r"|desk)"
    r"|on (?:annual leave|vacation|holiday)|(?:automatische )?abwesenheit|abwesend"
    r"|abwesenheits(?:notiz|nachricht|meldung|assistent|agent|benachrichtigung)"
    r"|(?:tids)?fr[åa]nvaro"
    r"|fr[åa]nvaro(?:meddelande|svar|besked)|frånvarande|ikke på kontoret|ikke til stede|fravær"
    r"|fravær(?:sbesked|smelding|ssvar|sassistent|ende)|ude af kontoret|inte på (?:kontoret|plats)"
    r"|réponse automatique|respuesta automática|afwezig(?:heidsbericht)?|risposta automatica"
    r"|resposta automática|automaattinen vastaus|odpowiedź automatyczna|not in the office)"
    r"\s?(?:[:\[(]|[-–] |$|\b(?:re|from|fra|von|från|until|til|till|bis|frem)\b))",
    re.I,
)
_FAILED = re.compile(
    r"undeliver|delivery (?:status notification|failure|has failed)|returned mail|failure notice"
    r"|mail delivery"
    r"|delivery delayed|unzustellbar|nicht zugestellt|kunne ikke leveres|ikke leveret"
    r"|kunde inte levereras"
    r"|ej levererat|olevererbart|kan ikke leveres|delivery incomplete",
    re.I,
)
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_CODE = re.compile(r"\b(4[25]\d|5[05]\d)[\s-]")
_ADDRESS = re.compile(r"<?([^\s@<>\"'();:,]{1,100}@[^\s@<>\"'();:,]{1,200})>?")


def report_kind(root: Part) -> str:
    """Return the report-type (RFC 6522) of a mail that is one, in lower case; else nothing."""
    if root.kind == "multipart/report":
        given = root.parameters.get("report-type", "").lower()
        if given:
            return given
    for part in root.children:
        if part.kind in ("message/delivery-status", "message/global-delivery-status"):
            return "delivery-status"
        if part.kind == "message/disposition-notification":
            return "disposition-notification"
    return "unknown" if root.kind == "multipart/report" else ""


def _is_delivery(root: Part) -> bool:
    """Whether a delivery report only says that all went well."""
    said = [
        action.lower()
        for part in root.leaves()
        if part.kind in ("message/delivery-status", "message/global-delivery-status")
        for action in re.findall(r"^action:\s{0,5}(\w{1,20})", part.text(100_000)[0], re.I | re.M)
    ]
    return bool(said) and not {"failed", "delayed"} & set(said)


def reason(
    headers: Headers, root: Part, sender: Address, own: Collection[str], subject: str
) -> Reason:
    """Return why a mail must not be answered; empty if it may be.

    By RFC 3834, and by what mail programs do. `X-Auto-Response-Suppress` says what its sender
    does not want back, not that nobody wrote it, and Exchange puts it on mail of people too: only
    `All` counts, and the lesser ones where the return path is empty. `X-MS-Exchange-Inbox-Rules-
    Loop` and lists do not count where they name an address of ours: a rule or a group of ours
    that hands mail on leaves them on everything that customers write.
    """
    report = report_kind(root)
    local = sender.email.partition("@")[0]
    null_path = headers.get("return-path", "?").strip() in ("<>", "")
    is_failure = _FAILED.search(subject) is not None or "x-failed-recipients" in headers
    daemon = _DAEMON.match(local) is not None
    is_bounce = report == "delivery-status" or (is_failure and (daemon or null_path))
    answers_itself = _answers_itself(headers, null_path=null_path, subject=subject)
    reasons: tuple[tuple[Reason, bool], ...] = (
        ("loop", LOOP_HEADER.lower() in headers),
        ("receipt", report == "disposition-notification" or _is_delivery(root)),
        ("bounce", is_bounce or (daemon and null_path)),
        ("auto_reply", bool(report)),
        ("own", _is_own(sender.email.lower(), own)),
        ("loop", _loops(headers, own)),
        ("auto_reply", answers_itself),
        ("bounce", daemon),
        ("list", _is_list(headers, own)),
        ("auto_reply", _NO_REPLY.search(local) is not None),
    )
    return next((why for why, holds in reasons if holds), "")


def _is_own(email: str, own: Collection[str]) -> bool:
    local, _, domain = email.partition("@")
    return email in own or f"{local.partition('+')[0]}@{domain}" in own


def _loops(headers: Headers, own: Collection[str]) -> bool:
    if any(headers.all("x-loop")):
        return True
    rule = headers.get("x-ms-exchange-inbox-rules-loop").strip(" <>").lower()
    return bool(rule) and rule not in own


def _answers_itself(headers: Headers, *, null_path: bool, subject: str) -> bool:
    submitted = _word(headers.get("auto-submitted"))
    if submitted and submitted != "no":
        return True
    precedence = _word(headers.get("precedence"))
    if precedence in ("auto_reply", "auto-reply", "autoreply"):
        return True
    for name in (
        "x-autoreply",
        "x-autorespond",
        "x-autoresponder",
        "x-auto-reply",
        "x-autogenerated",
        "x-mail-autoreply",
    ):
        if name in headers and _word(headers.get(name)) not in ("no", "false", "0"):
            return True
    suppressed = re.split(r"[\s,;]+", headers.get("x-auto-response-suppress").lower().strip())
    if "all" in suppressed or (null_path and suppressed != [""]):
        return True
    return null_path or _AWAY.match(subject) is not None


def _word(value: str) -> str:
    return parse_parameters(value)[0].partition(" ")[0].strip()


def is_own_list(headers: Headers, own: Collection[str]) -> bool:
    """Whether a list that a mail came through is an address of ours, such as a Google group."""
    given = " ".join(
        headers.get(name)[:500].lower() for name in ("list-post", "list-id", "mailing-list")
    )
    if not given.strip():
        return False
    return any(
        address and (address in given or f"<{address.replace('@', '.')}>" in given)
        for address in own
    )


def _is_list(headers: Headers, own: Collection[str]) -> bool:
    if is_own_list(headers, own):
        return False
    if any(name in headers for name in ("list-id", "list-post", "list-unsubscribe")):
        return True
    return _word(headers.get("precedence")) in ("bulk", "list", "junk")


def read_bounce(headers: Headers, root: Part, text: str, own: Collection[str]) -> Bounce:
    """Return what a bounce says (RFC 3464), or what can be made out of its words."""
    message_id, report, recipient, status, action, words = "", "", "", "", "", ""
    for part in root.leaves():
        if part.kind in ("message/delivery-status", "message/global-delivery-status"):
            report = part.text(100_000)[0]
            for block in report.strip().split("\n\n")[:50]:
                fields, _, _ = split_headers(block.strip().encode("utf-8", "replace") + b"\n")
                given = fields.get("final-recipient") or fields.get("original-recipient")
                if given and not recipient:
                    recipient = _first_address(given.rpartition(";")[2])
                    status = (_STATUS.findall(fields.get("status")) or [""])[0]
                    action = _word(fields.get("action"))
                    words = fields.get("diagnostic-code").partition(";")[2].strip()
        elif part.kind in (
            "message/rfc822",
            "text/rfc822-headers",
            "message/global",
            "message/rfc822-headers",
        ):
            original, _, _ = split_headers(part.content()[0][:200_000].lstrip())
            message_id = message_id or (message_ids(original.get("message-id")) or ("",))[0]
    text = text[: SOURCE_LENGTH // 10]
    if not message_id:
        named = re.search(r"^\W{0,3}message-id:\s{0,3}(<[^<>\s]{1,300}>)", text, re.I | re.M)
        referred = (
            *message_ids(headers.get("in-reply-to")),
            *message_ids(headers.get("references")),
        )
        message_id = named[1] if named else next(iter(referred), "")
    if not recipient:
        recipient = _first_address(headers.get("x-failed-recipients")) or next(
            (
                each
                for each in map(str.lower, _ADDRESS.findall(text)[:50])
                if each not in own and not _DAEMON.match(each)
            ),
            "",
        )
    if not status:
        status = next((each for each in _STATUS.findall(text) if each[0] in "45"), "")
    code = _CODE.search(words or text)
    permanent = (
        status.startswith("5") or (not status and bool(code) and code[1][0] == "5")
        if code
        else status.startswith("5")
    )
    if action == "delayed":
        permanent = False
    return Bounce(
        message_id, clean_line(recipient, 254), status, permanent, clean_line(words or text, 500)
    )


def _first_address(text: str) -> str:
    match = _ADDRESS.search(text[:1000])
    return match[1].lower() if match else ""
