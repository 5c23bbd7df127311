"""What the desk refuses, by code, in one table of sentences that pages translate.

`Refused("order.cap", left=3)` says, in English, "Only 3 more can be ordered."; a page looks up `message` in
the reader's catalogue and fills in `values`.

>>> str(Refused("order.cap", left=3))
'Only 3 more can be ordered.'
"""

from __future__ import annotations

from millpond.errors import InputError

WORDS = {
    "claim.elsewhere": "This claim belongs to another order.",
    "claim.not_answered": "This claim has no answer to take back.",
    "claim.refund_too_much": "That is more than the order costs.",
    "claim.settled": "This claim was answered already.",
    "claim.too_early": "Claims can be made once the goods have come.",
    "claim.too_many": "There are {most} open claims of this order already. Please talk to your leader.",
    "claim.words_missing": "Please say why, so that the household understands.",
    "counter.not_over": "Only {left} are left over.",
    "counter.not_unclaimed": "From {least}, sold already, to {most}, not picked up.",
    "counter.nothing_booked": "It cost nothing, so there is nothing to write off.",
    "counter.too_early": "The counter opens when the goods are here.",
    "decide.changed": "Orders changed while it was being decided. Please decide again.",
    "decide.too_late": "The order has gone to the maker; the decision stays.",
    "goods.not_by_weight": "This item is not paid by weight.",
    "goods.nothing_allocated": "Nothing of it was allocated here.",
    "goods.unknown_item": "This item belongs to another group order.",
    "goods.wrong_stage": "Goods are counted after the order has gone to the maker, until all is done.",
    "handing.unknown_event": "This hand-out was not noted here.",
    "handing.unknown_order": "This order belongs to another group order.",
    "handing.wrong_stage": "Handing out begins after the order has gone to the maker.",
    "household.under_way": "An order of this household is under way. Finish or cancel it first.",
    "household.unknown": "This household is not known here.",
    "list.rows": "{count} lines cannot be taken in, and none was: {rows}.",
    "list.who": "Whose order this is has to be chosen.",
    "log.elsewhere": "Others hold more of this log than stands here. It rests: resume it first.",
    "log.full": "This log is full: it and its pictures take at most {most} MiB. Go on under a new key.",
    "log.imported": "The room came from elsewhere and may say more there. Its log rests: resume it first.",
    "log.key": "Its key came from a file. The log rests: resume it first.",
    "log.lost": "This log ended: its key was lost.",
    "log.moved": "The log of this room moved to another node, and is written there.",
    "log.no_seed": "The key of this log is not here: it did not come along in an unsealed file.",
    "log.none": "This room has said nothing yet: it has no log.",
    "log.put_back": "An update failed while the log was being written. It rests: resume it first.",
    "log.restored": "The room came from a backup and may have said more since. The log rests: resume it.",
    "log.succeeded": "This log ended: it goes on under another key.",
    "log.twice": "The room's file was taken in here before. Its log rests: resume it first.",
    "log.unknown": "This log is not written now, and nothing here says why. Resume it first.",
    "money.claim_answered": "This belongs to a claim. Take the answer to the claim back instead.",
    "money.credit_too_little": "There is not so much to use.",
    "money.fee_up": "The fee was declared before: it may only go down.",
    "money.follows": "This follows from the decision and from what came. Change those, and it follows.",
    "money.more_than_open": "That is more than is open.",
    "money.no_entry": "There is no such entry to take back.",
    "money.order_gone": "This order was cancelled or merged into another one. Nothing is paid for it.",
    "money.refund_too_much": "That is more than was paid.",
    "money.same_place": "Choose two different places.",
    "money.sent_before": "This form was sent before. Load the page again to see what was noted.",
    "node.full": "A node carries at most {most} rooms.",
    "order.answer_long": "“{label}”: at most {most} characters.",
    "order.answer_missing": "Please answer “{label}”.",
    "order.answer_number": "“{label}” needs a number.",
    "order.answer_unknown": "“{label}”: please choose one of these: {choices}.",
    "order.cancelled": "This order was cancelled.",
    "order.cap": "Only {left} more can be ordered.",
    "order.closed": "This group order is closed.",
    "order.empty": "Nothing is ordered yet. Put in how many you would like.",
    "order.item_gone": "“{item}” is no longer offered.",
    "order.limit": "“{item}”: this is no amount that somebody could pay.",
    "order.name_missing": "Please give a name, so that the goods find you.",
    "order.not_open_yet": "This group order is not open yet.",
    "order.other_round": "Only orders of one group order can be merged.",
    "order.pickup_point": "Please choose a pick-up point.",
    "order.quantity": "“{item}”: from 1 to {most}.",
    "order.round_cancelled": "This group order was cancelled.",
    "order.same": "These are one and the same order.",
    "order.substitute": "The substitute must be another item of this group order.",
    "order.tolerance": "Nobody can take fewer than nothing: at most {most} fewer.",
    "order.unknown": "There is no such order.",
    "passkey.late": "That took too long, or was sent twice. Please try again.",
    "passkey.refused": "The passkey was not accepted.",
    "passkey.too_many": "At most {most} passkeys each. Please remove one first.",
    "passphrase.common": "This is one of the first that others would try. Please choose another.",
    "passphrase.digits": "Digits alone are guessed as days of birth and phone numbers. Add some words.",
    "passphrase.long": "At most {most} characters.",
    "passphrase.name": "This is the name of the room, or your own. Please choose another.",
    "passphrase.short": "At least {least} characters; a short sentence is easy to remember.",
    "peer.is_keeper": "This is the card of a keeper. Add it where keepers of your log are.",
    "peer.keeps_nothing": "Choose what the keeper is asked for: to carry your log, to witness it, or both.",
    "peer.name": "A name is one line of 1 to {most} characters.",
    "peer.name_taken": "Somebody here has the name “{name}”, and two would be mixed up: choose another one.",
    "peer.no_keeper": "This is not the card of a keeper: ask the keeper for the card of the node.",
    "peer.no_successor": "The old key did not name this one to go on.",
    "peer.own": "This is your own card.",
    "peer.too_many": "The list holds at most {most}.",
    "peer.unknown": "Nobody in the list is called that, or more than one.",
    "person.invitation_over": "This invitation was used already, or is too old. Ask the owner for a new one.",
    "person.name_long": "A name has at most {most} characters.",
    "person.name_missing": "A name is needed.",
    "person.name_taken": "Somebody here has this name. Add something that tells you apart.",
    "person.owner_stays": "The owner may do everything, and stays.",
    "person.too_many": "At most {most} people work in a room.",
    "person.unknown": "This person does not work here any more.",
    "round.cannot_move": "That cannot follow now. Load the page again to see where it stands.",
    "round.cap_reached": "{units} units are wanted already. Raise the cap above that, or leave it out.",
    "round.close_passed": "The close has passed. Choose a later one, or none.",
    "round.item_stays": "“{item}” is ordered already: what it is stays. Add a new item instead.",
    "round.items_missing": "At least one item and one price are needed first.",
    "round.not_closed": "Deciding comes after the close.",
    "round.only_better": "It is open: prices and fees may only go down now, and nothing else get worse.",
    "round.only_later": "It is open: the close may only be put off.",
    "round.point_stays": "Somebody ordered to this pick-up point. It stays until the goods are handed out.",
    "round.stays": "This group order can no longer be changed.",
    "round.unknown": "There is no such group order.",
    "setup.code": "This code opens nothing. It may have been used already.",
    "slug.reserved": "“{slug}” is kept for the node itself. Please choose another.",
    "slug.shape": "“{slug}” is not 3 to 40 small letters and digits, with hyphens only between them.",
    "slug.taken": "There is a room “{slug}” already. Please choose another short name.",
    "standing.too_many": "At most {most} standing wants are kept.",
}
"""Each sentence in English, with its `{placeholders}`."""


class Refused(InputError):
    """What was asked cannot be done; nothing was changed. `code` is stable, `values` fill in the sentence."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(WORDS[code].format(**values))
        self.code = code
        self.values = values

    @property
    def message(self) -> str:
        """The sentence as catalogues know it, with its placeholders."""
        return WORDS[self.code]
