"""What lies on the map: shops, service stations, points that take goods back. In the address: a view can be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

NAMES: Final = ("shops", "stations", "points")


@dataclass(frozen=True)
class Layers:
    """Which layers are shown. Shops alone unless the address says otherwise; none of them is shops again."""

    shops: bool = True
    stations: bool = False
    points: bool = False

    def kept(self) -> dict[str, Any]:
        """As it stands in an address, without what needs no saying: `read` reads the same from it."""
        said = {"shops": "" if self.shops else "0", "stations": "1" if self.stations else ""}
        said["points"] = "1" if self.points else ""
        return {name: value for name, value in said.items() if value}

    def switched(self, name: str) -> Layers:
        """After a tap on the switch of that name. The last layer stays on: an empty map tells nothing."""
        after = replace(self, **{name: not getattr(self, name)})
        return after if after.shops or after.stations or after.points else self


def read(args: Mapping[str, str]) -> Layers:
    """The layers of an address; what is nonsense is as if it were not there."""
    stations, points = args.get("stations") == "1", args.get("points") == "1"
    return Layers(args.get("shops") != "0" or not (stations or points), stations, points)
