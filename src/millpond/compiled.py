"""Where the solver's compiled code is kept between runs.

numba compiles the solver's kernels when they are first called (some ten seconds) and keeps the result
beside their source. It notices when a file has changed, but not when a file has changed that another one's
code was compiled into, and it cannot write beside sources that belong to somebody else. So the cache is in
the user's own folder, under a name made of all the kernels' sources together.

Not trusted input: whoever can write to this folder can run code as you, as with any program's own files.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

SOURCES = Path(__file__).parent / "clearing"
KERNELS = (
    "instance.py",
    "relax.py",
    "descent.py",
    "flows.py",
    "moves.py",
    "plans.py",
    "sets.py",
    "certify.py",
)  # what compiled code is made of


def use_compiled_cache() -> None:
    """Tells numba, before it is imported, where to keep compiled code; a choice made by the user stands."""
    if "NUMBA_CACHE_DIR" in os.environ:
        return
    digest = hashlib.sha256()
    for name in KERNELS:
        digest.update(name.encode() + b"\0" + (SOURCES / name).read_bytes())
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(home) / "millpond" / f"compiled-{digest.hexdigest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # nowhere to keep it: compiled anew each time
        folder = Path(tempfile.mkdtemp(prefix="millpond-"))
    os.environ["NUMBA_CACHE_DIR"] = str(folder)


def compiled_before() -> bool:
    """Whether these kernels have been compiled here before; if not, `compile_all` takes some ten seconds."""
    use_compiled_cache()
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    return folder.is_dir() and any(folder.iterdir())


def compile_all() -> None:
    """Compiles the solver's kernels for this machine, or loads them if that has been done."""
    use_compiled_cache()
    from millpond.clearing.warm import call_every_kernel

    call_every_kernel()


if __name__ == "__main__":
    compile_all()
