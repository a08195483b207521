"""The page of docs/solara.md in Mesa's SolaraViz, without a browser: its widgets are used."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("solara", reason="needs the extra `solara`")

from regional_sim import RegionModel
from tests.support.pages import DOCS, blocks

pytestmark = pytest.mark.filterwarnings(
    # Solara and its widgets use what others deprecate.
    "ignore::DeprecationWarning",
    "ignore::FutureWarning",
    "ignore::UserWarning",
    "ignore::ResourceWarning",
)


@pytest.fixture
def shown() -> Any:
    """Run the code of the page, and render it."""
    import solara

    names: dict[str, Any] = {}
    (code,) = blocks(DOCS / "solara.md", "python")
    exec(compile(code, "region_page.py", "exec"), names)
    models: list[RegionModel] = []
    stances = names["Stances"].f

    def watching(model: RegionModel) -> None:
        models.append(model)
        stances(model)

    names["Stances"].f = watching
    layout = solara.AppLayout(children=[names["page"]])  # as its server lays it out
    _, context = solara.render(layout, handle_error=False)
    yield names, context, models
    context.close()


def click(context: Any, label: str) -> None:
    import ipyvuetify

    buttons = [one for one in context.find(ipyvuetify.Btn).widgets if label in one.children]
    assert buttons, label
    buttons[0].click()


def test_a_step_is_drawn(shown) -> None:
    import ipywidgets

    names, context, models = shown
    assert names["model"].month == 0
    click(context, "Step")
    assert models[-1].month == 1
    assert len(context.find(ipywidgets.Image).widgets) == 2
    assert models[-1].datacollector.get_model_vars_dataframe()["tension"].notna().all()


def test_reset_takes_the_settings_of_the_page(shown) -> None:
    import ipyvuetify

    _, context, models = shown
    seed = next(one for one in context.find(ipyvuetify.TextField).widgets if one.label == "Seed")
    assert seed.v_model == "7"
    click(context, "Reset")
    click(context, "Step")
    expected = RegionModel("four_states", "new_approach", seed=7)
    expected.step()
    assert models[-1].metric("tension") == expected.metric("tension")
    assert models[-1].policy == expected.policy
