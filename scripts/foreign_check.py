"""Our logs, judged by aics-tlog. Run by the Python of `.venv-foreign`; it imports nothing of ours.

    foreign_check.py audit WHERE VKEY ORIGIN [--tiles-only]   a whole log, a folder or an address
    foreign_check.py cosignatures                             [{"note", "vkey"}, ...] comes in

`audit` prints what it found and ends with 0 or 1; `cosignatures` prints a verdict for each, true or false.
"""

from __future__ import annotations

import json
import resource
import sys
import time


def audit(where: str, vkey: str, origin: str, *, entries: bool) -> dict[str, object]:
    """Reads the checkpoint, then every tile and bundle of its tree."""
    import aics_tlog
    from aics_tlog.remote import tile_source_url

    start = time.perf_counter()
    reader = aics_tlog.HttpTileReader([tile_source_url(where)], proxies={})
    note = aics_tlog.parse_note(reader.read_checkpoint())
    head = aics_tlog.verify_checkpoint(note, aics_tlog.parse_vkey(vkey), expected_origin=origin)
    if not head.ok:
        return {"ok": False, "error": f"checkpoint: {head.error}"}
    try:
        found = aics_tlog.audit_tiles(reader, head.size, head.root, entries=entries)
    except (ValueError, OSError) as error:
        return {"ok": False, "error": f"{type(error).__name__}: {error}"}
    took = time.perf_counter() - start
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    parts = {"size": found.size, "tiles": found.tiles, "bundles": found.bundles}
    return {"ok": True, **parts, "seconds": round(took, 3), "peak_bytes": most}


def cosigned(note: str, vkey: str) -> bool:
    """Whether this witness's cosignature is among the note's, and is valid."""
    import aics_tlog

    key, parsed = aics_tlog.parse_vkey(vkey), aics_tlog.parse_note(note)
    head = aics_tlog.parse_checkpoint(parsed.text)
    said = [one for one in parsed.signatures if (one.name, one.key_id) == (key.name, key.key_id)]
    return len(said) == 1 and aics_tlog.verify_cosignature(
        said[0].signature, key.name, key.public_key, head.origin, head.size, head.root
    )


def main(job: str, *rest: str) -> int:
    """Prints what the job found; an exit code."""
    if job == "audit":
        where, vkey, origin, *options = rest
        found = audit(where, vkey, origin, entries="--tiles-only" not in options)
        print(json.dumps(found))
        return 0 if found["ok"] else 1
    print(json.dumps([cosigned(**one) for one in json.load(sys.stdin)]))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
