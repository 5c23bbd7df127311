"""What a machine keeps: a directory of rooms, who is signed in, backups, and what goes on beside the pages.

`node.node.Node` is the one entry. Nothing here knows a rule of a group order or a page.

    node, slugs, lock           the directory, its rooms, who owns it
    sessions, passphrases       who is signed in
    vault, sealed, key_file     secrets at rest, in archives, in a drawer
    archive, backup, moving, update, network_copy
                                files that come and go, whole or not at all
    own_log, own_keys, own_cards, publishing
                                what a room says to others
    travelling, resuming, room_source
                                its key in archives, and how a log that rests goes on
    peers, keepers, troubles    whom a room follows, who carries its log, what went wrong between them
    clockwork, exchange         the two loops: what is due at home; calls to others (`schedule`, `carrying`)
    syncing                     the same calls once, for a command
"""
