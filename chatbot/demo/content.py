"""What the demo shop holds beside its articles: topics, skills, people, and work in progress."""

CHANNEL_KEY = "lund-og-lyng"
PASSWORD = "svar-demo"  # noqa: S105  of a demo that listens on this machine only

# slug: names in en, da, sv, de
CATEGORIES = {
    "delivery": ("Delivery", "Levering", "Leverans", "Lieferung"),
    "orders": ("Orders", "Ordrer", "Beställningar", "Bestellungen"),
    "returns": ("Returns", "Returnering", "Returer", "Rücksendung"),
    "payment": ("Payment", "Betaling", "Betalning", "Bezahlung"),
    "prices": (
        "Prices and offers",
        "Priser og tilbud",
        "Priser och erbjudanden",
        "Preise und Angebote",
    ),
    "accounts": ("Account", "Konto", "Konto", "Kundenkonto"),
    "store": ("Shop and contact", "Butik og kontakt", "Butik och kontakt", "Laden und Kontakt"),
    "warranty": ("Warranty", "Reklamation og garanti", "Reklamation och garanti", "Garantie"),
    "products": ("Products", "Varer", "Produkter", "Produkte"),
    "care": ("Care", "Vask og pleje", "Tvätt och skötsel", "Pflege"),
    "privacy": ("Privacy", "Persondata", "Personuppgifter", "Datenschutz"),
    "technical": ("Website", "Hjemmesiden", "Webbplatsen", "Website"),
}

# slug: (name, topics)
SKILLS = {
    "orders": ("Orders and delivery", ("delivery", "orders", "returns")),
    "billing": ("Billing", ("payment", "prices")),
    "technical": ("Technical", ("technical", "accounts")),
    "products": ("Products and care", ("products", "care", "warranty")),
    "privacy": ("Privacy", ("privacy",)),
    "general": ("General", ("store",)),
}

# user name: (name, skills, languages, capacity, supervisor)
AGENTS = {
    "mette": ("Mette Holm", ("orders", "general", "products"), ("da", "en"), 5, True),
    "jonas": ("Jonas Lindqvist", ("technical", "orders"), ("sv", "en"), 4, False),
    "anke": ("Anke Petersen", ("billing", "privacy", "general"), ("de", "da", "en"), 4, False),
    "freja": ("Freja Bach", ("products", "orders", "billing"), ("da", "sv", "en"), 3, False),
}

# Which articles the chat's first screen offers, in this order.
SUGGESTED = ("delivery-time", "track-parcel", "return-how", "payment-methods")

# Open conversations: agent, visitor's name and mail, language, topic, reason, and what was said.
OPEN = (
    (
        "mette",
        "Ingrid Dahl",
        "ingrid.dahl@post.example",
        "da",
        "returns",
        "low_confidence",
        (
            (
                "contact",
                "Jeg har fået to ens tæpper, men kun bestilt ét. Skal jeg betale for at sende det andet tilbage?",
            ),
            (
                "agent",
                "Hej Ingrid. Nej, det er vores fejl. Jeg har sendt dig en gratis returlabel på mail nu.",
            ),
            ("contact", "Tak! Er det ok at jeg først sender det på mandag?"),
        ),
    ),
    (
        "mette",
        "Peter Sørensen",
        "peter@soerensen.example",
        "da",
        "delivery",
        "customer_request",
        (
            (
                "contact",
                "Kan I levere bænken på en lørdag? Jeg vil gerne tale med en medarbejder om det",
            ),
            (
                "agent",
                "Hej Peter. Lørdag kan lade sig gøre i Aarhus og omegn. Hvilken adresse skal den til?",
            ),
        ),
    ),
    (
        "jonas",
        "Ebba Nyström",
        "ebba.nystrom@mejl.example",
        "sv",
        "technical",
        "low_confidence",
        (
            (
                "contact",
                "När jag trycker på Betala blir sidan bara vit. Har testat i både Safari och Chrome",
            ),
        ),
    ),
    (
        "anke",
        "Familie Brandt",
        "brandt@haus.example",
        "de",
        "payment",
        "low_confidence",
        (
            (
                "contact",
                "Die Rechnung ist auf den falschen Firmennamen ausgestellt, können Sie das bitte ändern?",
            ),
            ("agent", "Guten Tag, das mache ich gern. Wie lautet der richtige Name?"),
            ("contact", "Brandt Innenausbau GmbH, Musterweg 4, 24103 Kiel"),
        ),
    ),
    (
        "anke",
        "Sofie Krag",
        "sofie@krag.example",
        "da",
        "payment",
        "customer_request",
        (
            (
                "contact",
                "Jeg er blevet trukket to gange for ordre 10482. Kan jeg få et menneske til at se på det?",
            ),
        ),
    ),
)
