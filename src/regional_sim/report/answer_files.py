"""Files of answers: what was found as CSV, JSON or Markdown, and as a figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from regional_sim.analysis.result_comparison import check_target
from regional_sim.errors import InputError, os_reason, visible
from regional_sim.experiment.points import Factor


def write_answer(
    path: Path,
    rows: Sequence[Mapping[str, object]],
    everything: Mapping[str, Any],
    markdown: Sequence[str],
    *,
    force: bool = False,
) -> None:
    """Write rows as CSV, everything as JSON, or lines as Markdown, as the ending says."""
    from regional_sim.results.folder import whole_file, write_json

    kind = check_target(path, force=force)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == ".json":
            write_json(path, plain_values(everything))
            return
        text = _csv(rows) if kind == ".csv" else "".join(f"{visible(one)}\n" for one in markdown)
        with whole_file(path) as file:
            file.write(text.encode())
    except OSError as error:
        what = f"this file cannot be written: {os_reason(error)}"
        raise InputError(what, where=str(path)) from None


def _csv(rows: Sequence[Mapping[str, object]]) -> str:
    import pandas as pd

    return str(pd.DataFrame(rows).to_csv(index=False, lineterminator="\n"))


def plain_values(value: Any) -> Any:
    """Turn arrays into lists, and numbers that do not exist or have no end into null.

    >>> plain_values({"a": (1.0, float("nan"))})
    {'a': [1.0, None]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain_values(one) for key, one in value.items()}
    if hasattr(value, "tolist"):
        return plain_values(value.tolist())
    if isinstance(value, list | tuple):
        return [plain_values(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def markdown_table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Write a table in Markdown; the first row holds the heads."""
    lines = ["| " + " | ".join(one.replace("|", r"\|") for one in row) + " |" for row in rows]
    return [lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]]


def axis_label(factor: Factor) -> str:
    """Name a factor for an axis: in words, with its unit where it is a parameter."""
    from regional_sim.model.parameters import Param

    group, _, name = factor.path.rpartition(".")
    words = name.replace("_", " ")
    if group == "parameters" and name in Param.__members__:
        unit = Param[name].unit
        return words if unit == "1" else f"{words} ({unit})"
    return words if group in {"parameters", "options"} else f"{factor.path.replace('_', ' ')}"
