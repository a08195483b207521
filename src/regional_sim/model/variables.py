"""The state variables of the model, and the arrays that hold them for a batch of runs.

Variables of one kind share one array: its first axis is the variable, its **last axis is the run**,
so a loop over runs is contiguous and copying a batch copies few arrays.  The integer value of a
variable is its place on the first axis: ``world.state[StateVar.stance]`` has shape (state, run).
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from regional_sim.numerics.arrays import Floats, Integers, RowEnum


class Variable(RowEnum):
    """A variable with its unit (``1`` for a pure number) and what it means."""

    unit: str
    meaning: str


class Role(IntEnum):
    """Places in ``World.role``, which holds the index of the state in that role, or -1."""

    sender = 0
    partner = 1
    challenger = 2
    patron = 3
    ally = 4
    rival = 5


class Group(IntEnum):
    """Rows of ``World.group``, which holds 1 for members and 0 for others."""

    hedgers = 0
    allies = 1
    middle_powers = 2


class Observer(IntEnum):
    """Who believes in commitments; ``truth`` holds them as they are."""

    third = 0
    challenger = 1
    partner = 2
    truth = 3


class InstrumentRow(IntEnum):
    """Values of each instrument: the policy's target, the present level, the level at the start."""

    target = 0
    level = 1
    start = 2


class Draw(IntEnum):
    """Random draws of a pair in a month; the first state is the one with the earlier code."""

    incident = 0
    exit = 1
    innovation_first = 2
    innovation_second = 3
    shock_first = 4
    shock_second = 5


class ChoiceDraw(IntEnum):
    """Uniform draws of a state in a month, one for each kind of response, where choices are drawn.

    What a state does toward several others in the same way, it decides with one draw.
    """

    align = 0
    press = 1
    probe = 2
    hedge = 3
    derisk = 4


class StateVar(Variable):
    """Variables of a state."""

    capability = "billion USD", "military capability that can be brought to the region"
    gdp = "billion USD", "gross domestic product"
    polyarchy = "share", "electoral democracy"
    neutrality = "share", "neutrality"
    deterrence = "1", "reaction of readiness to threat"
    resolve = "1", "willingness to bear losses"
    own_precision = "1", "precision of its own sensors, the partner's at the start being 1"
    seaborne_share = "share of GDP", "seaborne trade"
    substitutability_start = "share", "share of seaborne trade that other ways can carry at first"
    stock_months_start = "months", "stocks at the start"
    stance_start = "stance", "stance on the partner at the start"
    rest_trade_start = "billion USD", "trade with the rest of the world at the start"
    substitutability = "share", "share of seaborne trade that other ways can carry"
    stock_months = "months", "stocks"
    readiness = "log", "log-readiness"
    mobilised = "billion USD", "force at home"
    precision = "1", "precision pooled with others"
    detection = "area", "detection of threats, area under the ROC curve"
    detection_start = "area", "the same at the start"
    threat = "1", "sum of threats by hostile states"
    threat_start = "1", "the same at the start"
    stance = "stance", "stance on the partner"
    stance_next = "stance", "stance of the next month, until all states have moved"
    effort = "1", "what it does for the common cause, above the start, as friends see it"
    friends_readiness = "log", "readiness of others, weighted by what they would do for it"
    hedging = "stance", "shift of its own position on the partner: hedging"
    hedging_motive = "1", "motive of hedging"
    pressure = "1", "pressure by the challenger on it; below 0, inducement"
    pressure_felt = "1", "pressure that its trade with the challenger has followed"
    pressure_motive = "1", "motive of the challenger to press it"
    derisking = "1", "urgency with which it cuts its dependence on the challenger"
    derisking_motive = "1", "motive of that"
    vote_support = "probability", "chance of a vote in support"
    vote_oppose = "probability", "chance of a vote against"
    rest_trade = "billion USD", "trade with the rest of the world"
    all_trade = "billion USD", "trade with all"
    redirected = "1", "diverted trade seeking a new partner, over attraction"


