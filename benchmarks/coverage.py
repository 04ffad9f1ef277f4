"""How often intervals by test inversion hold the value: coverage and median width.

Usage: python benchmarks/coverage.py [REPEATS]       (prints a table; 400 unless given)
       python benchmarks/coverage.py speed           (4,000 intervals)
"""

import sys

import numpy as np
from scipy.stats import norm

from timing import seconds

SIZES = (30, 100, 200, 1_000, 5_000)
LEVEL = 0.95


def shapes(k):
    """Shares of goals; the last of 'silent' holds none."""
    even = np.full(k, 1 / k)
    skewed = 0.5 ** np.arange(k)
    near = np.full(k, 0.03 / (k - 1))
    near[0] = 0.97
    tilted = even * (1 + 0.04 * np.cos(np.arange(k)))
    out = {"uniform": even, "skewed": skewed / skewed.sum(), "near zero": near}
    out["near maximum"] = tilted / tilted.sum()
    return out


def cases():
    for k in (2, 3, 5, 8):
        table = 1.0 - np.eye(k)
        for name, shares in shapes(k).items():
            yield f"{name}, k = {k}", shares, table
        silent = np.append(0.4 * shapes(k)["skewed"], 0.6)
        grown = np.zeros((k + 1, k + 1))
        grown[:k, :k] = table
        yield f"no goal heavy, k = {k}", silent, grown
    graded = np.array([[0, 0.2, 0.5], [0.2, 0, 0.9], [0.5, 0.9, 0]])
    yield "graded, k = 3", np.array([0.2, 0.5, 0.3]), graded
    pair = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0.0]])
    yield "one pair of three", np.array([0.4, 0.3, 0.3]), pair


def coverage(repeats):
    from dissensus.measure.uncertainty.inversion import interval

    error = 100 * (0.05 * 0.95 / repeats) ** 0.5
    print(f"{repeats} samples each; standard error of a coverage {error:.1f} %")
    print(f"{'':<24}" + "".join(f"{f'n = {n:,}':>18}" for n in SIZES))
    worst = 1.0
    for number, (name, shares, table) in enumerate(cases()):
        value = shares @ table @ shares
        cells = []
        for n in SIZES:
            rng = np.random.default_rng(1000 * number + n)
            counts = rng.multinomial(n, shares, size=repeats)
            found = interval(counts, table, LEVEL, seed=number)
            held = np.mean((found.low <= value + 1e-9) & (found.high >= value - 1e-9))
            worst = min(worst, held)
            cells.append(f"{held:8.3f} ({np.median(found.high - found.low):.4f})")
        print(f"{name:<24}" + "".join(f"{cell:>18}" for cell in cells), flush=True)
    print(f"lowest coverage {worst:.3f} (at least .93)")


def tally_of(counts):
    """Tally of one or more areas: counts (areas, segments, k)."""
    import pyarrow as pa

    from dissensus.model.keys import Keys
    from dissensus.model.tally import Mass, Tally

    areas, segments, k = counts.shape
    cells = areas * segments
    return Tally(
        areas=Keys(pa.table({"area": np.arange(areas)}), areas),
        segments=Keys(pa.table({"segment": np.arange(segments)}), segments),
        goals=pa.array([str(g) for g in range(k)]),
        area_offsets=np.arange(areas + 1) * k,
        area_goals=np.tile(np.arange(k), areas),
        cell_area=np.repeat(np.arange(areas), segments),
        cell_segment=np.tile(np.arange(segments), areas),
        entry_offsets=np.arange(cells + 1) * k,
        entry_goal=np.tile(np.arange(k), cells),
        entries=Mass(counts.reshape(-1).astype(np.int64)),
        kinds=(),
        silent=Mass(np.zeros((cells, 0), dtype=np.int64)),
    )


