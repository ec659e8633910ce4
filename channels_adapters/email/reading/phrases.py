"""What mail programs and people write around their words, in the languages that customers use."""

import re

# Lines that say "write above" carry these around the words, which differ by language.
MARKER_START, MARKER_END = "##-", "-##"

_LABELS = {
    "from": "from|fra|från|von|de|van|da|lähettäjä|od|expéditeur|remitente|mittente|afzender"
    "|absender|avsender|afsender|avsändare|reply-to",
    "sent": "sent|sendt|skickat|gesendet|envoyé|envoyé le|verzonden|enviado|enviado el|inviato"
    "|date|dato|datum|data|fecha|lähetetty|wysłano|sent on|date sent|datum/uhrzeit|sendt den",
    "to": "to|til|till|an|à|a|aan|para|vastaanottaja|do|komu|pour|destinataire|modtager|mottagare"
    "|empfänger",
    "cc": "cc|kopi|kopia|kopie|bcc|copie à|copia|kopie an|sv kopi",
    "subject": "subject|emne|ämne|betreff|objet|onderwerp|asunto|oggetto|assunto|aihe|temat|re"
    "|betr|betrifft",
    "other": "attachments|vedhæftede filer|vedhæftet|vedlegg|bilagor|bifogade filer|anlagen"
    "|importance|prioritet|priority|wichtigkeit|reply to|organization|svar til|svara till"
    "|antwort an",
}
LABELS = {label: kind for kind, labels in _LABELS.items() for label in labels.split("|")}
LABEL = re.compile(r"^[*_\s|]{0,4}([^\W\d_][\w /-]{0,23}?)[*_]{0,3}\s?[:：][*_]{0,3}(?:\s|$)")
_INLINE = "|".join(sorted((re.escape(label) for label in LABELS), key=len, reverse=True))
INLINE_LABEL = re.compile(rf"(?:^|[\s*])({_INLINE})\s?:[*]?\s", re.IGNORECASE)

_ORIGINAL = (
    "original message|original mail|original appointment|reply message|replied message"
    "|oprindelig meddelelse|oprindelig besked|original besked|original meddelelse"
    "|den oprindelige besked|opprinnelig melding|opprinnelig beskjed|original melding"
    "|ursprungligt meddelande|originalmeddelande|ursprungligt mail|originalmail"
    "|ursprüngliche nachricht|urspruengliche nachricht|originalnachricht|original-nachricht"
    "|ursprüngliche mail|originale nachricht|message d['’]origine|message original"
    "|message initial|oorspronkelijk bericht|origineel bericht|mensaje original"
    "|messaggio originale|mensagem original|alkuperäinen viesti|wiadomość oryginalna"
    "|oryginalna wiadomość|original e-?mail|ursprungsnachricht"
)
ORIGINAL = re.compile(rf"^[-_=*~ ]{{2,60}}\s?(?:{_ORIGINAL})\s?:?[-_=*~ ]{{2,60}}$", re.I)
_FORWARDED = (
    "forwarded message|forwarded mail|forwarded by .{1,80}|videresendt meddelelse"
    "|videresendt besked"
    "|videresendt mail|videresendt e-?mail|videresendt melding|vidarebefordrat meddelande"
    "|vidarebefordrat mejl|vidarebefordrat brev|vidaresänt meddelande|weitergeleitete nachricht"
    "|weitergeleitete mail|message transféré|message transmis|doorgestuurd bericht"
    "|mensaje reenviado|messaggio inoltrato|mensagem encaminhada|edelleenlähetetty viesti"
    "|forwarded e-?mail|videresendte meddelelse|videresendt e-?post"
)
FORWARDED = re.compile(rf"^[-_=* ]{{2,60}}\s?(?:{_FORWARDED})\s?:?[-_=* ]{{2,60}}$", re.I)
FORWARD_BEGINS = re.compile(
    r"^(?:begin forwarded message|start på videresendt (?:besked|meddelelse|mail|e-?mail)"
    r"|videresendt (?:besked|melding|e-?mail|e-?post)|start på videresendt (?:melding|e-?post)"
    r"|vidarebefordrat (?:brev|mejl|meddelande|e-?post)|börja? vidarebefordrat meddelande"
    r"|början på vidarebefordrat (?:brev|meddelande|mejl|mail)"
    r"|anfang der weitergeleiteten (?:nachricht|e-?mail)|début du message (?:réexpédié|transféré)"
    r"|begin doorgestuurd bericht|inicio del mensaje reenviado|inizio messaggio inoltrato"
    r"|start på vidarebefordrat (?:brev|meddelande|mejl))\s?:$",
    re.I,
)
FORWARD_SUBJECT = re.compile(
    r"^\s{0,3}(?:fwd?|fw|vs|vb|wg|tr|doorst|rv|i|enc|vl|videresendt|vidarebefordrat|vbf)\s?:", re.I
)

