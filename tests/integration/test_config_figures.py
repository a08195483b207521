"""The figures of the shipped scenarios against the data they are cited from.

Half of these tests need only the YAML files: every figure names a source and nothing
is left to a default, dependence cannot exceed openness. The other half recompute the
measured figures from the collected CSV files in ``../shared/data`` beside the
repository root, and are skipped where that folder is missing.

The files are parsed here with ruamel.yaml alone and merged by ten lines of code, on
purpose: a fault in the package's own loader must not hide a wrong figure. What the loader
refuses (ranges, symmetry, roles, windows) is tested with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import permutations
from math import asin, cos, floor, log10, radians, sin, sqrt
from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "configs"
DATA = ROOT.parent / "shared" / "data"

SCENARIOS = sorted(path.stem for path in CONFIGS.glob("*.yaml"))
OVERLAYS = sorted(path.stem for path in (CONFIGS / "overrides").glob("*.yaml"))
SOURCED = ["baseline", "four_states", "world_2010"]

UNDIRECTED = {"trade_usd_bn", "rivalry", "contact", "restraint", "relevance", "channel", "tension"}
DIRECTED = {"projection_km", "home_km", "commitment", "ambiguity", "interoperability", "stake"}
# Forward presence, as in the note on projection_km: latitude, longitude, host.
BASES = {
    "Andersen": (13.58, 144.93, None),
    "Kadena": (26.36, 127.77, "JPN"),
    "Yokosuka": (35.29, 139.67, "JPN"),
    "Osan": (37.09, 127.03, "KOR"),
}
TROOPS_OF_A_HOST = 10_000

# Directed commitments above 0.25 that rest on a law or a consultation duty, not a pact.
NO_PACT = {("USA", "TWN"), ("JPN", "USA")}
STIPULATED_RIVALRIES = {frozenset({"CHN", "PHL"}): 0.5}

of_every_scenario = pytest.mark.parametrize("name", SCENARIOS)
of_every_sourced_scenario = pytest.mark.parametrize("name", SOURCED)
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="no ../shared/data folder beside the repository root"
)


# ---------------------------------------------------------------- reading the files


def merge(base: dict, over: dict) -> dict:
    """Merge mappings key by key; anything else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def read(path: Path) -> dict:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


@cache
def scenario(name: str) -> dict:
    raw = read(CONFIGS / f"{name}.yaml")
    parent = raw.pop("extends", None)
    world = scenario(parent) if parent else {}
    for overlay in raw.pop("overrides", []):
        world = merge(world, read(CONFIGS / overlay))
    return merge(world, raw)


def codes(world: dict) -> list[str]:
    return sorted(world["states"])


def figures(world: dict) -> Iterator[tuple[str, dict]]:
    """Every sourced figure of a state, quantity of dyads and point of a path, with its place."""
    for code, state in world["states"].items():
        for key, figure in state.items():
            if key != "name":
                yield f"states.{code}.{key}", figure
    for key, quantity in world["dyads"].items():
        yield f"dyads.{key}", quantity
    for owner, paths in world.get("paths", {}).items():
        for key, points in paths.items():
            for month, point in points.items():
                yield f"paths.{owner}.{key}.{month}", point


def directions(pair: str) -> list[tuple[str, str]]:
    """The directions a key names: one for ``A:B``, two for ``A-B``."""
    if ":" in pair:
        a, b = pair.split(":")
        return [(a, b)]
    a, b = pair.split("-")
    return [(a, b), (b, a)]


def cells(world: dict, key: str) -> dict[tuple[str, str], float]:
    """One dyad quantity, written out: default, then matrix, then pairs."""
    quantity = world["dyads"][key]
    full = {}
    if "default" in quantity:
        full = dict.fromkeys(permutations(codes(world), 2), quantity["default"])
    if "matrix" in quantity:
        for a, row in zip(quantity["states"], quantity["matrix"], strict=True):
            for b, value in zip(quantity["states"], row, strict=True):
                if a != b:
                    full[a, b] = value
    for pair, value in quantity.get("pairs", {}).items():
        for direction in directions(pair):
            full[direction] = value
    return full


