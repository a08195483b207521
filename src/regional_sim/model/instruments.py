"""The six instruments of a posture, and the parameters through which each one acts."""

from __future__ import annotations

from regional_sim.model.parameters import Param
from regional_sim.numerics.arrays import RowEnum


class Instrument(RowEnum):
    """An instrument; its integer value is its place in ``World.instrument``.

    Attributes
    ----------
    dimension : str
        ``military``, ``economic`` or ``diplomatic``.
    lag : Param
        Parameter of its implementation lag.
    channels : tuple of Param
        The parameters through which it acts.  With all of them at 0 it has no effect on anything
        (tested as a placebo).
    meaning : str
        What it stands for.
    """

    dimension: str
    lag: Param
    channels: tuple[Param, ...]
    meaning: str

    joint_patrols = (
        "military",
        Param.lag_military_months,
        (
            Param.interoperability_gain,
            Param.patrols_contact,
            Param.firmness_patrols,
            Param.firmness_joint,
        ),
        "drills, patrol coordination, East China Sea",
    )
    early_warning = (
        "military",
        Param.lag_military_months,
        (Param.pooling_share,),
        "joint radar and satellites, intelligence sharing",
    )
    supply_chain = (
        "economic",
        Param.lag_economic_months,
        (Param.diversification_gain, Param.stock_gain_months, Param.substitutability_gain),
        "diversification, shared critical infrastructure, trade promotion",
    )
    political_backing = (
        "diplomatic",
        Param.lag_diplomatic_months,
        (Param.backing_stance, Param.firmness_backing, Param.firmness_joint),
        "explicit backing without formal recognition",
    )
    partner_dialogue = (
        "diplomatic",
        Param.lag_diplomatic_months,
        (Param.narrowing_dialogue, Param.firmness_dialogue),
        "government-to-government platforms",
    )
    crisis_channel = (
        "diplomatic",
        Param.lag_diplomatic_months,
        (
            Param.channel_noise_cut,
            Param.channel_thinning,
            Param.channel_exit,
            Param.learning_channel,
        ),
        "hotline with the challenger",
    )


DIMENSIONS: tuple[str, ...] = ("military", "economic", "diplomatic")
"""The dimensions in the order of the source article's table."""


def members(dimension: str) -> tuple[Instrument, ...]:
    """Return the instruments of a dimension."""
    return tuple(one for one in Instrument if one.dimension == dimension)


TRADITIONAL_LEVELS: dict[Instrument, float] = {
    Instrument.joint_patrols: 0.1,
    Instrument.early_warning: 0.1,
    Instrument.supply_chain: 0.1,
    Instrument.political_backing: 0.1,
    Instrument.partner_dialogue: 0.2,
    Instrument.crisis_channel: 0.3,
}
"""Levels of all instruments at the start and until the onset of the posture."""
