"""A first look at what the shipped worlds do: `make first-look` writes docs/first_look.md.

Four questions of the specification that need thousands of runs: does the region stay where it
starts (1b), do disputes begin as often as they did (7), can the model answer either way (5), and
does every group of states matter (11).  Everything is simulated here, by the ensemble engine,
from fixed seeds.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from regional_sim.analysis.base_rates import base_rate_table, read_targets, simulate
from regional_sim.engine.ensemble import run_batch
from regional_sim.engine.job import BatchJob, BatchResult
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.parameters import Param
from regional_sim.postures import create
from regional_sim.scenario import Scenario, load_scenario

DOCS = Path(__file__).resolve().parents[1] / "docs"
SEED = 2026

HEADLINE: Sequence[Metric] = (
    Metric.tension,
    Metric.miscalculation_risk,
    Metric.escalation_hazard,
    Metric.shared_deterrence,
    Metric.entanglement,
    Metric.challenger_readiness,
    Metric.challenger_pressure,
    Metric.trilateral_alignment,
    Metric.alliance_strength,
    Metric.un_support,
    Metric.hedger_balance,
    Metric.partner_dependence,
    Metric.blockade_vulnerability,
    Metric.economic_cost,
)
"""All are means, so that a month's smallest effect of interest is that of a window."""


def outcomes(
    scenario: Scenario,
    postures: Sequence[str],
    replicates: int,
    series: frozenset[str] = frozenset(),
    clamp: tuple[str, ...] = (),
) -> list[BatchResult]:
    """Simulate replicates under postures."""
    policies = [create(name) for name in postures]
    job = BatchJob.of(scenario, policies, SEED, 0, replicates, series=series, clamp=clamp)
    return run_batch(job)[0]


def contrast(scenario: Scenario, replicates: int, clamp: tuple[str, ...] = ()) -> np.ndarray:
    """Return new approach minus traditional over the whole posture, shape (Metric, run)."""
    old, new = outcomes(scenario, ["traditional", "new_approach"], replicates, clamp=clamp)
    return (new.windows - old.windows)[0]


def drift(replicates: int = 512) -> pd.DataFrame:
    """Compare months 13-24 with months 109-120 under the traditional posture (property 1b)."""
    (result,) = outcomes(
        load_scenario("baseline"), ["traditional"], replicates, frozenset({"timeseries"})
    )
    rows = []
    for metric in HEADLINE:
        smallest = metric.smallest
        first = result.timeseries[0, metric].mean()
        early = result.timeseries[12:24, metric].mean(axis=0)
        late = result.timeseries[108:120, metric].mean(axis=0)
        rows.append(
            {
                "metric": metric.name,
                "month 1": first,
                "months 13-24": early.mean(),
                "months 109-120": late.mean(),
                "difference": (late - early).mean(),
                "smallest effect": smallest,
                "holds": abs((late - early).mean()) <= smallest,
            }
        )
    return pd.DataFrame(rows)


def base_rates(replicates: int = 512) -> tuple[pd.DataFrame, dict[str, float]]:
    """Compare disputes of the world of 2010 with those observed (property 7)."""
    scenario = load_scenario("world_2010")
    counts = simulate(scenario, replicates, first_replicate=1_000_000)
    total = {
        "disputes a year": counts.disputes.sum(axis=0).mean() / counts.years,
        "share that reaches use of force": counts.parts[0].sum() / counts.disputes.sum(),
        "wars a decade": counts.wars.sum(axis=0).mean() / counts.years * 10.0,
        "months per dispute": counts.months.sum() / counts.disputes.sum(),
    }
    return base_rate_table(counts, read_targets()), total


THETAS = (0.0, 0.25, 0.5, 0.75, 1.0)
GAINS = (0.5, 1.0, 2.0)
ANSWERS = (Metric.miscalculation_risk, Metric.escalation_hazard, Metric.tension)