VERBS = re.compile(
    r"\b(?:wrote|writes|skrev|schrieb|skriver|écrit|schreef|escribió|scritto|escreveu|kirjoitti"
    r"|napisał(?:\(a\)|a)?|napsal(?:\(a\))?|sagte|said|sendte|geschrieben|hat geschrieben"
    r"|skrev følgende|skrev følgjande|rakstīja|rašė)\b",
    re.I,
)
FIRST_PERSON = re.compile(
    r"(?:\b(?:skrev|skriver) (?:jeg|jag|vi|eg)\b|\bschrieben? (?:ich|wir)\b|\b(?:i|we) (?:wrote"
    r"|said)\b"
    r"|\b(?:jeg|jag|vi|eg) skrev\b)",
    re.I,
)
_DAYS = (
    "mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    "|man|tir|tirs|ons|tor|tors|fre|lør|søn|mandag|tirsdag|onsdag|torsdag|fredag|lørdag|søndag"
    "|mån|tis|lör|sön|måndag|tisdag|lördag|söndag|mo|di|mi|do|fr|sa|so|montag|dienstag|mittwoch"
    "|donnerstag|freitag|samstag|sonntag|sonnabend|lun|mar|mer|jeu|ven|sam|dim|ma|wo|vr|za|zo"
    "|ke|to|pe|la|su|ti|pon|wt|śr|czw|pt|sob|niedz"
)
OPENER = re.compile(
    rf"^[*_\s]{{0,3}}(?:(?:on|den|am|le|op|el|il(?: giorno)?|em|dnia|dne|quoting|zitat von"
    rf"|citat af|citat från|{_DAYS})\b|\d{{1,4}}[./:-]|\d{{1,2}}\.? \w)",
    re.I,
)
TIME = re.compile(r"\b\d{1,2}[:.]\d{2}\b")
DATE = re.compile(
    r"(?:19|20)\d\d年"
    r"|\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{1,2}[./] ?\d{1,2}\.?\b"
    r"|\b\d{1,2}\.? (?:jan|feb|mar|mär|maj|mai|may|apr|jun|jul|aug|sep|okt|oct|nov|dec|dez|des)"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w{0,6} \d{1,2}\b",
    re.I,
)
YEAR = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2}\b")

