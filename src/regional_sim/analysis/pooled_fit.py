"""The statistics of calibration: likelihood of the record, pooling of pairs, and the optimum.

The logarithm of a pair's restraint is mu + tau z, where z has a standard normal prior: a pair with
few disputes is drawn to the common mean mu, the more the smaller the spread tau.  Factors, one of
which scales all stakes, have normal priors on their logarithm.  What is simulated enters only as
predictors of the record and their slopes, so nothing here knows the model.

References
----------
Gelman, A., et al. (2013). *Bayesian Data Analysis*, 3rd ed. Chapman & Hall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import digamma, expit, gammaln, logsumexp
from scipy.stats import nbinom

from regional_sim.analysis.base_rates import SHARES, DisputeCounts, DisputeRecord
from regional_sim.numerics.arrays import Floats

PREDICTORS: Final = 1 + len(SHARES)
"""Rows of predictors by pair: the log rate of onsets, and three logits.

The logits are of a dispute's reaching use of force, of its lasting over 1 month, and of one that
did so lasting over 6 months.
"""

MEAN_PRIOR: Final = (0.0, 1.0)
"""Mean and standard deviation of mu: restraint 1 is the unit, so 0.14 to 7 are plausible."""

SPREAD_PRIOR: Final = 0.5
"""Scale of the half-normal prior of tau: pairs alike in all else seldom differ tenfold."""

FACTOR_PRIOR: Final = 0.5
"""Standard deviation of the log of a factor: a half to double is plausible, a fifth is not."""

RATE_DISPUTES: Final = 0.5
SHARE_DISPUTES: Final = 4.0
SLOPE_DISPUTES: Final = np.array([[50.0], *[[400.0]] * len(SHARES)])
"""Simulated disputes added to those of each pair: to its rate; with the shares of all pairs; and
with the slopes of all pairs, by predictor.  They keep what rests on few simulated disputes finite
and calm; slopes of shares are noisier than those of rates, and differ less between pairs."""

LARGEST_STEP: Final = 0.5
"""Most by which a log restraint or a log factor moves in a round, as slopes hold only nearby."""

LARGEST_SPREAD_STEP: Final = 0.3
"""The same for log tau."""

SCORING_STEPS: Final = 100
ENOUGH: Final = 1e-8

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(48)


# ------------------------------------------------------------------------------------- likelihood


def predictors(counts: DisputeCounts, years: float) -> Floats:
    """Return the predictors of a record of so many years, shape (PREDICTORS, pair)."""
    begun = counts.disputes.sum(axis=1)
    parts = counts.parts.sum(axis=2)
    runs = counts.disputes.shape[1]
    rate = (begun + RATE_DISPUTES) / runs / counts.years * years
    of = np.array([begun, begun, parts[1]])
    share = parts.sum(axis=1) / np.maximum(of.sum(axis=1), 1.0)
    share = np.clip(share, 0.001, 0.999)[:, None]
    share = (parts + SHARE_DISPUTES * share) / (of + SHARE_DISPUTES)
    return np.vstack([np.log(rate), np.log(share / (1.0 - share))])


def log_count_probability(count: Floats, mean: Floats, dispersion: float = 1.0) -> Floats:
    """Return the log probability of counts: Poisson, or negative binomial.

    The variance is `dispersion` times the mean; 1 is Poisson.
    """
    if dispersion <= 1.0:
        poisson: Floats = count * np.log(mean) - mean - gammaln(count + 1.0)
        return poisson
    size = mean / (dispersion - 1.0)
    binomial: Floats = (
        gammaln(count + size)
        - gammaln(size)
        - gammaln(count + 1.0)
        - size * np.log(dispersion)
        + count * np.log1p(-1.0 / dispersion)
    )
    return binomial


def log_likelihood(eta: Floats, record: DisputeRecord, dispersion: float = 1.0) -> dict[str, float]:
    """Return the log likelihood of onsets by pair, of use of force and of durations.

    The total needs no term of its own: it is the sum of the counts by pair.  Shares are binomial by
    pair; over 1 month, and of these over 6, is the multinomial of the three classes of length.
    """
    successes, trials = _shares(record)
    logit = eta[1:]
    terms = successes * logit - trials * np.logaddexp(0.0, logit)
    terms += gammaln(trials + 1) - gammaln(successes + 1) - gammaln(trials - successes + 1)
    onsets = log_count_probability(record.onsets, np.exp(eta[0]), dispersion)
    return {
        "onsets": float(onsets.sum()),
        "use of force": float(terms[0].sum()),
        "durations": float(terms[1:].sum()),
    }


def _shares(record: DisputeRecord) -> tuple[Floats, Floats]:
    """Return successes and trials of the three logits, each of shape (3, pair)."""
    return record.parts, np.array([record.onsets, record.onsets, record.parts[1]])


def _score(eta: Floats, record: DisputeRecord, dispersion: float) -> tuple[Floats, Floats]:
    """Return first derivatives of the log likelihood by predictor, and Fisher information."""
    successes, trials = _shares(record)
    mean, share = np.exp(eta[0]), expit(eta[1:])
    slope = record.onsets - mean
    if dispersion > 1.0:
        size = mean / (dispersion - 1.0)
        slope = size * (digamma(record.onsets + size) - digamma(size) - np.log(dispersion))
    first = np.vstack([slope, successes - trials * share])
    return first, np.vstack([mean / max(dispersion, 1.0), trials * share * (1.0 - share)])


# ---------------------------------------------------------------------------------------- optimum


@dataclass(frozen=True)
class FreeNumbers:
    """Values of all free numbers.

    Attributes
    ----------
    mean, spread : float
        mu and tau of the log restraint.
    deviation : ndarray, shape (pair,)
        z of each pair.
    factors : ndarray, shape (factor,)
        Logarithms of the factors.
    """

    mean: float
    spread: float
    deviation: Floats
    factors: Floats

    @property
    def log_restraint(self) -> Floats:
        """Log restraint of each pair, shape (pair,)."""
        return self.mean + self.spread * self.deviation

    def with_spread(self, spread: float) -> FreeNumbers:
        """Return the same restraints under another spread."""
        deviation = (self.log_restraint - self.mean) / spread
        return FreeNumbers(self.mean, spread, deviation, self.factors)

    def as_vector(self) -> Floats:
        """Return mu, z and the factors in one vector; the spread is no part of it."""
        return np.concatenate([[self.mean], self.deviation, self.factors])


@dataclass(frozen=True)
class Surface:
    """Predictors at a position, and how they move with it.

    Attributes
    ----------
    at : FreeNumbers
    eta : ndarray, shape (PREDICTORS, pair)
    by_restraint : ndarray, shape (PREDICTORS, pair)
        Slopes by the pair's log restraint.
    by_factor : ndarray, shape (factor, PREDICTORS, pair)
        Slopes by the log of each factor.
    dispersion : float
        Variance over mean of onsets, 1 where they are Poisson.
    """

    at: FreeNumbers
    eta: Floats
    by_restraint: Floats
    by_factor: Floats
    dispersion: float = 1.0

    def moved(self, at: FreeNumbers) -> Surface:
        """Return the same surface seen from another position."""
        eta = self.eta + self.by_restraint * (at.log_restraint - self.at.log_restraint)
        eta = eta + np.tensordot(at.factors - self.at.factors, self.by_factor, axes=1)
        return replace(self, at=at, eta=eta)

    @classmethod
    def averaged(cls, surfaces: Sequence[Surface]) -> Surface:
        """Return the mean of surfaces, seen from the position of the last."""
        at = surfaces[-1].at
        moved = [one.moved(at) for one in surfaces]
        return cls(
            at,
            np.mean([one.eta for one in moved], axis=0),
            np.mean([one.by_restraint for one in moved], axis=0),
            np.mean([one.by_factor for one in moved], axis=0),
            float(np.mean([one.dispersion for one in moved])),
        )

    def slopes(self, spread: float) -> Floats:
        """Return slopes of all predictors by the free numbers, shape (rows, numbers)."""
        n_pairs = self.eta.shape[1]
        own = np.zeros((PREDICTORS, n_pairs, n_pairs))
        own[:, np.arange(n_pairs), np.arange(n_pairs)] = spread * self.by_restraint
        columns = [
            self.by_restraint.reshape(-1, 1),
            own.reshape(-1, n_pairs),
            self.by_factor.reshape(len(self.by_factor), -1).T,
        ]
        return np.hstack(columns)


@dataclass(frozen=True)
class Optimum:
    """The penalised optimum for one spread.

    Attributes
    ----------
    at : FreeNumbers
    objective : float
        Log likelihood plus log prior of mu, z and the factors, but for a constant.
    evidence : float
        The same integrated over mu, z and the factors (Laplace), plus the log prior of tau.
    covariance : ndarray, shape (numbers, numbers)
        Of :meth:`FreeNumbers.as_vector`.
    """

    at: FreeNumbers
    objective: float
    evidence: float
    covariance: Floats


def pooled_slopes(slopes: Floats, disputes: Floats) -> Floats:
    """Draw the slopes of pairs with few simulated disputes to the mean; rows over pairs."""
    common = (slopes * disputes).sum(axis=-1, keepdims=True) / max(float(disputes.sum()), 1.0)
    drawn: Floats = (slopes * disputes + common * SLOPE_DISPUTES) / (disputes + SLOPE_DISPUTES)
    return drawn


def evaluate(surface: Surface, record: DisputeRecord) -> Optimum:
    """Return objective and evidence at the surface's own position, with no move."""
    at, dispersion = surface.at, surface.dispersion
    centre, precision = _prior(len(at.deviation), len(at.factors))
    objective = sum(log_likelihood(surface.eta, record, dispersion).values())
    objective -= 0.5 * float(precision @ (at.as_vector() - centre) ** 2)
    information = _score(surface.eta, record, dispersion)[1]
    hessian = _hessian(surface.slopes(at.spread), information, precision)
    log_determinant = np.linalg.slogdet(hessian)[1] - np.log(precision).sum()
    evidence = objective - 0.5 * log_determinant - 0.5 * (at.spread / SPREAD_PRIOR) ** 2
    covariance: Floats = np.array(np.linalg.inv(hessian))
    return Optimum(at, objective, float(evidence), covariance)


