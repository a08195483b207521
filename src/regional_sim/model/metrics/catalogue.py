"""The catalogue of metrics: unit, range, how months are combined, and meaning.

The functions that compute them stand beside this file by theme.  To add a metric, add a row
here and a loop there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from regional_sim.numerics.arrays import RowEnum

# ruff: noqa: E501 (a row of a table is one line)


class Metric(RowEnum):
    """One metric; its integer value is its row in ``World.metric``.

    Attributes
    ----------
    title : str
        Name in words, as a figure or a page has it.
    unit : str
        Unit of a month's value.
    low, high : float
        Range of a month's value.  A run whose value in a window leaves the range of :meth:`bounds`
        counts as failed.
    combine : str
        ``mean`` or ``sum``: how the months of a window become one number.
    smallest : float
        Smallest effect of interest, in the unit of a month's value; of a sum, for each month of the
        window (:meth:`smallest_in`).  It is half of what yearly means vary within a run of the
        baseline under the traditional posture (``make smallest-effects``), or stipulated where that
        is too little to matter, for :data:`STIPULATED_EFFECTS`.
    requires : tuple of str
        Roles and groups without which a world does not define the metric.
    meaning : str
        What it says.
    """

    title: str
    unit: str
    low: float
    high: float
    combine: str
    smallest: float
    requires: tuple[str, ...]
    meaning: str

    def bounds(self, n_months: int) -> tuple[float, float]:
        """Return the range of the value in a window of so many months."""
        times = n_months if self.combine == "sum" else 1
        return times * self.low, times * self.high

    def smallest_in(self, months: Sequence[int] | None) -> float:
        """Return the smallest effect of interest in a window, given by its first and last month.

        Of a sum over a window whose length is not known it is NaN.
        """
        if self.combine == "mean":
            return self.smallest
        return math.nan if months is None else self.smallest * (months[1] - months[0] + 1)

    # fmt: off
    # Tension
    tension = ("Regional tension", "share", 0.0, 1.0, "mean", 0.01, (), "tension of all pairs, weighted by their contact at the start")
    ally_challenger_tension = ("Tension between ally and challenger", "share", 0.0, 1.0, "mean", 0.01, ("ally", "challenger"), "tension between ally and challenger")
    third_challenger_tension = ("Tension of third states with the challenger", "share", 0.0, 1.0, "mean", 0.01, ("challenger",), "mean tension of states other than sender and partner with the challenger")

    # Risk and events
    miscalculation_risk = ("Risk of miscalculation", "probability", 0.0, 1.0, "mean", 0.02, (), "chance that some state escalates by mistake this month")
    miscalculation_risk_rung_0 = ("Risk of miscalculation in normal times", "probability", 0.0, 1.0, "mean", 0.02, (), "the same over pairs at rung 0, normal")
    miscalculation_risk_rung_1 = ("Risk of miscalculation in confrontations", "probability", 0.0, 1.0, "mean", 0.01, (), "the same over pairs at rung 1, confrontation")
    miscalculation_risk_rung_2 = ("Risk of miscalculation under coercion", "probability", 0.0, 1.0, "mean", 0.008, (), "the same over pairs at rung 2, coercion or quarantine")
    miscalculation_risk_rung_3 = ("Risk of miscalculation once force is used", "probability", 0.0, 1.0, "mean", 0.01, (), "the same over pairs at rung 3, use of force or blockade")
    miscalculation_risk_without_top = ("Risk of miscalculation without the riskiest pair", "probability", 0.0, 1.0, "mean", 0.02, (), "miscalculation_risk without the riskiest pair")
    mistaken_restraint = ("Chance of mistaken restraint", "probability", 0.0, 1.0, "mean", 0.01, (), "chance that some state holds back by mistake this month")
    incidents = ("Incidents", "incidents", 0.0, float("inf"), "sum", 1.0, (), "incidents of all pairs")
    escalations = ("Escalations", "decisions", 0.0, float("inf"), "sum", 0.2, (), "decisions to take the next rung")
    mistaken_escalations = ("Mistaken escalations", "decisions", 0.0, float("inf"), "sum", 0.09, (), "those that the truth would have reversed")
    rung_changes = ("Changes of rung", "changes", 0.0, float("inf"), "sum", 0.3, (), "changes of rung, up or down")
    crisis_months = ("Months in crisis", "pair-months", 0.0, float("inf"), "sum", 0.2, (), "pairs at rung 2 or above")
    force_months = ("Months with use of force", "pair-months", 0.0, float("inf"), "sum", 0.1, (), "pairs at rung 3 or above")
    war_months = ("Months at war", "pair-months", 0.0, float("inf"), "sum", 0.01, (), "pairs at rung 4, war")
    months_before_crisis = ("Time to the first crisis", "months", 0.0, 1.0, "sum", 0.01, (), "1 while no pair has reached rung 2 since the onset of the posture; its sum is the time to the first crisis, or the length of the window")

    # Deterrence
    escalation_hazard = ("Risk of escalation against the partner", "probability", 0.0, 1.0, "mean", 0.05, ("challenger", "partner"), "chance that the challenger escalates against the partner this month")
    shared_deterrence = ("Deterrence of a challenge to the partner", "probability", 0.0, 1.0, "mean", 0.01, ("challenger", "partner"), "chance that a challenge to the partner fails, as the challenger believes")
    entanglement = ("States drawn in", "states", 0.0, float("inf"), "mean", 0.3, (), "expected third states drawn in: chance that a pair reaches rung 3, were every rung on the way on the table as this month, times commitments")
    entanglement_hedgers = ("Hedgers drawn in", "states", 0.0, float("inf"), "mean", 0.05, ("hedgers",), "the same for hedgers only")
    challenger_readiness = ("Readiness of the challenger", "log", float("-inf"), float("inf"), "mean", 0.01, ("challenger",), "log-readiness of the challenger above its start")
    trilateral_deterrence = ("Deterrence of a challenge to the allies", "probability", 0.0, 1.0, "mean", 0.01, ("sender", "challenger", "ally", "rival"), "mean chance that a challenge to sender or ally by the challenger, or to the ally by its rival, fails, as they believe")
    challenger_pressure = ("Pressure of the challenger", "1", -1.0, 1.0, "mean", 0.02, ("challenger",), "mean pressure of the challenger on other states; below 0, inducement")
    grey_zone_activity = ("Grey-zone activity", "1", 0.0, float("inf"), "mean", 0.01, (), "contact with probing over that at the start, in pairs of which one side can probe the other")
    threat_detection = ("Detection of threats", "area", 0.5, 1.0, "mean", 0.01, ("partner",), "partner's detection of threats, area under the ROC curve")

    # Alignment
    trilateral_alignment = ("Trilateral alignment", "share", 0.0, 1.0, "mean", 0.01, ("sender", "patron", "ally"), "mean over pairs of sender, patron and ally of half the mean commitment and half the alignment on a scale from 0 to 1")
    alliance_strength = ("Strength of the alliance", "probability", 0.0, 1.0, "mean", 0.01, ("sender", "patron", "ally"), "mean true commitment among sender, patron and ally")
    ambiguity_width = ("Ambiguity of commitments to the partner", "logit", 0.0, float("inf"), "mean", 0.01, ("partner",), "mean half-width of the ambiguity intervals around commitments to the partner")
    hedger_lean = ("Lean of the hedgers", "stance", float("-inf"), float("inf"), "mean", 0.02, ("hedgers",), "mean change of the hedgers' stances since the start; above 0 toward the partner")
    hedger_distance = ("Distance that hedgers have moved", "stance", 0.0, float("inf"), "mean", 0.02, ("hedgers",), "mean distance of the hedgers' stances from their start, to either side")
    hedger_spread = ("Disagreement among hedgers", "stance", 0.0, float("inf"), "mean", 0.02, ("hedgers",), "standard deviation of the hedgers' stances")
    stance_clarity = ("Clarity of middle powers' votes", "share", 0.0, 1.0, "mean", 0.01, ("middle_powers",), "1 minus the normalised entropy of middle powers' votes")
    not_abstaining = ("Chance that a middle power takes sides", "probability", 0.0, 1.0, "mean", 0.01, ("middle_powers",), "chance that a middle power does not abstain")
    un_support = ("Support in the United Nations", "probability", 0.0, 1.0, "mean", 0.01, ("partner",), "mean chance of a vote in support, over all states but sender and partner")
    democratic_spread = ("Disagreement among democracies", "stance", 0.0, float("inf"), "mean", 0.02, (), "standard deviation of stances, weighted by polyarchy")
    stance_slope_dependence = ("Slope of stances on dependence", "stance per share of GDP", float("-inf"), float("inf"), "mean", 0.02, ("challenger",), "slope of third states' change of stance on dependence on the challenger")
    stance_slope_polyarchy = ("Slope of stances on democracy", "stance per share", float("-inf"), float("inf"), "mean", 0.02, ("challenger",), "slope of third states' change of stance on polyarchy")

    # Economy
    blockade_vulnerability = ("Vulnerability to a blockade", "share of GDP", 0.0, float("inf"), "mean", 0.005, ("partner", "challenger"), "seaborne trade of the partner that a blockade threatens, less stocks and substitutes, times the chance that it holds")
    trade_concentration = ("Concentration of trade", "share", 0.0, 1.0, "mean", 0.01, ("sender", "partner"), "mean Herfindahl index of regional trade of sender and partner")
    sender_dependence = ("Sender's dependence on the challenger", "share of GDP", 0.0, float("inf"), "mean", 0.005, ("sender", "challenger"), "sender's trade with the challenger over GDP")
    partner_dependence = ("Partner's dependence on the challenger", "share of GDP", 0.0, float("inf"), "mean", 0.005, ("partner", "challenger"), "partner's trade with the challenger over GDP")
    partner_democratic_trade = ("Partner's trade with democracies", "share", 0.0, 1.0, "mean", 0.01, ("partner",), "share of the partner's regional trade, weighted by the other's polyarchy")
    hedger_trade_challenger = ("Hedgers' trade with the challenger", "1", 0.0, float("inf"), "mean", 0.01, ("hedgers", "challenger"), "hedgers' trade with the challenger over its start")
    hedger_trade_sender = ("Hedgers' trade with the sender", "1", 0.0, float("inf"), "mean", 0.01, ("hedgers", "sender"), "hedgers' trade with the sender over its start")
    economic_cost = ("Economic cost", "share of GDP", float("-inf"), float("inf"), "mean", 0.001, (), "trade lost over the GDP of all states; instruments themselves cost nothing")
    # fmt: on


STIPULATED_EFFECTS: Final = frozenset(
    {
        Metric.ally_challenger_tension,
        Metric.third_challenger_tension,
        Metric.miscalculation_risk_rung_3,
        Metric.war_months,
        Metric.months_before_crisis,
        Metric.shared_deterrence,
        Metric.challenger_readiness,
        Metric.trilateral_deterrence,
        Metric.grey_zone_activity,
        Metric.threat_detection,
        Metric.trilateral_alignment,
        Metric.alliance_strength,
        Metric.ambiguity_width,
        Metric.hedger_lean,
        Metric.hedger_distance,
        Metric.hedger_spread,
        Metric.stance_clarity,
        Metric.not_abstaining,
        Metric.un_support,
        Metric.democratic_spread,
        Metric.stance_slope_dependence,
        Metric.stance_slope_polyarchy,
        Metric.blockade_vulnerability,
        Metric.trade_concentration,
        Metric.sender_dependence,
        Metric.partner_dependence,
        Metric.partner_democratic_trade,
        Metric.hedger_trade_challenger,
        Metric.hedger_trade_sender,
        Metric.economic_cost,
    }
)
"""Metrics whose yearly means vary by less, within a run of the baseline, than would matter to anybody.
Their smallest effects are stipulated: 0.01, for stances 0.02, for shares of GDP 0.005 or 0.001."""
