"""What is done in a room, each thing in one transaction: orders, decisions, goods, hand-outs, money, people.

Every function takes `store.Rows` and the time, reads what it needs, asks `millpond.community` for the rule,
and writes. What cannot be done raises `Refused`, and nothing is changed.
"""