_BRAND = (
    r"i-?phone|i-?pad\w{0,3}|i-?pod|i-?os|android|samsung|galaxy|outlook|yahoo|windows|huawei|honor"
    r"|xiaomi|redmi|blackberry|proton|proton ?mail\w{0,8}|spark|gmx|web\.de|1&1|xperia|sony|nokia"
    r"|htc|oneplus|oppo|pixel|surface|aol|bluemail|blue mail|t-online|telekom|k-9(?: mail)?"
    r"|thunderbird|macbook|gmail|hotmail|mail\.ru|fairmail|fairphone|aqua ?mail|edison mail|airmail"
    r"|newton mail|canary|superhuman|motorola|zte|lenovo|mailspring|tuta|tutanota|fastmail|mailbird"
    r"|apple (?:mail|watch)|windows ?phone"
)
# Words of everyday use: only with "my" before them, or at the end of the line.
_DEVICE = (
    r"mobile?\w{0,6}|phone|smart-?phone|telefon\w{0,4}|mobil\w{0,8}|handy|tablet\w{0,4}|app|mac"
    r"|watch"
    r"|téléphone|móvil|device|ur|computer|pc|laptop"
)
_SENT_FROM = (
    r"sent (?:from|via|with|on|by|using)|sendt (?:fra|via|med|på)|skickat (?:från|via|med)"
    r"|sänt från|gesendet (?:von|mit|über|via|aus)|verschickt (?:von|mit)"
    r"|envoyé (?:de|depuis|à partir de)|verzonden (?:vanaf|met|via|door|vanuit)"
    r"|verstuurd (?:vanaf|met)|enviado (?:desde|con|do|a partir do|de)|inviato (?:da|con)"
    r"|lähetetty|wysłan[eoy] z|diese nachricht wurde|denne (?:besked|mail|e-?mail) er sendt"
    r"|written (?:on|from)|skrevet (?:på|fra)|typed on"
)
_FETCH = (
    r"get|hent|hämta|download|holen sie sich|skaff deg|last ned|obtenez|télécharge[rz]|descarga"
)
SENT_FROM = re.compile(
    rf"^[*_<(\[ ]{{0,3}}(?:(?:{_SENT_FROM})\b[^,;:!?]{{0,60}}?\b(?:{_BRAND})\b"
    rf"|(?:{_SENT_FROM}) (?:my|min|mit|mein\w{{0,2}}|mon|mijn|mi|il mio)\b[^,;:!?]{{0,30}}?"
    rf"\b(?:{_DEVICE})\b|(?:{_SENT_FROM})\b[^,;:!?]{{0,30}}?\b(?:{_DEVICE})(?=\W{{0,3}}$)"
    rf"|(?:{_FETCH}) (?:the )?(?:{_BRAND})\b"
    r"|outlook (?:til|för|für|for|pour|voor) (?:ios|android)\b)"
    r"[^.!?]{0,120}[.!)\]*_> ]{0,4}$",
    re.I,
)
SENT_BY = re.compile(
    rf"^(?:von mein\w{{0,2}} .{{0,40}}(?:gesendet|verschickt)"
    rf"|von unterwegs (?:gesendet|geschickt)|von (?:{_BRAND})\b.{{0,30}} gesendet"
    r"|(?:diese nachricht wurde )?(?:mit|von) .{1,60} gesendet"
    r"|(?:sent from my|sendt fra min|skickat från min|gesendet von mein(?:em)?) [^,;:!?]{1,50}"
    r"|yahoo mail: .{1,60}"
    r"|(?:please )?(?:excuse|pardon|forgive) (?:my |the |any )?(?:brevity|typos?).{0,60})[.!]?$",
    re.I,
)

