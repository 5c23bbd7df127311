"""Exchanging logs between nodes: writing one's own, following those of others, keeping what may be copied.

One's own log
    writing         a statement gets its place, whoever said it a receipt
    exporting       the log as a folder of static files
    pushing         to mirrors; `asking` their checkpoint or a witness; `calling` over HTTP

Logs of others
    following       why a log is here; `addresses` where each is asked for, and how that went
    sources         a web address (`http_source`) or a folder (`folder_source`); what each `answers`
    pulling         what is missing, through any of them: `one_source` at a time, `proving` whose fault it is
    contradictions  two histories of one log, proven and kept
    reading         statements checked one by one; `meeting` notes what they say, `people` who somebody is
    attachments     pictures and documents by their hash; `fetching` them from whoever has them
    checking        the whole of a log, from nothing

For others
    keeping         what a keeper does for logs of others: `witnessing`, `mirroring`

Meeting
    cards           one line each; `phrases` to compare, `lan` to find some, `places` no stranger leads to

Whatever comes from another node is untrusted until `millpond.log` has checked it: a source can hold things
back, and can do nothing else unnoticed. Nothing here knows a node or a room: databases, keys and addresses
are handed in.
"""