def optimum(surface: Surface, record: DisputeRecord, spread: float) -> Optimum:
    """Maximise the penalised likelihood on a surface by Fisher scoring, for a given spread."""
    start = surface.at.with_spread(spread)
    n_pairs = len(start.deviation)
    slopes, vector = surface.slopes(spread), start.as_vector()
    centre, precision = _prior(n_pairs, len(start.factors))
    best, step = -np.inf, np.zeros_like(vector)
    for _ in range(SCORING_STEPS):
        at = FreeNumbers(float(vector[0]), spread, vector[1 : 1 + n_pairs], vector[1 + n_pairs :])
        eta = surface.moved(at).eta
        value = sum(log_likelihood(eta, record, surface.dispersion).values())
        value -= 0.5 * float(precision @ (vector - centre) ** 2)
        if value < best - ENOUGH:  # the step was too long
            step *= 0.5
            vector = vector - step
            continue
        best = value
        score, information = _score(eta, record, surface.dispersion)
        gradient = slopes.T @ score.ravel() - precision * (vector - centre)
        step[:] = np.linalg.solve(_hessian(slopes, information, precision), gradient)
        if gradient @ step < ENOUGH:
            break
        vector = vector + step
    return evaluate(surface.moved(at), record)


def _hessian(slopes: Floats, information: Floats, precision: Floats) -> Floats:
    hessian: Floats = slopes.T @ (information.reshape(-1, 1) * slopes) + np.diag(precision)
    return hessian


