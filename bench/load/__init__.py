"""How a node bears up: a real `millpond serve`, and hundreds of households from another process.

- `serving`: a node with an open group order, in a process of its own; its memory.
- `households`: the other side, run as a program; what each of them did and how long each answer took.
- `patterns`: when they come, and whether everything is there once afterwards.
"""
