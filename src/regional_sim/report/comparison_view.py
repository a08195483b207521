"""What of a comparison is printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from regional_sim.engine.outcomes import WHOLE_WINDOW
from regional_sim.report.findings import HEADLINE, MOST_METRICS_OF_A_SWEEP

if TYPE_CHECKING:
    from regional_sim.analysis.compare.outcomes import Outcome

MOST_COLUMNS: Final = 9
"""Columns of a table that is not ours that are printed when none are named."""


def viewed(
    outcomes: Sequence[Outcome],
    metrics: Sequence[str] = (),
    window: str | None = None,
    *,
    n_groups: int = 1,
    everything: bool = False,
) -> tuple[Outcome, ...]:
    """Choose what to print.

    Parameters
    ----------
    outcomes : sequence of Outcome
        What both sides have.
    metrics : sequence of str
        Names of metrics or columns; without any, those that matter most.
    window : str, optional
        Name of the window; None: the whole, where there is one.
    n_groups : int
        Groups that are compared.
    everything : bool
        Add all other metrics.

    Returns
    -------
    tuple of Outcome
        In order.

    Raises
    ------
    InputError
        When a metric or the window does not exist.
    """
    from regional_sim.analysis.compare.outcomes import chosen

    windows = [outcome.window for outcome in outcomes if outcome.window]
    of_window = window or (WHOLE_WINDOW if WHOLE_WINDOW in windows else next(iter(windows), None))
    asked = chosen(outcomes, metrics, () if of_window is None else (of_window,))
    if metrics and not everything:
        return asked
    there = chosen(outcomes, (), () if of_window is None else (of_window,))
    headline = HEADLINE if n_groups == 1 else HEADLINE[:MOST_METRICS_OF_A_SWEEP]
    named = {outcome.metric: outcome for outcome in there}
    first = asked if metrics else [named[metric] for metric in headline if metric in named]
    if everything:
        return tuple(dict.fromkeys([*first, *there]))
    return tuple(first) or there[:MOST_COLUMNS]
