"""The sentences that customers read of actions, in the language that is active."""

from collections.abc import Sequence
from datetime import date, timedelta

from babel.dates import format_date
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext, pgettext

from chatbot.systems.ports import (
    Order,
    OrderState,
    Product,
    Shipment,
    Tracked,
    TrackedState,
    Variant,
)

_NEAR = 300  # days, within which a weekday says more than a year


def day(when: date, today: date | None = None) -> str:
    """Return a day as people say it: "Friday 27 November"; from `today` also "tomorrow"."""
    if today is not None and when == today:
        return gettext("today")
    if today is not None and when == today + timedelta(days=1):
        return gettext("tomorrow")
    language = translation.get_language() or "en"
    locale = "en_GB" if language == "en" else language
    near = abs((when - (today or timezone.localdate())).days) < _NEAR
    pattern = {
        "en": "EEEE d MMMM" if near else "d MMMM y",
        "da": "EEEE 'den' d. MMMM" if near else "'den' d. MMMM y",
        "sv": "EEEE 'den' d MMMM" if near else "'den' d MMMM y",
        "de": "EEEE, d. MMMM" if near else "d. MMMM y",
    }.get(language, "d MMMM y")
    return str(format_date(when, pattern, locale=locale))


def short_day(when: date) -> str:
    """Return a day in brief, for lists: "12 Nov"."""
    language = translation.get_language() or "en"
    pattern = "d. MMM" if language in ("da", "de") else "d MMM"
    return str(format_date(when, pattern, locale="en_GB" if language == "en" else language))


# --- The dialogue -----------------------------------------------------------------------------
def left_alone() -> str:
    return gettext("All right, I've left that. Write again whenever you need us.")


def giving_up() -> str:
    return gettext(
        "I don't get any further with this alone. A colleague takes over with what you've told me."
    )


def back_to(*, question: str) -> str:
    """Said after a question in between was answered."""
    return gettext("Back to where we were. %(question)s") % {"question": question}


def not_understood(*, slot: str, again: str) -> str:
    """Said when an answer was none; `again` is what was asked."""
    hint = {
        "email": gettext("That doesn't look like an email address."),
        "order": gettext("I can't see an order number in that."),
        "code": gettext("The code has six digits."),
    }.get(slot, gettext("I didn't quite get that."))
    return f"{hint} {again}"


def mail_failed() -> str:
    return gettext(
        "The mail I promised you could not be sent: a system on our side isn't answering. "
        "I'm bringing in a colleague."
    )


def skip() -> str:
    return pgettext("button", "Skip")


def yes() -> str:
    return pgettext("button", "Yes")


def no() -> str:
    return pgettext("button", "No")


# --- Orders and proof -------------------------------------------------------------------------
def ask_order() -> str:
    return gettext("What is your order number? It's in the confirmation we mailed you.")


def no_number() -> str:
    return pgettext("button", "I don't have it")


def ask_email_of_order(*, order: str) -> str:
    return gettext("Which email address did you use for order %(order)s?") % {"order": order}


def ask_email_for_code() -> str:
    return gettext(
        "Then I can find it by your email address. Which one did you order with? "
        "I'll mail you a code to be sure it's you."
    )


def code_sent(*, email: str) -> str:
    return gettext(
        "I'm mailing a code with six digits to %(email)s. It's good for 10 minutes. "
        "What is the code?"
    ) % {"email": email}


def ask_code(*, email: str) -> str:
    return gettext("What is the code I mailed to %(email)s?") % {"email": email}


def another_code() -> str:
    return pgettext("button", "Send a new code")


def wrong_code() -> str:
    return gettext("That's not the code. Look at the newest mail and try once more.")


def code_expired() -> str:
    return gettext("That code isn't good any more.")


def code_instead() -> str:
    return pgettext("button", "Send me a code")


