"""The index of words, kept by triggers of the database: no write of ours can forget it.

One row a message: its text, and beside it the conversation's subject and who its customer is, so
that one look finds "anna teapot" where Anna wrote of a teapot. Rows are numbered as messages are,
hence newest first is the index's own order.
"""
# ruff: noqa: S608  no statement here holds anybody's value

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

INDEX = "conversations_words"
_MOST = 100_000  # characters of a message: more is no text that people wrote

# Whom a conversation is with, in the words of its contact and of its channel.
_WHO = """coalesce(p.name, '') || ' ' || coalesce(p.email, '') || ' ' || coalesce(n.name, '')
    || ' ' || coalesce(n.verified_email, '') || ' ' || coalesce(n.proven_email, '')
    || CASE WHEN n.external_id LIKE '%@%' THEN ' ' || n.external_id ELSE '' END"""
_FROM = """FROM conversations_message m
    JOIN conversations_conversation c ON c.id = m.conversation_id
    JOIN conversations_contact p ON p.id = c.contact_id
    JOIN conversations_contactidentity n ON n.id = c.identity_id"""
# Which columns lead to which messages being read again.
_NAMED = {
    "conversation": (("subject", "contact_id", "identity_id"), "m.conversation_id = new.id"),
    "contact": (("name", "email"), "c.contact_id = new.id"),
    "contactidentity": (
        ("name", "external_id", "verified_email", "proven_email"),
        "c.identity_id = new.id",
    ),
}
_SAID = ("text", "conversation_id", "deleted_at")


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the index and its triggers where they are not, and take in what is missing in it."""
    statements = _POSTGRESQL if connection.vendor == "postgresql" else _sqlite()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the index and its triggers away."""
    remove_triggers(connection)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {INDEX}")
        if connection.vendor == "postgresql":
            cursor.execute("DROP FUNCTION IF EXISTS svar_words(text)")


