"""Polarisation, cohesion and agreement, as other fields measure them on the same shares."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from dissensus.measure.friction import friction
from dissensus.model.conflict import Conflict

__all__ = ["agreement_index", "esteban_ray", "reynal_querol", "rice", "van_der_eijk"]

Floats = npt.NDArray[np.float64]


def rice(shares: npt.ArrayLike) -> Floats:
    r"""Rice's index of cohesion: the majority's lead over the minority.

    .. math:: |p_1 - p_2|, \qquad V = \frac{1 - \mathrm{Rice}^2}{2}

    ============== ============ ========= ==================================================
    symbol         shape        range     meaning
    ============== ============ ========= ==================================================
    :math:`p`      ``(..., 2)`` [0, 1]    ``shares`` of two options among those who chose one
    ============== ============ ========= ==================================================

    Returns
    -------
    numpy.ndarray
        1 if all are on one side, 0 if both sides are equal.

    References
    ----------
    [rice1928]_.

    Examples
    --------
    >>> rice([0.75, 0.25]).tolist()
    0.5
    """
    p = np.asarray(shares, dtype=np.float64)
    lead: Floats = np.abs(p[..., 0] - p[..., 1])
    return lead


def agreement_index(shares: npt.ArrayLike) -> Floats:
    r"""Agreement index of roll-call work: the lead of the largest of three options.

    .. math:: \max_i p_i - \frac{1 - \max_i p_i}{2}

    ============== ============ ========= ==================================================
    symbol         shape        range     meaning
    ============== ============ ========= ==================================================
    :math:`p`      ``(..., 3)`` [0, 1]    ``shares`` of yes, no, abstain; they sum to 1
    ============== ============ ========= ==================================================

    Returns
    -------
    numpy.ndarray
        1 if all do the same, 0 if a third does each.

    References
    ----------
    [hix2005]_.

    Examples
    --------
    >>> agreement_index([0.5, 0.25, 0.25]).tolist()
    0.25
    """
    most = np.asarray(shares, dtype=np.float64).max(axis=-1)
    value: Floats = most - (1 - most) / 2
    return value


def reynal_querol(shares: npt.ArrayLike) -> Floats:
    r"""Polarisation by Reynal-Querol: how close the groups are to two equal ones.

    .. math:: 4 \sum_g p_g^2 (1 - p_g)

    ============== ============ ========= ==================================================
    symbol         shape        range     meaning
    ============== ============ ========= ==================================================
    :math:`p_g`    ``(..., k)`` [0, 1]    ``shares`` of those with a goal; they sum to 1
    ============== ============ ========= ==================================================

    Returns
    -------
    numpy.ndarray
        0 if all hold one goal, 1 if two goals are held by one half each; more goals make it
        smaller again, unlike misalignment.

    References
    ----------
    [reynalquerol2002]_.

    Examples
    --------
    >>> reynal_querol([[0.5, 0.5, 0], [0.25, 0.25, 0.5]]).tolist()
    [1.0, 0.875]
    """
    p = np.asarray(shares, dtype=np.float64)
    value: Floats = 4 * (p**2 * (1 - p)).sum(axis=-1)
    return value


def esteban_ray(
    shares: npt.ArrayLike, conflict: Conflict | npt.ArrayLike, sensitivity: float = 1.0
) -> Floats:
    r"""Polarisation by Esteban and Ray, with conflict as the distance between groups.

    .. math:: \sum_{g,h} p_g^{1 + \alpha} p_h C_{gh}

    ================ ============ ============ ==============================================
    symbol           shape        range        meaning
    ================ ============ ============ ==============================================
    :math:`p_g`      ``(..., k)`` [0, 1]       ``shares`` of those with a goal
    :math:`C_{gh}`   ``(k, k)``   [0, 1]       ``conflict``
    :math:`\alpha`                (0, 1.6]     ``sensitivity``: how much agents identify with
                                               those who hold the same
    ================ ============ ============ ==============================================

    Returns
    -------
    numpy.ndarray
        0 if nothing conflicts; largest for two equal groups at the greatest distance, where it is
        :math:`2^{-1 - \alpha}`. With :math:`\alpha = 0` it would be the misalignment; with 1 and
        exclusive goals it is a quarter of Reynal-Querol's.

    References
    ----------
    [esteban1994]_; the scale K is 1.

    Examples
    --------
    >>> esteban_ray([0.5, 0.5], [[0, 1], [1, 0]]).tolist()
    0.25
    """
    p = np.asarray(shares, dtype=np.float64)
    value: Floats = (p ** (1 + sensitivity) * friction(p, conflict)).sum(axis=-1)
    return value


def van_der_eijk(masses: npt.ArrayLike) -> Floats:
    r"""Agreement A of van der Eijk: how far answers on ordered levels have one peak.

    .. math::

        A = \sum_l w_l\, U_l \Bigl(1 - \frac{S_l - 1}{K - 1}\Bigr), \qquad
        U = \frac{(K - 2) T_U - (K - 1) T_D}{(K - 2)(T_U + T_D)}

    ================ ============ ========= =================================================
    symbol           shape        range     meaning
    ================ ============ ========= =================================================
    :math:`K`                     >= 3      levels, from lowest to highest, in ``masses``
                                            (..., K)
    :math:`l`                               layers: the levels are peeled off by the smallest
                                            mass that is left
    :math:`w_l`                   [0, 1]    part of the mass in the layer
    :math:`S_l`                   1 .. K    levels that the layer covers
    :math:`T_U, T_D`              >= 0      triples of levels with one peak (110, 011) and with
                                            a gap (101); U = 1 without either
    ================ ============ ========= =================================================

    Returns
    -------
    numpy.ndarray
        1 if all choose one level, 0 if all levels are chosen equally, -1 if one half stands at
        each end. NaN without mass.

    References
    ----------
    [vandereijk2001]_.

    Examples
    --------
    >>> round(float(van_der_eijk([30, 40, 210, 130, 530, 50, 10])), 7)
    0.6113333
    """
    given = np.asarray(masses, dtype=np.float64)
    flat = given.reshape(-1, given.shape[-1])
    out = np.array([_layered(row) for row in flat])
    return out.reshape(given.shape[:-1])


def _layered(row: Floats) -> float:
    total = float(row.sum())
    if not total > 0:
        return float("nan")
    value, left = 0.0, np.sort(np.unique(np.append(row, 0.0)))
    for low, high in pairwise(left):
        covered = row >= high
        value += float((high - low) * covered.sum()) * _of_layer(covered)
    return value / total


def _of_layer(covered: npt.NDArray[np.bool_]) -> float:
    """Agreement of a layer: which levels it covers is all that counts."""
    k = len(covered)
    size = int(covered.sum())
    on = np.flatnonzero(covered)
    off = np.flatnonzero(~covered)
    below = np.searchsorted(on, off)
    gaps = int((below * (size - below)).sum())
    pairs = size * (size - 1) // 2
    peaks = pairs * (k - size) - gaps
    unimodal = 1.0
    if peaks + gaps:
        unimodal = ((k - 2) * peaks - (k - 1) * gaps) / ((k - 2) * (peaks + gaps))
    return unimodal * (1 - (size - 1) / (k - 1))
