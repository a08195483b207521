"""Every parameter of the model: mechanism, value, range, unit, provenance, source and meaning.

Parameters are declared here and nowhere else.  A scenario is validated against the ranges;
``describe parameters`` and ``docs/parameters.md`` print this table.

Provenance is ``empirical`` (estimated from data), ``theoretical`` (the form and the order of
magnitude come from the cited work) or ``stipulated`` (chosen for this model: sweep it before you
rely on it).
"""

from __future__ import annotations

from regional_sim.numerics.arrays import RowEnum

# ruff: noqa: E501 (a row of a table is one line)


_JERVIS = "Jervis 1976, ch. 3"
_OWN = "stipulated"
_THEORY = "theoretical"
_DATA = "empirical"


class Param(RowEnum):
    """A parameter; its integer value is its row in ``World.param``.

    Attributes
    ----------
    mechanism : str
        The mechanism that reads it: the name of its file in ``mechanisms/``.
    default, low, high : float
        Default value and allowed range, bounds included.
    unit : str
        Unit of the value; ``1`` for a pure number.
    provenance : str
        ``empirical``, ``theoretical`` or ``stipulated``.
    source : str
        Citation, or why the value was stipulated.
    meaning : str
        What the parameter does.
    """

    mechanism: str
    default: float
    low: float
    high: float
    unit: str
    provenance: str
    source: str
    meaning: str

    # fmt: off
    # 1. Force
    distance_decay_km = ("force", 3000.0, 1000.0, 8000.0, "km", _THEORY, "Boulding 1962 (loss of strength); scale stipulated", "distance over which projected force falls to 1/e")

    # 2. Ambiguity of commitments
    alpha_challenger = ("ambiguity", 0.5, 0.0, 1.0, "share", _OWN, "after Benson 2012; swept", "end of the ambiguity interval that the challenger weighs: 0 the lower, 1 the upper")
    alpha_partner = ("ambiguity", 0.5, 0.0, 1.0, "share", _OWN, "after Benson 2012; Porcellacchia & Stanca 2023; swept", "end of the ambiguity interval that the partner weighs; high values embolden it")
    alpha_third = ("ambiguity", 0.5, 0.0, 1.0, "share", _OWN, "neutral reading", "end of the ambiguity interval that all other states weigh")
    narrowing_stance = ("ambiguity", 2.0, 0.0, 6.0, "1 per unit of stance", _OWN, "no estimate found", "speed at which a declared stance narrows the interval around the commitment to the partner")
    narrowing_dialogue = ("ambiguity", 0.5, 0.0, 2.0, "1 per level", _OWN, "no estimate found", "narrowing of the interval between sender and partner by partner_dialogue")

    # 3. Contest
    attack_support = ("contest", 0.5, 0.0, 1.0, "share", _OWN, "offensive support is rarer than defensive (Leeds 2003)", "share of a supporter's force that also counts on the attacking side")
    interoperability_gain = ("contest", 0.5, 0.0, 1.0, "share per level", _OWN, "no estimate found", "share of the sender's force made timely for the partner by joint_patrols")

    # 4. Payoff of the next rung
    loss_weight = ("payoff", 1.6, 0.2, 6.0, "utility", _OWN, "scale of losses against gains", "loss when the next rung fails, times the schedule of losses")
    economic_restraint = ("payoff", 8.0, 0.0, 40.0, "utility per share of GDP", _THEORY, "sign: Russett & Oneal 2001; size stipulated", "restraint by the economic bond of the pair")
    diplomatic_restraint = ("payoff", 0.5, 0.0, 3.0, "utility per share", _OWN, "no estimate found", "restraint by the share of third states that clearly oppose")
    ladder_restraint = ("payoff", 1.0, 0.0, 5.0, "utility", _OWN, "scaled by each dyad's restraint, which is calibrated", "general restraint against the next rung, times the schedule of restraint")
    openness_discount = ("payoff", 0.25, 0.0, 0.5, "share", _THEORY, "Martin, Mayer & Thoenig 2008; size stipulated", "share of the bond's restraint lost to a state that trades wholly with others")
    gain_rung_1 = ("payoff", 1.0, 0.0, 10.0, "1", _OWN, "schedule: nondecreasing", "gain schedule s, rung 1")
    gain_rung_2 = ("payoff", 1.9, 0.0, 10.0, "1", _OWN, "schedule: nondecreasing", "gain schedule s, rung 2")
    gain_rung_3 = ("payoff", 2.6, 0.0, 10.0, "1", _OWN, "schedule: nondecreasing", "gain schedule s, rung 3")
    gain_rung_4 = ("payoff", 2.8, 0.0, 10.0, "1", _OWN, "schedule: nondecreasing", "gain schedule s, rung 4")
    loss_rung_1 = ("payoff", 0.3, 0.0, 20.0, "1", _OWN, "schedule: steeper than gains", "loss schedule l, rung 1")
    loss_rung_2 = ("payoff", 0.6, 0.0, 20.0, "1", _OWN, "schedule: steeper than gains", "loss schedule l, rung 2")
    loss_rung_3 = ("payoff", 1.0, 0.0, 20.0, "1", _OWN, "schedule: steeper than gains", "loss schedule l, rung 3")
    loss_rung_4 = ("payoff", 8.0, 0.0, 20.0, "1", _OWN, "schedule: steeper than gains", "loss schedule l, rung 4 (war)")
    cost_rung_1 = ("payoff", 0.3, 0.0, 20.0, "1", _OWN, "schedule: nondecreasing", "cost schedule c, rung 1")
    cost_rung_2 = ("payoff", 0.5, 0.0, 20.0, "1", _OWN, "schedule: nondecreasing", "cost schedule c, rung 2")
    cost_rung_3 = ("payoff", 0.8, 0.0, 20.0, "1", _OWN, "schedule: nondecreasing", "cost schedule c, rung 3")
    cost_rung_4 = ("payoff", 3.0, 0.0, 20.0, "1", _OWN, "schedule: nondecreasing", "cost schedule c, rung 4 (war)")
    restraint_rung_1 = ("payoff", 1.0, 0.0, 20.0, "1", _OWN, "schedule: nondecreasing", "restraint schedule k, rung 1")
    restraint_rung_2 = ("payoff", 1.05, 0.0, 20.0, "1", _OWN, "schedule: nondecreasing", "restraint schedule k, rung 2")
    restraint_rung_3 = ("payoff", 1.15, 0.0, 20.0, "1", _OWN, "schedule: nondecreasing", "restraint schedule k, rung 3")
    restraint_rung_4 = ("payoff", 6.0, 0.0, 20.0, "1", _OWN, "schedule: war is rare", "restraint schedule k, rung 4 (war)")

    # 5. Perception
    belief_memory = ("perception", 0.7, 0.5, 0.9, "1 per month", _THEORY, "persistence of GPR by country, lag-1 0.69-0.73 (Caldara & Iacoviello 2022)", "share of a belief error that remains after a month")
    belief_noise = ("perception", 0.5, 0.0, 1.5, "utility", _OWN, "no estimate found; swept", "standard deviation of the belief error of a state with detection precision 1")
    hostility_bias = ("perception", 0.15, 0.0, 0.6, "utility", _THEORY, "Jervis 1988; size stipulated, swept", "amount by which others look more hostile than they are")
    pooling_share = ("perception", 0.6, 0.0, 1.0, "share per level", _OWN, "no estimate found", "share of the other's detection precision gained by sender and partner from early_warning")
    ally_pooling_share = ("perception", 0.3, 0.0, 1.0, "share", _OWN, "no estimate found", "part of that share that also holds between the partner and the sender's allies")
    error_correlation = ("perception", 0.3, 0.0, 0.9, "share", _OWN, "sensors of allies see through the same weather", "share of pooled precision lost because errors are correlated")
    detection_scale = ("perception", 0.8, 0.1, 3.0, "d'", _OWN, "signal detection theory (Green & Swets 1966); scale stipulated", "discriminability d' of a state with detection precision 1")
    channel_noise_cut = ("perception", 0.2, 0.0, 0.4, "share", _OWN, "no quantitative estimate of hotlines was found", "cut of the belief error by a fully working channel")

    # 6. Signals
    firmness_patrols = ("signals", 0.4, 0.0, 1.0, "1 per level", _OWN, "weight in an index", "weight of joint_patrols in firmness")
    firmness_backing = ("signals", 0.4, 0.0, 1.0, "1 per level", _OWN, "weight in an index", "weight of political_backing in firmness")
    firmness_dialogue = ("signals", 0.1, 0.0, 1.0, "1 per level", _OWN, "weight in an index", "weight of partner_dialogue in firmness")
    firmness_joint = ("signals", 0.1, 0.0, 1.0, "1 per level squared", _OWN, "weight in an index", "weight of patrols times backing in firmness")
    resolve_restraint = ("signals", 0.1, 0.0, 0.2, "1 per logit", _OWN, "after Jervis 1976: firmness also deters; no estimate found", "rise of the restraint between sender and challenger with the resolve that the challenger reads")
    level_weight = ("signals", 0.5, 0.0, 1.0, "share", _OWN, "swept", "weight lambda of the level of firmness against its novelty in the signal")
    novelty_memory = ("signals", 0.85, 0.0, 0.98, "1 per month", _OWN, "novel acts fade within a year", "share of novelty that remains after a month")
    signal_gain = ("signals", 2.0, 0.0, 4.0, "logits per unit of firmness", _OWN, "swept", "strength Gamma with which a signal is read")
    theta_challenger = ("signals", 0.5, 0.0, 1.0, "share", _THEORY, _JERVIS + ": deterrence model 0, spiral model 1; swept", "share of a signal that the challenger reads as hostility; the rest is read as resolve")
    theta_third = ("signals", 0.3, 0.0, 1.0, "share", _THEORY, _JERVIS + "; swept", "the same share for all other states")

    # 7. Readiness spiral
    reaction_ratio = ("readiness", 0.5, 0.2, 0.75, "1", _DATA, "Collier & Hoeffler 2002 imply about 0.7; swept below it", "long-run reaction k/a of log-readiness to threat, per unit of deterrence")
    fatigue = ("readiness", 0.05, 0.01, 0.2, "1 per month", _THEORY, "Richardson 1960; speed stipulated", "speed a at which readiness returns to its start")
    burden_readiness = ("readiness", 0.1, -0.3, 0.5, "1", _THEORY, "Olson & Zeckhauser 1966: free-riding below 0; size stipulated", "readiness that answers the readiness of friends")
    hostility_readiness = ("readiness", 0.1, 0.0, 0.2, "log per logit", _OWN, "no estimate found", "readiness of the challenger that answers a signal read as hostile")
    help_readiness = ("readiness", 0.0, -0.25, 0.25, "1", _THEORY, "help frees from arming or pays for it: Morrow 1993; swept", "readiness of the partner that answers the help it can expect")

    # 8. Stance and votes
    stance_rate = ("stance", 0.05, 0.005, 0.3, "1 per month", _THEORY, "Friedkin & Johnsen 1990; speed stipulated", "speed of stances")
    social_influence = ("stance", 0.5, 0.0, 0.95, "share", _OWN, "below 1, so that stances stay anchored", "weight of all others' moves on a state without neutrality")
    alliance_influence = ("stance", 0.6, 0.0, 1.0, "share", _OWN, "no estimate found", "share of influence that runs along alliances, the rest along trade")
    confidence_bound = ("stance", 1.0, 0.1, 2.0, "stance", _THEORY, "Hegselmann & Krause 2002; width stipulated", "distance of stances beyond which a state is not heeded")
    backing_stance = ("stance", 0.35, 0.0, 1.0, "stance per level", _OWN, "no estimate found", "rise of the sender's declared stance with political_backing")
    vote_support_cut = ("stance", 0.35, 0.0, 1.0, "stance", _OWN, "orders the quoted positions", "stance above which a state more likely votes in support")
    vote_oppose_cut = ("stance", -0.35, -1.0, 0.0, "stance", _OWN, "orders the quoted positions", "stance below which a state more likely votes against")
    vote_noise = ("stance", 0.25, 0.05, 1.0, "stance", _OWN, "no estimate found", "standard deviation of the shock of a vote")
    vote_pressure = ("stance", 1.0, 0.0, 3.0, "stance per pressure and share of GDP", _THEORY, "who trades with China votes with it: Flores-Macías & Kreps 2013; size stipulated", "fall of a vote's support under pressure or inducement, per unit of dependence on the challenger")

    # 9. Commitments
    commitment_rate = ("commitments", 0.05, 0.005, 0.2, "1 per month", _OWN, "alliances move within years", "speed at which commitments follow treaty and alignment")

    # 10. Trade
    trade_return = ("trade", 0.01, 0.001, 0.05, "1 per month", _OWN, "half of a loss is regained in six years", "speed at which trade returns to its start")
    diversion_speed = ("trade", 0.005, 0.001, 0.01, "1 per month", _DATA, "Japan's rare-earth share from China: about 90 % in 2010, 60-70 % in 2024", "speed at which trade can leave a pair")
    tension_diversion = ("trade", 2.0, 0.0, 10.0, "1 per unit of tension", _THEORY, "Glick & Taylor 2010; size stipulated", "diversion by tension above its start")
    diversification_gain = ("trade", 2.0, 0.0, 10.0, "1 per level", _OWN, "no estimate found", "diversion from the challenger by supply_chain, times urgency")
    urgency_base = ("trade", 0.5, 0.0, 2.0, "1", _OWN, "diversification needs no crisis, but is faster in one", "urgency of diversification without excess tension")
    urgency_tension = ("trade", 3.0, 0.0, 20.0, "1 per unit of tension", _OWN, "no estimate found", "urgency added by excess tension with the challenger")
    urgency_memory = ("trade", 0.95, 0.5, 0.995, "1 per month", _OWN, "interest wanes within two years", "share of urgency that remains after a month")
    trade_friction = ("trade", 0.15, 0.0, 0.9, "share", _OWN, "no estimate found", "share of diverted trade that is lost")
    trade_floor = ("trade", 0.5, 0.0, 0.95, "share", _DATA, "Japan still bought 60-70 % of its rare earths from China in 2024", "share of the starting trade that cannot be diverted")
    stock_gain_months = ("trade", 2.0, 0.0, 12.0, "months per level", _OWN, "no estimate found", "rise of the partner's stocks with supply_chain")
    substitutability_gain = ("trade", 0.15, 0.0, 0.5, "share per level", _OWN, "no estimate found", "rise of the partner's substitutability with supply_chain")
    trade_pressure = ("trade", 0.15, 0.0, 0.4, "1", _DATA, "China's imports from Japan fell by 12 % against those from Korea in the year from September 2012", "fall of trade with the challenger under full pressure, its rise under full inducement")
    stock_scale_months = ("trade", 3.0, 0.5, 24.0, "months", _OWN, "time constant M0", "stocks that cut vulnerability to a blockade to 1/e")

    # 11. Incidents
    incident_scale = ("incidents", 1.0, 0.0, 4.0, "1", _OWN, "0 switches incidents off", "multiplier of all incident intensities")
    incident_floor = ("incidents", 0.3, 0.0, 2.0, "1", _OWN, "no estimate found", "share c0 of incidents that happens without tension")
    incident_branching = ("incidents", 0.3, 0.2, 0.4, "1", _THEORY, "Hawkes 1971; range stipulated, after clustered events in Mohler et al. 2011", "further incidents caused by one incident")
    patrols_contact = ("incidents", 0.1, -0.3, 0.5, "1 per level", _OWN, "patrols meet more, or keep agreed distances: no estimate found; below 0 deconfliction", "rise of contact between sender and challenger with joint_patrols")
    incident_decay = ("incidents", 0.5, 0.1, 0.95, "1 per month", _OWN, "no estimate found", "share of excitation that remains after a month")
    rung_presence = ("incidents", 0.5, 0.0, 3.0, "1 per rung", _OWN, "forces gather in a crisis", "rise of contact with each rung")
    channel_thinning = ("incidents", 0.2, 0.0, 0.4, "share", _OWN, "no quantitative estimate of hotlines was found", "cut of incidents by a fully working channel")

    # 12. Escalation
    trigger_probability = ("escalation", 0.2, 0.01, 0.9, "probability", _OWN, "scaled with contact", "chance that one incident puts the next rung on the table")
    crisis_trigger = ("escalation", 0.5, 0.0, 0.95, "probability", _OWN, "an open dispute is decided on every month", "chance that an open dispute puts the next rung on the table without an incident")
    shock_sd = ("escalation", 1.0, 0.2, 3.0, "utility", _THEORY, "fixes the scale of utility (Signorino 1999)", "standard deviation s of the private shock of a decision")

    # 13. Ladder
    exit_rung_1 = ("ladder", 0.9, -6.0, 6.0, "logit per month", _OWN, "median dispute lasts 12 days (Maoz et al. 2019)", "logit of de-escalation from confrontation")
    exit_rung_2 = ("ladder", 0.6, -6.0, 6.0, "logit per month", _OWN, "as above", "logit of de-escalation from coercion or quarantine")
    exit_rung_3 = ("ladder", 0.6, -6.0, 6.0, "logit per month", _OWN, "as above", "logit of de-escalation from use of force or blockade")
    exit_rung_4 = ("ladder", -1.0, -6.0, 6.0, "logit per month", _OWN, "wars last about half a year in the median crisis (ICB)", "logit of the exit from war")
    exit_duration = ("ladder", 0.05, 0.0, 1.0, "logits per month", _OWN, "no estimate found", "rise of de-escalation with months in dispute, up to two years")
    exit_cost = ("ladder", 4.0, 0.0, 40.0, "logits per share of GDP", _OWN, "no estimate found", "rise of de-escalation with the economic bond")
    exit_stake = ("ladder", 0.25, 0.0, 2.0, "logits per unit of stake", _OWN, "disputes over great stakes last", "fall of de-escalation with the mean stake of the pair")
    channel_exit = ("ladder", 0.3, 0.0, 0.4, "logits", _OWN, "no quantitative estimate of hotlines was found", "rise of de-escalation with a fully working channel")

    # 14. Tension
    tension_rate = ("tension", 0.2, 0.02, 0.6, "1 per month", _DATA, "lag-1 autocorrelation 0.69-0.73 of GPR by country, 0.71 of Senkaku vessels, with noise", "speed at which tension moves")
    tension_incident = ("tension", 0.15, 0.0, 1.0, "logits per incident", _OWN, "no estimate found", "push of an incident above the expected number")
    tension_rung = ("tension", 0.5, 0.0, 2.0, "logits per rung", _OWN, "no estimate found", "push of a rung above the expected one")
    tension_divergence = ("tension", 0.6, 0.0, 3.0, "logits per unit of stance", _OWN, "no estimate found", "push of divergence of stances, times relevance")
    tension_threat = ("tension", 1.0, 0.0, 3.0, "logits per unit of threat", _OWN, "no estimate found", "push of mutual threat above its start")
    tension_pressure = ("tension", 0.5, 0.0, 1.0, "logits per pressure", _OWN, "no estimate found", "push of the challenger's pressure on its tension with the state under it")
    norm_rate = ("tension", 0.06, 0.0, 0.1, "1 per month", _DATA, "lag-12 autocorrelation 0.58-0.60 of Senkaku vessels and GPR of Taiwan; used with tension_norm: slow", "speed at which the norm of tension moves")
    norm_weight = ("tension", 0.7, 0.0, 0.9, "share", _DATA, "as above; used with tension_norm: slow", "weight of tension in the norm, against the norm of the start")

    # 15. Choice
    choice_temperature = ("choice", 0.4, 0.2, 1.0, "1", _THEORY, "quantal response: McKelvey & Palfrey 1995; size stipulated", "how blunt choices are: the lower, the more surely a state follows its motive")
    choice_inertia = ("choice", 0.6, 0.3, 1.5, "1", _OWN, "status-quo bias: Samuelson & Zeckhauser 1988; half-way from 0.5 to 0.68, the fit on the training half of 2010 to 2024", "motive below which a state rather leaves things as they are")

    # 16. Threat
    threat_gain = ("threat", 1.8, 0.0, 3.0, "1", _OWN, "balance of threat: Walt 1987; half-way from 1 to 2.6, the fit on the training half of 2010 to 2024", "weight of threats in the motives to align, to hedge and to cut dependence")

    # 17. Align
    alignment_span = ("align", 1.0, 0.3, 1.5, "logit", _OWN, "credible changes within eight years are up to one logit; half-way from 0.8 to 1.2, the fit on the training half of 2010 to 2024", "alignment of a state that surely aligns")
    alignment_rate = ("align", 0.05, 0.01, 0.2, "1 per month", _OWN, "alliances move within years", "speed of alignment")
    burden_patron = ("align", 0.3, -0.6, 0.6, "1", _THEORY, "above 0 it rewards burden sharing (Blankenship 2023), below it passes the buck (Christensen & Snyder 1990)", "weight of the other's effort in the patron's motive to align")
    burden_others = ("align", 0.3, -0.4, 0.6, "1", _THEORY, "Olson & Zeckhauser 1966; Christensen & Snyder 1990; swept", "weight of the other's effort in the motive of states other than the patron to align")
    firmness_effort = ("align", 0.5, 0.0, 1.0, "1", _OWN, "no estimate found", "part of the sender's firmness that counts as effort")
    brokerage = ("align", 0.3, 0.0, 0.6, "1", _OWN, "the patron brings its allies together: Cha 1999; size stipulated", "weight of the patron's alignment with both")
    entrapment = ("align", 0.5, 0.0, 1.0, "1", _THEORY, "alliance security dilemma: Snyder 1984; size stipulated", "aversion to the other's tension with the challenger; half of it for other allies than the patron")
    alignment_exposure = ("align", 3.0, 0.0, 10.0, "1 per pressure and share of GDP", _OWN, "no estimate found", "aversion of a state under pressure, per unit of dependence on the challenger")
    friction_patrols = ("align", 1.0, 0.0, 3.0, "1 per level", _THEORY, "Cha 1999; size stipulated", "aversion to the sender's patrols, times the friction of the pair")
    patron_restraint = ("align", 0.25, 0.0, 1.0, "1 per logit", _THEORY, "Snyder 1984: allies restrain as well; size stipulated", "aversion of the patron to a friend whose signals provoke")
    alignment_sharing = ("align", 0.2, 0.0, 0.5, "share per logit", _OWN, "no estimate found", "rise of interoperability and of pooled detection with alignment")

    # 18. Press
    pressure_rate = ("press", 0.15, 0.02, 0.5, "1 per month", _DATA, "sanctions of 2010, 2012 and 2016 came within months", "speed of pressure")
    pressure_stance = ("press", 1.0, 0.0, 1.5, "1", _OWN, "no estimate found", "weight of the other's stance in the motive to press")
    pressure_alignment = ("press", 0.78, 0.0, 2.0, "1", _OWN, "half-way from 1 to 0.56, the fit on the training half of 2010 to 2024", "weight of its alignment with sender and patron")
    pressure_hostility = ("press", 0.5, 0.0, 1.0, "1 per logit", _OWN, "no estimate found", "weight of a signal read as hostile, for sender and partner")
    pressure_wedge = ("press", 0.3, 0.0, 1.0, "1 per logit", _THEORY, "wedge strategies: Crawford 2011; size stipulated", "inducement of neutral states that answers such a signal")
    pressure_own_loss = ("press", 10.0, 0.0, 30.0, "1 per share of GDP", _THEORY, "Zhang 2019; size stipulated", "inertia of a challenger that would itself lose trade")

    # 19. Probe
    probing_gain = ("probe", 1.0, 0.0, 3.0, "1", _OWN, "no estimate found", "weight of the motive to probe")
    probing_alignment = ("probe", 0.5, 0.0, 1.0, "1", _THEORY, "Jervis 1976: alliances deter or provoke, as they are read; size stipulated", "weight of the other's alignment with sender and patron, read as hostility or as resolve")
    probing_span = ("probe", 0.4, 0.1, 0.7, "log", _OWN, "no estimate found", "probing of a state that surely probes")
    probing_rate = ("probe", 0.15, 0.02, 0.5, "1 per month", _DATA, "air activity around Taiwan rose within a month in August 2022", "speed of probing")

    # 20. Hedge
    hedging_span = ("hedge", 0.33, 0.1, 0.5, "stance", _OWN, "stances moved by up to 0.3 within eight years; half-way from 0.3 to 0.35, the fit on the training half of 2010 to 2024", "hedging of a state that surely takes a side")
    hedging_rate = ("hedge", 0.08, 0.01, 0.3, "1 per month", _OWN, "governments change their line within a year or two", "speed of hedging")
    hedging_pressure = ("hedge", 3.0, 0.0, 6.0, "1 per pressure", _OWN, "no estimate found", "weight of pressure and of inducement, for a state that depends on the challenger")
    hedging_backlash = ("hedge", 0.58, 0.0, 1.0, "share", _OWN, "half-way from 0.5 to 0.67, the fit on the training half of 2010 to 2024", "part of pressure that is answered by backlash")
    hedging_winner = ("hedge", 0.1, -0.6, 0.6, "1", _OWN, "bandwagoning above 0, balancing below (Walt 1987; Schweller 1994); half-way from 0 to 0.23, the fit on the training half of 2010 to 2024", "weight of the chance that the challenger fails")
    hedging_polarisation = ("hedge", 0.56, 0.0, 2.0, "1", _OWN, "half-way from 0.5 to 0.62, the fit on the training half of 2010 to 2024", "weight of the challenger's tension with sender, partner and patron, for neutral states")
    hedging_market = ("hedge", 0.33, 0.0, 1.0, "1", _OWN, "half-way from 0.3 to 0.36, the fit on the training half of 2010 to 2024", "weight of the challenger's growing market")
    hedging_neutrality = ("hedge", 1.0, 0.0, 2.0, "1", _OWN, "no estimate found", "inertia of a neutral state")
    hedging_gain = ("hedge", 1.0, 0.0, 5.0, "1 per per cent of GDP", _OWN, "no estimate found", "inertia of a state that gains trade which others divert")

    # 21. De-risk
    derisking_pressure = ("derisk", 1.0, 0.0, 3.0, "1 per pressure", _OWN, "no estimate found", "weight of pressure in the motive to cut dependence")
    derisking_rate = ("derisk", 0.1, 0.02, 0.5, "1 per month", _OWN, "firms move within a year", "speed of that urgency")

    # 22. Learn
    learning_memory = ("learn", 0.95, 0.5, 0.995, "share", _OWN, "no estimate found", "share of what was learned that remains after a month")
    learning_channel = ("learn", 0.05, 0.0, 0.2, "logits per level", _THEORY, "Jervis 1976: images change slowly; size stipulated", "trust learned from a working channel outside crises")
    learning_incidents = ("learn", 0.01, 0.0, 0.03, "logits per incident", _THEORY, "Jervis 1976; size stipulated", "distrust learned from incidents above the expected")

    # 23. Second theatre
    second_theatre = ("second_theatre", 0.2, 0.0, 0.3, "share per unit of tension", _OWN, "forces cannot be in two places; no estimate found", "part of the patron's force for the partner that tension of its ally with the rival binds")

    # Posture, implementation
    lag_military_months = ("implementation", 6.0, 1.0, 48.0, "months", _OWN, "exercises are planned half a year ahead", "lag of the military instruments")
    lag_economic_months = ("implementation", 18.0, 1.0, 96.0, "months", _OWN, "supply chains move within years", "lag of the economic instrument")
    lag_diplomatic_months = ("implementation", 3.0, 1.0, 48.0, "months", _OWN, "statements are fast, institutions less so", "lag of the diplomatic instruments")
    # fmt: on


SCHEDULE_RUNGS = 4
"""Number of rungs above normal, hence of values in each schedule of :class:`Param`."""

RETIRED: dict[str, str] = {
    "commitment_exposure": "alignment_exposure is like it",
    "commitment_threat": "threat_gain is like it",
    "patrols_presence": "it is called patrols_contact now",
    "pressure_cost": "hedging_pressure and vote_pressure are like it",
    "pressure_lag_months": "pressure_rate is like it",
    "pressure_support": "pressure_stance is like it",
    "security_pull": "threat_gain is like it",
    "tension_hostility": "tension has no term of the posture any more",
}
"""Parameters of earlier versions, and what to write in their place."""