def numbers(node: object, place: str = "") -> Iterator[tuple[str, float]]:
    """Every number below a node that is a figure, not a year."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key != "year":
                yield from numbers(value, f"{place}.{key}")
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from numbers(value, f"{place}[{position}]")
    elif isinstance(node, (int, float)) and not isinstance(node, bool):
        yield place, node


def rounded(value: float) -> float:
    """The value at four significant digits."""
    return float(f"{value:.4g}")


def is_rounding_of(shipped: float, found: float) -> bool:
    """Whether a shipped figure is the one found, at four digits; either way at a tie."""
    if found == 0:
        return shipped == 0
    half_a_digit = 0.5 * 10.0 ** (floor(log10(abs(found))) - 3)
    return abs(shipped - found) <= half_a_digit * (1 + 1e-9)


# ------------------------------------------------------------ without the data folder


@of_every_scenario
def test_every_figure_names_a_declared_source_and_where_measured_a_year(name: str) -> None:
    world = scenario(name)
    sources = world["sources"]
    unknown = [place for place, figure in figures(world) if figure.get("source") not in sources]
    assert not unknown
    undated = [
        place
        for place, figure in figures(world)
        if sources[figure["source"]]["provenance"] == "empirical" and "year" not in figure
    ]
    assert not undated


@of_every_scenario
def test_every_source_is_used_and_has_citation_and_provenance(name: str) -> None:
    for key, source in scenario(name)["sources"].items():
        assert len(source["citation"]) > 20, key
        assert source["provenance"] in {"empirical", "theoretical", "stipulated"}, key
    used = {figure["source"] for _, figure in figures(scenario(name))}
    assert set(read(CONFIGS / f"{name}.yaml").get("sources", {})) <= used


@of_every_scenario
def test_every_state_and_every_dyad_has_every_figure(name: str) -> None:
    world = scenario(name)
    assert len({tuple(state) for state in world["states"].values()}) == 1
    by_default = {"aligns", "friction"}
    assert set(world["dyads"]) - by_default == DIRECTED | UNDIRECTED | {"host"}
    expected = set(permutations(codes(world), 2))
    for key in DIRECTED | UNDIRECTED:
        assert set(cells(world, key)) == expected, key


@of_every_scenario
def test_figures_have_at_most_four_significant_digits(name: str) -> None:
    world = scenario(name)
    parts = {"states": world["states"], "dyads": world["dyads"]}
    assert not [place for place, value in numbers(parts) if rounded(value) != value]


@of_every_scenario
def test_openness_exceeds_trade_within_the_region(name: str) -> None:
    """Otherwise the account with the rest of the world would be negative."""
    world = scenario(name)
    trade = cells(world, "trade_usd_bn")
    for code, state in world["states"].items():
        within = sum(trade[code, other] for other in codes(world) if other != code)
        openness = state["trade_openness"]["value"]
        assert within / state["gdp_usd_bn"]["value"] < openness, code
        assert state["seaborne_trade_share"]["value"] <= openness, code


@of_every_scenario
def test_gdp_is_of_the_year_of_the_trade_figures(name: str) -> None:
    world = scenario(name)
    year = world["dyads"]["trade_usd_bn"].get("year")
    assert {state["gdp_usd_bn"].get("year") for state in world["states"].values()} == {year}


@of_every_scenario
def test_a_host_stands_between_a_state_and_a_third_and_shortens_the_way(name: str) -> None:
    world = scenario(name)
    projection, home = cells(world, "projection_km"), cells(world, "home_km")
    hosts = {directions(p)[0]: h for p, h in world["dyads"]["host"]["pairs"].items()}
    for (guest, target), host in hosts.items():
        assert host in world["states"]
        assert host not in (guest, target)
        assert projection[guest, target] < home[guest, target]


def test_world_2010_restates_nothing() -> None:
    """What the file overrides differs from the baseline, figure by figure."""
    raw, baseline = read(CONFIGS / "world_2010.yaml"), scenario("baseline")
    for code, state in raw["states"].items():
        for key, figure in state.items():
            assert figure != baseline["states"][code][key], f"{code}.{key}"
    for key, quantity in raw["dyads"].items():
        before = cells(baseline, key) if key != "host" else {}
        for pair, value in quantity.get("pairs", {}).items():
            assert any(before[d] != value for d in directions(pair)), f"{key}.{pair}"


def test_world_2010_uses_nothing_later() -> None:
    """Distances between territories aside, which are measured on a map of 2019."""
    world = scenario("world_2010")
    later = [
        place
        for place, figure in figures(world)
        if figure.get("year", 0) > 2010 and not place.endswith("_km")
    ]
    assert not later


def test_four_states_repeats_the_baseline() -> None:
    small, large = scenario("four_states"), scenario("baseline")
    for code, state in small["states"].items():
        for key, figure in state.items():
            assert figure == large["states"][code][key], f"{code}.{key}"
    for key in DIRECTED | UNDIRECTED:
        full = cells(large, key)
        assert cells(small, key) == {d: full[d] for d in cells(small, key)}, key


def test_two_states_are_equal_but_for_their_stance() -> None:
    one, other = (
        {key: value for key, value in state.items() if key not in ("name", "stance")}
        for state in scenario("two_states")["states"].values()
    )
    assert one == other


def test_archipelago_borrows_no_real_state() -> None:
    assert not set(scenario("archipelago")["states"]) & set(scenario("baseline")["states"])


@pytest.mark.parametrize("name", OVERLAYS)
def test_overlays_change_only_parameters_or_options(name: str) -> None:
    overlay = read(CONFIGS / "overrides" / f"{name}.yaml")
    assert set(overlay) <= {"parameters", "options"}
    assert set(overlay.get("options", {})) <= set(scenario("baseline")["options"])


# --------------------------------------------------------------- with the data folder


@cache
def table(name: str, *index: str) -> pd.DataFrame:
    frame = pd.read_csv(DATA / f"{name}.csv")
    return frame.set_index(list(index)).sort_index() if index else frame


# Table, column and unit of each source for figures of states.
LOOKUPS = {
    "sipri": ("state_year_sipri_milex", "milex_current_musd", 1e3),
    "cow_nmc": ("state_year_cow_nmc7", "milex", 1e6),
    "world_bank": ("state_year_gdp", "gdp_current_usd", 1e9),
    "simulated_gdp": ("state_year_gdp_sim_isard", "pwtrgdp", 1e3),
    "vdem": ("state_year_democracy", "v2x_polyarchy", 1),
}


def found_in(source: str, code: str, year: int) -> float:
    """What a source says a figure of a state is, in the unit of the scenario files."""
    if source == "implied_gdp":
        share = table("state_year_sipri_milex", "iso3", "year").milex_share_gdp[code, year]
        return found_in("sipri", code, year) / share
    assert (source, code) != ("world_bank", "TWN"), "the World Bank does not report Taiwan"
    name, column, unit = LOOKUPS[source]
    return table(name, "iso3", "year")[column][code, year] / unit


def great_circle_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Haversine distance in km on a sphere of 6371 km, from degrees."""
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(radians, point)) for point in (a, b))
    h = sin((lat_b - lat_a) / 2) ** 2
    h += cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * 6371 * asin(sqrt(h))