def units_of(tally, unit=None):
    """Agents of a tally as units: told apart by ``unit``, or not."""
    from dissensus.model.units import Units, slot_offsets

    k = int(tally.goal_counts[0])
    slot = (slot_offsets(tally)[:-1][:, None] + np.arange(k)).ravel()
    held = tally.entries.agents
    zeros = np.zeros
    if unit is None:
        whole = np.array([[int(tally.population.agents.max(initial=0))]])
        nobody = zeros(0, np.int64)
        return Units(
            slot,
            zeros(len(slot), np.int64),
            None,
            held.astype(float),
            held.astype(float),
            True,
            whole,
            nobody,
            nobody,
            nobody,
            ("",),
        )
    slots = np.repeat(slot, held)
    n = len(np.unique(unit))
    members = np.arange(n)
    return Units(
        slots,
        zeros(len(slots), np.int64),
        unit,
        np.ones(len(slots)),
        np.ones(len(slots)),
        True,
        np.array([[n]]),
        zeros(n, np.int64),
        members,
        zeros(n, np.int64),
        ("",),
    )


def pairs(repeats):
    """Misalignment between two segments of n agents each."""
    from dissensus.measure.between import between
    from dissensus.measure.uncertainty.estimates import estimates_of_pairs
    from dissensus.measure.uncertainty.spread import Drawing, spread_of
    from dissensus.model.conflict import AreaConflicts

    worst = 1.0
    print("between two segments")
    for k in (2, 5, 8):
        for name, shares in shapes(k).items():
            other = shares[::-1] if name in ("skewed", "near maximum") else shares
            value = 1 - shares @ other
            cells = []
            for n in SIZES:
                rng = np.random.default_rng(n + k)
                one, two = rng.multinomial(n, shares, repeats), rng.multinomial(n, other, repeats)
                tally = tally_of(np.stack([one, two], axis=1))
                conflicts = AreaConflicts(np.zeros(repeats, dtype=np.int64))
                spread = spread_of(tally, units_of(tally), Drawing())
                found = estimates_of_pairs(tally, conflicts, between(tally, conflicts), spread)
                held = np.mean((found.low <= value + 1e-9) & (found.high >= value - 1e-9))
                worst = min(worst, held)
                cells.append(f"{held:8.3f} ({np.median(found.high - found.low):.4f})")
            print(f"{f'{name}, k = {k}':<24}" + "".join(f"{c:>18}" for c in cells), flush=True)
    print(f"lowest coverage {worst:.3f} (at least .93)")


def means(repeats, areas=10):
    """Means over areas in which the same agents stand, who lean the same way in all of them."""
    from dissensus.measure.uncertainty.cells import errors_of_cells
    from dissensus.measure.uncertainty.estimates import estimates_of_cells
    from dissensus.measure.uncertainty.means import errors_of_means
    from dissensus.measure.uncertainty.spread import Drawing, spread_of
    from dissensus.model.conflict import AreaConflicts

    worst = 1.0
    print(f"mean over {areas} fixed areas")
    for k in (2, 5):
        for name, shares in shapes(k).items():
            value, cut = 1 - shares @ shares, shares.cumsum()[:-1]
            cells = []
            for n in (30, 100, 1_000):
                rng = np.random.default_rng(n + k)
                held, widths = [], []
                for _ in range(repeats):
                    lean = rng.normal(0, 1, n)[:, None] * 0.6
                    place = norm.cdf(lean + rng.normal(0, 1, (n, areas)) * 0.8)
                    goal = np.searchsorted(cut, place)
                    counts = np.stack([np.bincount(g, minlength=k) for g in goal.T])
                    tally = tally_of(counts[:, None, :])
                    unit = np.argsort(goal, axis=0, kind="stable").T.ravel()
                    conflicts = AreaConflicts(np.zeros(areas, dtype=np.int64))
                    spread = spread_of(tally, units_of(tally, unit), Drawing())
                    errors = errors_of_cells(tally, conflicts, None)
                    one = estimates_of_cells(tally, conflicts, errors, spread)
                    found = errors_of_means(one, np.zeros(areas, dtype=np.int64), 1, None, spread)
                    held.append(found.low[0] <= value + 1e-9 and found.high[0] >= value - 1e-9)
                    widths.append(found.high[0] - found.low[0])
                worst = min(worst, np.mean(held))
                cells.append(f"{np.mean(held):8.3f} ({np.median(widths):.4f})")
            print(f"{f'{name}, k = {k}':<24}" + "".join(f"{c:>18}" for c in cells), flush=True)
    print(f"lowest coverage {worst:.3f} (at least .93)")


