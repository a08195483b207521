"""Loops over runs become packed instructions: the engine's speed rests on it."""

from __future__ import annotations

import platform

import pytest

from regional_sim.world.phases import PHASES

HEAVY = ("believe", "commit", "consider", "meet", "perceive", "project", "strain", "weigh")
LEAST_SHARE = 0.1
"""Of packed among all arithmetic instructions; a loop has many more of the others around it."""


@pytest.mark.slow
@pytest.mark.parametrize("name", HEAVY)
def test_heavy_phases_are_packed(name: str) -> None:
    if platform.machine() not in {"x86_64", "AMD64"}:
        pytest.skip("instructions are counted by their x86 names")
    from benchmarks.profile import instructions

    function = next(phase.function for phase in PHASES if phase.function.__name__ == name)
    packed, scalar = instructions(function)
    assert packed / (packed + scalar) > LEAST_SHARE
