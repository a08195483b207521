# ruff: noqa: E501 (a row of the table is one line)
"""One bad file for each message, with the place where it points."""

import pickle

import pytest

from regional_sim.errors import (
    ABSENT,
    MAX_FAULTS_SHOWN,
    Fault,
    InputError,
    OutputExistsError,
    RegionalSimError,
    ScenarioError,
    UnknownNameError,
    suggestion,
)
from regional_sim.scenario import load_scenario
from tests.support import faults

GOOD = """\
format: 1
title: Three states
horizon: {months_before: 12, months_after: 24}
windows: {early: [1, 12], late: [13, 24]}
roles: {sender: JPN, partner: TWN, challenger: CHN}
groups: {hedgers: [JPN]}
options: {contest_exponent: 1, shock: probit}
parameters: {theta_challenger: 0.6}
sources:
  sipri: {citation: SIPRI 2025, provenance: empirical}
states:
  JPN:
    capability_usd_bn: {value: 55.3, year: 2024, source: sipri}
    gdp_usd_bn: 4897
    polyarchy: 0.8
    stance: 0.4
  TWN: {capability_usd_bn: 16.5, gdp_usd_bn: 530, polyarchy: 0.8, stance: 1}
  CHN: {capability_usd_bn: 314, gdp_usd_bn: 10480, polyarchy: 0.1, stance: -1}
dyads:
  projection_km: {default: 500}
  trade_usd_bn:
    source: sipri
    states: [CHN, JPN, TWN]
    matrix:
      - [0, 340, 190]
      - [340, 0, 60]
      - [190, 60, 0]
  commitment:
    pairs: {JPN:TWN: 0.15, CHN-JPN: 0.01}
"""

