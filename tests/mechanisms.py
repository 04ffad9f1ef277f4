"""Results of mechanisms that have something to draw."""

import dissensus as ds

__all__ = ["deliberation", "every_mechanism", "levels", "meta_preferences", "scale"]


def scale() -> ds.Result:
    """Two parts, one nine times harder: the common option wins between 1.3 and 10."""
    parts = [
        ds.Part("easy", [1, 0, 0.55], hardness=1),
        ds.Part("hard", [0, 1.2, 0.6], hardness=9),
    ]
    world = ds.World.of(["a0", "a1", "a2"])
    two = ds.System(parts, world, "utilitarian", comparability="unit")
    return ds.simulate(two, "scale", compute=[1, 100])


def levels() -> ds.Result:
    """Three teams of three, of which two choose A."""
    world = ds.World.of(["A", "B"])

    def team(goals: str) -> ds.System:
        members = [ds.Part(f"member {i}", order=goal) for i, goal in enumerate(goals)]
        return ds.System(members, world, "plurality")

    teams = [
        ds.Part(f"team {i}", inner=team(goals)) for i, goals in enumerate(["AAB", "AAB", "BBB"], 1)
    ]
    return ds.simulate(ds.System(teams, world, "plurality"), "levels")


def meta_preferences(names: str = "abc") -> ds.Result:
    """Preferences that each endorse themselves."""
    parts = [ds.Part(name, [float(name == other) for other in names]) for name in names]
    system = ds.System(parts, ds.World.of(list(names)), "utilitarian", comparability="unit")
    own = [[float(name == other) for other in names] for name in names]
    return ds.simulate(system, "meta-preferences", endorsement=own, sharpness=4, starts=200)


def deliberation() -> ds.Result:
    """Three who listen to one another."""
    parts = [ds.Part("x", [1, 0]), ds.Part("y", [0.4, 0.6]), ds.Part("z", [0, 1])]
    system = ds.System(parts, ds.World.of(["a", "b"]), "utilitarian", comparability="unit")
    listens = [[0.5, 0.5, 0], [0.25, 0.5, 0.25], [0, 0.5, 0.5]]
    return ds.simulate(system, "deliberation", model="degroot", influence=listens)


def every_mechanism() -> list[ds.Result]:
    """One system under mechanisms that draw each in their own way."""
    parts = [ds.Part("x", [1, 0, 0.55], hardness=1), ds.Part("y", [0, 1.2, 0.6], hardness=9)]
    world = ds.World.of(["a0", "a1", "a2"])
    system = ds.System(parts, world, "utilitarian", comparability="unit")
    return [
        ds.audit(system, draws=0),
        ds.simulate(system, "bargaining"),
        ds.simulate(system, "scale", compute=[1, 100]),
        ds.simulate(system, "deliberation", model="degroot"),
        ds.simulate(system, "market"),
        ds.simulate(
            system, "meta-preferences", endorsement=[[1, 0], [0, 1]], sharpness=2.5, starts=200
        ),
    ]
