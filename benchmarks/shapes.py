"""Many segments, many areas: what comes after counting."""

import numpy as np
import pyarrow as pa

from timing import seconds

SEGMENTS, GOALS, AREAS = 1_000, 100, 1_000_000


def many_segments():
    import dissensus as ds
    from dissensus.engine.counting import count
    from dissensus.measure.misalignment import within
    from dissensus.model.conflict import AreaConflicts, Exclusive

    rng = np.random.default_rng(0)
    rows = pa.table(
        {
            "segment": np.repeat(np.arange(SEGMENTS), GOALS),
            "goal": np.tile([f"goal {i}" for i in range(GOALS)], SEGMENTS),
            "count": rng.integers(1, 50, SEGMENTS * GOALS),
        }
    )
    population = ds.Population(rows, goal="goal", count="count")
    tally = count(population, by=["segment"]).tally
    conflicts = AreaConflicts(np.zeros(1, dtype=np.int64))
    shares = rng.dirichlet(np.ones(GOALS), SEGMENTS)
    counting = seconds(lambda: count(population, by=["segment"]), 5)
    array = seconds(lambda: ds.misalignment_of_shares(shares, Exclusive()), 20)
    pairs = seconds(lambda: ds.misalignment_between_shares(shares, shares, Exclusive()), 20)
    product = seconds(lambda: shares @ shares.T, 20)
    cells = seconds(lambda: within(tally, conflicts, "with-replacement"), 20)
    result = seconds(lambda: ds.between(population, by="segment"), 5)
    print(f"{SEGMENTS:,} segments x {GOALS} goals; counting {counting * 1e3:.1f} ms")
    print(f"  within, array of shares  {array * 1e3:8.2f} ms (at most 1)")
    print(f"  within, from the tally   {cells * 1e3:8.2f} ms")
    print(
        f"  between, {SEGMENTS} x {SEGMENTS} array {pairs * 1e3:6.2f} ms (at most 10), "
        f"the bare product {product * 1e3:.2f} ms, ratio {pairs / product:.1f}"
    )
    print(f"  the Result, less counting{(result - counting) * 1e3:8.2f} ms (at most 100)")


def many_areas():
    import dissensus as ds
    from dissensus.engine.counting import grouped_rows, prepared
    from dissensus.engine.rows import Keys
    from dissensus.engine.sources import collect

    rng = np.random.default_rng(0)
    rows = pa.table(
        {
            "area": np.repeat(np.arange(AREAS), 4),
            "goal": np.tile(["a", "b", "c", "d"], AREAS),
            "count": rng.integers(1, 50, 4 * AREAS),
        }
    )
    population = ds.Population(rows, count="count", check="none")
    counting = seconds(lambda: collect(grouped_rows(prepared(population, Keys(None, ())))), 3)
    whole = seconds(lambda: ds.misalignment(population), 3)
    print(f"{AREAS:,} areas of 4 goals; counting {counting:.2f} s, all {whole:.2f} s")
    print(f"  beyond counting {whole - counting:.2f} s (at most 3)")


if __name__ == "__main__":
    many_segments()
    many_areas()
