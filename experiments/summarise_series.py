"""Sum up the records that the page of evidence compares with: writes configs/targets/records.yaml.

Reads monthly and yearly series as CSV, which are no part of this project, from one folder:
``python experiments/summarise_series.py FOLDER > records.yaml``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.evidence.records import autocorrelation

HEAD = """\
# What was observed, for the page of evidence: `python experiments/summarise_series.py` wrote it.
#
# persistence:  autocorrelation of monthly series after 1 and after 12 months.
#   gpr_taiwan: share of press articles on geopolitical risk that name Taiwan (GPRC_TWN),
#     1985-01 to 2025-06: Caldara & Iacoviello (2022), American Economic Review 112(4).
#   senkaku_vessels: Chinese government vessels in the contiguous zone of the Senkaku islands,
#     vessel-days, 2012-10 to 2025-06: Japan Coast Guard, monthly reports.
# adiz:  aircraft of China in Taiwan's air defence zone or across the median line, sorties a month:
#   Taiwan's Ministry of National Defense, daily bulletins, collected in PLA_Path_Database (The
#   Reporter). Mean of the year before August 2022, August, and 1, 3 and 12 months after it.
# exports:  change of exports to China over 12 months against the 12 months before, less that of
#   the other country, each in the reporter's own unit (Japan's is yen): Japan Customs, Statistics
#   Korea (KOSIS).
# spending:  change of the log of military spending at constant prices, 2016 to 2024: SIPRI
#   Military Expenditure Database 1949-2024.
# exercises:  joint exercises a year: Bernhardt, Multinational Military Exercises 7.
format: 1
"""


def yaml_lines(folder: Path) -> list[str]:
    """Return the figures as lines of YAML."""
    gpr = pd.read_csv(folder / "month_gpr_country_index.csv").query("month <= '2025-06'")
    vessels = pd.read_csv(folder / "month_senkaku_ccg_vessels.csv")
    vessels = vessels.query("partial_month == 0 and month <= '2025-06'")
    lines = ["persistence:"]
    for name, series in (
        ("gpr_taiwan", gpr["GPRC_TWN"]),
        ("senkaku_vessels", vessels["contiguous_zone_vessels"]),
    ):
        found = [autocorrelation(series.to_numpy(), lag) for lag in (1, 12)]
        lines.append(f"  {name}: {{1: {found[0]:.2f}, 12: {found[1]:.2f}}}")

    adiz = pd.read_csv(folder / "month_taiwan_pla_activity.csv").set_index("month")
    flights = adiz["adiz_or_medianline_sorties"]
    lines.append(f"adiz: {{before: {flights['2021-08':'2022-07'].mean():.1f}, 0: ")
    after = {1: "2022-09", 3: "2022-11", 12: "2023-08"}
    values = [f"{flights['2022-08']:.0f}", *(f"{k}: {flights[m]:.0f}" for k, m in after.items())]
    later = flights["2022-09":"2023-12"].mean()
    lines[-1] += f"{', '.join(values)}, mean_of_16_months_after: {later:.0f}}}"

    trade = pd.read_csv(folder / "month_china_bilateral_trade_2001_2019.csv")
    exports = trade.pivot_table(index="month", columns="reporter", values="exports")
    lines.append("exports:")
    for one, other, start in (
        ("JPN", "KOR", "2012-09"),
        ("KOR", "JPN", "2016-07"),
        ("KOR", "JPN", "2017-03"),
    ):
        at = exports.index.get_loc(start)
        year, before = exports.iloc[at : at + 12].sum(), exports.iloc[at - 12 : at].sum()
        change = np.log(year / before)
        lines.append(f"  {one} from {start}: {np.expm1(change[one] - change[other]):.3f}")

    spent = pd.read_csv(folder / "state_year_sipri_milex.csv")
    spent = spent.pivot_table(index="year", columns="iso3", values="milex_const2023_musd")
    growth = np.log(spent.loc[2024] / spent.loc[2016])
    states = ("AUS", "CHN", "JPN", "KOR", "PHL", "TWN")
    lines.append(f"spending: {{{', '.join(f'{code}: {growth[code]:.2f}' for code in states)}}}")

    exercises = pd.read_csv(folder / "dyad_year_joint_exercises_mme7.csv")
    pair = exercises["iso3_a"] + "-" + exercises["iso3_b"]
    lines.append("exercises:")
    for name in ("JPN-KOR", "KOR-USA"):
        mine = exercises[pair == name].set_index("year")["n_exercises"]
        rates = [
            mine[(mine.index >= first) & (mine.index <= last)].sum() / (last - first + 1)
            for first, last in ((1990, 1999), (2006, 2010))
        ]
        lines.append(f"  {name}: {{1990-1999: {rates[0]:.1f}, 2006-2010: {rates[1]:.1f}}}")
    return lines


if __name__ == "__main__":
    sys.stdout.write(HEAD + "\n".join(yaml_lines(Path(sys.argv[1]))) + "\n")
