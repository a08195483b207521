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
    experiment = results.plan["experiment"]
    planned = experiment["replicates"]
    if isinstance(planned, Mapping):
        yield from _rule(results, planned)
    if results.manifest["partial"]:
        n_postures, n_points = len(experiment["postures"]), len(results.plan["scenario_digests"])
        most = planned["at_most"] if isinstance(planned, Mapping) else planned
        yield (
            f"Runs of this sweep are missing: the tables hold {results.manifest['runs']} of"
            f" {n_postures * n_points * most}."
        )


def _rule(results: Results, planned: Mapping[str, Any]) -> Iterator[str]:
    until = planned["until"]
    table = results.summary if until["of"] == "mean" else results.contrasts
    watched = (table["metric"] == until["metric"]) & (table["window"] == until["window"])
    rows = [row for row in table[watched].to_dict("records") if row["n"] > 0]
    short = [row for row in rows if not _is_narrow(row, until)]
    n_points, n_short = (len({row["point"] for row in of}) for of in (rows, short))
    said = f"Replicates until {until_text(until)}:"
    if not short:
        yield f"{said} reached{' at all points' if n_points > 1 else ''}."
        return
    most = f"with at most {planned['at_most']}"
    reached = f"reached at {n_points - n_short} of {n_points} points {most}"
    told = [row for row in short if row["more_needed"] > 0]
    worst = max(told, key=lambda row: float(row["more_needed"])) if told else short[0]
    more = f"about {int(worst['more_needed'])} more needed" if told else "more needed"
    at = f"at point {worst['point']}, {worst['posture']}" if n_points > 1 else worst["posture"]
    yield f"{said} {reached if n_points > 1 else f'not reached {most}'}; {more} ({at})."


def _is_narrow(row: Mapping[str, Any], until: Mapping[str, Any]) -> bool:
    """Tell whether an interval is as narrow as asked for; one that there is not is not."""
    mean = row["mean"] if until["of"] == "mean" else row["reference_mean"]
    wanted = until["half_width"] * (abs(mean) if until["relative"] else 1.0)
    return bool((row["ci_high"] - row["ci_low"]) / 2.0 <= wanted)