def no_match(*, order: str, email: str) -> str:
    """Said whether the order exists or not: it tells nothing."""
    return gettext(
        "I can't find an order with the number %(order)s and the address %(email)s. "
        "Check both and write what was wrong, or I can mail you a code instead."
    ) % {"order": order, "email": email}


def not_proven() -> str:
    return gettext(
        "I can't be sure whose order this is, so I can't say anything about it. "
        "A colleague helps you from here."
    )


def no_such_order_of_yours(*, order: str, email: str) -> str:
    return gettext(
        "There's no order %(order)s under your address %(email)s. Which one do you mean?"
    ) % {"order": order, "email": email}


def no_orders(*, email: str) -> str:
    return gettext(
        "There are no orders under %(email)s. Did you use another address? "
        "Then write your order number, or a colleague can look."
    ) % {"email": email}


def which_order() -> str:
    return gettext("Which order do you mean?")


def order_line(*, order: Order) -> str:
    """Return an order as one of several: its number, its day, how far it is, and what is in it."""
    names = "; ".join(line.name for line in order.lines[:2])
    more = len(order.lines) - 2
    if more > 0:
        names = ngettext("%(names)s and %(more)d more", "%(names)s and %(more)d more", more) % {
            "names": names,
            "more": more,
        }
    return f"{order.number}, {short_day(order.placed_on)}, {state_word(order.state)}: {names}"


def state_word(state: OrderState) -> str:
    return {
        OrderState.RECEIVED: pgettext("order", "received"),
        OrderState.PACKING: pgettext("order", "being packed"),
        OrderState.SENT: pgettext("order", "on its way"),
        OrderState.READY: pgettext("order", "ready to be picked up"),
        OrderState.DELIVERED: pgettext("order", "delivered"),
        OrderState.CANCELLED: pgettext("order", "cancelled"),
        OrderState.RETURNED: pgettext("order", "returned"),
    }[state]


def items(order: Order) -> str:
    """Return what is in an order: "2 x Strand bowl, Hede blanket"."""
    return "; ".join(
        f"{line.quantity} × {line.name}" if line.quantity > 1 else line.name for line in order.lines
    )


def order_state(*, order: Order, today: date) -> str:
    """Return how far an order is, in a sentence."""
    number = order.number
    delivered = order.delivered_on
    match order.state:
        case OrderState.RECEIVED:
            return gettext("We have received order %(order)s and pack it soon.") % {"order": number}
        case OrderState.PACKING:
            return gettext("Order %(order)s is being packed.") % {"order": number}
        case OrderState.SENT:
            return gettext("Order %(order)s is on its way.") % {"order": number}
        case OrderState.READY:
            return gettext("Order %(order)s is ready to be picked up.") % {"order": number}
        case OrderState.DELIVERED if delivered is not None:
            return gettext("Order %(order)s was delivered on %(day)s.") % {
                "order": number,
                "day": day(delivered),
            }
        case OrderState.DELIVERED:
            return gettext("Order %(order)s was delivered.") % {"order": number}
        case OrderState.CANCELLED:
            return gettext("Order %(order)s was cancelled.") % {"order": number}
        case _:
            return gettext("Order %(order)s came back to us as a return.") % {"order": number}


def order_items(*, order: Order) -> str:
    return gettext("In it: %(items)s.") % {"items": items(order)}


def expected(*, on: date, today: date) -> str:
    return gettext("Expected %(day)s.") % {"day": day(on, today)}


def late(*, on: date, today: date) -> str:
    return gettext(
        "It should have been with you on %(day)s, so it is late. "
        "I can bring in a colleague to look for it."
    ) % {"day": day(on)}


def late_unsent(*, on: date) -> str:
    return gettext(
        "It should have been with you on %(day)s and hasn't left yet, so it is late. "
        "I can bring in a colleague to find out why."
    ) % {"day": day(on)}


