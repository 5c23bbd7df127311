"""What a machine keeps: a directory of rooms, who is signed in, backups, and the clockwork beside the pages.

`node.node.Node` is the one entry. Nothing here knows a rule of a group order or a page.
"""
