"""What one line says while it is being read."""

from __future__ import annotations

from dataclasses import dataclass, field

from millpond.community.pasted.values import Doubt, DoubtCode, PastedWant

__all__ = ["Draft"]


@dataclass(slots=True)
class Draft:
    """An entry before it has line and number. In it stands an item or a quantity (`asks`), a sum (`sums`)."""

    name: str = ""
    address: str = ""
    phone: str = ""
    wants: list[PastedWant] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    struck_out: bool = False
    cancelling_unsure: bool = False
    as_above: bool = False
    asks: bool = False
    sums: bool = False
    is_empty: bool = False

    def doubt(self, code: DoubtCode, fragment: str = "") -> None:
        """Mark it for a look, once for the same reason and text."""
        if (new := Doubt(code, fragment)) not in self.doubts:
            self.doubts.append(new)
