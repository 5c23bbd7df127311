"""The independent check of a clearing. All of it is in `verifier`, one file that runs alone on the standard library.

Nothing here imports anything else of Millpond, and nothing here is imported by what it checks.
"""