def parcel(*, shipment: Shipment, url: str) -> str:
    text = gettext("Parcel %(number)s with %(carrier)s") % {
        "number": shipment.number,
        "carrier": shipment.carrier,
    }
    return f"{text}: {url}" if url else f"{text}."


def tracked(*, found: Tracked) -> str:
    """Return what the carrier says of a parcel."""
    words = {
        TrackedState.ANNOUNCED: gettext("The carrier does not have it yet."),
        TrackedState.UNDER_WAY: gettext("It is under way."),
        TrackedState.OUT_FOR_DELIVERY: gettext("It is out for delivery today."),
        TrackedState.READY: gettext("It is waiting for you at the pick-up point."),
        TrackedState.DELIVERED: gettext("The carrier says it is delivered."),
        TrackedState.RETURNED: gettext("It is on its way back to us."),
        TrackedState.FAILED: gettext("The carrier could not deliver it."),
    }[found.state]
    return f"{words} ({found.place})" if found.place else words


# --- Passwords --------------------------------------------------------------------------------
def ask_email_of_account() -> str:
    return gettext("Which email address does your account have? I'll mail you a link.")


def confirm_reset(*, email: str) -> str:
    return gettext("Shall I mail a link for a new password to %(email)s?") % {"email": email}


def reset_sent(*, email: str) -> str:
    """Said whether there is such an account or not: it tells nothing."""
    return gettext(
        "If %(email)s has an account with us, a link to choose a new password is on its way "
        "there. It works once, for an hour. Nothing there in a few minutes? Look in the spam "
        "folder, or try another address."
    ) % {"email": email}


def reset_limit() -> str:
    return gettext("I've mailed as many links as I may for now. A colleague helps you from here.")


# --- Stock ------------------------------------------------------------------------------------
def ask_product() -> str:
    return gettext("Which product do you mean? Its name or number will do.")


def which_product() -> str:
    return gettext("Did you mean one of these?")


def this_product(*, name: str) -> str:
    return gettext("Did you mean %(name)s?") % {"name": name}


def no_product(*, words: str) -> str:
    return gettext(
        "I find nothing called “%(words)s” among our products. A colleague can look for it."
    ) % {"words": words}


def ask_product_again(*, words: str) -> str:
    return gettext("I find nothing called “%(words)s”. What else is it called?") % {"words": words}


def in_stock(*, product: Product, today: date) -> str:
    """Return what of a product is there, a line for each variant."""
    if len(product.variants) == 1 and not product.variants[0].name:
        return f"{product.name}: {variant_state(product.variants[0], today)}"
    lines = [f"{product.name}:"]
    lines += [
        f"• {variant.name or variant.number}: {variant_state(variant, today)}"
        for variant in product.variants
    ]
    return "\n".join(lines)


def variant_state(variant: Variant, today: date) -> str:
    if variant.in_stock:
        if variant.available is not None and 0 < variant.available <= 3:
            return ngettext(
                "in stock, the last one", "in stock, the last %(count)d", variant.available
            ) % {"count": variant.available}
        return gettext("in stock")
    if variant.back_on is not None:
        return gettext("sold out, back %(day)s") % {"day": day(variant.back_on, today)}
    return gettext("sold out")


# --- Returns ----------------------------------------------------------------------------------
def not_delivered_yet(*, order: str) -> str:
    return gettext(
        "Order %(order)s isn't delivered yet. Once you have it, I can make you a label. "
        "If you want to cancel it instead, a colleague can see whether that can still be done."
    ) % {"order": order}


def too_late(*, order: str, until: date, days: int) -> str:
    return gettext(
        "Order %(order)s could be returned until %(day)s, %(days)d days after it was delivered. "
        "If something is wrong with it, a colleague looks at it with you."
    ) % {"order": order, "day": day(until), "days": days}


def returned_already(*, order: str) -> str:
    return gettext("Order %(order)s was returned already.") % {"order": order}


def cancelled_already(*, order: str) -> str:
    return gettext("Order %(order)s was cancelled, so there is nothing to return.") % {
        "order": order
    }


