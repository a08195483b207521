"""The catalogue has usable smallest effects, and the script of their anchors says what is off."""

import numpy as np
import pytest

from regional_sim.analysis.smallest_effects import (
    LEAST_ANCHOR,
    anchor_verdicts,
    one_digit,
    yearly_sd,
)
from regional_sim.model.metrics.catalogue import STIPULATED_EFFECTS, Metric


@pytest.mark.parametrize("metric", Metric, ids=lambda metric: metric.name)
def test_every_metric_has_one(metric: Metric) -> None:
    assert metric.smallest == one_digit(metric.smallest) > 0.0
    assert metric.smallest >= LEAST_ANCHOR


def test_the_script_says_where_the_catalogue_is_off() -> None:
    deviations = np.array([2.0 * metric.smallest for metric in Metric])
    deviations[[int(metric) for metric in STIPULATED_EFFECTS]] = 0.0
    expected = {metric: "stipulated" if metric in STIPULATED_EFFECTS else "" for metric in Metric}
    assert {metric: said for metric, _, said in anchor_verdicts(deviations)} == expected
    deviations[Metric.tension] *= 3.0
    deviations[Metric.incidents] = 0.0
    deviations[Metric.war_months] = 1.0
    found = {metric: said for metric, _, said in anchor_verdicts(deviations)}
    assert found[Metric.tension] == "differs"
    assert found[Metric.incidents] == "hardly varies now: stipulate it"
    assert found[Metric.war_months] == "now varies: anchor it"


def test_the_baseline_varies() -> None:
    found = yearly_sd(replicates=8)
    assert found.shape == (len(Metric),)
    assert found[Metric.tension] > 0.0
