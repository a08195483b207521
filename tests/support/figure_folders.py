"""Folders of every kind that pictures are drawn from, small and made once for all tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import regional_sim
from regional_sim.answers.skill.forecast_scores import ALL_SERIES
from regional_sim.figures.kinds import draw_kind
from regional_sim.figures.style import save_figure
from regional_sim.results.folder import write_json
from tests.support.sweeps import RULE, small

POSTURES = [
    "traditional",
    "new_approach",
    "reassurance",
    "reactive",
    "incremental",
    "military_first",
]
GRID = {
    "kind": "grid",
    "factors": {
        "parameters.theta_challenger": [0.0, 0.5, 1.0],
        "parameters.incident_scale": [0.5, 1.0, 4.0],
    },
}
SAMPLE = {
    "kind": "latin_hypercube",
    "n": 40,
    "seed": 1,
    "factors": {
        "parameters.theta_challenger": {"distribution": "uniform", "low": 0.0, "high": 1.0},
        "parameters.incident_scale": {"distribution": "uniform", "low": 0.2, "high": 3.0},
    },
}


def make_folders(path: Path) -> Path:
    """Make a folder of each kind, with few runs, or with tables as the commands write them."""
    point = {"design": None, "replicates": 4}
    tables = ["runs", "timeseries"]
    long = [*tables, "states", "dyads"]
    regional_sim.sweep(small(**point, tables=tables, postures=POSTURES[:3]), out=path / "run")
    regional_sim.sweep(small(**point, tables=tables, postures=POSTURES), out=path / "many")
    regional_sim.sweep(small(**point, tables=["runs"], postures=POSTURES[:1]), out=path / "alone")
    regional_sim.sweep(small(**point | {"replicates": 1}, tables=tables), out=path / "single")
    regional_sim.sweep(small(replicates=RULE, tables=long), out=path / "stopped")
    regional_sim.sweep(small(design=GRID, replicates=2, tables=["runs"]), out=path / "grid")
    regional_sim.sweep(small(design=SAMPLE, replicates=2, tables=["runs"]), out=path / "sample")
    write_claims(path / "run")
    write_calibration(path / "calibration")
    write_search(path / "search")
    write_skill(path / "skill")
    return path


def write_claims(folder: Path) -> None:
    verdicts = ("supported", "contradicted", "negligible", "undecided", "structural")
    rows = [
        {
            "id": f"C{place}",
            "claim": "Costs $a and $b.",
            "metric": "tension",
            "expects": "rise",
            "clamp": "",
            "verdict": verdict,
            "smallest": 0.01,
            "effect": 0.01 * place,
            "ci_low": 0.01 * place - 0.005,
            "ci_high": 0.01 * place + 0.005,
            "points": 10,
            "prior_low": -0.02,
            "prior_high": 0.05,
            "holds": 0.2 * place,
            "holds_beyond": 0.1 * place,
        }
        for place, verdict in enumerate(verdicts)
    ]
    pd.DataFrame(rows).to_csv(folder / "hypotheses.csv", index=False)


def write_calibration(folder: Path) -> None:
    folder.mkdir()
    paths = ["parameters.theta_challenger", "parameters.incident_scale"]
    write_json(folder / "calibration.json", {"request": {"title": "A $t$", "design": SAMPLE}})
    rng = np.random.default_rng(1)
    for name, n in (("posterior_shares.csv", 50), ("wave_1_shares.csv", 40)):
        pd.DataFrame(rng.random((n, 2)), columns=paths).to_csv(folder / name, index=False)
    pd.DataFrame({"factor": paths, "informed": ["well", "a little"]}).to_csv(
        folder / "factors.csv", index=False
    )
    target = {"target": "incidents (whole)", "observed": 8.0, "inside": True}
    ends = {f"{of}_{end}": 5.0 + n for of in ("prior", "posterior") for n, end in ENDS}
    pd.DataFrame([target | ends]).to_csv(folder / "targets.csv", index=False)
    ranks = rng.integers(0, 100, (30, 2))
    pd.DataFrame(ranks, columns=paths).to_csv(folder / "recovery_ranks.csv", index=False)
    found = {"factor": paths, "inside_90": [0.9, 0.8], "mean_rank_share": ranks.mean(axis=0) / 99}
    pd.DataFrame(found).to_csv(folder / "recovery.csv", index=False)


ENDS = ((0, "low"), (2, "median"), (5, "high"))


def write_search(folder: Path) -> None:
    folder.mkdir()
    record = {
        "goals": ["least miscalculation_risk", "most shared_deterrence"],
        "requirements": ["tension <= 0.01"],
        "instruments": ["joint_patrols", "crisis_channel"],
        "experiment": {"title": "A study", "postures": [{"label": "traditional"}]},
    }
    write_json(folder / "search.json", record)
    rows = [
        {
            "posture": name,
            "recommended": name == "found_2",
            "largest_regret": 0.1 * place,
            "miscalculation_risk_difference": -0.01 * place,
            "shared_deterrence_difference": 0.002 * (place % 3),
            "joint_patrols": 0.5 if "found" in name else np.nan,
            "crisis_channel": 0.9 if "found" in name else np.nan,
            "from_month": 13 if "found" in name else np.nan,
        }
        for place, name in enumerate([*(f"found_{n}" for n in range(1, 13)), *POSTURES])
    ]
    pd.DataFrame(rows).to_csv(folder / "front.csv", index=False)


def write_skill(folder: Path) -> None:
    folder.mkdir()
    names = ("senkaku_contiguous", ALL_SERIES)
    others = ("persistence", "seasonal-naive", "AR(1)", "climatology")
    compared = [
        {
            "series": name,
            "months_ahead": ahead,
            "against": other,
            "skill": -2.0 if ahead == 3 else 0.2,
            "low": -3.0 if ahead == 3 else 0.1,
            "high": 0.3,
            "verdict": "worse" if ahead == 3 else "better",
        }
        for name in names
        for ahead in (1, 3)
        for other in others
    ]
    pd.DataFrame(compared).to_csv(folder / "comparisons.csv", index=False)
    forecasts = [
        {
            "series": names[0],
            "origin": f"2019-{month:02d}",
            "months_ahead": 3,
            "target": f"2019-{month + 3:02d}",
            "forecast": forecast,
            "observed": 5.0 + month if month < 6 else np.nan,
            "inside_90": 1.0,
            **dict(zip(("q05", "q25", "median", "q75", "q95"), (1, 3, 5, 8, 12), strict=True)),
        }
        for month in range(1, 9)
        for forecast in ("model", "AR(1)")
    ]
    pd.DataFrame(forecasts).to_csv(folder / "forecasts.csv", index=False)
    fits = pd.DataFrame({"series": [names[0]], "source": ["drawn from the model itself"]})
    fits.to_csv(folder / "fits.csv", index=False)


@cache
def drawn(folder: Path, kind: str) -> Figure:
    return draw_kind(folder, kind)


def bytes_of(figure: Figure, file: Path) -> bytes:
    content = save_figure(figure, file).read_bytes()
    start = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}[file.suffix]
    assert content.startswith(start)
    assert b"Matplotlib v" not in content
    assert b"CreationDate" not in content
    return content


def caption_of(figure: Figure) -> str:
    """What stands below a figure, on one line."""
    said = [figure.get_supxlabel(), *(one.get_title().get_text() for one in figure.legends)]
    return " ".join(said).replace("\n", " ").strip()