DISCLAIMER = re.compile(
    r"^[*_\s\"(\[]{0,4}(?:(?:privacy |legal |e-?mail )?disclaimer\b"
    r"|(?:important |legal |privacy )?(?:confidentiality|privileged|confidential|privacy)"
    r"(?: and \w+)? (?:notice|note|warning|statement|information)|confidentiality\s?:"
    r"|(?:this|the (?:information|contents?)) .{0,60}(?:e-?mail|message|communication|transmission)"
    r".{0,160}(?:confidential|intended (?:only |solely )?for|privileged|addressee)"
    r"|(?:this|the information contained in this) (?:e-?mail|message)(?: \w+){0,8} "
    r"(?:is|are|may be|contains?|may contain)(?: \w+){0,4} (?:confidential|privileged|intended)"
    r"|if you (?:are not the intended|have received this|received this (?:e-?mail|message) in)"
    r"|(?:please |think |save ).{0,30}(?:environment|trees?|paper)\b.{0,40}print"
    r"|(?:before printing|do you really need to print)"
    r"|denne (?:e-?mail|mail|meddelelse|besked|e-?post|melding)\b.{0,160}"
    r"(?:fortrolig|konfidensiel|tiltænkt|beregnet til|(?:kun|alene) bestemt)"
    r"|(?:fortrolighed|fortrolig meddelelse|fortrolighedserklæring|konfidensialitet)"
    r"|(?:tænk på|tenk på|tänk på|skån) (?:miljøet|miljöet|miljön)"
    r"|(?:detta|det här) (?:e-?post\w{0,10}|mejl|mail|meddelande)\w{0,4}\b.{0,160}"
    r"(?:konfidentiell|avsett|avsedd|sekretess)"
    r"|diese (?:e-?mail|nachricht|mail)\b.{0,160}(?:vertraulich|bestimmt|rechtlich geschützt)"
    r"|der inhalt dieser (?:e-?mail|nachricht)|(?:wichtiger "
    r"|rechtlicher )hinweis\s?:.{0,60}(?:e-?mail|nachricht|vertraulich)"
    r"|vertraulichkeitshinweis|(?:bitte )?(?:denken|prüfen) sie.{0,40}(?:umwelt|ausdruck)"
    r"|virus-free\b|(?:virusfri|virenfrei)\b.{0,30}(?:avast|avg)|this email has been (?:checked"
    r"|scanned)"
    r"|denne (?:e-?mail|mail) er (?:blevet )?(?:kontrolleret|scannet|tjekket)"
    r"|diese e-?mail wurde (?:von|auf)|detta (?:e-?postmeddelande|mejl) har (?:kontrollerats"
    r"|genomsökts)"
    r"|you received this message because you are subscribed|to unsubscribe from this"
    r"|(?:ce message|cet e-?mail).{0,160}confidentiel|dit (?:bericht|e-?mail).{0,160}vertrouwelijk"
    r"|este (?:mensaje|correo).{0,160}confidencial)",
    re.I,
)

