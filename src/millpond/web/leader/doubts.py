"""What is doubtful about a line of a list, in plain words: one sentence for each code, for leaders.

Codes come from reading (`community.pasted`, `paper.sheets`) and from comparing (`matching`).
A sentence stands by itself; what it is about is quoted behind it by the page.
"""

from __future__ import annotations

from dataclasses import dataclass

from millpond.web.words import Words, marked


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason to look: its code, the text it is about, and the other line it is about (0 for none)."""

    code: str
    fragment: str = ""
    other: int = 0


SENTENCES = {
    # who
    "no-name": marked("No name was found."),
    "name-unclear": marked("Is this the name?"),
    "same-name": marked("The same name stands on another line. One household or two?"),
    "for-another": marked("Perhaps ordered for somebody else."),
    "phone": marked("This phone number looks odd, or there are two."),
    # how many
    "no-quantity": marked("No quantity was found; 1 is filled in."),
    "number-unclear": marked("Is this number a quantity, a room, or part of the name?"),
    "quantity-absurd": marked("So many? Please check."),
    "fraction": marked("A part of a unit. Please fill in a whole number."),
    "range": marked("Not an exact number. Please ask how many."),
    "sum": marked("Several numbers were added up."),
    "unit": marked("Another unit than the item has; nothing was converted."),
    "tally": marked("A sum in the list does not come to what its lines say."),
    # of what
    "which-item": marked("Which item is meant?"),
    "which-variant": marked("Which variant is meant?"),
    "unknown-item": marked("This is not among the items of this group order."),
    "partial-item": marked("Only a part of an item’s name."),
    "by-position": marked("A letter or number that was taken as the place in the list of items."),
    "repeated-item": marked("The same item stands there twice; it was added up."),
    # and else
    "remark": marked("This was not understood; it is kept as a note."),
    "note-matters": marked("The note may change what is ordered."),
    "changed": marked("The line speaks of a change."),
    "cancelled": marked("Perhaps this was taken back."),
    "partly-struck": marked("A part of it is struck out."),
    "same-as-above": marked("“Same as above”: copied from the line before."),
    "follow-up": marked("Only a “+1”. Who is it, and of what?"),
    "continued": marked("Read together with the line below it."),
    # between lines
    "no-number": marked("The line has no number."),
    "number-gap": marked("Numbers are missing in the list. Is it whole?"),
    "number-repeated": marked("A number stands there twice."),
    "repeated-line": marked("The same line stands there twice."),
    "changed-in-copy": marked("An older copy of the list says something else."),
    "only-in-shorter": marked("It stands only in the shorter copy of the list."),
    # of a sheet
    "sheet-no-item": marked("The cell for the item is empty."),
    "sheet-no-quantity": marked("The cell for the quantity is empty."),
    "sheet-quantity-unclear": marked("No whole number. Please fill in how many."),
    "sheet-quantity-unit": marked("A number with a word behind it; the number was taken."),
    "sheet-number-unclear": marked("The order’s number could not be read."),
    "sheet-number-repeated": marked("Another order has the same number."),
    "sheet-phone-rounded": marked("The sheet has lost figures of this phone number."),
    "sheet-phone-hidden": marked("Figures of this phone number are hidden."),
    "sheet-phone-unclear": marked("This phone number looks odd, or there are two."),
    "sheet-amount-unclear": marked("An amount could not be read; amounts are not needed here."),
    "sheet-amount-differs": marked("Rows of the same order have different amounts."),
    "sheet-paid-unclear": marked("Whether it is paid is not clear."),
    "sheet-refunded": marked("Money went back. Perhaps nothing is wanted any more."),
    "sheet-same-order": marked("An order above is the same in every cell."),
    "sheet-shortened": marked("A long text was cut off."),
    "sheet-total-differs": marked("The sheet’s own total is not what its rows come to."),
    "sheet-unread": marked("These columns were passed over."),
    # compared with what is here
    "opened": marked("It was left out at first. Please fill in what it means."),
    "which-household": marked("More than one household could be meant."),
    "other-name": marked("This phone belongs to a household with another name."),
    "other-phone": marked("A household of this name has another phone."),
    "has-order": marked("This household has an order here already."),
    "options": marked("Something must be answered for this item, and no list says it."),
    "point-unknown": marked("This pick-up point is not among those of this group order."),
}

REASONS = {
    "example": marked("an example"),
    "tally": marked("a sum"),
    "menu": marked("what is offered"),
    "notice": marked("a notice"),
    "divider": marked("a divider"),
    "repeated-heading": marked("the heading again"),
    "heading": marked("the heading"),
    "time": marked("who wrote when"),
    "talk": marked("talk"),
    "too-long": marked("too long to be an order"),
    "above": marked("above the headings"),
    "headings": marked("the headings again"),
    "total": marked("a sum"),
    "struck": marked("struck out"),
    "copy": marked("a copy of another line"),
}
"""Why a line is not among the orders."""


def sentence(doubt: Doubt, words: Words) -> str:
    """In the reader's language; a code that is not known here is shown as it is."""
    return words(SENTENCES[doubt.code]) if doubt.code in SENTENCES else doubt.code


def reason(code: str, words: Words) -> str:
    """Why it was left out, in the reader's language."""
    return words(REASONS[code]) if code in REASONS else code
