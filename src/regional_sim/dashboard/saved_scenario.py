"""What the page shows as a file: a scenario, with the command that gives the same numbers."""

from __future__ import annotations

import io
import shlex
from pathlib import Path
from typing import Any, Final

from regional_sim.dashboard.controls import OWN_LEVELS, Controls
from regional_sim.experiment import Posture
from regional_sim.experiment.versions import __version__
from regional_sim.scenario import shipped_config, shipped_configs

FILE_NAME: Final = "saved_scenario.yaml"


def saved_scenario(controls: Controls, imports: tuple[str, ...] = ()) -> str:
    """Write a scenario file that `run` takes.

    A shipped scenario is extended; any other is written out whole, so that the file needs no other.
    """
    shipped = _shipped_name(controls)
    data = _changed_sections(controls) if shipped else controls.world.standalone()
    head = {"format": 1, "extends": shipped} if shipped else {}
    return "\n".join(
        [
            f"# Saved from the dashboard of regional_sim {__version__}. This gives its numbers:",
            f"#   {run_command(controls, imports)}",
            "# and this opens it again:",
            f"#   {dashboard_command(controls, imports)}",
            "",
            _as_yaml({**head, **data}),
        ]
    )


def run_command(controls: Controls, imports: tuple[str, ...] = ()) -> str:
    """Write the command that gives the numbers of the page, with the name of the saved file."""
    rest = "--replicates 1 --tables runs,timeseries,events --out results/saved"
    return f"regional-sim run {FILE_NAME} {_options(controls, imports)} {rest}"


def dashboard_command(controls: Controls, imports: tuple[str, ...] = ()) -> str:
    """Write the command that opens the saved file again."""
    return f"regional-sim dashboard {FILE_NAME} {_options(controls, imports)}"


def _options(controls: Controls, imports: tuple[str, ...]) -> str:
    labels = dict.fromkeys(controls.postures)
    words = [word for name in imports for word in ("--import", name)]
    for label in labels:
        words += ["--posture", _posture_text(label, controls)]
    return shlex.join([*words, "--seed", str(controls.seed)])


def _posture_text(label: str, controls: Controls) -> str:
    if label == OWN_LEVELS:
        return controls.own_levels_text()
    return _written(controls.more[label]) if label in controls.more else label


def _written(posture: Posture) -> str:
    """Write a posture the way the command line takes it."""
    plain = posture.plain()
    name = plain.pop("policy")
    if plain["label"] == name:
        del plain["label"]
    settings = ",".join(f"{key}={_plain_text(value)}" for key, value in plain.items())
    return f"{name}:{settings}" if settings else str(name)


def _plain_text(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {one}" for key, one in value.items()) + "}"
    return str(value)


def _shipped_name(controls: Controls) -> str | None:
    """Return the name of the scenario if it comes with the package and was not changed before."""
    files = controls.scenario.origin_files
    if not files or controls.scenario.layers.remarks:
        return None
    last = Path(files[-1]).resolve()
    return next((one for one in shipped_configs() if shipped_config(one).resolve() == last), None)


def _changed_sections(controls: Controls) -> dict[str, Any]:
    sections: dict[str, dict[str, Any]] = {}
    for path, value in controls.changes.items():
        section, _, name = path.partition(".")
        sections.setdefault(section, {})[name] = value
    return {section: dict(sorted(values.items())) for section, values in sorted(sections.items())}


def _as_yaml(data: dict[str, Any]) -> str:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 100
    text = io.StringIO()
    yaml.dump(data, text)
    return text.getvalue()
