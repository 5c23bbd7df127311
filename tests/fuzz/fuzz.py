"""Drives one target (`fuzz_targets`) by coverage, with atheris: what `make soak` does for each of them.

    python tests/fuzz/fuzz.py TARGET [-runs=N] [-seed=N] [libFuzzer's other options]
    python tests/fuzz/fuzz.py TARGET --again BASE64

What breaks a target is printed in base64, with the command that does it again.
"""

from __future__ import annotations

import sys
import tempfile
from base64 import b64decode, b64encode
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))


def main(name: str, *options: str) -> None:
    """Runs until something breaks, or as often as the options say; ends the process."""
    if options[:1] == ("--again",):
        from fuzz_targets import BY_NAME

        BY_NAME[name].read(b64decode(options[1]))
        return
    import atheris

    with atheris.instrument_imports(include=["millpond"]):
        from fuzz_targets import BY_NAME
    target = BY_NAME[name]

    def once(data: bytes) -> None:
        try:
            target.read(data)
        except BaseException:
            print(f"\nagain: python {__file__} {name!r} --again {b64encode(data).decode()}", flush=True)
            raise

    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(target.seeds):
            (Path(folder) / str(number)).write_bytes(seed)
        artifacts = f"-artifact_prefix={folder}/"
        atheris.Setup([sys.argv[0], f"-max_len={target.max_bytes}", artifacts, *options, folder], once)
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