# What is replaced in GOOD, by what, and the message: place, then what it must say.
BAD = {
    # keys
    "unknown section": ("title:", "titel:", "2:1: titel: unknown key; did you mean 'title'?"),
    "unknown parameter": ("theta_challenger", "theta_chalenger", "8:14: parameters.theta_chalenger: unknown parameter; did you mean 'theta_challenger'?"),
    "unknown option": ("shock:", "shok:", "7:32: options.shok: unknown option; did you mean 'shock'?"),
    "unknown role": ("partner:", "partnr:", "5:22: roles.partnr: unknown role; did you mean 'partner'"),
    "unknown group": ("hedgers:", "hegders:", "6:10: groups.hegders: unknown group; did you mean"),
    "unknown figure": ("    stance: 0.4", "    stanse: 0.4\n    stance: 0.4", "16:5: states.JPN.stanse: unknown figure of a state; did you mean 'stance'?"),
    "unknown key of a figure": ("value: 55.3, year", "value: 55.3, yeer", "13:38: states.JPN.capability_usd_bn.yeer: unknown key; did you mean 'year'?"),
    "unknown dyad quantity": ("  commitment:", "  comitment:", "28:3: dyads.comitment: unknown dyad quantity; did you mean 'commitment'?"),
    "unknown key of a dyad quantity": ("{default: 500}", "{defalt: 500}", "20:19: dyads.projection_km.defalt: unknown key of a dyad quantity; did you mean 'default'?"),
    "required figure": ("    gdp_usd_bn: 4897\n", "", "12:3: states.JPN.gdp_usd_bn: required, but not given"),
    "required role": ("sender: JPN, ", "", "5:1: roles.sender: required, but not given"),
    "required partner": ("partner: TWN, ", "", "5:1: roles.partner: required, but not given"),
    "duplicate state": ("  TWN: {", "  JPN: {", "17:3: states.JPN: this key is given twice, first at world.yaml:12:3"),
    "key that is no text": ("title:", "1:", "2:1: 1: keys must be text"),
    "merge key": ("title: Three", "<<: {}\ntitle: Three", "2:1: <<: merge keys"),
    # kinds of values
    "text for a number": ("polyarchy: 0.8\n    s", "polyarchy: high\n    s", "15:16: states.JPN.polyarchy: must be a number; got 'high'"),
    "boolean for a number": ("gdp_usd_bn: 4897", "gdp_usd_bn: true", "14:17: states.JPN.gdp_usd_bn: must be a number; got true"),
    "null for a number": ("gdp_usd_bn: 4897", "gdp_usd_bn:", "states.JPN.gdp_usd_bn: must be a number; got null"),
    "list for a number": ("gdp_usd_bn: 4897", "gdp_usd_bn: [1]", "14:17: states.JPN.gdp_usd_bn: must be a number"),
    "not a number": ("stance: 0.4", "stance: .nan", "16:13: states.JPN.stance: must be a finite number"),
    "infinite parameter": ("theta_challenger: 0.6", "theta_challenger: -.inf", "8:32: parameters.theta_challenger: must be a finite number"),
    "fraction of a month": ("months_after: 24}", "months_after: 24.5}", "3:44: horizon.months_after: must be a whole number; got 24.5"),
    "boolean for a month": ("months_after: 24}", "months_after: yes}", "3:44: horizon.months_after: must be a whole number; got 'yes'"),
    "number for a text": ("Three states", "3", "2:8: title: must be text; got 3"),
    "section that is no mapping": ("roles: {sender: JPN, partner: TWN, challenger: CHN}", "roles: JPN", "5:8: roles: must be a mapping"),
    "state that is no mapping": ("  TWN: {capability_usd_bn: 16.5, gdp_usd_bn: 530, polyarchy: 0.8, stance: 1}", "  TWN: 3", "17:8: states.TWN: must be a mapping"),
    "group that is no list": ("hedgers: [JPN]", "hedgers: JPN", "6:19: groups.hedgers: must be a list; got 'JPN'"),
    "dyads that are no mapping": (GOOD[GOOD.index("dyads:") :], "dyads: 3\n", "19:8: dyads: must be a mapping"),
    "unreadable scalar": ("Three states", "!!int Three", "2:8: title: this value cannot be read"),
    "unknown tag": ("Three states", "!secret x", "2:8: title: this value cannot be read"),
    # ranges
    "parameter out of range": ("theta_challenger: 0.6", "theta_challenger: 1.6", "8:32: parameters.theta_challenger: is outside the allowed range; got 1.6; allowed: from 0 to 1"),
    "figure out of range": ("stance: 0.4", "stance: 1.4", "16:13: states.JPN.stance: is outside the allowed range; got 1.4; allowed: from -1 to 1"),
    "sourced figure out of range": ("value: 55.3", "value: 0", "13:24: states.JPN.capability_usd_bn: is outside the allowed range; got 0.0; allowed: from 0.0001 to 100000"),
    "year out of range": ("year: 2024", "year: 24", "13:44: states.JPN.capability_usd_bn.year: is outside the allowed range; got 24; allowed: at least 1800"),
    "pair out of range": ("JPN:TWN: 0.15", "JPN:TWN: 1", "29:22: dyads.commitment.pairs.JPN:TWN: is outside the allowed range; got 1; allowed: above 0, below 1"),
    "default out of range": ("default: 500", "default: -1", "20:28: dyads.projection_km.default: is outside the allowed range; got -1; allowed: from 0 to 100000"),
    "matrix entry out of range": ("[0, 340, 190]", "[0, -1, 190]", "25:13: dyads.trade_usd_bn.matrix[0][1]: is outside the allowed range (CHN toward JPN); got -1.0; allowed: from 0 to 100000"),
    "no months after": ("months_after: 24}", "months_after: 0}", "3:44: horizon.months_after: is outside the allowed range; got 0; allowed: at least 1"),
    "too many months": ("months_before: 12", "months_before: 1180", "3:10: horizon: run_in, months_before and months_after are too long together; got 1228; allowed: at most 1200"),
    "option": ("shock: probit", "shock: probbit", "7:39: options.shock: is not one of the choices; got 'probbit'; allowed: probit, logit; did you mean 'probit'?"),
    "option as a number": ("exponent: 1", "exponent: 3", "7:29: options.contest_exponent: is not one of the choices; got '3'; allowed: 1, 2, 4"),
    "provenance": ("provenance: empirical", "provenance: emprical", "10:45: sources.sipri.provenance: is not one of the choices; got 'emprical'; allowed: 'empirical', 'theoretical' or 'stipulated'; did you mean 'empirical'?"),
    "format": ("format: 1", "format: 2", "1:9: format: this version of the file format is not known; got 2; allowed: 1"),
    "empty citation": ("citation: SIPRI 2025", "citation: ''", "10:21: sources.sipri.citation: must not be empty"),
    # windows
    "window after the horizon": ("[13, 24]", "[13, 36]", "4:33: windows.late: this window ends after the horizon of 24 months; got [13, 36]"),
    "window that runs backward": ("[13, 24]", "[24, 13]", "4:33: windows.late: ends before it begins; got [24, 13]"),
    "window before the onset": ("[1, 12]", "[0, 12]", "4:19: windows.early[0]: is outside the allowed range; got 0; allowed: at least 1"),
    "window without an end": ("[13, 24]", "[13]", "4:33: windows.late: item 2 of this list is missing"),
    "window of three": ("[13, 24]", "[13, 18, 24]", "4:33: windows.late: takes at most 2 entries, has 3"),
    "name of a window": ("late:", "Late years:", "4:27: windows.Late years: is not a valid name; got 'Late years'; allowed: lower-case"),
    # states
    "state code": ("  TWN: {", "  T: {", "17:3: states.T: is not a valid name; got 'T'; allowed: 2 to 12 letters"),
    "unknown state in a role": ("sender: JPN", "sender: JPM", "5:17: roles.sender: unknown state; got 'JPM'; did you mean 'JPN'?"),
    "unknown state in a group": ("[JPN]}", "[JPN, XYZ]}", "6:25: groups.hedgers[1]: unknown state; got 'XYZ'"),
    "state twice in a group": ("[JPN]}", "[JPN, JPN]}", "6:25: groups.hedgers[1]: this state is listed twice; got 'JPN'"),
    "one state in two roles": ("challenger: CHN", "challenger: TWN", "5:48: roles.challenger: this state is the partner already; got 'TWN'"),
    "shared stream": ("    stance: 0.4", "    stance: 0.4\n    stream: CHN", "17:13: states.JPN.stream: CHN has these random streams already; got 'CHN'"),
    "unknown source": ("source: sipri}", "source: sipry}", "13:58: states.JPN.capability_usd_bn.source: unknown source; got 'sipry'; did you mean 'sipri'?"),
    "unknown source of a quantity": ("    source: sipri", "    source: cow", "22:13: dyads.trade_usd_bn.source: unknown source; got 'cow'; list it under sources"),
    # dyads
    "asymmetric matrix": ("[340, 0, 60]", "[341, 0, 61]", "26:10: dyads.trade_usd_bn.matrix[1][0]: trade_usd_bn has no direction, but JPN toward CHN is 341.0 and CHN toward JPN is 340.0 (2 pairs in all)"),
    "missing row": ("      - [190, 60, 0]\n", "", "25:7: dyads.trade_usd_bn.matrix: the matrix has 2 rows for 3 states"),
    "short row": ("[340, 0, 60]", "[340, 0]", "26:9: dyads.trade_usd_bn.matrix[1]: row (JPN) has 2 entries for 3 states"),
    "diagonal": ("[340, 0, 60]", "[340, 7, 60]", "26:15: dyads.trade_usd_bn.matrix[1][1]: the diagonal must be 0: JPN is no pair with itself; got 7.0"),
    "hole in a matrix": ("[340, 0, 60]", "[340, 0, null]", "26:18: dyads.trade_usd_bn.matrix[1][2]: must be a number (JPN toward TWN); got null"),
    "text in a matrix": ("[340, 0, 60]", "[340, 0, x]", "26:18: dyads.trade_usd_bn.matrix[1][2]: must be a number; got 'x'"),
    "matrix without order": ("    states: [CHN, JPN, TWN]\n", "", "dyads.trade_usd_bn.matrix: the matrix does not say which states it is about"),
    "order without matrix": ("{default: 500}", "{default: 500, states: [JPN]}", "20:41: dyads.projection_km.states: there is no matrix whose order this could be"),
    "state twice in a matrix": ("[CHN, JPN, TWN]", "[CHN, JPN, JPN]", "23:24: dyads.trade_usd_bn.states[2]: this state is listed twice; got 'JPN'"),
    "unknown state in a matrix": ("[CHN, JPN, TWN]", "[CHN, JPN, TWM]", "23:24: dyads.trade_usd_bn.states[2]: unknown state; got 'TWM'; did you mean 'TWN'?"),
    "unknown state in a pair": ("JPN:TWN:", "JPN:TWM:", "29:13: dyads.commitment.pairs.JPN:TWM: unknown state; got 'TWM'; did you mean 'TWN'?"),
    "direction of an undirected quantity": ("{default: 500}", "{default: 500}\n  rivalry: {pairs: {CHN:JPN: 1}}", "21:21: dyads.rivalry.pairs.CHN:JPN: rivalry has no direction; write CHN-JPN"),
    "pair with itself": ("CHN-JPN", "JPN-JPN", "29:28: dyads.commitment.pairs.JPN-JPN: a state is no pair with itself"),
    "no pair": ("CHN-JPN", "CHNJPN", "29:28: dyads.commitment.pairs.CHNJPN: is not a pair of states; allowed: A:B (A toward B) or A-B (both ways)"),
    "pair given twice": ("CHN-JPN: 0.01", "CHN-JPN: 0.01, JPN-CHN: 0.02", "29:43: dyads.commitment.pairs.JPN-CHN: this pair is given twice, first as 'CHN-JPN' at world.yaml:29:28"),
    "pair and its direction": ("CHN-JPN: 0.01", "CHN-JPN: 0.01, JPN:CHN: 0.02", "29:43: dyads.commitment.pairs.JPN:CHN: this pair is given twice"),
    "pair without a value": ("{default: 500}", "{pairs: {JPN-TWN: 500}}", "20:3: dyads.projection_km: no value for CHN:JPN, CHN:TWN, JPN:CHN, TWN:CHN; give a matrix, pairs or a default"),
    "required quantity": ("  projection_km: {default: 500}\n", "", "19:1: dyads.projection_km: no value for CHN:JPN, CHN:TWN, JPN:CHN, JPN:TWN, TWN:CHN, TWN:JPN; give"),
    "own host": ("{default: 500}", "{default: 500}\n  host: {pairs: {JPN:TWN: JPN}}", "21:27: dyads.host.pairs.JPN:TWN: a state is not its own host; leave it out; got 'JPN'"),
    "unknown host": ("{default: 500}", "{default: 500}\n  host: {pairs: {JPN:TWN: CHM}}", "21:27: dyads.host.pairs.JPN:TWN: unknown state; got 'CHM'; did you mean 'CHN'?"),
    "host in a matrix": ("{default: 500}", "{default: 500}\n  host: {states: [CHN, JPN], matrix: [[null, CHN], [null, null]]}", "21:46: dyads.host.matrix[0][1]: a state is not its own host"),
    # YAML
    "open bracket": ("{sender: JPN", "{sender: [JPN", "not valid YAML: while parsing a flow"),
    "tab": ("    gdp", "\tgdp", "14:1: not valid YAML: while scanning for the next token found character"),
    "two documents": ("title:", "---\ntitle:", "2:1: not valid YAML: expected a single document"),
    "control character": ("Three", "Th\x07ree", "1:1: not valid YAML: unacceptable character"),
    "alias in itself": ("Three states", "&a [*a]", "2:8: an alias contains itself"),
    "unknown alias": ("Three states", "*nobody", "2:8: not valid YAML: found undefined alias"),
    # composition
    "extends no file": ("format: 1", "extends: base.yaml", "1:10: extends: no such file; got"),
    "extends no shipped name": ("format: 1", "extends: baselin", "1:10: extends: unknown shipped scenario 'baselin'; did you mean 'baseline'?"),
    "extends a number": ("format: 1", "extends: 3", "1:10: extends: must be the name of a file; got 3"),
    "extends itself": ("format: 1", "extends: world.yaml", "1:10: extends: this file extends itself"),
    "overrides that are no list": ("format: 1", "overrides: a.yaml", "1:12: overrides: must be a list of files; got 'a.yaml'"),
    "override that is no file": ("format: 1", "overrides: [a.yaml]", "1:13: overrides[0]: no such file; got 'a.yaml'"),
}  # fmt: skip


