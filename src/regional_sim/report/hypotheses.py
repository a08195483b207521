"""Hypotheses with their verdicts, as text for a terminal and as files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from regional_sim.answers.hypotheses.base_rate_points import FEWEST_INSIDE, MOST_FREQUENT
from regional_sim.answers.hypotheses.hypothesis_runs import ALL_OTHERS, MOST_FOR_RESPONSES
from regional_sim.answers.hypotheses.judged import JudgedHypotheses, JudgedHypothesis
from regional_sim.answers.hypotheses.verdicts import FEWEST_FOR_STRUCTURAL, STRUCTURAL, VERDICTS
from regional_sim.report.answer_files import write_answer
from regional_sim.report.effects import title_of
from regional_sim.report.text import (
    MISSING,
    NO_SPREAD,
    decimals_of,
    padded,
    share_text,
    signed,
    table_text,
    wrapped,
)

WIDE: Final = 100
"""Columns from which on a terminal has room for more numbers."""

EXPECTED_IN_WORDS: Final = {
    "rise": "rise",
    "fall": "fall",
    "unchanged": "unchanged",
    "no_rise": "no rise",
    "no_fall": "no fall",
}

_JSON_FORMAT: Final = 1
_BY_RESPONSE: Final = "*"
"""Stands at what is expected of a response."""

_LEAST: Final = 0.1
"""Parts of an effect that are smaller, in smallest effects of interest, are not printed."""


def hypotheses_text(found: JudgedHypotheses, width: int) -> Text:
    """Write a page: verdicts with their numbers, then what decides, and whose response it is."""
    text = Text("".join(f"{wrapped(one, width)}\n" for one in hypotheses_introduction(found)))
    text.append("\n")
    rows = _rows(found, wide=width >= WIDE, in_words=True)
    if max(map(len, padded(rows))) + 2 > width:
        rows = _rows(found, wide=width >= WIDE, in_words=False)
    text.append_text(table_text(rows))
    for heading, lines in (
        ("Which claims have which verdict", _by_verdict(found, width)),
        (
            "Which parameter goes with the size of the effect, over the prior",
            _deciding(found, width),
        ),
        ("Through whose responses the effect runs, in the world as it is", _through(found, width)),
    ):
        if said := list(lines):
            text.append(f"\n{heading}\n", style="bold")
            text.append("".join(f"{line}\n" for line in said))
    return text


def in_smallest(row: JudgedHypothesis, value: float) -> str:
    """Write an effect in units of the smallest effect of interest."""
    return times_text(value / row.smallest)


def interval_in_smallest(row: JudgedHypothesis) -> str:
    """Write an effect's interval in units of the smallest effect of interest, both ends alike."""
    ends = row.ci_low / row.smallest, row.ci_high / row.smallest
    decimals = decimals_of(ends)
    few = None if decimals is None else min(decimals, 2)
    if any(map(math.isnan, ends)):
        return MISSING
    low, high = (signed(end, few) for end in ends)
    return NO_SPREAD if row.ci_low == row.ci_high else f"{low} to {high}"


def times_text(times: float) -> str:
    """Write a number of smallest effects, with fewer decimals the larger it is.

    >>> times_text(0.041), times_text(-16.07), times_text(0.0), times_text(230.0)
    ('+0.04', '-16.1', '0', '+230')
    """
    if math.isnan(times):
        return MISSING
    decimals = 2 if abs(times) < 10 else 1 if abs(times) < 100 else 0  # noqa: PLR2004
    text = f"{times:+.{decimals}f}"
    return "0" if float(text) == 0.0 else text


def percent_of(share: float) -> str:
    """Write a share in whole per cent; what is nearly all or nothing is not rounded to it.

    >>> percent_of(0.996), percent_of(1.0), percent_of(0.004), percent_of(0.0)
    ('>99 %', '100 %', '<1 %', '0 %')
    """
    if math.isnan(share):
        return MISSING
    if 0.99 < share < 1.0:  # noqa: PLR2004
        return ">99 %"
    return "<1 %" if 0.0 < share < 0.01 else share_text(share)  # noqa: PLR2004


def write_hypotheses(found: JudgedHypotheses, path: Path, *, force: bool = False) -> None:
    """Write a file of everything, and make the folders above it; the ending says how."""
    write_answer(path, found.table, _mapping(found), _markdown(found), force=force)


