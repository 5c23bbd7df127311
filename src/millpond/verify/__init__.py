"""The independent check of a clearing: `verifier`, one file that runs alone on the standard library.

Nothing here imports anything else of Millpond, and nothing that it checks imports it.
"""
