"""What is printed of a calibration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rich.text import Text

from regional_sim.answers.posterior.calibration_tables import (
    factor_rows,
    recovery_rows,
    target_rows,
    ties_of,
)
from regional_sim.report.effects import title_of
from regional_sim.report.text import (
    TableRow,
    decimals_of,
    named_lines,
    number,
    share_text,
    table_text,
    wrapped_lines,
)

if TYPE_CHECKING:
    from regional_sim.answers.posterior.calibration import Calibration

_MOST_TIES: Final = 5
_UNEVEN: Final = 0.01
"""Chance of ranks below which they are called uneven, divided by the number of factors."""

_ENDS: Final = ("prior_low", "prior_high", "posterior_low", "posterior_high")

_INFORMED: Final = {"not": "not at all"}


def calibration_text(found: Calibration, width: int) -> Text:
    """Write how a calibration went, its targets, and what they tell of the factors."""
    text = Text(f"{named_lines(list(_introduction(found)), width)}\n\n")
    text.append("Targets, with 90 % intervals of what could have been observed\n", style="bold")
    text.append(table_text(_targets(found)))
    text.append(wrapped_lines(_of_targets(found), width))
    text.append("\nFactors, those that the targets inform most first\n", style="bold")
    text.append(table_text(_factors(found)))
    text.append(wrapped_lines(_of_factors(found), width))
    if found.recovery is not None:
        text.append("\nAre known factors found again?\n", style="bold")
        text.append(wrapped_lines(_of_recovery(found), width))
    return text


def _introduction(found: Calibration) -> Iterator[tuple[str, str]]:
    experiment = found.experiment
    yield "experiment", experiment.title
    yield "prior", f"{experiment.made_by()}, {len(experiment.factors)} factors"
    points = " + ".join(str(len(wave.shares)) for wave in found.waves)
    yield "waves", f"{points} points, {experiment.replicates} replicates each"
    unstable = sum(int((~wave.stable).sum()) for wave in found.waves)
    if unstable or found.unstable:
        yield "unstable", f"left out: {unstable} points, {found.unstable} draws of the posterior"
    ruled = [wave.kept for wave in found.waves if wave.kept is not None]
    after = "".join(
        f" (after wave {k}: {share_text(share, 1)})" for k, share in enumerate(ruled, start=1)
    )
    yield "kept", f"{share_text(found.kept, 1)} of the prior is not ruled out{after}"
    worth = f"from weighted draws worth {found.effective:.0f}"
    yield "posterior", f"{len(found.shares)} draws, {worth}"


def _targets(found: Calibration) -> list[TableRow]:
    rows: list[TableRow] = [("verdict", "observed", "sd", "prior", "posterior", "median")]
    for row, target in zip(target_rows(found), found.experiment.targets, strict=True):
        name, metric = str(row["target"]), getattr(target, "metric", None)
        if metric is not None and target.label is None:
            name = name.replace(metric, title_of(metric))
        values = {name: row[name] for name in ("observed", "sd", "posterior_median", *_ENDS)}
        decimals = decimals_of(values.values())
        told = {name: number(value, decimals) for name, value in values.items()}
        rows += [
            name,
            (
                "inside" if row["inside"] else "outside",
                told["observed"],
                told["sd"],
                f"{told['prior_low']} to {told['prior_high']}",
                f"{told['posterior_low']} to {told['posterior_high']}",
                told["posterior_median"],
            ),
        ]
    return rows


def _of_targets(found: Calibration) -> Iterator[str]:
    rows = target_rows(found)
    yield (
        f"{sum(row['inside'] for row in rows)} of {len(rows)} targets lie in their posterior"
        f" interval, from {len(found.check.shares)} draws that were run again with other random"
        " numbers."
    )
    least = min(row["emulator_explains"] for row in rows)
    yield (
        f"Emulators explain at least {share_text(least)} of the variance of points that they had"
        " not seen."
    )
    if found.effective < len(found.shares):
        yield (
            "The weighted draws are worth fewer than were drawn, so that some stand there more than"
            " once: the targets leave little of the prior, or contradict each other."
        )


def _factors(found: Calibration) -> list[TableRow]:
    rows: list[TableRow] = [("", "informed", "median", "90 % interval", "sd ratio")]
    for row in factor_rows(found):
        values = [row[name] for name in ("median", "low", "high")]
        decimals = decimals_of(float(one) for one in values if isinstance(one, int | float))
        median, low, high = (_level(one, decimals) for one in values)
        name = row["factor"].removeprefix("parameters.")
        word = _INFORMED.get(row["informed"], row["informed"])
        rows.append((name, word, median, f"{low} to {high}", f"{row['sd_ratio']:.2f}"))
    return rows


def _level(value: object, decimals: int | None) -> str:
    return number(float(value), decimals) if isinstance(value, int | float) else str(value)


def _of_factors(found: Calibration) -> Iterator[str]:
    yield "sd ratio: standard deviation of the posterior over that of the prior, in its quantiles."
    ties = ties_of(found)
    for one, other, r in ties[:_MOST_TIES]:
        names = " and ".join(path.rpartition(".")[2] for path in (one, other))
        way = "rise together" if r > 0 else "make up for each other"
        yield f"Tied: {names} {way} (r = {r:+.2f})."
    if not ties:
        yield "No two factors are tied to each other by more than r = 0.3."


def _of_recovery(found: Calibration) -> Iterator[str]:
    rows = recovery_rows(found)
    mean = sum(row["inside_90"] for row in rows) / len(rows)
    lowest = min(rows, key=lambda row: row["inside_90"])
    name = lowest["factor"].rpartition(".")[2]
    yield (
        f"In {lowest['trials']} trials on simulated data {share_text(mean, 1)} of the 90 %"
        f" intervals hold the truth; by factor at least {share_text(lowest['inside_90'])} ({name})."
    )
    limit = _UNEVEN / len(rows)
    uneven = [row["factor"] for row in rows if row["chance_of_such_ranks"] < limit]
    if uneven:
        names = ", ".join(path.rpartition(".")[2] for path in uneven)
        yield (
            f"Ranks of the truth are less even than those of independent trials: {names}. Trials"
            " share the random numbers of their runs: more replicates tell whether that is it."
        )
    else:
        yield "Ranks of the truth are as even as chance would have them."
