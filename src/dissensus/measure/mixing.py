"""Mixing: what adding a share of other agents does to misalignment."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["mixed", "peak"]

Floats = npt.NDArray[np.float64]

# values that differ by less are equal
_EQUAL = 1e-12


def mixed(
    share: npt.ArrayLike, own: npt.ArrayLike, cross: npt.ArrayLike, added: npt.ArrayLike
) -> Floats:
    r"""Misalignment of a population to which a share of other agents is added.

    .. math:: V(t) = (1 - t)^2 M_{HH} + 2 t (1 - t) M_{HA} + t^2 M_{AA}

    ================ ========= ========= ======================================================
    symbol           shape     range     meaning
    ================ ========= ========= ======================================================
    :math:`t`        ``(...)`` [0, 1]    ``share`` of the added agents in the whole
    :math:`M_{HH}`   ``(...)`` [0, 1]    ``own``: misalignment of the population
    :math:`M_{HA}`   ``(...)`` [0, 1]    ``cross``: between it and the added agents
    :math:`M_{AA}`   ``(...)`` [0, 1]    ``added``: of the added agents
    ================ ========= ========= ======================================================

    Returns
    -------
    numpy.ndarray
        The population's own value at t = 0, that of the added agents at t = 1.

    References
    ----------
    The block identity of :func:`dissensus.measure.decomposition.decomposition`, for two blocks.

    Examples
    --------
    People split evenly, and models that all hold one of the two goals:

    >>> mixed([0, 0.5, 1], 0.5, 0.5, 0).tolist()
    [0.5, 0.375, 0.0]
    """
    t, hh, ha, aa = (np.asarray(x, dtype=np.float64) for x in (share, own, cross, added))
    value: Floats = (1 - t) ** 2 * hh + 2 * t * (1 - t) * ha + t**2 * aa
    return value


def peak(own: npt.ArrayLike, cross: npt.ArrayLike, added: npt.ArrayLike) -> tuple[Floats, Floats]:
    r"""Share of added agents at which misalignment is largest, and how large it is there.

    .. math:: t^* = \frac{M_{HA} - M_{HH}}{2 M_{HA} - M_{HH} - M_{AA}}

    if the excess below is positive and t is in [0, 1]; else the end with the larger value, 0 if
    both are equal.

    Returns
    -------
    tuple of arrays
        The share and the value: 0 if adding such agents only lowers misalignment, 1 if the more
        of them the more of it. NaN where a part is undefined.

    Examples
    --------
    Two camps that are at one within: half and half.

    >>> [float(part) for part in peak(0, 1, 0)]
    [0.5, 0.5]
    """
    hh, ha, aa = np.broadcast_arrays(
        *(np.asarray(x, dtype=np.float64) for x in (own, cross, added))
    )
    excess = 2 * ha - hh - aa
    inner = np.full(hh.shape, np.nan)
    np.divide(ha - hh, excess, out=inner, where=excess > _EQUAL)
    ends = np.where(aa > hh + _EQUAL, 1.0, 0.0)
    inside = (inner > 0) & (inner < 1)
    share = np.where(inside, inner, ends)
    share = np.where(np.isnan(hh + ha + aa), np.nan, share)
    return share, mixed(share, hh, ha, aa)
