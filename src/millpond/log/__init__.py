"""What a participant says, and how everybody can check that it was said: keys, statements, logs and proofs.

Part of the core: values in, values out; no I/O, no clock, no randomness. Each participant has a key and one
append-only log. What it says is a *statement*: one line of JSON, signed as it stands. Statements are the
leaves of an RFC 9162 Merkle tree, whose signed head is a *checkpoint*; files, notes and proofs are those of
C2SP, so that software that knows nothing of Millpond can serve, mirror, witness and check a log.

- `keys`: identities, and what counts as signed
- `strict`, `statement`, `kinds`: bytes to statements, and what is understood of them
- `merkle`, `proofs`, `tiles`: the tree, proofs about it, and the files that carry it
- `note`, `checkpoint`, `cosignature`, `inclusion`: signed heads, and proofs that travel alone
- `witness`, `mirror`, `equivocation`: what others do for a log, and what convicts it

The formats are docs/reference/statements.md (what is said) and docs/reference/log-format.md (how it is kept),
as specifications that one could implement from.

>>> from millpond.log.keys import Key
>>> from millpond.log.statement import read, sign, write
>>> key = Key(bytes(range(32)))
>>> entry = sign(write("profile/1", key.did, 1_790_000_000_000, {"name": "永泰"}), key)
>>> read(entry, key.did).body
{'name': '永泰'}
"""
