"""A state in plain Python.

What it does in the phases of a month stands in the three classes derived from :class:`State`.
Their methods have the names of the phases of :mod:`regional_sim.model.schedule` and do the same
work, for one run and without arrays.  A state keeps its own numbers as attributes, and what it
holds about the others in lists by their index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.peers.plain_holdings import Pair, Toward

if TYPE_CHECKING:
    from benchmarks.peers.plain_region import PlainRegion


class State:
    """A state and its place among the others."""

    def take_place(self, region: PlainRegion, index: int) -> None:
        """Become the state of an index, with its values at the start.

        Parameters
        ----------
        region : PlainRegion
            The model.
        index : int
            Place of the state in the sorted codes.
        """
        start = region.start
        self.region = region
        self.index = index
        self.code = start.scenario.codes[index]
        for name, values in start.state.items():
            setattr(self, name, values[index])
        self.view = start.views[index]
        self.hosts = start.hosts[index]
        self.loss_weight = start.param.loss_weight / self.resolve
        self.toward = Toward(start, index)
        self.others: list[tuple[int, State, Pair]] = []
        self.pairs_after: list[Pair] = []

    def meet_others(self, pairs: list[list[Pair | None]]) -> None:
        """Get to know all others, and the pairs in which this state acts for both."""
        i = self.index
        states = self.region.states
        self.others = [(j, states[j], pair) for j, pair in enumerate(pairs[i]) if pair is not None]
        self.pairs_after = [pair for j, _, pair in self.others if j > i]