def base_to_capital_km(base: str, code: str) -> float:
    capital = table("state_capitals", "iso3").loc[code]
    return great_circle_km(BASES[base][:2], (capital.lat, capital.lng))


def nearest_base(code: str) -> str:
    """The base nearest to a capital; the one in South Korea serves the peninsula only."""
    open_to = [base for base in BASES if base != "Osan" or code in ("KOR", "PRK")]
    return min(open_to, key=lambda base: base_to_capital_km(base, code))


def territory_km(a: str, b: str) -> float:
    distances = table("dyad_distance_contiguity", "iso3_a", "iso3_b").min_distance_km
    return distances[tuple(sorted((a, b)))]


@needs_data
@of_every_sourced_scenario
def test_measured_figures_of_states_match_the_data(name: str) -> None:
    checked = 0
    for code, state in scenario(name)["states"].items():
        for key in ("capability_usd_bn", "gdp_usd_bn", "polyarchy"):
            figure = state[key]
            if figure["source"] == "stipulated":
                assert (code, key) == ("PRK", "capability_usd_bn")
                continue
            found = found_in(figure["source"], code, figure["year"])
            assert is_rounding_of(figure["value"], found), f"{code}.{key}"
            checked += 1
    assert checked == 3 * len(scenario(name)["states"]) - ("PRK" in scenario(name)["states"])


@needs_data
def test_taiwan_gdp_is_the_one_collected() -> None:
    for name in SOURCED:
        figure = scenario(name)["states"]["TWN"]["gdp_usd_bn"]
        row = table("state_year_gdp", "iso3", "year").loc[("TWN", figure["year"])]
        assert row.source.startswith("IMPLIED")
        assert is_rounding_of(figure["value"], row.gdp_current_usd / 1e9)


