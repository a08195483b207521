"""Names of the tables in the folder of ``skill``."""

from __future__ import annotations

from typing import Final

FORECASTS_TABLE: Final = "forecasts.csv"
COMPARISONS_TABLE: Final = "comparisons.csv"
FITS_TABLE: Final = "fits.csv"
SKILL_TABLES: Final = (FORECASTS_TABLE, "scores.csv", COMPARISONS_TABLE, FITS_TABLE)
"""All of them; the stem of each is the attribute of :class:`Skill` that it holds."""
