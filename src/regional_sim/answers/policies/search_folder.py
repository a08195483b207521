"""The folder of a search: what was asked for, every candidate tried, and who is best.

``search.json`` is written first, ``candidates.csv`` after each generation, ``front.csv``,
``points.csv`` and ``postures.yaml`` at the end; all of it can be deleted and made again.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from regional_sim.answers.kept_folder import record_to_resume, write_csv
from regional_sim.answers.policies.candidates import Candidate
from regional_sim.answers.policies.policy_search import (
    Judged,
    Known,
    Told,
    finalists,
    judge_finalists,
    judged_rows,
    search,
)
from regional_sim.answers.policies.search_plan import SearchPlan
from regional_sim.errors import InputError
from regional_sim.experiment.versions import versions
from regional_sim.results.claim import folder_lock
from regional_sim.results.folder import whole_file, write_json
from regional_sim.runner.options import RunOptions
from regional_sim.scenario import digest_of

if TYPE_CHECKING:
    import pandas as pd

SEARCH_FILE: Final = "search.json"
CANDIDATES_FILE: Final = "candidates.csv"
FRONT_FILE: Final = "front.csv"
POINTS_FILE: Final = "points.csv"
POSTURES_FILE: Final = "postures.yaml"
FRONT_FIGURE: Final = "front.png"

SEARCH_FILES: Final = (CANDIDATES_FILE, FRONT_FILE, POINTS_FILE, POSTURES_FILE, FRONT_FIGURE)


def search_in(
    folder: Path,
    plan: SearchPlan,
    *,
    workers: int = 1,
    resume: bool = False,
    force: bool = False,
    told: Told | None = None,
) -> Judged:
    """Search, keep all that was found in a folder, and return the finalists.

    Raises
    ------
    OutputExistsError
        When the folder holds something, and neither `resume` nor `force` says what to do.
    InputError
        When an unfinished search in it is another one.
    """
    RunOptions(workers=workers)  # Refuse a number that is none before any work.
    with folder_lock(folder):
        _claim(folder, plan, resume=resume, force=force)
        known = _read_known(folder, plan)

        def keep(tried: Mapping[str, Candidate], found: Known) -> None:
            write_csv(candidate_table(plan, tried, found), folder / CANDIDATES_FILE)

        tried = search(plan, known, keep, workers=workers, told=told)
        judged = judge_finalists(plan, finalists(plan, tried, known), workers=workers, told=told)
        write_csv(point_table(plan, judged), folder / POINTS_FILE)
        _write_postures(folder / POSTURES_FILE, judged)
        write_csv(front_table(plan, judged), folder / FRONT_FILE)
        return judged


def refuse_taken(folder: Path, plan: SearchPlan, *, resume: bool, force: bool) -> bool:
    """Refuse a folder that is taken; tell whether its search goes on.

    Raises
    ------
    OutputExistsError, InputError
        As in :func:`search_in`.
    """
    begun = record_to_resume(folder, SEARCH_FILE, "digest", "search", resume=resume, force=force)
    if begun is not None and begun["digest"] != digest_of(_record(plan)):
        what = "the folder holds another search: its experiment, goals or numbers differ"
        hint = "replace it (--force), or name another folder"
        raise InputError(what, where=str(folder), hint=hint)
    return begun is not None


def _record(plan: SearchPlan) -> dict[str, Any]:
    library = {"optuna": metadata.version("optuna")}
    return {"format": 1, "versions": versions() | library, **plan.record()}


def _claim(folder: Path, plan: SearchPlan, *, resume: bool, force: bool) -> None:
    """Make room for a search, or refuse a folder that is taken."""
    if refuse_taken(folder, plan, resume=resume, force=force):
        return
    for name in SEARCH_FILES:
        (folder / name).unlink(missing_ok=True)
    record = _record(plan)
    write_json(folder / SEARCH_FILE, {"digest": digest_of(record), **record})


def _read_known(folder: Path, plan: SearchPlan) -> Known:
    """Read the candidates that were tried before."""
    import pandas as pd

    path = folder / CANDIDATES_FILE
    if not path.exists():
        return {}
    try:
        # Read as text, numbers come back with every bit, whatever the version of pandas.
        table = pd.read_csv(path, dtype=str)
        columns = _columns(plan, int(table["points"].iloc[0])) if len(table) else []
        values = table[columns].astype(float).to_numpy()
        shape = (len(table), -1, len(plan.metrics))
        return dict(zip(table["candidate"], values.reshape(shape), strict=True))
    except (KeyError, ValueError) as error:
        hint = "delete it: its candidates are then tried again"
        raise InputError(f"cannot be read: {error}", where=str(path), hint=hint) from None


def candidate_table(plan: SearchPlan, tried: Mapping[str, Candidate], known: Known) -> pd.DataFrame:
    """Return the candidates tried: settings, and differences at each point of the search."""
    import pandas as pd

    rows = []
    for key, candidate in tried.items():
        values = known[key]
        row: dict[str, Any] = {"candidate": key, **candidate, "points": len(values)}
        rows.append(row | dict(zip(_columns(plan, len(values)), values.ravel(), strict=True)))
    return pd.DataFrame(rows)


def _columns(plan: SearchPlan, n_points: int) -> list[str]:
    """Name the columns of differences, by point of the search and metric."""
    numbers = range(1, n_points + 1)
    return [f"{metric.name}_{number}" for number in numbers for metric in plan.metrics]


def front_table(plan: SearchPlan, judged: Judged) -> pd.DataFrame:
    """Return a row for each finalist and named posture."""
    import pandas as pd

    return pd.DataFrame(judged_rows(plan, judged))


def point_table(plan: SearchPlan, judged: Judged) -> pd.DataFrame:
    """Return a row for each posture and point: factors, differences, regret."""
    import pandas as pd

    points = plan.experiment.points
    rows: list[dict[str, Any]] = []
    for at, posture in enumerate(judged.postures):
        for place, number in enumerate(judged.points):
            row: dict[str, Any] = {"posture": posture.label, "point": number}
            row |= points[number].factors
            for of, metric in enumerate(plan.metrics):
                row[f"{metric.name}_difference"] = judged.differences[at, place, of]
            row["meets"] = bool(judged.meets[at, place])
            row["regret"] = judged.regret[at, place]
            rows.append(row)
    return pd.DataFrame(rows)


def _write_postures(path: Path, judged: Judged) -> None:
    """Write the finalists as postures of an experiment file."""
    from io import StringIO

    from ruamel.yaml import YAML

    text = StringIO()
    found = judged.postures[: len(judged.candidates)]
    plain = [{name: _plain(value) for name, value in one.plain().items()} for one in found]
    yaml = YAML(typ="safe")
    yaml.default_flow_style = False
    yaml.dump({"postures": plain}, text)
    with whole_file(path) as file:
        file.write(text.getvalue().encode())


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value
