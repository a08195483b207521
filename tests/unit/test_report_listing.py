"""A listing says the same in all its forms, and everything that exists is listed."""

import json

import pytest

from regional_sim.errors import UnknownNameError
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.postures import POLICIES, Instrument
from regional_sim.report.catalogue import SUBJECTS, catalogue
from regional_sim.report.listing import Column, Listing, as_json, as_markdown, as_text, field
from regional_sim.scenario import STATE_FIGURES, load_scenario, shipped_configs, shipped_experiments

SMALL = Listing(
    "Two things",
    "What they are.",
    (
        field("name"),
        Column("size", lambda one: f"{one['size']} m"),
        field("says", prose=True),
        field("knows", "friends", prose=True, labelled=True),
    ),
    [
        {"kind": "first", "name": "a", "size": 10, "says": "x|y *z*", "knows": ["b", "c"]},
        {"kind": "other kind", "name": "long_name", "size": 2, "says": None, "knows": []},
    ],
    group="kind",
)


def test_text() -> None:
    assert as_text(SMALL, 80).plain == (
        "Two things\nWhat they are.\n\n"
        "name       size\n\n"
        "First\n"
        "a          10 m\n"
        "    x|y *z*\n"
        "    friends: b, c\n\n"
        "Other kind\n"
        "long_name  2 m\n"
    )


def test_text_breaks_between_words_and_loses_none() -> None:
    text = as_text(SMALL, 12).plain
    assert max(map(len, text.splitlines())) <= 12
    assert text.split() == as_text(SMALL, 80).plain.split()


def test_markdown() -> None:
    assert as_markdown(SMALL) == (
        "# Two things\n\nWhat they are.\n\n"
        "## First\n\n"
        "| name | size | says | friends |\n"
        "| --- | --- | --- | --- |\n"
        "| a | 10 m | x\\|y \\*z\\* | b, c |\n\n"
        "## Other kind\n\n"
        "| name | size | says | friends |\n"
        "| --- | --- | --- | --- |\n"
        "| long_name | 2 m |  |  |\n"
    )


def test_a_cell_of_markdown_is_one_line() -> None:
    page = as_markdown(Listing("T", "A.", (field("name"),), [{"name": "two\nlines"}]))
    assert page.endswith("| two lines |\n")


def test_json() -> None:
    assert json.loads(as_json(SMALL)) == SMALL.records


def names(subject: str) -> list[str]:
    return [record["name"] for record in catalogue(subject).records]


def test_everything_is_listed() -> None:
    assert names("parameters") == [param.name for param in Param]
    assert names("options") == [option.name for option in Option]
    assert names("metrics") == [metric.name for metric in Metric]
    assert names("postures") == list(POLICIES)
    assert names("instruments") == [instrument.name for instrument in Instrument]
    assert names("scenarios") == shipped_configs()
    assert names("experiments") == shipped_experiments()
    assert [record["name"] for record in catalogue().records] == list(SUBJECTS)


def test_parts_of_a_listing_stand_together() -> None:
    for subject in SUBJECTS:
        headings = [name for name, _ in catalogue(subject).parts()]
        assert len(headings) == len(set(headings)), subject


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_form_names_every_record(subject: str) -> None:
    found = catalogue(subject)
    first = found.columns[0].of
    text, markdown = as_text(found, 80).plain.splitlines(), as_markdown(found).splitlines()
    for record in found.records:
        assert any(line.split("  ")[0] == first(record) for line in text)
        assert any(line.startswith(f"| {first(record)} |") for line in markdown)
    assert json.loads(as_json(found)) == list(found.records)
    for line in markdown:
        if line.startswith("|"):
            assert line.replace("\\|", "").count("|") == len(found.columns) + 1


def test_every_figure_of_every_state_has_its_source() -> None:
    world = load_scenario("baseline")
    records = catalogue("states", world).records
    assert len(records) == world.n_states * len(STATE_FIGURES)
    for record in records:
        figure = world.figure(record["state"], record["figure"])
        assert (record["value"], record["year"]) == (figure.value, figure.year)
        assert record["source"] in world.sources or record["provenance"] == "default"


def test_parameters_and_options_of_a_scenario() -> None:
    world = load_scenario(
        "two_states", settings=["parameters.theta_challenger=0.75", "options.shock=logit"]
    )
    parameters = {one["name"]: one for one in catalogue("parameters", world).records}
    options = {one["name"]: one for one in catalogue("options", world).records}
    assert parameters["theta_challenger"]["value"] == 0.75
    assert parameters["theta_challenger"]["default"] == Param.theta_challenger.default
    assert (options["shock"]["choice"], options["shock"]["default"]) == ("logit", "probit")


def test_metrics_of_a_scenario_are_those_it_defines() -> None:
    found = {one["name"] for one in catalogue("metrics", load_scenario("two_states")).records}
    assert "tension" in found
    assert "shared_deterrence" not in found  # there is no partner


def test_unknown_subject() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'metrics'"):
        catalogue("metric")
