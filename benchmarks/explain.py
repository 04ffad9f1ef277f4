"""Why: within, between and all pairs of segments for 100 areas x 200 segments, beyond counting."""

import numpy as np
import pyarrow as pa

from timing import seconds

AREAS, SEGMENTS, GOALS = 100, 200, 5


def main():
    import dissensus as ds
    from dissensus.engine.counting import count

    rng = np.random.default_rng(0)
    size = AREAS * SEGMENTS * GOALS
    rows = pa.table(
        {
            "area": np.repeat(np.arange(AREAS), SEGMENTS * GOALS),
            "segment": np.tile(np.repeat(np.arange(SEGMENTS), GOALS), AREAS),
            "goal": np.tile(list("abcde"), AREAS * SEGMENTS),
            "count": rng.integers(0, 50, size),
        }
    )
    population = ds.Population(rows, goal="goal", count="count", area="area")
    counting = seconds(lambda: count(population, by=["segment"]), 5)
    for name, given in (
        ("exclusive", {}),
        ("ordinal", {"conflict": "ordinal", "levels": list("abcde")}),
    ):
        whole = seconds(lambda given=given: ds.explain(population, by="segment", **given), 5)
        print(
            f"{AREAS} areas x {SEGMENTS} segments, {name}: all {whole:.2f} s, counting "
            f"{counting:.2f} s, beyond it {whole - counting:.2f} s (at most 1)"
        )


if __name__ == "__main__":
    main()
