"""Loops over runs become packed instructions: the engine's speed rests on it."""

from __future__ import annotations

import platform
import re

import numpy as np
import pytest

from regional_sim.model.random_streams import RandomStreams, draw_months
from regional_sim.model.schedule import PHASES

LEAST_PACKED = {
    "update_believed_commitments": 70,
    "update_commitments": 10,
    "update_escalation_probabilities": 225,
    "update_rungs": 27,
    "update_threat": 3,
    "draw_incidents": 115,
    "update_belief_errors": 57,
    "project_force": 12,
    "update_tension": 60,
    "contest_success": 150,
}
"""Packed arithmetic instructions of the heavy phases, half of what was counted on one
processor, or less: others need other numbers of them."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        platform.machine() not in {"x86_64", "AMD64"},
        reason="instructions are counted by their x86 names",
    ),
]


@pytest.mark.parametrize("name", LEAST_PACKED)
def test_heavy_phases_are_packed(name: str) -> None:
    from benchmarks.profile import instructions

    function = next(phase.function for phase in PHASES if phase.function.__name__ == name)
    packed, _ = instructions(function)
    assert packed >= LEAST_PACKED[name]


def test_products_of_the_generator_are_packed() -> None:
    # With whole words in place of halves the compiler falls back to one product at a time.
    from benchmarks.profile import assembly_of

    streams = RandomStreams(("AAA", "BBB"), 1)
    arguments = (streams.buffer(8), np.empty(8), streams.keys, streams.swapped, 0, 0)
    assembly = assembly_of(draw_months, arguments)
    assert len(re.findall(r"vpmuludq\s.*%[yz]mm", assembly)) >= 40