def _prior(n_pairs: int, n_factors: int) -> tuple[Floats, Floats]:
    """Return means and precisions of mu, z and the log factors in one vector each."""
    sd = np.array([MEAN_PRIOR[1], *[1.0] * n_pairs, *[FACTOR_PRIOR] * n_factors])
    return np.array([MEAN_PRIOR[0], *[0.0] * (n_pairs + n_factors)]), sd**-2.0


def best_of(surface: Surface, record: DisputeRecord) -> Optimum:
    """Maximise over all numbers and the spread, which has most evidence (empirical Bayes).

    The spread is sought near that of the surface's position.
    """
    here = np.log(surface.at.spread)
    search = minimize_scalar(
        lambda log_spread: -optimum(surface, record, float(np.exp(log_spread))).evidence,
        bounds=(here - LARGEST_SPREAD_STEP, here + LARGEST_SPREAD_STEP),
        method="bounded",
        options={"xatol": 0.005},
    )
    return optimum(surface, record, float(np.exp(search.x)))


def gain_of(surface: Surface, record: DisputeRecord, ahead: Optimum) -> float:
    """Return what is gained from a surface's position to `ahead`, in log units, at least about 0.

    It is the rise of the objective to the optimum under the present spread, and from there that of
    the evidence.
    """
    present = optimum(surface, record, surface.at.spread)
    rise = present.objective - evaluate(surface, record).objective
    return rise + ahead.evidence - present.evidence