def answers_by_theta(replicates: int = 192) -> pd.DataFrame:
    """Return the paired effect of the new approach over theta and the gain of signals."""
    scenario = load_scenario("baseline")
    rows = []
    for gain in GAINS:
        for theta in THETAS:
            point = {"parameters.theta_challenger": theta, "parameters.signal_gain": gain}
            effect = contrast(scenario.with_settings(point), replicates)
            row: dict[str, object] = {"signal_gain": gain, "theta_challenger": theta}
            for metric in ANSWERS:
                row[metric.name] = effect[metric].mean()
                half = 1.96 * effect[metric].std(ddof=1) / np.sqrt(effect.shape[1])
                row[f"{metric.name} +-"] = half
            rows.append(row)
    return pd.DataFrame(rows)


CONTESTED = (
    Param.theta_challenger,
    Param.signal_gain,
    Param.openness_discount,
    Param.hostility_bias,
    Param.belief_noise,
    Param.alpha_challenger,
    Param.patrols_presence,
)


def answers_over_the_prior(points: int = 96, replicates: int = 64) -> pd.DataFrame:
    """Return how often the new approach raises and lowers each answer over contested parameters."""
    scenario = load_scenario("baseline")
    rng = np.random.default_rng(SEED)
    verdicts: dict[str, list[int]] = {metric.name: [0, 0, 0] for metric in ANSWERS}
    for _ in range(points):
        point = {f"parameters.{p.name}": float(rng.uniform(p.low, p.high)) for p in CONTESTED}
        effect = contrast(scenario.with_settings(point), replicates)
        for metric in ANSWERS:
            half = 1.96 * effect[metric].std(ddof=1) / np.sqrt(replicates)
            mean = effect[metric].mean()
            place = 0 if mean > half else (1 if mean < -half else 2)
            verdicts[metric.name][place] += 1
    columns = ["raises", "lowers", "undecided"]
    return pd.DataFrame.from_dict(verdicts, orient="index", columns=columns).rename_axis("metric")


def who_matters(replicates: int = 256) -> pd.DataFrame:
    """Return what clamping each group of states takes from the effect of the new approach (11)."""
    scenario = load_scenario("baseline")
    groups = {
        "ally (KOR)": ("KOR",),
        "patron (USA)": ("USA",),
        "challenger (CHN)": ("CHN",),
        "hedgers (ASEAN)": scenario.group("hedgers"),
    }
    full = contrast(scenario, replicates)
    rows = []
    for name, states in groups.items():
        removed = full - contrast(scenario, replicates, clamp=tuple(states))
        ratio = {m: abs(removed[m].mean()) / m.smallest for m in HEADLINE}
        top = max(ratio, key=lambda metric: ratio[metric])
        rows.append(
            {
                "clamped": name,
                "metric it moves most": top.name,
                "change": removed[top].mean(),
                "smallest effect": top.smallest,
                "verdict": "matters" if ratio[top] >= 1.0 else "inert",
            }
        )
    return pd.DataFrame(rows)


def theta_star(table: pd.DataFrame, metric: Metric) -> dict[float, str]:
    """Return where the mean effect crosses zero, for each gain of signals."""
    found = {}
    for gain, part in table.groupby("signal_gain"):
        theta, effect = part["theta_challenger"].to_numpy(), part[metric.name].to_numpy()
        crossing = np.flatnonzero(np.sign(effect[:-1]) != np.sign(effect[1:]))
        if len(crossing) == 0:
            found[float(gain)] = "none: raises" if effect[0] > 0 else "none: lowers"
            continue
        k = crossing[0]
        share = effect[k] / (effect[k] - effect[k + 1])
        found[float(gain)] = f"{theta[k] + share * (theta[k + 1] - theta[k]):.2f}"
    return found


