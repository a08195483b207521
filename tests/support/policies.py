"""Policies in files of their own, as a user would write them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import Template

import pytest

from regional_sim.postures import POLICIES

_TEXT = Template("""\
from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import regional_sim
from regional_sim.postures import Instrument, Observed, Policy, Targets


@regional_sim.register
@dataclass(frozen=True)
class Own(Policy):
    name: ClassVar[str] = "$name"
    rule: ClassVar[str] = "hold the crisis channel open"
    reference: ClassVar[str] = "a test"

    width: float = $width

    def targets(self, month: int, observed: Observed) -> Targets:
        return {Instrument.crisis_channel: self.width}
""")


def policy_text(name: str = "open_line", width: float = 0.75) -> str:
    """Return the source of a file that registers one policy."""
    return _TEXT.substitute(name=name, width=width)


def policy_file(path: Path, name: str = "open_line", width: float = 0.75) -> Path:
    """Write a file that registers one policy."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(policy_text(name, width), encoding="utf-8")
    return path


@pytest.fixture
def policies_forgotten() -> Iterator[None]:
    """Forget, when a test is over, what it has registered."""
    before = dict(POLICIES)
    yield
    forget_policies(before)


def forget_policies(kept: dict[str, type]) -> None:
    """Leave in the register only what is to be kept, as in a process that imported no more."""
    for name in POLICIES.keys() - kept.keys():
        del POLICIES[name]
