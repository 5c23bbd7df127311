"""Writes src/millpond/node/common.txt: hashes of the passphrases that everybody tries first.

    pip install zxcvbn && python scripts/common_passphrases.py

Takes the most frequent ones of zxcvbn's list (from leaks, ordered by how often they were found) that the
other rules of `millpond.node.passphrases` would let pass, and a few of our own: what Chinese lists have, and
what is near at hand here.
"""

from __future__ import annotations

from pathlib import Path

from millpond.desk.refusals import Refused
from millpond.node import passphrases

HOW_MANY = 3_000
"""OWASP ASVS 5.0, 6.2.4."""
OURS = (
    "1q2w3e4r 1qaz2wsx 5201314a a123456789 a5201314 aa123456 abcd1234 admin123 admin1234 asd123456 "
    "changeme correcthorsebatterystaple jielong123 kuaituantuan letmein1 li123456 millpond nihao123 "
    "p@ssw0rd passw0rd password1 password123 pingtang q1w2e3r4 q1w2e3r4t5 qq123456 quntuan123 "
    "qwe123456 qwer1234 taobao123 tuangou123 wang1234 wechat123 weixin123 welcome1 welcome123 "
    "woaini123 woaini1314 woaini520 woaini521 woaiwojia zaijian1 zhangwei123 zxc123456 iloveyou1 "
)
HEAD = "# First 10 hex digits of SHA-256 of common passphrases; made by scripts/common_passphrases.py.\n"


def main() -> None:
    """Writes the file."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    passphrases._common = frozenset  # type: ignore[assignment]  # judged by the other rules alone
    chosen: list[str] = []
    for word in FREQUENCY_LISTS["passwords"]:
        if len(chosen) < HOW_MANY and _passes(word):
            chosen.append(passphrases._folded(word))
    hashes = {passphrases._common_hash(word) for word in [*chosen, *OURS.split()]}
    target = Path(__file__).parents[1] / "src/millpond/node/common.txt"
    target.write_text(HEAD + "".join(f"{one}\n" for one in sorted(hashes)), encoding="ascii")
    print(f"{len(hashes)} in {target}")


def _passes(word: str) -> bool:
    try:
        passphrases.check_passphrase(word)
    except Refused:
        return False
    return True


if __name__ == "__main__":
    main()