@needs_data
def test_baseline_takes_the_newest_year() -> None:
    """Capability and polyarchy are of the last year that the data have."""
    spending = table("state_year_sipri_milex").dropna(subset=["milex_current_musd"])
    regimes = table("state_year_democracy").dropna(subset=["v2x_polyarchy"])
    for code, state in scenario("baseline")["states"].items():
        last_regime = regimes[regimes.iso3 == code].year.max()
        assert state["polyarchy"]["year"] == last_regime, code
        last_spending = spending[spending.iso3 == code].year.max()
        if last_spending >= 2023:
            assert state["capability_usd_bn"]["year"] == last_spending, code
        else:
            assert code in ("PRK", "VNM"), f"{code} needs no fallback"


@needs_data
@pytest.mark.parametrize(("name", "year"), [("baseline", 2019), ("world_2010", 2010)])
def test_north_korean_capability_is_a_share_of_simulated_gdp(name: str, year: int) -> None:
    figure = scenario(name)["states"]["PRK"]["capability_usd_bn"]
    assert figure["value"] == pytest.approx(0.15 * found_in("simulated_gdp", "PRK", year), abs=0.05)


@needs_data
@of_every_sourced_scenario
def test_trade_is_the_sum_of_both_importers_reports(name: str) -> None:
    world = scenario(name)
    year = world["dyads"]["trade_usd_bn"]["year"]
    imports = table("dyad_year_cow_trade4", "importer", "exporter", "year").imports_musd
    for (a, b), value in cells(world, "trade_usd_bn").items():
        found = (imports[a, b, year] + imports[b, a, year]) / 1e3
        assert is_rounding_of(value, found), f"{a}-{b}"


@needs_data
@of_every_sourced_scenario
def test_distances_of_states_on_their_own_soil(name: str) -> None:
    for key in ("projection_km", "home_km"):
        for (a, b), value in cells(scenario(name), key).items():
            if a != "USA":
                assert is_rounding_of(value, territory_km(a, b)), f"{key} {a}:{b}"


@needs_data
@of_every_sourced_scenario
def test_distances_of_the_united_states_start_from_bases(name: str) -> None:
    world = scenario(name)
    projection, home = cells(world, "projection_km"), cells(world, "home_km")
    hosts = {directions(p)[0]: h for p, h in world["dyads"]["host"]["pairs"].items()}
    for code in set(codes(world)) - {"USA"}:
        base = nearest_base(code)
        from_base, from_guam = (base_to_capital_km(b, code) for b in (base, "Andersen"))
        assert projection["USA", code] == round(from_base), code
        assert home["USA", code] == round(from_guam), code
        host = BASES[base][2]
        assert hosts.get(("USA", code)) == (host if host != code else None), code
    assert {guest for guest, _ in hosts} == {"USA"}


@needs_data
@pytest.mark.parametrize("year", [2010, 2024])
def test_hosts_are_those_with_enough_troops(year: int) -> None:
    troops = table("dyad_year_us_troops", "host_iso3", "year").troops_ad
    hosts = {
        code
        for code in set(codes(scenario("baseline"))) - {"USA"}
        if troops[code, year] >= TROOPS_OF_A_HOST
    }
    assert hosts == {host for _, _, host in BASES.values() if host}


@needs_data
@pytest.mark.parametrize(("name", "year"), [("baseline", 2018), ("world_2010", 2010)])
def test_defence_pacts_and_only_they_carry_high_commitments(name: str, year: int) -> None:
    frame = table("dyad_year_atop5_alliances")
    frame = frame[(frame.year == year) & (frame.atop_defense == 1)]
    pacts = set(zip(frame.iso3_a, frame.iso3_b, strict=True))
    for direction, value in cells(scenario(name), "commitment").items():
        if direction in pacts:
            assert 0.2 <= value <= 0.75, direction
        elif direction not in NO_PACT:
            assert value <= 0.25, direction


@needs_data
@of_every_sourced_scenario
def test_rivalries_are_those_alive_in_the_year(name: str) -> None:
    world = scenario(name)
    year = world["dyads"]["rivalry"]["year"]
    frame = table("dyad_strategic_rivalries_tss")
    frame = frame[(frame.start <= year) & (frame.end >= year)]
    alive = {frozenset(pair) for pair in zip(frame.iso3_a, frame.iso3_b, strict=True)}
    for pair, value in cells(world, "rivalry").items():
        expected = 1 if frozenset(pair) in alive else STIPULATED_RIVALRIES.get(frozenset(pair), 0)
        assert value == expected, pair