def error_of(folder, text):
    return faults.error_of(load_scenario, folder / "world.yaml", text)


def test_the_file_that_the_bad_ones_are_made_of_is_good(tmp_path):
    path = tmp_path / "world.yaml"
    path.write_text(GOOD)
    scenario = load_scenario(path)
    assert scenario.codes == ("CHN", "JPN", "TWN")
    assert scenario.dyad_values("trade_usd_bn")[0].tolist() == [0.0, 340.0, 190.0]
    assert scenario.dyad_values("commitment")[:, 2].tolist() == [0.02, 0.15, 0.0]


@pytest.mark.parametrize("name", BAD)
def test_one_mistake_gives_one_message_at_its_place(tmp_path, name):
    faults.check_row(load_scenario, tmp_path / "world.yaml", GOOD, BAD[name])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", "world.yaml: the file is empty"),
        (b"# only a remark\n", "world.yaml: the file is empty"),
        (b"- 1\n- 2\n", "world.yaml:1:1: the top level must be a mapping"),
        (b"title: caf\xe9\n", "world.yaml:1: not UTF-8 text"),
        (b"a: 1\nb: \xff\xfe\n", "world.yaml:2: not UTF-8 text"),
        (b"[" * 5000, "world.yaml:1:1: nested too deeply"),
    ],
)
def test_files_that_are_no_scenario_at_all(tmp_path, text, expected):
    assert str(error_of(tmp_path, text)).startswith(expected)


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "world.yaml"
    mark = b"\xef\xbb\xbf"
    path.write_bytes(mark + GOOD.encode())
    assert load_scenario(path).title == "Three states"
    error = error_of(tmp_path, mark + GOOD.replace("format:", "formt:").encode())
    assert error.where == "world.yaml:1:1"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("wrold.yaml", "wrold.yaml: no such file; did you mean 'world.yaml'?"),
        ("folder", "folder: this is a folder, not a file"),
        (
            "nowhere/world.yaml",
            "nowhere/world.yaml: no such file; there is no folder 'nowhere' either",
        ),
        ("baselin", "unknown shipped scenario 'baselin'"),
    ],
)
def test_files_that_are_not_there(tmp_path, monkeypatch, given, expected):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "world.yaml").write_text(GOOD)
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError) as caught:
        load_scenario(given)
    assert str(caught.value).startswith(expected)