def remove_triggers(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: SQLite renames no table while another's trigger speaks of it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP FUNCTION IF EXISTS svar_said() CASCADE")
            for table in _NAMED:
                cursor.execute(f"DROP FUNCTION IF EXISTS svar_named_{table}() CASCADE")
            return
        for name in ("said", "unsaid", "changed", *_NAMED):
            cursor.execute(f"DROP TRIGGER IF EXISTS words_{name}")


def before_migrations(*, plan: Any, using: str, **_: Any) -> None:
    """Let migrations rebuild tables, which SQLite does by renaming them."""
    from django.db import connections

    if plan and connections[using].vendor == "sqlite":
        remove_triggers(connections[using])


def after_migrations(*, plan: Any, using: str, **_: Any) -> None:
    """Bring back what a rebuilt table has lost."""
    from django.db import connections

    connection = connections[using]
    with connection.cursor() as cursor:
        there = INDEX in connection.introspection.table_names(cursor)
    if plan and there and connection.vendor == "sqlite":
        install(connection)


# --- SQLite -----------------------------------------------------------------------------------
def _sqlite() -> list[str]:
    columns = "rowid, text, subject, who, conversation"
    row = f"SELECT m.id, substr(m.text, 1, {_MOST}), c.subject, {_WHO}, m.conversation_id {_FROM}"
    take_in = f"INSERT INTO {INDEX} ({columns}) {row}"
    statements = [
        # Beginnings of words are looked up as they are typed: without an index of them each
        # would read the lists of all words that begin so.
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {INDEX} USING fts5(text, subject, who,"
        " conversation UNINDEXED, tokenize = 'unicode61 remove_diacritics 2',"
        " prefix = '2 3 4 5')",
        f"{take_in} WHERE m.id NOT IN (SELECT rowid FROM {INDEX})",
        f"CREATE TRIGGER IF NOT EXISTS words_said AFTER INSERT ON conversations_message"
        f" BEGIN {take_in} WHERE m.id = new.id; END",
        f"CREATE TRIGGER IF NOT EXISTS words_unsaid AFTER DELETE ON conversations_message"
        f" BEGIN DELETE FROM {INDEX} WHERE rowid = old.id; END",
        f"CREATE TRIGGER IF NOT EXISTS words_changed AFTER UPDATE OF {', '.join(_SAID)}"
        f" ON conversations_message WHEN {_differs(_SAID)}"
        f" BEGIN DELETE FROM {INDEX} WHERE rowid = old.id;"
        f" {take_in} WHERE m.id = new.id; END",
    ]
    for table, (names, which) in _NAMED.items():
        among = which.replace("new.id", "old.id")
        statements.append(
            f"CREATE TRIGGER IF NOT EXISTS words_{table} AFTER UPDATE OF {', '.join(names)}"
            f" ON conversations_{table} WHEN {_differs(names)}"
            f" BEGIN DELETE FROM {INDEX} WHERE rowid IN (SELECT m.id FROM conversations_message m"
            f" JOIN conversations_conversation c ON c.id = m.conversation_id WHERE {among});"
            f" {take_in} WHERE {which}; END"
        )
    return statements


def _differs(names: tuple[str, ...]) -> str:
    return " OR ".join(f"old.{name} IS NOT new.{name}" for name in names)


# --- PostgreSQL -------------------------------------------------------------------------------
# As SQLite's tokens: no accents, and nothing but letters and digits. Its own parser would keep
# addresses and hosts whole, and need an extension for accents.
_WORDS = f"""CREATE OR REPLACE FUNCTION svar_words(said text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('simple', regexp_replace(regexp_replace(
        normalize(left(said, {_MOST}), NFD), '[\\u0300-\\u036f]', '', 'g'),
        '[!-/:-@[-`{{-~\\u00a1-\\u00bf\\u2000-\\u206f]', ' ', 'g')) $$"""
_ROW = f"""SELECT m.id, m.conversation_id, setweight(svar_words(m.text), 'A')
    || setweight(svar_words(c.subject), 'C') || setweight(svar_words({_WHO}), 'B') {_FROM}"""
_TAKE_IN = f"INSERT INTO {INDEX} (rowid, conversation, words) {_ROW}"
# So small that any stretch of messages is looked up in it beside the words.
STRETCHES = (
    f"CREATE INDEX IF NOT EXISTS {INDEX}_stretch ON {INDEX} USING brin (rowid)"
    " WITH (pages_per_range = 32)"
)
_POSTGRESQL = [
    _WORDS,
    f"""CREATE TABLE IF NOT EXISTS {INDEX} (
        rowid bigint PRIMARY KEY REFERENCES conversations_message (id) ON DELETE CASCADE,
        conversation bigint NOT NULL,
        words tsvector NOT NULL)""",
    f"{_TAKE_IN} WHERE NOT EXISTS (SELECT 1 FROM {INDEX} i WHERE i.rowid = m.id)",
    f"CREATE INDEX IF NOT EXISTS {INDEX}_gin ON {INDEX} USING gin (words)",
    STRETCHES,
    # The planner has to know which words are common: those it walks, rare ones it looks up.
    f"ALTER TABLE {INDEX} ALTER COLUMN words SET STATISTICS 1000",
    f"ANALYZE {INDEX}",
    f"""CREATE OR REPLACE FUNCTION svar_said() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        {_TAKE_IN} WHERE m.id = new.id
        ON CONFLICT (rowid) DO UPDATE
            SET conversation = excluded.conversation, words = excluded.words;
        RETURN NULL; END $$""",
    *(
        # One each: with a condition over all three, the planner could use no index.
        f"""CREATE OR REPLACE FUNCTION svar_named_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE {INDEX} i SET words = fresh.words, conversation = fresh.conversation
            FROM ({_ROW} WHERE {which}) AS fresh (id, conversation, words)
            WHERE i.rowid = fresh.id;
            RETURN NULL; END $$"""
        for table, (_names, which) in _NAMED.items()
    ),
    "CREATE OR REPLACE TRIGGER words_said AFTER INSERT ON conversations_message"
    " FOR EACH ROW EXECUTE FUNCTION svar_said()",
    f"CREATE OR REPLACE TRIGGER words_changed AFTER UPDATE OF {', '.join(_SAID)}"
    " ON conversations_message FOR EACH ROW WHEN"
    f" ({' OR '.join(f'old.{name} IS DISTINCT FROM new.{name}' for name in _SAID)})"
    " EXECUTE FUNCTION svar_said()",
    *(
        f"CREATE OR REPLACE TRIGGER words_{table} AFTER UPDATE OF {', '.join(names)}"
        f" ON conversations_{table} FOR EACH ROW WHEN"
        f" ({' OR '.join(f'old.{name} IS DISTINCT FROM new.{name}' for name in names)})"
        f" EXECUTE FUNCTION svar_named_{table}()"
        for table, (names, _which) in _NAMED.items()
    ),
]