_CLOSINGS = (
    r"(?:with )?(?:(?:my |our )?(?:very )?(?:kind(?:est)?|best|warm(?:est)?|many|sincere"
    r"|friendly) )?regards"
    r"|(?:thanks|thank you|many thanks)(?:,| and| &| \+) (?:(?:kind(?:est)?|best|warm) )?regards"
    r"|(?:with )?(?:best|warm|kind|good) wishes|all the best|all my best|yours(?: (?:sincerely"
    r"|faithfully|truly))?"
    r"|sincerely(?: yours)?|cheers|rgds|brgds|best rgds|greetings|cordially|respectfully(?: yours)?"
    r"|take care|warmly|with gratitude|br|kr|brs"
    r"|(?:med )?(?:de )?(?:(?:venlige?|vennlige?|kærlige?|bedste|beste|varme?|mange|hjertelige?"
    r"|sommerlige?|gode) )*(?:hilsen|hilsner|hilsener|hilsning|hils)"
    r"|mvh|m\.v\.h\.?|m\.v\.h|vh|v\.h\.?|kh|k\.h\.?|dbh|bh|mh|de bedste|knus|klem|kram"
    r"|(?:med )?(?:(?:vänliga?|bästa|hjärtliga?|många|varma?|snälla|trevliga|soliga|goda) )*"
    r"(?:hälsning(?:ar)?|hälsn)|hälsar|(?:med )?vänlig hälsning|allt gott|ha det (?:bra|gott"
    r"|så bra)"
    r"|mit (?:(?:sehr |ganz )?(?:freundlich\w{1,2}|best\w{1,2}|lieb\w{1,2}|herzlich\w{1,2}"
    r"|viel\w{1,2}"
    r"|sonnig\w{1,2}|kollegial\w{1,2}|schön\w{1,2}|nett\w{1,2})(?:,| und)? ?)+(?:grüßen|grüssen"
    r"|gruessen|gruß|gruss)"
    r"|(?:(?:freundliche?|beste|liebe|viele|herzliche|schöne|sonnige|nette|schönen?)(?:,"
    r"| und)? ){0,3}"
    r"(?:grüße|grüsse|gruesse|gruß|gruss)(?: aus \w+)?|mfg|lg|vg|bg|hg|glg|m\.f\.g\.?"
    r"|hochachtungsvoll"
    r"|ihre?(?=\W*$)|(?:bien )?cordialement|bien à vous|(?:meilleures "
    r"|sincères )?salutations(?: distinguées)?"
    r"|(?:très )?bonne journée|met (?:vriendelijke|hartelijke) groet(?:en)?|mvg"
    r"|(?:vriendelijke |hartelijke )?groet(?:en|jes)?|(?:(?:un|mis"
    r"|cordiales) )?(?:cordial(?:es)? )?saludos?"
    r"(?: cordiales)?|atentamente|(?:cordiali|distinti) saluti|atenciosamente|cumprimentos"
    r"|ystävällisin terveisin|terveisin|pozdrawiam|z poważaniem"
)
_THANKS = (
    r"(?:many )?thanks(?: (?:a lot|so much|again|in advance|very much|and have a (?:nice"
    r"|great) day))?"
    r"|thank you(?: (?:so much|very much|in advance|again))?|thx|best"
    r"|(?:mange |tusind |på forhånd |på forhånd mange )?tak(?: (?:på forhånd|for hjælpen))?"
    r"|(?:mange |tusen |på forhånd )?takk(?: (?:på forhånd|for hjelpen))?"
    r"|(?:stort |många )?tack(?: (?:på förhand|så mycket|för hjälpen))?"
    r"|(?:vielen |besten |herzlichen )?dank(?: im voraus)?|danke(?: (?:schön|sehr|im voraus"
    r"|vorab))?"
    r"|vielen dank(?: und (?:viele|beste|freundliche) grüße)?|merci(?: d['’]avance)?|bedankt"
    r"|gracias"
    r"|have a (?:nice|great|good|lovely) (?:day|weekend|evening)|(?:fortsat )?god (?:dag|weekend)"
    r"|ha en (?:bra|trevlig|fin) (?:dag|helg)|schönen tag noch|schönes wochenende"
)
CLOSING = re.compile(
    rf"^[*_/\s]{{0,3}}((?:{_CLOSINGS})(?: ?/ ?(?:{_CLOSINGS}))?)(?![\w'’-])(.*)$", re.I
)
THANKS = re.compile(rf"^((?:{_THANKS}))\s?,?$", re.I)
# So short that they are other words too, such as of products: what follows must be the writer.
SHORT_CLOSING = re.compile(r"^[\W_]*(?:br|kr|brs|vh|kh|bh|mh|lg|vg|bg|hg|glg)\s+\w", re.I)
# Whoever writes a disclaimer does not speak of himself.
PERSONAL = re.compile(
    r"\bI(?:'m|'ve)?\b|\b(?:[Mm]y|[Jj]eg|[Mm]ig|[Mm]in|[Ii]ch|[Mm]ein\w{0,2}|[Jj]ag)\b"
)
POSTSCRIPT = re.compile(r"^(?:p\.?\s?p?\.?s\.?)\s?[:.,)]|^ps\b", re.I)
STUB = re.compile(
    r"\bhtml\b.{0,80}\b(?:e-?mail|mail|message|view|client|browser|version|format|support|program)"
    r"|\b(?:e-?mail|mail|message|view|client|browser|version|format|support"
    r"|programm?)\w{0,6}\b.{0,80}\bhtml\b"
    r"|this is a multi-?part message in mime format|view (?:this|it) (?:e-?mail "
    r"|message )?in (?:your|a|the) browser"
    r"|se (?:denne )?(?:mail|e-?mail|besked)\w{0,4} i (?:din )?browser"
    r"|im browser (?:an(?:zu)?sehen|öffnen)",
    re.I | re.S,
)
CONTACT = re.compile(
    r"@|https?://|\bwww\.|\b(?:tlf|tel|telefon|phone|mobile?|mob|fax|cvr|org\.?\s?nr|vat|ust|hrb"
    r"|direct|office"
    r"|t|m|p|e|w|f)\b\s?[.:|]|\+\d[\d ()/.-]{6,}|\b\d{2} \d{2} \d{2} \d{2}\b|\|"
    r"|\b0\d{2,4}[ /-]\d{4,}|\bgmbh\b|\baps\b|\ba/s\b|\bab\b|\bltd\b|\binc\b|\blinkedin\b",
    re.I,
)