def test_all_faults_are_reported_at_once(tmp_path):
    text = GOOD
    for name in ("unknown parameter", "figure out of range", "asymmetric matrix", "option"):
        text = text.replace(*BAD[name][:2])
    error = error_of(tmp_path, text)
    assert len(error.faults) == 4
    assert len(str(error).splitlines()) == 4
    assert error.exit_code == 2


def test_more_faults_than_can_be_read_are_counted(tmp_path):
    wrong = "".join(f"  nonsense_{letter}: 1\n" for letter in "abcdefghijklmn")
    text = GOOD.replace("parameters: {theta_challenger: 0.6}", f"parameters:\n{wrong.rstrip()}")
    error = error_of(tmp_path, text)
    lines = str(error).splitlines()
    assert len(error.faults) == 14
    assert len(lines) == MAX_FAULTS_SHOWN + 1
    assert lines[-1] == "and 4 more"


def test_the_place_is_in_the_file_where_the_value_came_from(tmp_path):
    (tmp_path / "base.yaml").write_text(GOOD.replace("stance: 0.4", "stance: 4"))
    error = error_of(tmp_path, "extends: base.yaml\nparameters: {theta_third: 7}\n")
    where = {fault.key: fault.where for fault in error.faults}
    assert where == {
        "states.JPN.stance": "base.yaml:16:13",
        "parameters.theta_third": "world.yaml:2:27",
    }