def designs(repeats):
    from dissensus.measure.uncertainty.areas import influence_in_areas, mean_of_areas
    from dissensus.measure.uncertainty.design import Design, misalignment_by_design

    table = 1.0 - np.eye(3)
    shares = np.array([0.5, 0.3, 0.2])
    rng = np.random.default_rng(5)
    for name, clusters, size, spread, weighted in (
        ("weighted, n = 300", 300, 1, None, True),
        ("25 clusters of 12", 25, 12, 8.0, False),
        ("60 clusters of 10", 60, 10, 8.0, False),
        ("200 clusters of 10, weighted", 200, 10, 8.0, True),
    ):
        held, widths = [], []
        # the value of all clusters together
        value = shares @ table @ shares
        for _ in range(repeats):
            own = (
                rng.dirichlet(shares * spread, clusters)
                if spread
                else np.tile(shares, (clusters, 1))
            )
            goal = np.concatenate([rng.choice(3, size, p=part) for part in own])
            code = np.repeat(np.arange(clusters), size)
            weights = rng.lognormal(0, 0.7, len(goal)) if weighted else None
            found = misalignment_by_design(goal, table, 3, Design(clusters=code), weights=weights)
            held.append(found.interval_low <= value <= found.interval_high)
            widths.append(found.interval_high - found.interval_low)
        print(f"{name:<32} {np.mean(held):.3f} ({np.median(widths):.4f})", flush=True)
    for areas, drawn in ((30, "fixed"), (30, "sampled"), (100, "sampled")):
        held = []
        pool = rng.dirichlet(np.ones(3), 4000)
        pool_value = np.mean(1 - (pool**2).sum(axis=1))
        for _ in range(repeats):
            chosen = pool[rng.choice(len(pool), areas, replace=False)]
            lean = rng.normal(0, 1, 200)
            noise = lean[:, None] * 0.5 + rng.normal(0, 1, (200, areas)) * 0.75**0.5

            place = norm.cdf(noise)
            cut = chosen.cumsum(axis=1)
            goal = (place[:, :, None] > cut[None, :, :2]).sum(axis=2)
            values, pull = influence_in_areas(goal, [table] * areas)
            found = mean_of_areas(values, pull, drawn)
            target = pool_value if drawn == "sampled" else np.mean(1 - (chosen**2).sum(axis=1))
            held.append(abs(found.mean - target) <= 1.96 * found.standard_error)
        print(f"{f'{areas} {drawn} areas, n = 200':<32} {np.mean(held):.3f}", flush=True)


def speed():
    from dissensus.measure.uncertainty.inversion import interval

    rng = np.random.default_rng(0)
    for k in (2, 3, 5):
        shares = rng.dirichlet(np.ones(k), 4_000)
        counts = np.array(
            [
                rng.multinomial(n, p)
                for n, p in zip(rng.integers(30, 5_000, 4_000), shares, strict=True)
            ]
        )
        took = seconds(lambda counts=counts, k=k: interval(counts, 1.0 - np.eye(k)), 1)
        print(f"4,000 intervals, k = {k}, n = 30 .. 5,000: {took:.1f} s (at most 10)", flush=True)


def main():
    if sys.argv[1:] == ["speed"]:
        speed()
        return
    if sys.argv[1:2] in (["coverage"], ["pairs"], ["means"], ["designs"]):
        globals()[sys.argv[1]](int(sys.argv[2]) if len(sys.argv) > 2 else 200)
        return
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    coverage(repeats)
    pairs(repeats)
    means(max(repeats // 2, 50))
    designs(max(repeats // 2, 50))
    speed()


if __name__ == "__main__":
    main()
