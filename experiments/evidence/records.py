"""What was observed beside what is simulated: persistence, an impulse, coercion, levels by rung."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from experiments.evidence.runs import SEED, YEAR, both_postures, outcomes, pair_place
from regional_sim.analysis.base_rates import DisputeRecord, poisson_interval, simulate
from regional_sim.engine.build import build_world
from regional_sim.engine.job import DYAD_COLUMNS, STATE_COLUMNS
from regional_sim.engine.stability import spectral_radius
from regional_sim.model.instruments import Instrument
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.parameters import Param
from regional_sim.model.random_streams import CHUNK_MONTHS, RandomStreams, SharedDraws
from regional_sim.model.schedule import PHASES, CompiledSchedule
from regional_sim.model.variables import (
    DirectedVar,
    InstrumentRow,
    PairVar,
    StateVar,
    World,
)
from regional_sim.numerics.arrays import Floats
from regional_sim.postures import create
from regional_sim.scenario import Scenario, shipped_config


def read_records() -> dict[str, Any]:
    """Read what was observed."""
    records: dict[str, Any] = YAML(typ="safe").load(shipped_config("targets/records"))
    return records


# ------------------------------------------------------------------------------------ persistence

NORMS: Final = (
    {"options.tension_norm": "fixed"},
    *(
        {
            "options.tension_norm": "slow",
            "parameters.norm_rate": rate,
            "parameters.norm_weight": weight,
        }
        for rate, weight in (
            (0.03, 0.5),
            (0.03, 0.7),
            (0.06, 0.5),
            (0.06, 0.7),
            (0.06, 0.8),
            (0.1, 0.6),
            (0.1, 0.7),
            (0.1, 0.8),
        )
    ),
)
"""Norms of tension that were tried: fixed, and slow at eight settings."""

OBSERVED_PAIRS: Final = {"CHN-TWN": "gpr_taiwan", "CHN-JPN": "senkaku_vessels"}
NOISE: Final = 0.5
"""Measurement noise of an observable, over the standard deviation of what it measures."""

_PERSISTENCE_MONTHS: Final = 216


def autocorrelation(series: Floats, lag: int) -> Floats:
    """Return the autocorrelation of series, shape (month, ...), after some months.

    >>> float(autocorrelation(np.array([1.0, -1.0, 1.0, -1.0]), 1))
    -0.75
    """
    off = series - series.mean(axis=0)
    found: Floats = (off[lag:] * off[:-lag]).sum(axis=0) / (off * off).sum(axis=0)
    return found


def persistence(scenario: Scenario, replicates: int) -> pd.DataFrame:
    """Return the autocorrelation of tension under each norm, with and without noise.

    Also the radius of the world, and how far regional tension moves within ten years.
    """
    rows = []
    for norm in NORMS:
        world = scenario.with_settings({**norm, "horizon.months_after": _PERSISTENCE_MONTHS})
        (result,) = outcomes(
            world, [create("traditional")], replicates, frozenset({"timeseries", "dyads"})
        )
        assert result.timeseries is not None
        assert result.dyads is not None
        regional = result.timeseries[:, Metric.tension].mean(axis=-1)
        place = [one.name for one in DYAD_COLUMNS].index(PairVar.tension.name)
        row: dict[str, object] = {"norm": _norm_text(norm)}
        for name in OBSERVED_PAIRS:
            tension = result.dyads[:, place, pair_place(world, *name.split("-"))]
            noise = np.random.default_rng(SEED).normal(size=tension.shape)
            noisy = tension + NOISE * tension.std(axis=0).mean() * noise
            for lag in (1, YEAR):
                row[f"{name}, {lag}"] = float(autocorrelation(tension, lag).mean())
                row[f"{name}, {lag}, noisy"] = float(autocorrelation(noisy, lag).mean())
        row["drift"] = regional[9 * YEAR : 10 * YEAR].mean() - regional[:YEAR].mean()
        row["radius"] = float(spectral_radius([world])[0])
        rows.append(row)
    return pd.DataFrame(rows)


def norm_of(scenario: Scenario) -> str:
    """Return the norm of a world, as :func:`persistence` writes it."""
    norm: dict[str, object] = {"options.tension_norm": scenario.sections.options.tension_norm}
    if norm["options.tension_norm"] == "slow":
        values = scenario.parameter_values()
        norm |= {
            f"parameters.{p.name}": float(values[p]) for p in (Param.norm_rate, Param.norm_weight)
        }
    return _norm_text(norm)


def _norm_text(norm: Mapping[str, object]) -> str:
    rest = [f"{value:g}" for value in norm.values() if isinstance(value, float)]
    return str(norm["options.tension_norm"]) + (f" ({', '.join(rest)})" if rest else "")


# ------------------------------------------------------------------------------ runs with a push

Push = Callable[[World, int], None]
"""Changes the arrays before a month, which is counted from the end of the run-in."""


def pushed_pair(
    scenario: Scenario, replicates: int, months: int, push: Push, read: Callable[[World], Floats]
) -> tuple[Floats, Floats]:
    """Run a world without and with a push on the same draws; what is read: (month, ..., run)."""
    schedule = CompiledSchedule(PHASES)
    courses = []
    for change in (None, push):
        draws = SharedDraws(RandomStreams(scenario.streams, SEED), 0, replicates, keep=False)
        world = build_world(scenario, replicates)
        course = []
        for month in range(scenario.run_in + months):
            if month % CHUNK_MONTHS == 0:
                world = world._replace(draw=draws.chunk(month // CHUNK_MONTHS, 1))
            if change is not None and month >= scenario.run_in:
                change(world, month - scenario.run_in)
            schedule.run(world, month)
            if month >= scenario.run_in:
                course.append(read(world).copy())
        courses.append(np.stack(course))
    return courses[0], courses[1]


AFTER: Final = (0, 1, 3, 12, 24)


def impulse(scenario: Scenario, replicates: int, records: Mapping[str, Any]) -> pd.DataFrame:
    """Push grey-zone activity as in August 2022, once, and return what is left of it later.

    The challenger's probing of the partner is raised by the log of the rise of flights.  Shares are
    of the largest excess of flights, of expected incidents, and of the tension that they move.
    """
    challenger, partner = (
        scenario.codes.index(str(scenario.role(name))) for name in ("challenger", "partner")
    )
    adiz = records["adiz"]
    push_by = float(np.log(adiz[0] / adiz["before"]))
    start = 2 * YEAR

    def push(world: World, month: int) -> None:
        if month == start:
            world.directed[DirectedVar.probing, challenger, partner] += push_by

    observed = {
        k: (adiz[k] - adiz["before"]) / (adiz[0] - adiz["before"]) for k in AFTER if k in adiz
    }
    rows: list[dict[str, object]] = [{"what": "flights, observed"} | _by_month(observed)]
    variants: dict[str, dict[str, object]] = {
        "fixed norm": {"options.tension_norm": "fixed"},
        "slow norm": {"options.tension_norm": "slow"},
        "fixed norm, probing fast": {"parameters.probing_rate": Param.probing_rate.high},
    }
    for name, settings in variants.items():
        world = scenario.with_settings(settings)
        pair = pair_place(world, world.codes[challenger], world.codes[partner])

        def read(arrays: World, at: int = pair) -> Floats:
            return np.stack(
                [
                    arrays.directed[DirectedVar.probing, challenger, partner],
                    arrays.pair[PairVar.intensity, at],
                    arrays.pair[PairVar.tension, at],
                ]
            )

        without, with_push = pushed_pair(world, replicates, start + 25, push, read)
        excess = (with_push - without).mean(axis=-1)[start:]
        for k, what in enumerate(("probing", "expected incidents", "tension")):
            scale = excess[:, k].max()
            left = {month: excess[month, k] / scale for month in AFTER}
            row = {"what": f"{what}, {name}"} | _by_month(left)
            rows.append(row | {"largest excess": scale})
    return pd.DataFrame(rows)


def _by_month(values: Mapping[int, float]) -> dict[str, float]:
    return {f"after {month}": float(values.get(month, np.nan)) for month in AFTER}


def coercion(world: Scenario, replicates: int, records: Mapping[str, Any]) -> pd.DataFrame:
    """Return the pressure that the rule gives for an act of full size, and the trade it costs.

    The sender's act is full political backing and patrols; the ally's is alignment with the patron
    over the whole span, held.  Trade is that of the 12 months after, against runs without the act.
    """
    roles = {name: str(world.role(name)) for name in ("sender", "ally", "patron", "challenger")}
    index = {name: world.codes.index(code) for name, code in roles.items()}
    span = Param.alignment_span.default
    start = YEAR

    def of_sender(arrays: World, month: int) -> None:
        if month >= start:
            for one in (Instrument.political_backing, Instrument.joint_patrols):
                arrays.instrument[InstrumentRow.target, one] = 1.0

    def of_ally(arrays: World, month: int) -> None:
        if month >= start:
            arrays.directed[DirectedVar.alignment, index["ally"], index["patron"]] = span

    rows = []
    observed = records["exports"]
    for name, push, cases in (
        ("sender", of_sender, ["JPN from 2012-09"]),
        ("ally", of_ally, ["KOR from 2016-07", "KOR from 2017-03"]),
    ):
        pair = pair_place(world, roles[name], roles["challenger"])

        def read(arrays: World, state: int = index[name], at: int = pair) -> Floats:
            rows = [arrays.state[StateVar.pressure, state], arrays.pair[PairVar.trade, at]]
            return np.stack(rows)

        without, with_act = pushed_pair(world, replicates, start + 2 * YEAR, push, read)
        year = slice(start, start + YEAR)
        trade = with_act[year, 1].sum(axis=0) / without[year, 1].sum(axis=0) - 1.0
        rows.append(
            {
                "state": roles[name],
                "exports to China, observed": ", ".join(f"{observed[k]:+.1%}" for k in cases),
                "from": ", ".join(k.split()[-1] for k in cases),
                "pressure after 12 months": with_act[start + YEAR - 1, 0].mean(),
                "trade in 12 months": f"{trade.mean():+.1%}",
                "of the record": f"{trade.mean() / observed[cases[0]]:.0%}",
                "trade under full pressure": f"{-Param.trade_pressure.default:+.0%}",
            }
        )
    return pd.DataFrame(rows)


def spending(scenario: Scenario, replicates: int, records: Mapping[str, Any]) -> pd.DataFrame:
    """Return growth of log spending from 2016 to 2024 beside readiness after as many years."""
    results = outcomes(scenario, both_postures(), replicates, frozenset({"states"}))
    rows = []
    for code, observed in records["spending"].items():
        row: dict[str, object] = {"state": code, "log spending 2016-2024": observed}
        for posture, result in zip(("traditional", "new approach"), results, strict=True):
            assert result.states is not None
            place = STATE_COLUMNS.index(StateVar.readiness), scenario.codes.index(code)
            row[f"log readiness, {posture}"] = result.states[-YEAR:, *place].mean()
        rows.append(row)
    return pd.DataFrame(rows)


# ----------------------------------------------------------------------------------------- levels

RUNGS: Final = (
    ("1", "confrontation", "a dispute: a threat or a display of force at least (hostility 2 or 3)"),
    ("2", "coercion or quarantine", "a crisis as ICB has it; the dispute file has no such level"),
    ("3", "use of force or blockade", "use of force (hostility 4)"),
    ("4", "war", "war (hostility 5)"),
)
"""Rungs of the ladder, and what the record means by them."""


def levels(scenario: Scenario, replicates: int, record: DisputeRecord) -> pd.DataFrame:
    """Return disputes a decade by rung of the leading pairs in the world of 2024, and the record.

    The record is of 1990-2010, so the intervals say what those years allow, not what 2024 is.
    """
    counts = simulate(scenario, replicates, first_replicate=2_000_000)
    per_decade = 10.0 / counts.years
    rows = []
    for at in record.ranked()[:10]:
        low, high = (10.0 / record.years * end for end in poisson_interval(record.onsets[at]))
        expected = counts.disputes[at].mean() * per_decade
        rows.append(
            {
                "pair": record.names[at],
                "rung 1+, record": record.onsets[at] * 10.0 / record.years,
                "interval": f"{low:.1f} to {high:.1f}",
                "rung 1+": expected,
                "inside": bool(low <= expected <= high),
                "rung 2+": counts.crises[at].mean() * per_decade,
                "rung 3+, record": record.parts[0, at] * 10.0 / record.years,
                "rung 3+": counts.parts[0, at].mean() * per_decade,
                "rung 4": counts.wars[at].mean() * per_decade,
            }
        )
    return pd.DataFrame(rows)
