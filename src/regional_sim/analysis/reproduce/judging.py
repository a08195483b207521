"""Running a result again from its folder alone, and judging whether it comes out the same."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from regional_sim.analysis.reproduce.difference import Comparison, Difference
from regional_sim.analysis.reproduce.original import Original, original_of
from regional_sim.analysis.reproduce.reproduction import Reproduction, TableCheck
from regional_sim.errors import InputError, OutputExistsError
from regional_sim.results.folder import MANIFEST, sha256_of
from regional_sim.results.load import Results, load_results

if TYPE_CHECKING:
    from regional_sim.runner.options import Progress


def reproduce(
    folder: str | Path,
    *,
    workers: int = 1,
    tolerance: float = 0.0,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Reproduction:
    """Run a result again, from its folder alone, and compare every cell of every table.

    Parameters
    ----------
    folder : str or Path
        A finished result folder, made here or elsewhere.
    workers : int
        Threads (ensemble) or processes (mesa); no number depends on it.
    tolerance : float
        Largest relative difference `|a - b| / max(|a|, |b|)` of two numbers that is let pass, at
        least 0; integers and texts must be equal.
    out : str or Path, optional
        Folder to keep what comes out in; None: it is deleted when it has been compared.
    progress : callable, optional
        Told the runs that are done and all runs.

    Returns
    -------
    Reproduction
        Whether all matches, and if not, the first difference.

    Raises
    ------
    InputError
        When the folder holds no finished result, or its plan was altered after the run or cannot
        be made again here; or `out` is taken.
    RunInterruptedError
        When the user stops it; nothing is kept.

    Examples
    --------
    >>> import regional_sim
    >>> again = regional_sim.reproduce("results/demo")  # doctest: +SKIP
    >>> again.matches, again.first_difference  # doctest: +SKIP
    (True, None)
    """
    check_tolerance(tolerance)
    original = original_of(folder)
    with room(out) as again:
        run_again(original, again, workers, progress)
        return judged(original, again, tolerance)


def check_tolerance(tolerance: float) -> None:
    """Refuse what is no tolerance.

    Raises
    ------
    InputError
        When it is negative, infinite or no number.
    """
    if not (math.isfinite(tolerance) and tolerance >= 0):
        allowed = "a number of at least 0, such as 1e-12"
        raise InputError("is no tolerance", key="tolerance", value=tolerance, allowed=allowed)


@contextmanager
def room(out: str | Path | None) -> Iterator[Path]:
    """Make room to run in; what was not asked for, or is unfinished at the end, does not stay.

    Parameters
    ----------
    out : str or Path, optional
        A folder that is new or empty; None: a temporary one.

    Yields
    ------
    Path
        The folder.

    Raises
    ------
    OutputExistsError
        When `out` is taken.
    """
    if out is None:
        with tempfile.TemporaryDirectory(prefix="regional_sim_") as folder:
            yield Path(folder)
        return
    path = Path(out)
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise OutputExistsError("this is taken", where=str(path), hint="name a new folder")
    try:
        yield path
    finally:
        if not (path / MANIFEST).exists():
            shutil.rmtree(path, ignore_errors=True)


def run_again(
    original: Original, folder: Path, workers: int = 1, progress: Progress | None = None
) -> None:
    """Run a result again.

    Parameters
    ----------
    original : Original
        What to run.
    folder : Path
        Where to; see :func:`room`.
    workers, progress
        As in :func:`reproduce`.

    Raises
    ------
    RunInterruptedError
        When the user stops it.
    """
    from regional_sim.runner.runner import RunInterruptedError, execute

    plan = original.plan
    try:
        execute(
            plan.experiment,
            folder,
            engine=plan.engine,
            workers=workers,
            tables=plan.tables,
            long_format=plan.long_format,
            # A run that failed has to fail again, and no other one.
            on_error="continue",
            progress=progress,
        )
    except RunInterruptedError:
        raise RunInterruptedError("interrupted; nothing is kept") from None


def judged(
    original: Original,
    again: Path,
    tolerance: float = 0.0,
    progress: Callable[[int, int], None] | None = None,
) -> Reproduction:
    """Compare a result with what came out when it was run again.

    Parameters
    ----------
    original : Original
        The result.
    again : Path
        The folder of what came out.
    tolerance : float
        As in :func:`reproduce`.
    progress : callable, optional
        Told the rows that are compared, and all rows.

    Returns
    -------
    Reproduction
        Table by table.
    """
    results = load_results(again, verify=False)
    there, here = original.manifest["tables"], results.manifest["tables"]
    total = sum(entry["rows"] for entry in here.values())
    done = 0
    checks = []
    for name in [*there, *(name for name in here if name not in there)]:

        def told(rows: int, before: int = done) -> None:
            if progress is not None:
                progress(before + rows, total)

        told(0)
        checks.append(_checked(name, original, again, results, tolerance, told))
        done += here[name]["rows"] if name in here else 0
    return Reproduction(original, tuple(checks), tolerance)


def _checked(
    name: str,
    original: Original,
    again: Path,
    results: Results,
    tolerance: float,
    told: Callable[[int], None],
) -> TableCheck:
    """Compare a table, by its bytes first where these say something."""
    from regional_sim.analysis.reproduce.tables import compare
    from regional_sim.analysis.reproduce.texts import PARQUET

    there, here = original.manifest["tables"].get(name), results.manifest["tables"].get(name)
    if there is None:
        return _absent(name, here["file"], None, f"{MANIFEST} does not list this table")
    path = original.folder / there["file"]
    if not path.is_file():
        return _absent(name, path.name, None, "the file of this table is missing")
    digest = sha256_of(path)
    as_written = digest == there["sha256"]
    if here is None:
        return _absent(name, path.name, as_written, "no such table comes out here")
    rows = here["rows"]
    if digest == here["sha256"] and path.suffix != PARQUET:
        return TableCheck(name, path.name, rows, True, as_written, Comparison(rows, rows))
    kinds, file = results.kinds(name), again / here["file"]
    found = compare(name, path, file, kinds, tolerance=tolerance, told=told)
    return TableCheck(name, path.name, rows, False, as_written, found)


def _absent(name: str, file: str, as_written: bool | None, what: str) -> TableCheck:
    """Describe a table that one of the two results does not have."""
    found = Comparison(0, 0, Difference(name, what=what), matches=False)
    return TableCheck(name, file, 0, False, as_written, found)