def test_attributes_of_an_error():
    error = InputError("wrong", where="a:1:2", key="k", value=3, allowed="4", hint="why not 4?")
    assert (error.what, error.where, error.key, error.value) == ("wrong", "a:1:2", "k", 3)
    assert (error.allowed, error.hint) == ("4", "why not 4?")
    assert str(error) == "a:1:2: k: wrong; got 3; allowed: 4; why not 4?"
    assert InputError("wrong").value is ABSENT
    assert str(InputError("wrong", value=None)) == "wrong; got null"


def test_exit_codes():
    assert RegionalSimError().exit_code == 3
    kinds = (InputError, ScenarioError, UnknownNameError, OutputExistsError)
    assert {kind.exit_code for kind in kinds} == {2}


@pytest.mark.parametrize(
    "error",
    [
        InputError("wrong", where="a:1:2", key="k"),
        UnknownNameError("role", "patrn", ["patron", "ally"]),
        ScenarioError.of([Fault("one"), Fault("two", value=2)]),
    ],
)
def test_errors_travel_from_worker_processes(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.faults == error.faults
    assert all(a.value is b.value for a, b in zip(again.faults, error.faults, strict=True))


@pytest.mark.parametrize(
    ("name", "meant"),
    [("tension", "tension"), ("tenson", "tension"), ("JPN", "JPN"), ("jpn", "JPN"), ("q", None)],
)
def test_suggestion(name, meant):
    hint = meant and f"did you mean {meant!r}?"
    assert suggestion(name, ["tension", "JPN", "stance"]) == hint


def test_only_text_gets_a_suggestion():
    assert suggestion(3, ["3"]) is None
