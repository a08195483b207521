"""Running a result again from its folder alone, and judging whether it comes out the same."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from regional_sim.analysis.agreement import Tolerance
from regional_sim.errors import InputError, OutputExistsError, os_reason
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.versions import PACKAGE
from regional_sim.results.columns import DICTIONARY
from regional_sim.results.folder import (
    MANIFEST,
    PLAN,
    checkout,
    machine,
    sha256_of,
)
from regional_sim.results.load import Results, check_plan, load_results

if TYPE_CHECKING:
    from regional_sim.analysis.cell_diff import Difference, TableComparison
    from regional_sim.runner.options import Progress

_COMMIT_DIGITS: Final = 12


@dataclass(frozen=True)
class Original:
    """A result that can be run again, with the plan made anew, and what is not the same here.

    `versions` and `platform` hold what is there and what is here, by name.
    """

    folder: Path
    manifest: Mapping[str, Any]
    recorded_versions: Mapping[str, str]
    plan: Plan
    versions: Mapping[str, tuple[str, str]]
    platform: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class TableCheck:
    """How a table came out, in `rows` here.

    `as_written` says whether the file in the folder still has the digest that the manifest
    recorded; it is None where there is no file, or no record.
    """

    name: str
    file: str
    rows: int
    same_bytes: bool
    as_written: bool | None
    comparison: TableComparison

    @property
    def matches(self) -> bool:
        """Whether no difference is beyond the tolerance."""
        return self.comparison.matches


@dataclass(frozen=True)
class Reproduction:
    """What came out when a result was run again.

    Made by :func:`reproduce`.

    Attributes
    ----------
    original : Original
        The result, and how its surroundings differ from those here.
    tables : tuple of TableCheck
        Its tables, in the order in which they were written.
    tolerance : float
        Largest relative difference of two numbers that was let pass.
    """

    original: Original
    tables: tuple[TableCheck, ...]
    tolerance: float = 0.0

    @property
    def matches(self) -> bool:
        """Whether no difference in any table is beyond the tolerance."""
        return all(table.matches for table in self.tables)

    @property
    def first_difference(self) -> Difference | None:
        """The first difference beyond the tolerance, or else the first one within it."""
        found = [table.comparison for table in self.tables if table.comparison.first is not None]
        found.sort(key=lambda comparison: (comparison.matches, comparison.cells == 0))
        return found[0].first if found else None

    @property
    def largest(self) -> TableComparison | None:
        """The comparison with the largest relative difference; None where no numbers differ."""
        found = [t.comparison for t in self.tables if t.comparison.largest_at is not None]
        return max(found, key=lambda comparison: comparison.largest, default=None)

    @property
    def largest_relative_difference(self) -> float:
        """Largest relative difference of two numbers, `|a - b| / max(|a|, |b|)`, or 0."""
        return 0.0 if self.largest is None else self.largest.largest

    @property
    def versions(self) -> Mapping[str, tuple[str, str]]:
        """Versions that differ: name to the one there and the one here."""
        return self.original.versions

    @property
    def platform(self) -> Mapping[str, tuple[str, str]]:
        """What else differs of the surroundings: host, system, machine, commit."""
        return self.original.platform

    @property
    def altered(self) -> tuple[str, ...]:
        """Files of tables that were altered after the run."""
        return tuple(table.file for table in self.tables if table.as_written is False)

    @property
    def sentence(self) -> str:
        """Whether the result came out again, in words."""
        if not self.matches:
            files = [table.file for table in self.tables if not table.matches]
            return f"differs: {', '.join(files)}"
        if all(table.same_bytes for table in self.tables):
            return "match: every table came out the same, byte for byte"
        if not any(table.comparison.cells for table in self.tables):
            return "match: every table came out the same, cell by cell"
        return f"match: no number differs by more than {self.tolerance:g} of itself"

    def __repr__(self) -> str:
        """Say what was run again, and whether it came out again."""
        return f"Reproduction({str(self.original.folder)!r}, {self.sentence})"


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
    Tolerance(tolerance)  # Refuse what is none before any work.
    original = original_of(folder)
    with output_dir(out) as again:
        run_again(original, again, workers, progress)
        return judge(original, again, tolerance)


def original_of(folder: str | Path) -> Original:
    """Open a result in order to run it again; see :func:`reproduce` for what is refused."""
    results = load_results(folder, verify=False)
    path, written, manifest = Path(folder), results.plan, results.manifest
    if manifest.get("partial"):
        what = "this result holds only some of the runs of its plan, so nothing can match it"
        raise InputError(what, where=str(path), hint="finish the sweep, and reproduce that")
    check_plan(path, written, manifest)
    plan = Plan.from_mapping(written, origin=str(path / PLAN))
    here = _surroundings({"platform": machine(), "git": checkout()})
    versions = _unlike(written["versions"], plan.versions)
    platform = _unlike(_surroundings(manifest), here)
    return Original(path, manifest, written["versions"], plan, versions, platform)


@contextmanager
def output_dir(out: str | Path | None) -> Iterator[Path]:
    """Yield a new or empty folder, or a temporary one; no unfinished result stays in it."""
    from regional_sim.results.claim import FolderInUseError

    if out is None:
        with tempfile.TemporaryDirectory(prefix="regional_sim_") as folder:
            yield Path(folder)
        return
    path = Path(out)
    try:
        is_taken = path.exists() and not (path.is_dir() and not any(path.iterdir()))
    except OSError as error:
        raise InputError(f"cannot be read: {os_reason(error)}", where=str(path)) from None
    if is_taken:
        raise OutputExistsError("this is taken", where=str(path), hint="name a new folder")
    try:
        yield path
    except (FolderInUseError, OutputExistsError):
        # Another process took the folder meanwhile.
        raise
    except BaseException:
        if not (path / MANIFEST).exists():
            shutil.rmtree(path, ignore_errors=True)
        raise


def run_again(
    original: Original, folder: Path, workers: int = 1, progress: Progress | None = None
) -> None:
    """Run a result again into a folder; what the user stops is a RunInterruptedError."""
    from regional_sim.runner.options import RunOptions
    from regional_sim.runner.runner import RunInterruptedError, run_plan

    # A run that failed has to fail again, and no other one.
    options = RunOptions(workers=workers, on_error="continue", progress=progress)
    try:
        run_plan(original.plan, folder, options)
    except RunInterruptedError:
        raise RunInterruptedError("interrupted; nothing is kept") from None


def judge(
    original: Original,
    again: Path,
    tolerance: float = 0.0,
    progress: Callable[[int, int], None] | None = None,
) -> Reproduction:
    """Compare a result with the folder of what came out, telling `progress` of rows."""
    results = load_results(again, verify=False)
    there, here = original.manifest["tables"], results.manifest["tables"]
    total = sum(entry["rows"] for entry in here.values())

    def tell(before: int, rows: int) -> None:
        if progress is not None:
            progress(before + rows, total)

    done = 0
    checks = []
    for name in dict.fromkeys([*there, *here]):
        told = partial(tell, done)
        told(0)
        checks.append(_checked(name, original, results, tolerance, told))
        done += here[name]["rows"] if name in here else 0
    return Reproduction(original, tuple(checks), tolerance)


def _checked(
    name: str,
    original: Original,
    results: Results,
    tolerance: float,
    told: Callable[[int], None],
) -> TableCheck:
    """Compare a table, by its bytes first where these say something."""
    from regional_sim.analysis.cell_diff import Difference, TableComparison, compare_tables
    from regional_sim.results.table_file import is_parquet

    def absent(file: str, as_written: bool | None, what: str) -> TableCheck:
        found = TableComparison(0, 0, Difference(name, what=what), matches=False)
        return TableCheck(name, file, 0, False, as_written, found)

    there, here = original.manifest["tables"].get(name), results.manifest["tables"].get(name)
    if there is None:
        return absent(here["file"], None, f"{MANIFEST} does not list this table")
    path = original.folder / there["file"]
    if not path.is_file():
        return absent(path.name, None, "the file of this table is missing")
    digest = sha256_of(path)
    as_written = digest == there["sha256"]
    if here is None:
        return absent(path.name, as_written, "no such table comes out here")
    rows = here["rows"]
    if digest == here["sha256"] and not is_parquet(path):
        return TableCheck(name, path.name, rows, True, as_written, TableComparison(rows, rows))
    kinds, file = results.kinds(name), results.path(name)
    # Another version may say the same in other words, and know the bounds of metrics better.
    is_of_another = name == DICTIONARY and PACKAGE in original.versions
    prose = ("meaning", "low", "high") if is_of_another else ()
    found = compare_tables(name, path, file, kinds, tolerance=tolerance, told=told, prose=prose)
    return TableCheck(name, path.name, rows, False, as_written, found)


def _surroundings(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Gather what a manifest tells of where its numbers were made."""
    parts = (manifest.get("platform"), manifest.get("git"))
    known = {key: value for part in parts if isinstance(part, dict) for key, value in part.items()}
    found = {name: str(known[name]) for name in ("host", "system", "machine") if known.get(name)}
    if known.get("commit"):
        changes = " with changes" if known.get("dirty") else ""
        found["commit"] = f"{str(known['commit'])[:_COMMIT_DIGITS]}{changes}"
    return found


def _unlike(there: Mapping[str, str], here: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """List what is known of both, and not the same."""
    pairs = {name: (str(there[name]), here[name]) for name in there if name in here}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