def hypotheses_introduction(found: JudgedHypotheses) -> Iterator[str]:
    """Say what the numbers are."""
    references = dict.fromkeys(row.hypothesis.reference for row in found.rows)
    yield (
        f"{found.experiment.title or 'Hypotheses'}: each effect is that of a posture less that of"
        f" {' or '.join(references)}, in {found.replicates} pairs of runs of the world as it is,"
        " with the 95 % interval in units of the smallest effect of interest."
        f" {found.runs} runs in all."
    )
    if clamps := dict.fromkeys(row.hypothesis.clamp for row in found.rows if row.hypothesis.clamp):
        whose = " or ".join(" and ".join(names) for names in clamps)
        yield (
            f"{_BY_RESPONSE} by somebody's response: tested is the part of the effect that is gone"
            f" when {whose} is held on the traditional path."
        )
    if found.points:
        left = found.points - found.unstable
        out = f" ({found.unstable} without a stable start are left out)" if found.unstable else ""
        yield (
            f"prior: share of {left} points{out} at which the claim holds; beyond: at which the"
            " effect is greater than the smallest one, too."
        )
        if found.on_record is not None:
            yield (
                f"record: share at which it holds of the {found.on_record} points whose base rates"
                f" of disputes pass ({FEWEST_INSIDE} of the {MOST_FREQUENT} pairs with most"
                " disputes inside the interval of the record)."
            )
    else:
        yield "Without a design there is no prior: nothing is said of other figures."


def _rows(found: JudgedHypotheses, *, wide: bool, in_words: bool) -> list[Sequence[str]]:
    """Lay out the table of verdicts, metrics by their titles or their names."""
    shares = {"prior": "holds", "beyond": "holds_beyond", "record": "holds_on_record"}
    if not found.points:
        shares = {}
    elif found.on_record is None:
        del shares["record"]
    if not wide:
        shares.pop("beyond", None)
    more = ("effect", "p (Holm)") if wide else ()
    heads = ("", "verdict", "metric", "expected", "95 % interval", *shares, *more)
    rows: list[Sequence[str]] = [heads]
    for row in found.rows:
        one = row.hypothesis
        expected = EXPECTED_IN_WORDS[one.expects] + (_BY_RESPONSE if one.clamp else "")
        interval = interval_in_smallest(row)
        told = [percent_of(getattr(row, name)) for name in shares.values()]
        extra = (signed(row.effect), _p(row.p_holm)) if wide else ()
        metric = title_of(one.metric) if in_words else one.metric
        rows.append((one.id, row.verdict, metric, expected, interval, *told, *extra))
    return rows


