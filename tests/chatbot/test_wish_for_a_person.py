"""Who wants to talk with a person about something is understood, whatever stands between."""

import pytest

from chatbot.answering.understanding import wants_person
from tests.chatbot.test_understanding import each

WISHES = each(
    en="""I'd like to talk to somebody about my order / Can I discuss my order with a person? / I
        would like to speak with somebody about my return / Could I speak about my invoice with
        one of your employees? / Can I talk with one of your colleagues about the damaged lamp? /
        I want to write to a human about my refund / May I have a word with a colleague about my
        order? / I'd prefer to discuss the return with a human / Can I chat about my order with an
        actual employee? / I need to speak with someone from your team regarding my parcel / I'd
        like to talk about my order with a real person / Could an employee talk to me about my
        order?""",
    da="""Jeg vil gerne tale med en medarbejder om min ordre / Kan jeg tale med en om min ordre? /
        Jeg vil gerne tale med en af jeres medarbejdere om min returnering / Må jeg snakke om min
        ordre med en kollega? / Kan jeg skrive sammen med et menneske om min pakke? / Jeg ønsker
        at drøfte min ordre med en medarbejder / Kan jeg komme til at tale med nogen om min
        faktura? / Jeg vil gerne tale med en ansat om min reklamation / Kan jeg få en snak med en
        medarbejder om min ordre? / Er det muligt at tale med en anden end dig om min ordre?""",
    sv="""Jag skulle vilja prata med någon om min beställning / Kan jag få tala om min order med
        en medarbetare? / Jag vill prata med en av era medarbetare om min retur / Jag vill
        diskutera min order med en människa / Kan jag prata med er personal om min faktura? / Går
        det att prata med nån om mitt paket? / Jag vill tala med en anställd om min reklamation /
        Kan jag få skriva med en kollega om min retur?""",
    de="""Ich möchte mit einem Mitarbeiter über meine Bestellung sprechen / Kann ich mit einem
        Ihrer Mitarbeiter reden? / Ich würde gern mit einer Kollegin von Ihnen über die Rechnung
        reden / Kann ich mit einem Menschen wegen meiner Rückgabe schreiben? / Ich möchte einen
        Mitarbeiter wegen der Rechnung sprechen / Könnte ich mit jemandem aus Ihrem Team über
        meine Lampe reden? / Ich will über meine Bestellung mit einer Person sprechen / Ich möchte
        gern mit einer Mitarbeiterin meine Reklamation besprechen / Darf ich mit einem Berater
        kurz über die Lieferung sprechen? / Kann ich über mein Paket mit jemandem telefonieren? /
        Kann ich mit einem von euch über meine Bestellung sprechen? / Ich möchte meine Bestellung
        mit einem Mitarbeiter besprechen""",
    nb="""Jeg vil gjerne snakke med en medarbeider om bestillingen min / Kan jeg få snakke med en
        ansatt om returen min? / Jeg ønsker å diskutere bestillingen min med et menneske / Kan jeg
        prate om fakturaen min med en kundebehandler? / Jeg vil snakke med en av de ansatte om
        pakken min / Kan jeg skrive med noen om reklamasjonen min?""",
)
QUESTIONS = each(
    en="""Can I speak to the courier about delivery time? / Where do I find somebody's order? /
        May I talk about returns? / Can I pay with a card for somebody? / My colleague and I would
        like to talk about a discount / I talked with a colleague about lamps and want one /
        Should I speak to the neighbour about my parcel? / Can I order together with a colleague?
        / Can I share my order with another person? / Can I write a card to a person with my
        order? / Do your employees speak Danish? / Can I discuss the price with the seller on the
        marketplace? / I'd like to write a review about my order / Can the post office talk to me
        about customs? / Do I have to talk to the bank about my refund? / I need a gift for an
        employee, can we talk about prices? / Is the manual written by a human? / somebody told me
        to write to you about my order / Can I discuss a discount for someone else's order / Can a
        colleague pick up my order and speak for me / Can you speak to me in Swedish""",
    da="""Kan jeg tale med buddet om leveringstiden? / Hvor finder jeg en anden persons ordre? /
        Må jeg spørge om returnering? / Kan jeg dele en ordre med en kollega? / Kan jeg skrive et
        kort med min ordre til en person? / Taler jeres medarbejdere dansk? / Skal jeg tale med
        banken om min tilbagebetaling? / Jeg talte med en medarbejder om min ordre i går, hvor er
        den? / Kan jeg handle sammen med en kollega? / Kan jeg skrive med guld på koppen? / Skal
        jeg tale med min nabo om pakken? / Kan jeg gennemgå min kurv med en rabatkode / Må jeg
        tale om min ordre""",
    sv="""Kan jag prata med budet om leveranstiden? / Var hittar jag någons beställning? / Får jag
        fråga om returer? / Kan jag dela en beställning med en kollega? / Jag pratade med en
        medarbetare om min order igår, var är den? / Pratar er personal svenska? / Ska jag prata
        med banken om min återbetalning? / Kan jag skriva ett kort till en person med lampan? /
        Kan jag prata med grannen om paketet? / Jag vill diskutera det med min fru först / kan jag
        skriva med en penna som går bort""",
    de="""Kann ich mit Karte bezahlen? / Kann ich mit dem Kurier über die Lieferzeit sprechen? /
        Wo finde ich die Bestellung von jemandem? / Darf ich über Rückgaben sprechen? / Kann ich
        mit einem Kollegen zusammen bestellen? / Sprechen Ihre Mitarbeiter Dänisch? / Ich habe mit
        einem Mitarbeiter über meine Bestellung gesprochen, wo ist sie? / Muss ich mit der Bank
        über die Erstattung sprechen? / Kann ich mit einem Gutschein für eine Person bezahlen? /
        Kann ich für einen Mitarbeiter eine Karte schreiben? / Soll ich mit dem Nachbarn über das
        Paket reden? / Kann ich mit einem Mitarbeiter der Post über die Zustellung sprechen? /
        Kann eine andere Person mit meinem Ausweis das Paket abholen? / Können wir über den Preis
        reden? / Ich muss das noch mit meiner Frau besprechen / Kann ich mit einer zweiten Person
        bestellen und mit PayPal zahlen""",
    nb="""Kan jeg snakke med budet om leveringstiden? / Hvor finner jeg noens bestilling? / Kan
        jeg dele en bestilling med en kollega? / Snakker dere norsk? / Jeg snakket med en
        medarbeider om pakken i går, hvor er den? / Må jeg snakke med banken om refusjonen? / Kan
        jeg betale med kort? / Kan jeg skrive et kort til en person? / Kan jeg gå gjennom kassen
        med en rabattkode""",
)


@pytest.mark.parametrize(("language", "text"), WISHES)
def test_a_wish_is_heard_with_its_matter_in_between(language: str, text: str) -> None:
    assert wants_person(text), language


@pytest.mark.parametrize(("language", "text"), QUESTIONS)
def test_who_speaks_of_talking_and_of_people_asks_for_none(language: str, text: str) -> None:
    assert not wants_person(text), language