def toward(here: FreeNumbers, to: FreeNumbers) -> FreeNumbers:
    """Return a position on the way to another, no further than slopes hold."""
    move = np.clip(to.log_restraint - here.log_restraint, -LARGEST_STEP, LARGEST_STEP)
    factors = here.factors + np.clip(to.factors - here.factors, -LARGEST_STEP, LARGEST_STEP)
    deviation = (here.log_restraint + move - to.mean) / to.spread
    return FreeNumbers(to.mean, to.spread, deviation, factors)


# ---------------------------------------------------------------------------------------- scoring


def log_rate_variance(surface: Surface, fitted: Optimum, disputes: Floats) -> Floats:
    """Return the posterior variance of each pair's log rate, with that of the simulation.

    `disputes` are the simulated ones of each pair that the rate was estimated from.
    """
    n_pairs = surface.eta.shape[1]
    slopes = surface.slopes(surface.at.spread)[:n_pairs]
    posterior = np.einsum("ij,jk,ik->i", slopes, fitted.covariance, slopes)
    variance: Floats = posterior + 1.0 / (disputes + RATE_DISPUTES)
    return variance


def log_score(
    onsets: Floats, log_rate: Floats, variance: Floats, dispersion: float = 1.0
) -> Floats:
    """Return the log predictive probability of each pair's onsets, its log rate being normal."""
    rates = np.exp(log_rate[:, None] + np.sqrt(variance)[:, None] * _NODES)
    inner = log_count_probability(onsets[:, None], rates, dispersion)
    score: Floats = logsumexp(inner + np.log(_WEIGHTS / _WEIGHTS.sum()), axis=1)
    return score


def gamma_shape_and_rate(onsets: Floats) -> tuple[float, float]:
    """Return the gamma distribution of rates over pairs under which these onsets are likeliest."""

    def unlikelihood(logs: Floats) -> float:
        shape, rate = np.exp(logs)
        return -float(np.sum(nbinom.logpmf(onsets, shape, rate / (1.0 + rate))))

    shape, rate = np.exp(minimize(unlikelihood, [0.0, 0.0], method="Nelder-Mead").x)
    return float(shape), float(rate)


def reference_scores(past: DisputeRecord, scored: DisputeRecord) -> dict[str, float]:
    """Return log scores of what needs no model: each pair's own past rate, and one rate for all.

    A pair's past onsets are drawn to the mean of all by a gamma distribution, without which pairs
    that had none could have none; `plug-in` is the score at the mean rate, `predictive` that with
    the spread of the rate.
    """
    years = scored.years / past.years
    shape, rate = gamma_shape_and_rate(past.onsets)
    mean = (past.onsets + shape) / (rate + 1.0) * years
    chance = (rate + 1.0) / (rate + 1.0 + years)
    uniform = np.full_like(past.onsets, past.onsets.mean() * years)
    predictive = nbinom.logpmf(scored.onsets, past.onsets + shape, chance)
    return {
        "own past rate, plug-in": float(log_count_probability(scored.onsets, mean).sum()),
        "own past rate, predictive": float(np.sum(predictive)),
        "uniform": float(log_count_probability(scored.onsets, uniform).sum()),
    }
