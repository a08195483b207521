"""Windows of months over which runs are summarised."""

from __future__ import annotations

from regional_sim.scenario import RESERVED_WINDOW, Scenario

WHOLE_WINDOW = RESERVED_WINDOW
"""Name of the window that holds every month after the switch; it always comes first."""


def window_bounds(scenario: Scenario) -> dict[str, tuple[int, int]]:
    """Return first and last month of each window, counted from 0 at the start of a run.

    Windows are cut at the horizon; one that lies wholly beyond it is left out.

    Parameters
    ----------
    scenario : Scenario
        The validated world; its windows count months after the switch, from 1.

    Returns
    -------
    dict of str to tuple of int
        Bounds, both inclusive, :data:`WHOLE_WINDOW` first.
    """
    before = scenario.months_before
    after = scenario.months_after
    bounds = {WHOLE_WINDOW: (before, before + after - 1)}
    for name, (first, last) in scenario.windows.items():
        if first <= after:
            bounds[name] = (before + first - 1, before + min(last, after) - 1)
    return bounds
