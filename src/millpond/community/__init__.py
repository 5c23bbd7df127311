"""The private side: households, wants, lists, pick-up, payments, claims. It stays on the node of its leader.

Modules at this level take values and return values: no database, no clock, no network. What keeps them is
`millpond.store`; what shows them is `millpond.web`; `millpond.paper` prints them.
"""
