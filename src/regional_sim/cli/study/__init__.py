"""A study folder: templates, filled in for one of the shipped scenarios."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Final

from regional_sim.cli.terminal import write_text
from regional_sim.errors import InputError, OutputExistsError, UnknownNameError, os_reason
from regional_sim.scenario import Scenario, json_schema, load_scenario, shipped_configs

SCHEMA: Final = "scenario.schema.json"
REFERENCE: Final = "reference"
"""Folder of the shipped files that the study's scenario extends, to be read."""

_TEMPLATES: Final = ("README.md", "scenario.yaml", "experiment.yaml")


def make_study(folder: Path, scenario: str, *, force: bool = False) -> list[Path]:
    """Make a study folder that starts from a shipped scenario, and return its files.

    With `force` the folder need not be empty; of its files, those of the study are replaced.  Where
    one cannot be written, what is new is deleted again.
    """
    if scenario not in shipped_configs():
        raise UnknownNameError("shipped scenario", scenario, shipped_configs())
    world = load_scenario(scenario)
    values = _values(scenario, world)
    texts = {
        name: Template((Path(__file__).parent / name).read_text(encoding="utf-8"))
        for name in _TEMPLATES
    }
    contents = {folder / name: text.substitute(values) for name, text in texts.items()}
    contents[folder / SCHEMA] = schema_json()
    contents |= _copied(world.origin_files, folder / REFERENCE)
    stood = {folder, *folder.rglob("*")} if folder.exists() else set()
    _prepare(folder, force=force)
    try:
        for path, text in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, text)
    except BaseException as error:
        for path in sorted({folder, *folder.rglob("*")} - stood, reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        if isinstance(error, OSError):
            raise InputError(f"cannot be made: {os_reason(error)}", where=str(folder)) from None
        raise
    return list(contents)


def schema_json() -> str:
    """Write the JSON Schema of scenario files, as a file."""
    return json.dumps(json_schema(), indent=2) + "\n"


def _copied(files: Sequence[Path], folder: Path) -> dict[Path, str]:
    """Read files, for copies with their places to each other, by which they name each other."""
    root = os.path.commonpath([file.parent for file in files])
    return {folder / file.relative_to(root): file.read_bytes().decode("utf-8") for file in files}


def _prepare(folder: Path, *, force: bool) -> None:
    """Make the folder, or refuse one that is taken."""
    if folder.exists() and not folder.is_dir():
        raise OutputExistsError("this is a file, not a folder", where=str(folder))
    if not force and folder.is_dir() and any(folder.iterdir()):
        hint = "name another folder, or use --force to write into it"
        raise OutputExistsError("the folder is not empty", where=str(folder), hint=hint)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        said = f"the folder cannot be made: {os_reason(error)}"
        raise InputError(said, where=str(folder)) from None


def _values(name: str, world: Scenario) -> dict[str, str]:
    """Choose what the templates leave open, so that their examples fit the world."""
    sender, challenger = world.role("sender"), world.role("challenger")
    windows = (f"{window}: [{first}, {last}]" for window, (first, last) in world.windows.items())
    return {
        "scenario": name,
        "title": world.title,
        "quoted_title": json.dumps(f"Study of: {world.title}", ensure_ascii=False),
        "months_before": str(world.months_before),
        "months_after": str(world.months_after),
        "windows": ", ".join(windows),
        "sender": str(sender),
        "challenger": str(challenger),
        "helper": str(world.role("patron") or sender),
        "helped": str(world.role("partner") or challenger),
    }
