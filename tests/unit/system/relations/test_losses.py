"""Training losses: each falls towards what its relation asks for, by its own gradient."""

import numpy as np
import pytest
from scipy.optimize import check_grad, minimize

from dissensus.system.relations import (
    assistance_nll,
    bradley_terry,
    bradley_terry_nll,
    catalogue,
    copy_divergence,
    cross_entropy,
    fairest,
    fit_luce,
    improvement_loss,
    luce_nll,
    worst_off_loss,
)
from dissensus.system.relations.satisfaction import satisfaction

RANDOM = np.random.default_rng(3)
OFFERED = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1], [1, 1, 1, 1]], dtype=bool)
CHOSEN = RANDOM.random(OFFERED.shape) * OFFERED
CHOSEN /= CHOSEN.sum(axis=1, keepdims=True)
U = RANDOM.random((3, 4))
WINS = RANDOM.integers(1, 9, (4, 4)) * (1 - np.eye(4))
H1 = [[1, 0, 0, 0.7], [1, 0.1, 0, 0.6], [0, 0, 1, 0.7]]

CASES = {
    "obey": (cross_entropy, ([0.1, 0.2, 0.3, 0.4],)),
    "irl": (luce_nll, (OFFERED, CHOSEN)),
    "assistance": (assistance_nll, (U, OFFERED, CHOSEN)),
    "rlhf": (bradley_terry_nll, (WINS,)),
    "no-veto": (worst_off_loss, (U,)),
    "pareto": (improvement_loss, (U, [0.3, 0.6, 0.2])),
    "whole-system": (copy_divergence, (CHOSEN,)),
}


def test_every_relation_has_its_loss_or_a_reason():
    for known in catalogue():
        if known.name in CASES:
            assert known.loss is CASES[known.name][0]
            assert not known.without_loss
        else:
            assert known.loss is None
            assert known.without_loss


@pytest.mark.parametrize("name", CASES)
def test_gradient_is_that_of_the_value(name):
    loss, arguments = CASES[name]
    point = RANDOM.normal(size=3 if name == "assistance" else 4)
    error = check_grad(lambda x: loss(x, *arguments)[0], lambda x: loss(x, *arguments)[1], point)
    assert error < 1e-6


def minimised(loss, start, *arguments):
    found = minimize(loss, start, args=arguments, jac=True, method="BFGS", options={"gtol": 1e-9})
    return found.x, found.fun


def test_cross_entropy_ends_at_the_instruction():
    logits, _ = minimised(cross_entropy, np.zeros(3), [0.5, 0.3, 0.2])
    assert np.exp(logits) / np.exp(logits).sum() == pytest.approx([0.5, 0.3, 0.2], abs=1e-6)


def test_luce_and_bradley_terry_end_at_their_fits():
    menus = [tuple(np.flatnonzero(row).tolist()) for row in OFFERED]
    u, _ = minimised(luce_nll, np.zeros(4), OFFERED, CHOSEN)
    assert u - u.mean() == pytest.approx(fit_luce(menus, CHOSEN).utilities, abs=1e-5)
    r, _ = minimised(bradley_terry_nll, np.zeros(4), WINS)
    assert r - r.mean() == pytest.approx(bradley_terry(WINS).utilities, abs=1e-5)


def test_copies_end_at_their_mean():
    copies = [[1, 0, 0], [0, 1, 0], [0, 1, 0]]
    logits, value = minimised(copy_divergence, np.zeros(3), copies)
    policy = np.exp(logits) / np.exp(logits).sum()
    assert policy == pytest.approx([1 / 3, 2 / 3, 0], abs=1e-4)
    assert value == pytest.approx(np.log(3) / 3 + 2 * np.log(1.5) / 3, abs=1e-5)


def test_worst_off_ends_at_the_fairest_lottery():
    values, _ = satisfaction(H1)
    logits = np.zeros(4)
    for step in range(20_000):
        logits -= 20 / (1 + step) ** 0.6 * worst_off_loss(logits, values)[1]
    assert 1 - worst_off_loss(logits, values)[0] == pytest.approx(fairest(H1)[0], abs=5e-3)


def test_improvement_prices_every_loss():
    values, _ = satisfaction([[1, 0, 0.8], [0, 1, 0.8]])
    today = values @ [0.5, 0.5, 0]
    compromise, _ = improvement_loss([-30, -30, 30], values, today)
    dictate, _ = improvement_loss([30, -30, -30], values, today)
    assert compromise == pytest.approx(-0.3)
    assert dictate == pytest.approx(10 * 0.5 / 2)