class PairVar(Variable):
    """Variables of an undirected pair."""

    contact = "incidents per month", "contact of forces at the start"
    restraint = "1", "restraint of the pair, a multiplier"
    restraint_start = "1", "the same at the start"
    friction = "share", "friction between two friends of one patron"
    relevance = "share", "how far the quarrel is about the partner"
    channel_start = "level", "crisis channel of the scenario"
    trade_start = "billion USD", "trade at the start"
    weight = "share", "share of the starting contact, the weight in regional tension"
    tension = "share", "tension"
    tension_start = "share", "tension at the start"
    level = "logit", "latent tension"
    norm = "logit", "level to which tension returns"
    norm_start = "logit", "the same at the start"
    channel = "level", "working of the crisis channel"
    divergence = "stance", "distance of stances times relevance"
    divergence_start = "stance", "the same at the start"
    threat_both = "1", "threat of each on the other, summed"
    threat_both_start = "1", "the same at the start"
    intensity = "incidents per month", "intensity of incidents"
    excitation = "incidents per month", "part of it that follows earlier incidents"
    incidents = "incidents", "incidents of the month"
    incidents_start = "incidents per month", "expected incidents at the start"
    trigger = "probability", "chance that the month's incidents put the next rung on the table"
    triggered = "flag", "whether they did"
    rung = "rung", "rung of the ladder, 0 to 4"
    rung_start = "rung", "expected rung at the start"
    duration = "months", "months in the present dispute"
    rung_change = "rungs", "change of rung in the month"
    escalated_first = "flag", "the state with the earlier code escalated"
    escalated_second = "flag", "the state with the later code escalated"
    mistaken_first = "flag", "it did so by mistake"
    mistaken_second = "flag", "it did so by mistake"
    bond = "share of GDP", "economic bond"
    trade = "billion USD", "trade"
    outflow = "billion USD", "trade diverted from the pair"


class DirectedVar(Variable):
    """Variables of a directed pair, row toward column."""

    near_share = "share", "force of the row that reaches the column from the nearest presence"
    home_share = "share", "the same without bases on others' soil"
    ambiguity_start = "logit", "half-width of the ambiguity interval at the start"
    interoperability = "share", "share of the row's force that counts at once for the column"
    pooling = "share", "part of the pooled detection that early_warning opens to the row"
    stake = "1", "value of the disputed issue to the row"
    anchor = "logit", "commitment by treaty"
    commitment_start = "probability", "commitment at the start"
    friendship = "probability", "the same where it is large enough to make a friend, else 0"
    hostile = "1", "root of the tension at the start where the column is hostile, else 0"
    aligns = "flag", "whether the row can align toward the column"
    alignment = "logit", "alignment of the row toward the column, which moves its commitment"
    alignment_motive = "1", "motive of alignment"
    probes = "flag", "whether the row can probe the column"
    probing = "log", "grey-zone activity of the row against the column"
    probing_motive = "1", "motive of probing"
    commitment = "logit", "true commitment of the row to the column"
    half_width = "logit", "half-width of the ambiguity interval"
    influence = "share", "weight of the column's stance for the row"
    error = "utility", "belief error of the row about the column"
    error_sd = "utility", "its stationary standard deviation"
    timely = "share", "share of the row's force that counts in time for the column"
    force = "billion USD", "force of the row that can strike the column, as the observer sees it"
    help = "billion USD", "force of the row that defends the column, times its chance"
    strike = "billion USD", "force of the row against the column, less its commitment to it"
    lend = "share", "share of the row's force that the column's attack can count on"
    attack = "billion USD", "force with which the row could challenge the column, as it believes"
    attack_seen = (
        "billion USD",
        "the same by the column on the row, where the row sees it otherwise",
    )
    success_believed = "probability", "chance that a challenge by the row prevails, as it believes"
    success_start = "probability", "the same at the start"
    success_true = "probability", "the same in truth"
    threat = "1", "threat of the column on the row"
    threat_start = "1", "the same at the start"
    step_1 = "probability", "chance that the row takes rung 1 when it is on the table"
    step_2 = "probability", "the same for rung 2"
    step_3 = "probability", "the same for rung 3"
    step_4 = "probability", "the same for rung 4"
    chance = "probability", "chance that the row takes the next rung when it is on the table"
    chance_true = "probability", "the same if it knew the truth"
    common_threat = "1", "threat by attackers of both"
    common_threat_start = "1", "the same at the start"
    redirected = "1", "the row's trade diverted from the column, over attraction elsewhere"


class BeliefVar(Variable):
    """Beliefs of an observer about a directed pair, row toward column."""

    odds_multiplier = "1", "factor on the odds that the row does not fight for the column"
    abstain_probability = "probability", "believed chance that the row does not fight for it"


