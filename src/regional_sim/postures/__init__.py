"""Posture policies: the levels of the instruments that the sender aims at, month by month."""

from regional_sim.model.instruments import DIMENSIONS, Instrument, members
from regional_sim.postures.imported import import_policies
from regional_sim.postures.policy import Observed, Policy, Targets
from regional_sim.postures.registry import POLICIES, create, policy_names, register

__all__ = [
    "DIMENSIONS",
    "POLICIES",
    "Instrument",
    "Observed",
    "Policy",
    "Targets",
    "create",
    "import_policies",
    "members",
    "policy_names",
    "register",
]
