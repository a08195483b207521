"""The page as it is first sent: everything that can be set, and empty places for what changes."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from regional_sim.dashboard.controls import OWN_LEVELS, Controls
from regional_sim.dashboard.shown_parts import state_name
from regional_sim.dashboard.view import SPEEDS, View
from regional_sim.figures.geography import layout_of
from regional_sim.figures.style import in_words
from regional_sim.model.instruments import Instrument
from regional_sim.model.mechanisms.ladder import RUNG_NAMES
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.postures import POLICIES
from regional_sim.report.text import bounds, level, unit_text

STATIC: Final = Path(__file__).parent / "static"
_PURE: Final = "1"
"""Unit of a pure number, which needs no word."""
_TEMPLATE: Final = Path(__file__).parent / "page.html"


def page(view: View) -> str:
    """Write the document."""
    controls, runs = view.controls, view.runs
    world = controls.scenario
    sender = world.role("sender")
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=escape(world.title),
        sender=escape(state_name(runs, sender) if sender else "the sender"),
        postures_first=_options(_posture_choices(controls), controls.postures[0]),
        postures_second=_options(_posture_choices(controls), controls.postures[1]),
        rules="".join(_rules(controls)),
        seed=controls.seed,
        first_month=1,
        n_months=runs.n_months,
        month=view.month,
        speeds=_options({name: name for name in SPEEDS}, view.speed),
        sliders="".join(_slider(controls, one) for one in Instrument),
        parameters="".join([*_option_rows(controls), *_parameter_rows(controls)]),
        metrics="".join(_metric_box(metric, metric in view.metrics) for metric in runs.metrics),
        states=_options(
            {code: f"{code} – {state_name(runs, code)}" for code in world.codes}, view.state
        ),
        disclaimer=escape(layout_of(world.codes).note),
        rungs="".join(
            f'<li><span class="swatch rung-{rung}"></span>{escape(name)}</li>'
            for rung, name in enumerate(RUNG_NAMES)
            if rung
        ),
    )


def _options(choices: dict[str, str], chosen: str) -> str:
    return "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
        f"{escape(text)}</option>"
        for value, text in choices.items()
    )


def _posture_choices(controls: Controls) -> dict[str, str]:
    words = {label: in_words(label) for label in controls.choices()}
    return {**words, OWN_LEVELS: "own levels (sliders)"}


def _rules(controls: Controls) -> Iterable[str]:
    for label in controls.choices():
        name = controls.posture(label).policy.name
        rule = "hold the levels of the sliders" if label == OWN_LEVELS else POLICIES[name].rule
        yield f"<dt>{escape(in_words(label))}</dt><dd>{escape(rule)}</dd>"


def _slider(controls: Controls, instrument: Instrument) -> str:
    name, value = instrument.name, controls.levels[instrument]
    words = escape(in_words(name).capitalize())
    return (
        f'<div class="slider"><label for="level-{name}">{words}</label>'
        f'<output id="level-{name}-value" for="level-{name}">{value:.2f}</output>'
        f'<input type="range" id="level-{name}" data-level="{name}" min="0" max="1" step="0.01"'
        f' value="{value:g}" aria-describedby="level-{name}-note">'
        f'<small id="level-{name}-note">{escape(instrument.dimension)}: '
        f"{escape(instrument.meaning)}</small></div>"
    )


def _parameter_rows(controls: Controls) -> Iterable[str]:
    for param in Param:
        usual = level(controls.usual(f"parameters.{param.name}"))
        allowed = bounds(param.low, param.high)
        unit = "" if param.unit == _PURE else f"{unit_text(param.unit)}, "
        about = f"{param.meaning}; {unit}{allowed}"
        field = (
            f'<input type="text" inputmode="decimal" autocomplete="off" value="{usual}"'
            f' id="set-{param.name}" data-path="parameters.{param.name}" data-usual="{usual}"'
            f' aria-describedby="about-{param.name}">'
        )
        yield _setting(param.name, field, about)


def _option_rows(controls: Controls) -> Iterable[str]:
    for option in Option:
        usual = str(controls.usual(f"options.{option.name}"))
        choices = _options({choice: choice for choice in option.choices}, usual)
        field = (
            f'<select id="set-{option.name}" data-path="options.{option.name}"'
            f' data-usual="{escape(usual)}" aria-describedby="about-{option.name}">'
            f"{choices}</select>"
        )
        yield _setting(option.name, field, option.meaning)


def _setting(name: str, field: str, about: str) -> str:
    words = escape(f"{name} {in_words(name)} {about}".lower())
    return (
        f'<div class="setting" data-words="{words}"><label for="set-{name}">{escape(name)}</label>'
        f'{field}<small id="about-{name}">{escape(about)}</small></div>'
    )


def _metric_box(metric: Metric, is_chosen: bool) -> str:
    checked = " checked" if is_chosen else ""
    return (
        f'<label class="box"><input type="checkbox" data-metric="{metric.name}"{checked}>'
        f" {escape(metric.title)}</label>"
    )
