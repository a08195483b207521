"""A console that no text can steer."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from regional_sim.errors import visible


class EscapingConsole(Console):
    """Shows control characters in what it prints as escapes; its own styles stay."""

    def print(self, *objects: Any, **how: Any) -> None:
        """Print as Rich does."""
        super().print(*map(self._escaped, objects), **how)

    def _escaped(self, given: Any) -> Any:
        if isinstance(given, str):
            return visible(given)
        if isinstance(given, Text):
            parts = given.render(self)
            return Text.assemble(*((visible(one.text), one.style or "") for one in parts))
        return given
