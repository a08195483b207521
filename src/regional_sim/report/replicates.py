"""How many replicates there are, and whether they are enough, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from regional_sim.report.plans import until_text

if TYPE_CHECKING:
    from regional_sim.api import Results


def replicates_text(results: Results) -> str:
    """Say how many replicates there are of each posture at a point.

    Parameters
    ----------
    results : Results
        A finished result.

    Returns
    -------
    str
        A number, or the least and the most.
    """
    given = results.plan["experiment"]["replicates"]
    if not isinstance(given, Mapping) and not results.manifest["partial"]:
        return f"{given} replicates"
    # Of a point, the metric that most runs have: those that failed have none.
    of_points = results.summary.groupby("point")["n"].max().tolist()
    least, most = min(of_points), max(of_points)
    return f"{most} replicates" if least == most else f"{least} to {most} replicates"


def stopping_sentences(results: Results) -> Iterator[str]:
    """Say whether a rule of stopping was met, and about how many more replicates that needs.

    Parameters
    ----------
    results : Results
        A finished result.

    Yields
    ------
    str
        Sentences; none where replicates are fixed and all runs are there.
    """
    planned = results.plan["experiment"]["replicates"]
    if isinstance(planned, Mapping):
        yield from _rule(results, planned)
    if results.manifest["partial"]:
        yield "Runs of this sweep are missing: the tables hold what was finished."


def _rule(results: Results, planned: Mapping[str, Any]) -> Iterator[str]:
    until = planned["until"]
    table = results.summary if until["of"] == "mean" else results.contrasts
    watched = (table["metric"] == until["metric"]) & (table["window"] == until["window"])
    rows = table.loc[watched, ["point", "posture", "more_needed"]].to_dict("records")
    short = [row for row in rows if row["more_needed"] > 0]
    n_points, n_short = (len({row["point"] for row in of}) for of in (rows, short))
    said = f"Replicates until {until_text(until)}:"
    if not short:
        yield f"{said} reached{' at all points' if n_points > 1 else ''}."
        return
    worst = max(short, key=lambda row: float(row["more_needed"]))
    most = f"with at most {planned['at_most']}"
    reached = f"reached at {n_points - n_short} of {n_points} points {most}"
    at = f"at point {worst['point']}, {worst['posture']}" if n_points > 1 else worst["posture"]
    yield (
        f"{said} {reached if n_points > 1 else f'not reached {most}'}; about"
        f" {int(worst['more_needed'])} more needed ({at})."
    )
