"""What decides an outcome, as text for a terminal and as files."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from regional_sim.answers.sensitivity.factor_sensitivity import (
    BELOW_SMALLEST,
    DECIDES,
    HARDLY,
    MAIN_EFFECTS,
    MATTERS,
    MATTERS_LITTLE,
    MATTERS_MUCH,
    MAY_MATTER,
    METHODS,
    MORRIS,
    NO_EFFECT,
    NOT_TOLD,
    OF_NOISE,
    SOBOL,
    UNSURE,
    FactorSensitivity,
    OutcomeSensitivity,
    Sensitivity,
)
from regional_sim.answers.sensitivity.interval_estimate import LEAST_SIGNAL, IntervalEstimate
from regional_sim.errors import visible
from regional_sim.report.answer_files import write_answer
from regional_sim.report.effects import metric_heading
from regional_sim.report.text import (
    MISSING,
    decimals_of,
    mean_with_interval,
    number,
    padded,
    share_text,
    signed,
    wrapped,
)

MOST_FACTORS: Final = 8
"""Factors of an outcome that are listed, unless all are asked for."""

UNIMPORTANT: Final = (HARDLY, NOT_TOLD, OF_NOISE, NO_EFFECT)
"""Words of factors that are counted, not listed."""

_HEADS: Final = {
    MORRIS: ("factor", "verdict", "direction", "size", "95 % interval", "sd"),
    SOBOL: ("factor", "verdict", "direction", "in all", "95 % interval", "alone"),
    MAIN_EFFECTS: ("factor", "verdict", "direction", "share", "95 % interval"),
}
_READ_AS: Final = {
    MORRIS: (
        "Size is the mean change of the outcome, whichever way, when a factor moves by the whole"
        " of its prior (mu* of Morris); sd says how much the change depends on where the other"
        " factors are (sigma)."
    ),
    SOBOL: (
        "In all is the share of the outcome's variance that would be left if everything but the"
        " factor were known (total order); alone, the share that would go if it alone were known"
        " (first order). What it has in all beyond alone, it decides together with others, so the"
        " column may add up to more than 100 %. A negative number is an estimate of a share near 0."
    ),
    MAIN_EFFECTS: (
        "Share is how much of the outcome's variance would be gone if the factor alone were known"
        " (first order), by curves fitted to all factors together. This says nothing of what"
        " factors do only together; that needs a saltelli design, which regional-sim sensitivity"
        " makes for an experiment."
    ),
}
_WORDS: Final = {
    DECIDES: "half of the variance or more",
    MATTERS_MUCH: "20 % or more",
    MATTERS: "5 % or more",
    MATTERS_LITTLE: "less than 5 %, but some, by its interval or its direction",
    HARDLY: "the whole interval lies below 5 %",
    NOT_TOLD: "so many points do not tell whether it matters; a negative share is one near 0",
}
_WORDS_OF_SIZES: Final = {
    MATTERS: "surely more than the smallest effect of interest",
    MAY_MATTER: "the interval holds the smallest effect of interest",
    BELOW_SMALLEST: "surely less than that, though perhaps much of a small variance",
    OF_NOISE: "what a finite number of replicates gives without any effect",
    NO_EFFECT: "nothing changes at all",
}


@dataclass(frozen=True)
class SensitivityPart:
    """What is said of one outcome: a heading, sentences, and a table."""

    heading: str
    sentences: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    closing: str


def sensitivity_text(found: Sensitivity, width: int, *, everything: bool = False) -> Text:
    """Write what decides the outcomes; with `everything`, with all factors."""
    text = Text("".join(f"{wrapped(one, width)}\n" for one in sensitivity_introduction(found)))
    for part in sensitivity_parts(found, everything=everything):
        text.append(f"\n{wrapped(part.heading, width, '', '    ')}\n", style="bold")
        text.append("".join(f"{wrapped(one, width, '  ')}\n" for one in part.sentences))
        for place, line in enumerate(padded(part.rows) if part.rows else ()):
            text.append(f"  {line}\n", style="" if place else "dim")
        if part.closing:
            text.append(f"{wrapped(part.closing, width, '  ')}\n")
    text.append(
        "\n" + "".join(f"{wrapped(one, width)}\n" for one in sensitivity_explanations(found))
    )
    return text


def factor_names(paths: Sequence[str]) -> list[str]:
    """Name factors by the last part of their path, where that is enough.

    >>> factor_names(["parameters.brokerage", "options.shock"])
    ['brokerage', 'shock']
    >>> factor_names(["states.JPN.stance", "states.KOR.stance"])
    ['JPN.stance', 'KOR.stance']
    """
    short = [path.rpartition(".")[2] for path in paths]
    counts = Counter(short)
    return [
        name if counts[name] == 1 and not name.isdecimal() else path.partition(".")[2]
        for path, name in zip(paths, short, strict=True)
    ]


def outcome_heading(one: OutcomeSensitivity) -> str:
    """Name an outcome, its unit, postures and window."""
    of = one.outcome
    whose = of.posture if of.reference is None else f"{of.posture} less {of.reference}"
    return f"{metric_heading(of.metric.name, of.metric.unit)}: {whose}, window {of.window}"


def write_sensitivity(found: Sensitivity, path: Path, *, force: bool = False) -> None:
    """Write a file of everything, and make the folders above it; the ending says how."""
    write_answer(path, found.table, _mapping(found), list(_markdown(found)), force=force)


def sensitivity_introduction(found: Sensitivity) -> Iterator[str]:
    """Say what was analysed, and what was left out."""
    at_most = f"{found.replicates} replicate{'s' if found.replicates > 1 else ''}"
    yield (
        f"{found.title or 'Result'}: what decides each outcome, by {METHODS[found.method]} over"
        f" {found.n_points} points ({found.design}; {at_most} of each posture)."
    )
    if found.screen is not None:
        yield (
            "A screening chose these factors; all others stand as in the scenario, so shares are of"
            " the variance that is left then."
        )
    if found.unstable:
        many = len(found.unstable)
        goes = "" if found.units == "points" else f", and with them their {found.units}"
        yield (
            f"{many} point{'s' if many > 1 else ''} with an unstable start"
            f" {'are' if many > 1 else 'is'} left out{goes}:"
            f" {found.units_used} of {found.n_units} {found.units} are used."
        )
    elif found.units_used < found.n_units:
        yield (
            f"Points without a value are left out: {found.units_used} of {found.n_units}"
            f" {found.units} are used."
        )


def sensitivity_parts(found: Sensitivity, *, everything: bool) -> Iterator[SensitivityPart]:
    """Write what is said of each outcome; with `everything`, of all factors."""
    for one in found.outcomes:
        listed = [f for f in one.factors if everything or f.meaning not in UNIMPORTANT]
        listed = listed if everything else listed[:MOST_FACTORS]
        names = dict(
            zip(
                (f.factor.path for f in one.factors),
                factor_names([f.factor.path for f in one.factors]),
                strict=True,
            )
        )
        decimals = decimals_of(f.main.value for f in one.factors)
        rows = [
            (names[f.factor.path], f.meaning, f.direction, *_numbers(found.method, f, decimals))
            for f in listed
        ]
        yield SensitivityPart(
            outcome_heading(one),
            tuple(_sentences(found, one)),
            (_HEADS[found.method], *rows) if rows else (),
            _rest(one.factors, len(listed)),
        )


def _sentences(found: Sensitivity, one: OutcomeSensitivity) -> Iterator[str]:
    """Say how an outcome varies, and how much of that is noise, or not explained."""
    form = number if one.outcome.reference is None else signed
    decimals = decimals_of((one.mean, one.low, one.high))
    mean, low, high = (form(value, decimals) for value in (one.mean, one.low, one.high))
    said = f"Mean over points {mean}, from {low} to {high}"
    smallest = one.outcome.smallest
    # The points of trajectories are no fair sample of the priors.
    if found.method != MORRIS and one.outcome.reference is not None and smallest > 0.0:
        said += (
            f"; above {smallest:+.3g} at {share_text(one.higher, 1)} of the points, below"
            f" {-smallest:+.3g} at {share_text(one.lower, 1)}"
        )
    yield f"{said}."
    if not one.factors:
        if one.noise > 1.0 - LEAST_SIGNAL:
            yield "It varies between points by no more than replicate noise, so nothing decides it."
        else:
            yield "It does not vary between points, so nothing decides it."
        return
    if math.isnan(one.noise):
        yield "With one replicate, noise cannot be told from what factors do together."
    else:
        noise = share_text(one.noise, 1)
        yield f"{noise} of its variance is replicate noise, which counts for no factor."
    if found.method == MAIN_EFFECTS:
        yield _explained(one)


def _explained(one: OutcomeSensitivity) -> str:
    shape = {1: "straight lines", 2: "curves of degree 2", 3: "curves of degree 3"}[one.degree]
    if one.explained <= 0.0:
        return (
            f"Single factors ({shape}) tell nothing of points left out of the fit: do not lean on"
            " these shares."
        )
    return (
        f"Single factors ({shape}) tell {share_text(one.explained, 1)} of the variance at points"
        " left out of the fit; the rest is what factors do together, other shapes, noise and"
        " chance."
    )


def _numbers(method: str, one: FactorSensitivity, decimals: int | None) -> tuple[str, ...]:
    """Write the numbers of a row; sizes have the decimals of their outcome."""
    main = one.main
    if method == MORRIS:
        size, interval = mean_with_interval(main.value, max(main.low, 0.0), main.high, decimals)
        return size, interval, number(one.measures["effect_sd"].value, decimals)
    more = (share_text(one.measures["first_order"].value, 1),) if method == SOBOL else ()
    return share_text(main.value, 1), _interval(main), *more


def _interval(of: IntervalEstimate) -> str:
    if math.isnan(of.low):
        return MISSING
    return f"{share_text(of.low, 1)[:-2]} to {share_text(of.high, 1)}"


def _rest(factors: Sequence[FactorSensitivity], n_listed: int) -> str:
    """Count the factors that are not listed, by what they are."""
    listed = {id(f) for f in [f for f in factors if f.meaning not in UNIMPORTANT][:n_listed]}
    if n_listed == len(factors):
        return ""
    counts = Counter(f.meaning for f in factors if id(f) not in listed)
    said = ", ".join(f"{many} ({word})" for word, many in counts.items())
    return f"{'Not listed' if n_listed else 'Factors'}: {said}."


def sensitivity_explanations(found: Sensitivity) -> Iterator[str]:
    """Say how to read the tables: the numbers, the direction, and the words that stand in them."""
    yield _READ_AS[found.method]
    used = {f.meaning for one in found.outcomes for f in one.factors}
    words = _WORDS_OF_SIZES if found.method == MORRIS else _WORDS
    said = "; ".join(f"{word}: {meaning}" for word, meaning in words.items() if word in used)
    if said:
        yield f"In words: {said}."
    yield (
        "Raises and lowers say what a higher value of the factor does to the outcome; of a"
        f" difference, raises means further up. The direction is {UNSURE} where the interval of the"
        " trend reaches to both sides of 0. Of factors without any effect, about one in 20 gets a"
        " direction by chance."
    )


def _markdown(found: Sensitivity) -> Iterator[str]:
    """Write the lines of a page."""
    yield f"# {visible(found.title) or 'Sensitivity'}"
    yield ""
    yield from (f"{one}\n" for one in sensitivity_introduction(found))
    for part in sensitivity_parts(found, everything=True):
        yield f"## {part.heading}\n"
        yield from (f"{one}\n" for one in part.sentences)
        for place, row in enumerate(part.rows):
            yield f"| {' | '.join(row)} |"
            if place == 0:
                yield f"|{' --- |' * len(row)}"
        yield ""
    yield from (f"{one}\n" for one in sensitivity_explanations(found))


def _mapping(found: Sensitivity) -> dict[str, Any]:
    """Return what the JSON file holds."""
    about = {
        name: getattr(found, name)
        for name in (
            "title",
            "design",
            "where",
            "method",
            "n_points",
            "n_used",
            "replicates",
            "resamples",
            "seed",
        )
    }
    rows = found.table.to_dict("records")
    outcomes = [
        {
            "outcome": one.outcome.in_words,
            **{
                name: getattr(one, name)
                for name in ("mean", "sd", "low", "high", "lower", "higher", "noise", "explained")
            },
        }
        for one in found.outcomes
    ]
    return {
        "format": 1,
        **about,
        "unstable": list(found.unstable),
        "outcomes": outcomes,
        "rows": rows,
    }