def nothing_returnable(*, order: str) -> str:
    return gettext(
        "What is in order %(order)s can't be returned. "
        "If something is wrong with it, a colleague looks at it with you."
    ) % {"order": order}


def not_returnable(*, names: Sequence[str]) -> str:
    return gettext("This can't be returned: %(names)s.") % {"names": "; ".join(names)}


def which_lines() -> str:
    return gettext("What do you want to send back? Write the numbers, or “all”.")


def only_line(*, name: str) -> str:
    return gettext("Shall I make a label for %(name)s?") % {"name": name}


def all_of_it() -> str:
    return pgettext("button", "All of it")


def label_made(*, number: str, email: str, names: Sequence[str], until: date) -> str:
    return gettext(
        "Your return %(number)s is registered: %(names)s. The label is on its way to %(email)s "
        "as a PDF. Hand in the parcel by %(day)s, and keep the receipt."
    ) % {"number": number, "email": email, "names": "; ".join(names), "day": day(until)}


def label_link(*, url: str) -> str:
    return gettext("You can also get it here: %(url)s") % {"url": url}


# --- Complaints -------------------------------------------------------------------------------
def ask_what_happened() -> str:
    return gettext("I'm sorry about that. What happened? Write it as you'd tell a colleague.")


def ask_order_if_any() -> str:
    return gettext("Which order is it about? Without a number, write “don't know”.")


def ask_pictures() -> str:
    return gettext("A picture helps, if you can take one. Send it here, or skip this.")


def case_opened(*, number: str) -> str:
    return gettext("Your case has the number %(number)s. A colleague goes on with it here.") % {
        "number": number
    }


# --- Technical issues -------------------------------------------------------------------------
def ask_problem() -> str:
    return gettext(
        "What goes wrong? If there is an error message, copy it here or send a screenshot."
    )


def ask_system() -> str:
    return gettext("Which computer or phone is it, and which browser? Windows and Chrome, say.")


def ask_browser() -> str:
    return gettext("Which browser do you use?")


def ask_tried() -> str:
    return gettext("What have you tried so far?")


def ask_since() -> str:
    return gettext("Since when does it happen?")


def ask_often() -> str:
    return gettext("How often: every time, or now and then?")


def every_time() -> str:
    return pgettext("button", "Every time")


def now_and_then() -> str:
    return pgettext("button", "Now and then")


def once() -> str:
    return pgettext("button", "Just once")


def may_be_it() -> str:
    """Said before an article about a known problem."""
    return gettext("This may be it:")


def did_that_solve() -> str:
    return gettext("Did that solve it?")


def solved() -> str:
    return gettext("Good that it works again. Write whenever you need us.")


def technical_person() -> str:
    return gettext("Thank you, a colleague who knows the technical side gets all of this.")


# --- Mails and text messages ------------------------------------------------------------------
def code_subject(*, shop: str) -> str:
    return gettext("Your code for %(shop)s") % {"shop": shop}


def code_mail(*, code: str, shop: str) -> str:
    return gettext(
        "%(code)s is your code for the chat with %(shop)s. It is good for 10 minutes.\n\n"
        "Did you not ask for it? Then you need not do anything, and nobody learns anything."
    ) % {"code": code, "shop": shop}


def label_subject(*, number: str, shop: str) -> str:
    return gettext("Your return label %(number)s for %(shop)s") % {"number": number, "shop": shop}


def label_mail(*, number: str, names: str, until: str) -> str:
    return gettext(
        "Here is the label for your return %(number)s: %(names)s.\n\n"
        "Print it, or show its barcode on your phone where you hand in the parcel, by %(day)s. "
        "Keep the receipt until the refund has arrived."
    ) % {"number": number, "names": names, "day": until}


def label_text(*, number: str, url: str) -> str:
    return gettext("Your return %(number)s: %(url)s") % {"number": number, "url": url}