def _p(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"  # noqa: PLR2004


def _by_verdict(found: JudgedHypotheses, width: int) -> Iterator[str]:
    """Say which claims have each verdict, and what it means."""
    for verdict, meaning in VERDICTS.items():
        ids = [row.hypothesis.id for row in found.rows if row.verdict == verdict]
        if ids:
            yield wrapped(f"{', '.join(ids)}: {meaning}", width, f"  {verdict:<14}", " " * 16)
    yield from (wrapped(one, width, "  ") for one in _never_flips(found))


def _never_flips(found: JudgedHypotheses) -> Iterator[str]:
    """Name other claims that hold, or fail, at every point of the prior."""
    if not found.points:
        return
    if found.points - found.unstable < FEWEST_FOR_STRUCTURAL:
        yield f"{STRUCTURAL} is never said: that takes {FEWEST_FOR_STRUCTURAL} points of the prior"
        return
    for share, where in ((1.0, "every"), (0.0, "no")):
        others = [row for row in found.rows if row.holds == share and row.verdict != STRUCTURAL]
        if others:
            names = ", ".join(row.hypothesis.id for row in others)
            yield f"Holds at {where} point of the prior, by the equations too: {names}"


def _deciding(found: JudgedHypotheses, width: int) -> Iterator[str]:
    """Say which factor goes with each effect."""
    if not found.points:
        return
    names = [row.hypothesis.id for row in found.rows]
    indent = max(map(len, names)) + 4
    for row, name in zip(found.rows, names, strict=True):
        yield wrapped(deciding_in_words(row), width, f"  {name}".ljust(indent), " " * indent)


def deciding_in_words(row: JudgedHypothesis) -> str:
    """Say which factor explains most of an effect over the prior, and which way."""
    one = row.goes_with
    if one is None:
        return "no factor stands out from chance"
    share = f"{percent_of(one.share)} of the variance of ranks"
    if math.isnan(one.correlation):
        return f"{one.name} ({share})"
    goes = "higher" if one.correlation > 0.0 else "lower"
    return f"{one.name}: {goes} where it is greater (rank correlation {one.correlation:+.2f})"


def _through(found: JudgedHypotheses, width: int) -> Iterator[str]:
    """Say whose responses an effect runs through."""
    said = [(row.hypothesis.id, through_in_words(row)) for row in found.rows if row.through]
    if not said:
        return
    yield wrapped(
        "In smallest effects of interest: the whole effect, and what of it is gone when they are"
        f" held on their traditional path ({min(found.replicates, MOST_FOR_RESPONSES)} pairs)."
        " What has the other sign works against the effect. These overlap, as one responds to"
        " another.",
        width,
        "  ",
    )
    indent = max(len(name) for name, _ in said) + 4
    for name, words in said:
        yield wrapped(words, width, f"  {name}".ljust(indent), " " * indent)


def through_in_words(row: JudgedHypothesis) -> str:
    """Say how much of an effect runs through whose responses, those with the largest first."""
    known = {who: gone / row.smallest for who, gone in row.through.items() if not math.isnan(gone)}
    every = known.pop(ALL_OTHERS, 0.0)
    large = sorted(known.items(), key=lambda one: -abs(one[1]))
    parts = [f"{who} {times_text(times)}" for who, times in large if abs(times) >= _LEAST]
    whole = row.whole_effect / row.smallest
    share = f" ({share_text(every / whole)})" if abs(whole) >= 1.0 and abs(every) >= _LEAST else ""
    if abs(every) >= _LEAST:
        parts.append(f"{ALL_OTHERS} together {times_text(every)}{share}")
    return f"{times_text(whole)}: {', '.join(parts) or 'nobody by a tenth'}"


# ------------------------------------------------------------------------------------ files


def _mapping(found: JudgedHypotheses) -> dict[str, Any]:
    """Return what the JSON file holds."""
    return {
        "format": _JSON_FORMAT,
        "title": found.experiment.title,
        "replicates": found.replicates,
        "points": found.points,
        "unstable": found.unstable,
        "runs": found.runs,
        "hypotheses": [row.row() for row in found.rows],
    }


def _markdown(found: JudgedHypotheses) -> list[str]:
    """Write a table of claims with their verdicts, what these mean, and whose responses matter."""
    heads = ["", "claim", "verdict", "metric, expected", "effect", "95 % interval"]
    if found.points:
        heads += ["prior", "beyond"]
    if found.on_record is not None:
        heads.append("record")
    heads.append("goes with")
    cells = [_markdown_cells(found, row) for row in found.rows]
    table = [f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *cells)]
    lines = [*hypotheses_introduction(found), "", *table, "", *_meanings(found)]
    if any(row.through for row in found.rows):
        lines += ["", "Whole effect, and what of it runs through whose response:", ""]
        lines += [f"- {row.hypothesis.id} {through_in_words(row)}" for row in found.rows]
    return [f"\\{line}" if line.startswith("* by") else line for line in lines]


def _meanings(found: JudgedHypotheses) -> Iterator[str]:
    used = {row.verdict for row in found.rows}
    yield from (f"- **{word}**: {what}." for word, what in VERDICTS.items() if word in used)


def _markdown_cells(found: JudgedHypotheses, row: JudgedHypothesis) -> list[str]:
    one = row.hypothesis
    expected = EXPECTED_IN_WORDS[one.expects] + ("\\" + _BY_RESPONSE if one.clamp else "")
    cells = [one.id, one.claim.replace("|", "\\|").replace("\n", " "), row.verdict]
    cells += [f"`{one.metric}` {expected}", in_smallest(row, row.effect)]
    cells.append(interval_in_smallest(row))
    if found.points:
        cells += [percent_of(row.holds), percent_of(row.holds_beyond)]
    if found.on_record is not None:
        cells.append(percent_of(row.holds_on_record))
    return [*cells, deciding_in_words(row) if found.points else MISSING]
