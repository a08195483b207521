"""The plain state's relations: stance, commitments and trade."""

from __future__ import annotations

from operator import mul

from benchmarks.peers.plain_state import State
from regional_sim.model.mechanisms import commitments, signals, stance, trade
from regional_sim.model.mechanisms.escalation import economic_bond
from regional_sim.numerics.elementary import larger
from regional_sim.postures import Instrument

# Plain integers: a list finds its place faster by them.
_BACKING = int(Instrument.political_backing)


class Relations(State):
    """How a state takes sides and trades."""

    # Stance and commitments

    def align(self) -> None:
        """Set the next stance and the pressure on this state."""
        region = self.region
        param = region.param
        weight = self.toward.influence
        bound = param.confidence_bound
        now, start = self.stance, self.stance_start
        pulls = 0.0
        for k, other, _ in self.others:
            pulls += stance.influence(
                weight[k], now, start, other.stance, other.stance_start, bound
            )
        pulls *= (1.0 - self.neutrality) * param.social_influence
        if self.index != region.challenger:
            pulls += self._feel_challenger()
        anchor = start
        if self.index == region.sender:
            excess = region.level[_BACKING] - region.level_start[_BACKING]
            anchor += param.backing_stance * excess
        self.stance_next = stance.next_stance(now, param.stance_rate, anchor, pulls)

    def _feel_challenger(self) -> float:
        """Move the pressure of the challenger on; return its pull and that of the threat."""
        region = self.region
        param = region.param
        challenger = region.challenger
        hostility = 0.0
        if self.index in (region.sender, region.partner):
            hostility = signals.read_as_hostility(
                region.signal, param.signal_gain, param.theta_challenger
            )
        self.pressure = stance.next_pressure(
            self.pressure,
            param.pressure_lag_months,
            param.pressure_support,
            self.stance - self.stance_start,
            param.pressure_hostility,
            hostility,
        )
        threat = self.toward.threat[challenger] - self.toward.threat_start[challenger]
        dependence = region.pair_between[self.index][challenger].trade / self.gdp
        return param.security_pull * threat - param.pressure_cost * dependence * self.pressure

    def declare(self) -> None:
        """Take the next stance, and set how this state would vote."""
        param = self.region.param
        self.stance = self.stance_next
        self.vote_support = stance.vote_chance(
            self.stance - param.vote_support_cut, param.vote_noise
        )
        self.vote_oppose = stance.vote_chance(param.vote_oppose_cut - self.stance, param.vote_noise)

    def commit(self) -> None:
        """Update the true commitments to all others.

        Diagonals are 0, which leaves both states out of the sums over attackers.
        """
        param = self.region.param
        toward = self.toward
        k = self.index
        gdp = self.gdp
        commitment = toward.commitment
        threats = toward.threat
        trades = [0.0] * len(threats)
        for j, _, pair in self.others:
            trades[j] = pair.trade
        openness = 1.0 - self.neutrality
        for j, other, _ in self.others:
            threats_on_other = other.toward.threat
            common = sum(map(mul, threats, threats_on_other))
            exposed = sum(map(mul, threats_on_other, trades))
            by_others = larger(other.threat - threats_on_other[k], 1e-12)
            commitment[j] = commitments.next_commitment(
                commitment[j],
                param.commitment_rate,
                toward.anchor[j],
                param.commitment_threat,
                common - toward.common_threat_start[j],
                openness * (1.0 - other.neutrality),
                param.commitment_exposure,
                exposed / (by_others * gdp) - toward.exposure_start[j],
            )

    # Trade

    def divert(self) -> None:
        """Set the trade that leaves every pair of which this is the earlier state."""
        region = self.region
        param = region.param
        policy_push = param.diversification_gain * region.urgency
        for pair in self.pairs_after:
            pair.outflow = trade.diverted(
                pair.trade,
                pair.trade_start,
                param.diversion_speed,
                param.tension_diversion * (pair.tension - pair.tension_start),
                pair.concentrated * policy_push,
                param.trade_floor,
            )

    def redirect(self) -> None:
        """Seek new partners for this state's half of what it lost."""
        param = self.region.param
        attractions = [
            trade.attraction_of_partner(pair.trade, pair.tension) for _, _, pair in self.others
        ]
        total = self.rest_trade + sum(attractions)
        kept = 1.0 - param.trade_friction
        shares = self.toward.redirected
        redirected = 0.0
        for (k, _, pair), attraction in zip(self.others, attractions, strict=True):
            share = shares[k] = 0.5 * pair.outflow * kept / (total - attraction)
            redirected += share
        self.redirected = redirected
        self.rest_trade = trade.next_trade(
            self.rest_trade,
            self.rest_trade_start,
            param.trade_return,
            0.0,
            self.rest_trade * redirected,
        )

    def settle(self) -> None:
        """Settle the trade and the bond of every pair of which this is the earlier state."""
        rate = self.region.param.trade_return
        link = self.region.link
        i = self.index
        shares = self.toward.redirected
        for pair in self.pairs_after:
            other = pair.second
            offers = (self.redirected - shares[other.index]) + (
                other.redirected - other.toward.redirected[i]
            )
            inflow = trade.attraction_of_partner(pair.trade, pair.tension) * offers
            now = trade.next_trade(pair.trade, pair.trade_start, rate, pair.outflow, inflow)
            pair.trade = now
            traded = larger(now, 0.0)
            pair.bond = economic_bond(traded / self.gdp, traded / other.gdp, link)

    def sum_trade(self) -> None:
        """Set all trade of this state, with the others and with the rest of the world."""
        self.all_trade = self.rest_trade + sum([pair.trade for _, _, pair in self.others])
