"""Our logs, judged by software of others. Run by the Python of `.venv-foreign`; it imports nothing of ours.

    foreign_check.py audit WHERE VKEY ORIGIN [--tiles-only]   a whole log, folder or address: aics-tlog
    foreign_check.py cosignatures   {"note", "vkey"}, ...                           aics-tlog
    foreign_check.py envelopes      {"type", "payload", "signature", "public"}, ... securesystemslib
    foreign_check.py inclusion      {"index", "size", "entry", "hashes", "root"}, ... sigstore

The last three read a JSON list of such objects and print one verdict for each, true or false. Bytes are
hexadecimal, a note is text. `audit` prints what it found and ends with 0 or 1.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from types import SimpleNamespace


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


def enveloped(type: str, payload: str, signature: str, public: str) -> bool:
    """Whether the payload is signed as the payload of a DSSE envelope is."""
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError
    from securesystemslib.signer import Signature, SSlibKey

    envelope = Envelope(bytes.fromhex(payload), type, {"author": Signature("author", signature)})
    key = SSlibKey("author", "ed25519", "ed25519", {"public": public})
    try:
        return list(envelope.verify([key], 1)) == ["author"]
    except VerificationError:
        return False


def included(index: int, size: int, entry: str, hashes: list[str], root: str) -> bool:
    """Whether the entry stands in the tree, by the code that checks entries of Rekor."""
    from sigstore._internal.merkle import verify_merkle_inclusion
    from sigstore.errors import VerificationError

    proof = SimpleNamespace(
        log_index=index,
        tree_size=size,
        hashes=[bytes.fromhex(one) for one in hashes],
        root_hash=bytes.fromhex(root),
    )
    body = bytes.fromhex(entry)
    try:
        verify_merkle_inclusion(
            SimpleNamespace(_inner=SimpleNamespace(inclusion_proof=proof, canonicalized_body=body))
        )
    except VerificationError:
        return False
    return True


def main(job: str, *rest: str) -> int:
    """Prints what the job found; an exit code."""
    if job == "audit":
        where, vkey, origin, *options = rest
        found = audit(where, vkey, origin, entries="--tiles-only" not in options)
        print(json.dumps(found))
        return 0 if found["ok"] else 1
    judge = {"cosignatures": cosigned, "envelopes": enveloped, "inclusion": included}[job]
    print(json.dumps([judge(**one) for one in json.load(sys.stdin)]))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
