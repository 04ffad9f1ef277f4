"""Rules on many voters and options, against pref_voting where it is installed, else plain loops.

Usage: python benchmarks/rules.py
"""

from importlib.util import find_spec
from itertools import permutations

import numpy as np

from dissensus.system import Ballots, choose
from timing import seconds

VOTERS, OPTIONS = 100_000, 10
NAMES = {
    "borda": "Borda",
    "copeland": "Copeland",
    "schulze": "Beat Path",
    "kemeny": "Kemeny-Young",
}


def rankings(voters, options, seed=0):
    """Random orders that lean towards one order, as rows of options, best first."""
    random = np.random.default_rng(seed)
    worth = np.linspace(1, 0, options)
    return np.argsort(random.gumbel(size=(voters, options)) * 0.8 - worth, axis=1)


def ballots_of(ranks):
    return Ballots.from_ranks([str(i) for i in range(ranks.shape[1])], ranks)


def plain_margins(orders):
    k = len(orders[0])
    above = [[0] * k for _ in range(k)]
    for order in orders:
        for i, a in enumerate(order):
            for b in order[i + 1 :]:
                above[a][b] += 1
    return [[above[a][b] - above[b][a] for b in range(k)] for a in range(k)]


def plain_borda(orders):
    points = [sum(row) for row in plain_margins(orders)]
    return {a for a, p in enumerate(points) if p == max(points)}


def plain_copeland(orders):
    wins = [sum((m > 0) - (m < 0) for m in row) for row in plain_margins(orders)]
    return {a for a, w in enumerate(wins) if w == max(wins)}


def plain_schulze(orders):
    path = [[max(m, 0) for m in row] for row in plain_margins(orders)]
    k = len(path)
    for c in range(k):
        for a in range(k):
            for b in range(k):
                path[a][b] = max(path[a][b], min(path[a][c], path[c][b]))
    return {a for a in range(k) if all(path[a][b] >= path[b][a] for b in range(k) if b != a)}


def plain_kemeny(orders):
    margins = plain_margins(orders)
    k = len(margins)
    worth = {
        order: sum(margins[order[i]][order[j]] for i in range(k) for j in range(i + 1, k))
        for order in permutations(range(k))
    }
    best = max(worth.values())
    return {order[0] for order, w in worth.items() if w == best}


PLAIN = {
    "borda": plain_borda,
    "copeland": plain_copeland,
    "schulze": plain_schulze,
    "kemeny": plain_kemeny,
}


def other_way(rule, orders):
    """Name of the other way, and the work it does; the counting is inside, as it is in ours."""
    if find_spec("pref_voting"):
        from pref_voting import voting_methods
        from pref_voting.profiles import Profile

        method = next(
            m for m in vars(voting_methods).values() if getattr(m, "name", None) == NAMES[rule]
        )
        return "pref_voting", lambda: set(method(Profile(orders.tolist())))
    return "a plain loop", lambda: PLAIN[rule](orders.tolist())


def show(what, ours, other, theirs, most):
    ratio = f"{theirs / ours:8.1f} times faster" if theirs else ""
    beside = f"  {other} {theirs * 1e3:10.1f} ms" if theirs else ""
    print(f"{what:<46} {ours * 1e3:8.2f} ms (at most {most} ms){beside}  {ratio}", flush=True)


def compare(rule, voters, options, most):
    orders = rankings(voters, options)
    other, work = other_way(rule, orders)
    ranks = np.argsort(orders, axis=1) + 1.0
    # a fresh value each time: ballots remember what was counted
    ours = seconds(lambda: choose(rule, ballots_of(ranks)))
    if set(choose(rule, ballots_of(ranks)).winners) != work():
        raise SystemExit(f"{rule}: {other} names other winners")
    show(f"{rule}, {voters:,} voters, {options} options", ours, other, seconds(work, 1), most)


def nash():
    """The largest product over lotteries, against SciPy's general solver from the same start."""
    from scipy.optimize import minimize

    u = np.random.default_rng(0).random((10, 50))
    ballots = Ballots.from_utilities([str(i) for i in range(50)], u)
    gains = u - u.min(axis=1, keepdims=True)

    def plain():
        return minimize(
            lambda p: -np.log(gains @ p).sum(),
            np.full(50, 1 / 50),
            jac=lambda p: -gains.T @ (1 / (gains @ p)),
            bounds=[(0, 1)] * 50,
            constraints={"type": "eq", "fun": lambda p: p.sum() - 1},
            method="SLSQP",
            options={"ftol": 1e-12, "maxiter": 500},
        )

    found = choose("nash-lottery", ballots).trace.numbers
    ours = seconds(lambda: choose("nash-lottery", ballots), 20)
    show("nash-lottery, 10 parts, 50 actions", ours, "SLSQP", seconds(plain, 3), 10)
    worth = gains.T @ (1 / (gains @ plain().x)) / 10
    print(f"  duality gap {found['gap']:.1e} (at most 1e-09); of SLSQP {worth.max() - 1:.1e}")


def main():
    for rule in ("borda", "copeland", "schulze"):
        compare(rule, VOTERS, OPTIONS, most=50)
    compare("kemeny", 1000, 8, most=50)
    ranks = np.argsort(rankings(1000, 12), axis=1) + 1.0
    show(
        "kemeny, 1,000 voters, 12 options",
        seconds(lambda: choose("kemeny", ballots_of(ranks))),
        "",
        None,
        50,
    )
    nash()


if __name__ == "__main__":
    main()