def draw_answers(table: pd.DataFrame, path: Path) -> None:
    """Draw the effect of the new approach over theta, one panel for each answer."""
    figure = Figure(figsize=(10.5, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    colours = ("#0072b2", "#009e73", "#d55e00")
    for axes, metric in zip(figure.subplots(1, len(ANSWERS)), ANSWERS, strict=True):
        axes.axhline(0.0, color="0.4", linewidth=0.8)
        for colour, (gain, part) in zip(colours, table.groupby("signal_gain"), strict=True):
            theta, effect = part["theta_challenger"], part[metric.name]
            half = part[f"{metric.name} +-"]
            axes.plot(theta, effect, color=colour, marker="o", label=f"signal gain {gain:g}")
            axes.fill_between(theta, effect - half, effect + half, color=colour, alpha=0.15)
        axes.set_title(metric.name.replace("_", " "))
        axes.set_xlabel("share of signals read as hostility (theta)")
    figure.axes[0].set_ylabel("new approach less traditional")
    figure.axes[0].legend(frameon=False)
    figure.savefig(path, dpi=150)


def markdown(table: pd.DataFrame, digits: int = 4) -> str:
    """Return a frame as a Markdown table."""

    def cell(value: object) -> str:
        if isinstance(value, (bool, np.bool_)):
            return "yes" if value else "no"
        return f"{value:.{digits}f}" if isinstance(value, float) else str(value)

    lines = ["| " + " | ".join(map(str, table.columns)) + " |", "|" + " --- |" * table.shape[1]]
    lines += [
        "| " + " | ".join(cell(v) for v in row) + " |" for row in table.itertuples(index=False)
    ]
    return "\n".join(lines)


def _observed_totals() -> list[str]:
    """Return what was observed of the quantities that :func:`base_rates` totals; no war was."""
    record = read_targets()
    onsets, force = record.onsets.sum(), record.parts[0].sum()
    return [f"{onsets / record.years:.4f}", f"{force / onsets:.4f}", "0.0000", "not comparable"]


def report() -> str:
    """Simulate everything and return the page."""
    tell = sys.stderr.write
    tell("1 of 5: drift\n")
    moved = drift()
    tell("2 of 5: base rates\n")
    rates, totals = base_rates()
    tell("3 of 5: answers by theta\n")
    by_theta = answers_by_theta()
    draw_answers(by_theta, DOCS / "first_look_answers.png")
    tell("4 of 5: answers over the prior\n")
    prior = answers_over_the_prior().reset_index()
    tell("5 of 5: who matters\n")
    matters = who_matters()
    leading = rates.head(10)
    stars = pd.DataFrame({m.name: theta_star(by_theta, m) for m in ANSWERS})
    total_rows = pd.DataFrame({"quantity": totals.keys(), "simulated": totals.values()})
    total_rows["observed, 1990-2010"] = _observed_totals()
    return f"""# A first look

Written by `make first-look` (`experiments/first_look.py`, master seed {SEED}); every number on
this page comes from that command. Effects are of the new approach less the traditional posture on
the same draws, over the 96 months after the onset.

## Does the region stay where it starts? (property 1b)

512 replicates of the baseline under the traditional posture. {int(moved["holds"].sum())} of
{len(moved)} metrics stay within their smallest effect of interest.

{markdown(moved)}

## Do disputes begin as often as they did? (property 7)

512 replicates of `world_2010` over 252 months, with draws that calibration did not use. Stakes and
restraint were set by `make calibrate` on these same targets, so this is a check of fit, not of
prediction. Of the ten leading dyads {int(leading["inside"].sum())} lie inside their exact 95 %
Poisson interval, of all {len(rates)} dyads with a dispute {int(rates["inside"].sum())}.

{markdown(rates, 2)}

{markdown(total_rows)}

The simulated month is the shortest dispute there can be, while half of the observed disputes last
twelve days; durations can therefore not be compared month for month.

## Can the model answer either way? (property 5)

![Effects of the new approach over theta](first_look_answers.png)

Theta is the share of the sender's signal that the challenger reads as hostility. Where the mean
effect crosses zero (theta*), by the gain of signals:

{markdown(stars.rename_axis("signal_gain").reset_index())}

Over 96 points drawn uniformly from the ranges of {", ".join(p.name for p in CONTESTED)}
(64 replicates each; raised or lowered when the 95 % interval excludes zero), the new approach

{markdown(prior)}

## Does everyone matter? (property 11)

The states named are held on the path that they take under the traditional posture; the change is
the effect of the new approach less the effect with them held. 256 replicates.

{markdown(matters)}
"""


def main() -> int:
    """Write the page and its picture."""
    DOCS.mkdir(exist_ok=True)
    path = DOCS / "first_look.md"
    path.write_text(report(), encoding="utf-8")
    sys.stdout.write(f"written: {path.relative_to(DOCS.parent)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
