"""Count the disputes that calibration is set on: writes configs/targets/disputes_1990_2010.yaml.

Reads the dyadic dispute file (Maoz et al. 2019, version 4.03) and the dyadic crisis file
(Brecher et al., ICB 16) as CSV with ISO codes; neither is part of this project:
``python experiments/count_disputes.py DISPUTES.csv CRISES.csv > targets.yaml``.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import pandas as pd

from regional_sim.analysis.base_rates import CUTS, MERGE_MONTHS, pair_names
from regional_sim.scenario import load_scenario

PERIODS = ((1990, 2000), (2001, 2010))
USE_OF_FORCE = 4
DAYS_UP_TO = {1: 31, 6: 183}
"""Most days of a dispute that counts as one of so many months."""

HEAD = """\
# Disputes among the 14 states that began in 1990-2010, pair by pair and period by period, as
# `python experiments/count_disputes.py` counts them. Pairs that are not listed had none.
#
# Disputes: Maoz, Johnson, Kaplan, Ogunkoya & Shreve (2019), The Dyadic Militarized Interstate
# Disputes (MIDs) Dataset Version 3.0, Journal of Conflict Resolution 63(3), in version 4.03.
# Crises: Brecher, Wilkenfeld, Beardsley, James & Quinn, International Crisis Behavior 16, dyadic.
#
# Lists hold a figure for each period.
# recorded:       dispute-dyads in the source: {recorded} in all, {forced} with use of force, no war
# onsets:         the same with repeats that begin within six months of the end of the last merged
# reaching_force: merged disputes whose highest hostility level (hihost) is 4, use of force
# over_1_month:   those with more than 31 days in dispute, days between merged ones left out
# over_6_months:  those with more than 183
# crises:         pairs of states in an international crisis that began in the period
format: 2
periods:
"""


@dataclass
class Dispute:
    """A dispute of a pair, repeats merged."""

    pair: str
    begun: pd.Timestamp
    end: pd.Timestamp
    days: int
    forced: int
    """Records among the merged ones that reached use of force."""
    records: int = 1


def pairs_of(table: pd.DataFrame) -> list[str]:
    """Return the name of each row's pair."""
    both = zip(table.iso3_a, table.iso3_b, strict=True)
    return ["-".join(sorted(codes)) for codes in both]


def merged_disputes(table: pd.DataFrame, names: list[str]) -> list[Dispute]:
    """Merge the rows of the region, one for each dispute and pair, in order of their start."""
    table = table.assign(pair=pairs_of(table))
    table = table[table.pair.isin(names) & table.strtyr.between(PERIODS[0][0], PERIODS[-1][1])]
    parts = {"year": ["strtyr", "endyear"], "month": ["strtmnth", "endmnth"]}
    parts["day"] = ["strtday", "endday"]
    for place, column in enumerate(("begun", "end")):
        table[column] = pd.to_datetime(
            pd.DataFrame({part: table[columns[place]] for part, columns in parts.items()})
        )
    rows = table.drop_duplicates(["pair", "disno", "begun"]).sort_values(["pair", "begun"])
    disputes: list[Dispute] = []
    for row in rows.itertuples():
        forced = int(row.hihost >= USE_OF_FORCE)
        last = disputes[-1] if disputes else None
        again = last is not None and last.pair == row.pair
        if again and row.begun < last.end + pd.DateOffset(months=MERGE_MONTHS):
            first_new = max(row.begun, last.end + pd.Timedelta(days=1))
            last.days += max((row.end - first_new).days + 1, 0)
            last.end = max(last.end, row.end)
            last.forced += forced
            last.records += 1
        else:
            days = (row.end - row.begun).days + 1
            disputes.append(Dispute(row.pair, row.begun, row.end, days, forced))
    return disputes


def counts_of(disputes: list[Dispute]) -> str:
    """Return the figures of a pair, a list with a place for each period."""
    periods = [
        [one for one in disputes if first <= one.begun.year <= last] for first, last in PERIODS
    ]
    figures = {
        "recorded": [sum(one.records for one in period) for period in periods],
        "onsets": [len(period) for period in periods],
        "reaching_force": [sum(one.forced > 0 for one in period) for period in periods],
    }
    for months in CUTS:
        name = f"over_{months}_month{'s' if months > 1 else ''}"
        figures[name] = [sum(one.days > DAYS_UP_TO[months] for one in period) for period in periods]
    return "{" + ", ".join(f"{name}: {row}" for name, row in figures.items()) + "}"


def crises_of(table: pd.DataFrame, names: list[str]) -> list[int]:
    """Return the number of pairs in a crisis that began in each period."""
    begun = table.trigger_date.str[:4].astype(float)[[one in names for one in pairs_of(table)]]
    return [int(begun.between(first, last).sum()) for first, last in PERIODS]


def main() -> int:
    """Print the targets file of the two files named on the command line."""
    names = pair_names(load_scenario("world_2010").codes)
    table = pd.read_csv(sys.argv[1])
    disputes = merged_disputes(table, names)
    pairs = sorted(
        {one.pair for one in disputes},
        key=lambda pair: (-sum(one.pair == pair for one in disputes), pair),
    )
    lines = [f"  - {{first_year: {first}, last_year: {last}}}" for first, last in PERIODS]
    lines += [f"crises: {crises_of(pd.read_csv(sys.argv[2]), names)}", "pairs:"]
    lines += [f"  {p}: {counts_of([one for one in disputes if one.pair == p])}" for p in pairs]
    head = HEAD.format(
        recorded=sum(one.records for one in disputes),
        forced=sum(one.forced for one in disputes),
    )
    sys.stdout.write(head + "\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