class RegionVar(Variable):
    """Variables of the region."""

    firmness = "1", "firmness of the sender"
    firmness_start = "1", "the same at the start"
    novelty = "1", "novelty of firmness"
    signal = "1", "signal of the sender"
    theta = "share", "share of the signal that the challenger reads as hostility, as it has learned"
    theta_shift = "logit", "what it has learned"
    hostility = "logit", "hostility that the challenger reads in the signal"
    resolve = "logit", "resolve that it reads in it"
    patron_share = "1", "share of the patron's force for the partner that is free, over its start"
    partner_help = "log", "1 plus what others bring to the partner's defence over its own force"
    partner_help_start = "log", "the same at the start"
    channel_start = "level", "working of the channel of sender and challenger at the start"
    market_start = "billion USD", "GDP of the challenger at the start"
    urgency = "1", "urgency of diversification"
    crisis_seen = "flag", "a rung of 2 or more has been reached since the onset of the posture"


class MotiveTerm(Variable):
    """Terms of the motives: the response, then the name of the term; below 0 it speaks against it.

    They lie where the motive lies: those of a variable of directed pairs at row and column, those
    of a variable of a state at the state, twice.
    """

    align_common_threat = "1", "common threat above its start"
    align_effort = "1", "effort of the other, rewarded or left to it"
    align_brokerage = "1", "alignment of the patron with both"
    align_entrapment = "1", "fear of the other's tension with the challenger"
    align_exposure = "1", "pressure by the challenger on what depends on it"
    align_friction = "1", "friction with the other, roused by patrols"
    align_restraint = "1", "the patron's answer to hostility read in the sender's signal"
    press_stance = "1", "stance of the other above its start"
    press_alignment = "1", "alignment of the other with sender and patron"
    press_hostility = "1", "hostility read in the sender's signal; below 0, courting of a neutral"
    probe_success = "1", "chance to prevail above its start"
    probe_signal = "1", "hostility less resolve read in the sender's signal"
    probe_alignment = "1", "alignment of the other with sender and patron, as it is read"
    hedge_threat = "1", "threat by the challenger above its start"
    hedge_pressure = "1", "answer to pressure or inducement by the challenger"
    hedge_winner = "1", "chance that the challenger fails, joined or balanced"
    hedge_polarisation = "1", "polarisation of the core, from which neutrals step back"
    hedge_market = "1", "growth of the challenger's market"
    derisk_pressure = "1", "pressure by the challenger"
    derisk_tension = "1", "tension with the challenger above its start"


class World(NamedTuple):
    """The arrays of a batch of runs, all C-contiguous; the last axis is the run.

    Attributes
    ----------
    state : ndarray, shape (StateVar, state, run)
    pair : ndarray, shape (PairVar, pair, run)
        Pairs in the order (0, 1), (0, 2), ..., (1, 2), ...
    directed : ndarray, shape (DirectedVar, state, state, run)
    belief : ndarray, shape (BeliefVar, Observer, state, state, run)
    region : ndarray, shape (RegionVar, run)
    instrument : ndarray, shape (InstrumentRow, Instrument, run)
    param : ndarray, shape (Param, run)
    metric : ndarray, shape (Metric, run)
        Values of the month.
    summary : ndarray, shape (window, Metric, run)
        Sums over the months of each window.
    scratch : ndarray, shape (row, run)
        Working memory of a phase.
    motive_term : ndarray, shape (MotiveTerm, state, state, run)
        Terms of the motives of the month; one place for all states where none are kept.
    draw : ndarray, shape (month, Draw, pair, run)
        Uniform draws; innovations are normal.  Month t of a run is row t modulo the length.
    choice_draw : ndarray, shape (month, ChoiceDraw, state, run)
        Uniform draws of the states' choices; one month of zeros where none are drawn.
    group : ndarray, shape (Group, state)
    pair_of : ndarray of int, shape (state, state)
        Pair of two states, -1 on the diagonal.
    host : ndarray of int, shape (state, state)
        State that hosts the base from which the row reaches the column, or -1.
    role : ndarray of int, shape (Role,)
        State in each role, or -1.
    observer_of : ndarray of int, shape (state,)
        The :class:`Observer` whose beliefs each state shares.
    window : ndarray of int, shape (window, 2)
        First and last month of each window, counted from 0 at the start of the run.
    option : ndarray of int, shape (Option,)
    """

    state: Floats
    pair: Floats
    directed: Floats
    belief: Floats
    region: Floats
    instrument: Floats
    param: Floats
    metric: Floats
    summary: Floats
    scratch: Floats
    motive_term: Floats
    draw: Floats
    choice_draw: Floats
    group: Floats
    pair_of: Integers
    host: Integers
    role: Integers
    observer_of: Integers
    window: Integers
    option: Integers


def n_pairs(n_states: int) -> int:
    """Return the number of undirected pairs of states; 14 states have 91."""
    return n_states * (n_states - 1) // 2
