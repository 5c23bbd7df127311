"""Exchanging logs between nodes: writing one's own, following those of others, keeping what may be copied.

    writing     a statement gets its place in one's own log, and a receipt
    reading     statements of a log are checked one by one, and what is understood is noted

Whatever comes from another node is untrusted until `millpond.log` has checked it: a source can hold things
back, and can do nothing else unnoticed.
"""
