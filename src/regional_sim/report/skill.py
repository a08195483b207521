"""Forecast skill as text: how the model fares against simple forecasts, series by series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from regional_sim.answers.outcomes import UNCLEAR
from regional_sim.answers.skill.forecast_scores import (
    ALL_SERIES,
    BETTER,
    BLOCK_MONTHS,
    LEAST_COMPARED,
    MODEL,
    NO_INTERVAL,
    WORSE,
)
from regional_sim.answers.skill.forecasts import SIMPLE_FORECASTS
from regional_sim.answers.skill.observables import OBSERVABLES, MonthlySeries, Observable
from regional_sim.report.text import (
    MISSING,
    TableRow,
    decimals_of,
    interval_decimals,
    named_lines,
    number,
    share_text,
    signed,
    table_text,
    with_interval,
    wrapped,
    wrapped_lines,
)

if TYPE_CHECKING:
    import pandas as pd

    from regional_sim.answers.skill.skill import Skill


def skill_text(found: Skill, width: int) -> Text:
    """Write what a scoring gave; sentences fit the width, numbers are never cut."""
    text = Text(wrapped_lines(_introduction(), width))
    rows: list[TableRow] = [("", *map(_ahead, found.plan.horizons))]
    for one in found.series:
        rows += ["", *_rows_of(found, one)]
    text.append("\n")
    text.append_text(table_text(rows))
    pooled = found.comparisons[found.comparisons["series"] == ALL_SERIES]
    if len(pooled):
        text.append("\n")
        text.append_text(table_text(list(_pooled(pooled))))
    text.append(f"\n{wrapped_lines(comparisons_in_words(found.comparisons), width)}")
    return text


def _introduction() -> Iterator[str]:
    yield (
        "CRPS is the error of a forecast with its uncertainty, in the unit of the series; smaller"
        " is better. Skill is 1 - CRPS / CRPS of the other forecast: above 0 the model is better."
    )
    yield (
        f"The model is better or worse than the other where the whole 95 % interval of the skill"
        f" (blocks of {BLOCK_MONTHS} months, resampled) is above or below 0, and else {UNCLEAR};"
        f" there is no word with fewer than {LEAST_COMPARED} months. The Brier score is the squared"
        " error of the chance of the event; smaller is better."
    )


def _rows_of(found: Skill, series: MonthlySeries) -> Iterator[TableRow]:
    """Write a series: months ahead side by side, scores below each other."""
    observable = series.observable
    scores = found.scores[found.scores["series"] == observable.name].set_index(
        ["months_ahead", "forecast"]
    )
    skills = found.comparisons[found.comparisons["series"] == observable.name].set_index(
        ["months_ahead", "against"]
    )
    horizons = found.plan.horizons

    def of_forecast(column: str, forecast: str) -> list[str]:
        values = [scores[column].get((ahead, forecast)) for ahead in horizons]
        decimals = decimals_of(one for one in scores[column] if one is not None)
        return [MISSING if one is None else number(one, decimals) for one in values]

    yield f"{observable.title}, {observable.unit}"
    yield ("CRPS of the model", *of_forecast("crps", MODEL))
    nothing = [""] * len(horizons)
    yield ("skill against", *nothing)
    for other in SIMPLE_FORECASTS:
        cells = [_skill_cell(skills.loc[(ahead, other)]) for ahead in horizons]
        yield (f"  {other}", *cells)
    yield ("Brier score of", *nothing)
    for forecast in (MODEL, *SIMPLE_FORECASTS):
        yield (f"  {forecast}", *of_forecast("brier", forecast))
    for share in (50, 90):
        inside = [scores[f"coverage_{share}"].get((ahead, MODEL)) for ahead in horizons]
        cells = [MISSING if one is None else share_text(one) for one in inside]
        yield (f"inside {share} %, model", *cells)
    shares = [scores["share_of_events"].get((ahead, MODEL)) for ahead in horizons]
    yield ("months with event", *(share_text(one or 0.0) for one in shares))
    above = found.fits.loc[found.fits["series"] == observable.name, "event_above"].to_numpy()[0]
    yield f"  event: {event_text(observable, above)}"


def event_text(observable: Observable, above: float) -> str:
    """Say which months are an event."""
    if observable.any_event:
        return f"any {observable.unit} in the month"
    return f"above {number(above)} {observable.unit}, as one in five of the months fitted to"


def _ahead(months: int) -> str:
    return f"{months} month{'s' if months > 1 else ''}"


def _skill_cell(row: Any) -> str:
    word = "" if row["verdict"] == NO_INTERVAL else row["verdict"]
    return f"{word} {signed(row['skill'], 2)}".lstrip()


def _pooled(comparisons: pd.DataFrame) -> Iterator[TableRow]:
    """Write comparisons over all series, with intervals."""
    yield ("ahead", "the model is", "against", "skill", "95 % interval")
    n_months = int(comparisons["months"].max())
    yield f"All series, scores in standard deviations of each, up to {n_months} months"
    rows = comparisons.to_dict("records")
    decimals = interval_decimals((row["skill"], row["low"], row["high"]) for row in rows)
    for row in rows:
        skill = with_interval(row["skill"], row["low"], row["high"], decimals)
        yield (_ahead(row["months_ahead"]), row["verdict"], row["against"], *skill)


def comparisons_in_words(comparisons: pd.DataFrame) -> Iterator[str]:
    """Count the words by simple forecast, over series and months ahead."""
    single = comparisons[comparisons["series"] != ALL_SERIES]
    for other, of in single.groupby("against", sort=False):
        words = list(of["verdict"])
        yield (
            f"Against {other} the model is better in {words.count(BETTER)}, worse in"
            f" {words.count(WORSE)} and {UNCLEAR} in {words.count(UNCLEAR)} of {len(words)}"
            " comparisons."
        )
    yield "Of comparisons between equals about one in twenty gets a word by chance."


def skill_plan_text(found: Skill, data: str, runs: str, width: int) -> str:
    """Say what is fitted to, scored and simulated."""
    plan = found.plan
    fitted = f"{plan.fit_from} to {plan.fit_until}, "
    fitted += "again at every origin, to all months up to it" if plan.refit else "once"
    last = max(one.months[-1] for one in found.series)
    lines = [
        ("data", data),
        ("fitted to", fitted),
        ("scored", f"months after {plan.fit_until}, to {last}"),
        ("simulated", runs),
    ]
    return named_lines(lines, width)


def observables_text(width: int, chosen: Sequence[Observable] = OBSERVABLES) -> str:
    """List the series, their files and what they are taken to show."""
    parts = []
    for one in chosen:
        lines = [
            ("what", f"{one.title}, {one.unit}"),
            ("file", f"{one.file}, column {one.column}"),
            ("shows", one.simulated),
            ("source", one.source),
        ]
        indented = "\n".join(f"  {line}" for line in named_lines(lines, width - 2).splitlines())
        parts.append(f"{one.name}\n{indented}")
    form = (
        "Each file is a CSV table with a row for every month, a column month (2019-01) and the"
        " column named, which may be empty at both ends but not in between; a column partial_month"
        " with 1 marks months that are left out at the ends. Other columns are ignored."
    )
    return "\n".join([*parts, "", wrapped(form, width), ""])
