"""Columns of what other fields measure."""

from __future__ import annotations

from dissensus.model.columns.column import SHARE, Column

__all__ = ["CATALOGUE"]

CATALOGUE = (
    Column(
        "shannon",
        "Shannon",
        "H",
        "bits",
        "[0, log2 k]",
        "Entropy of the goals held, in bits: what one learns from an agent's goal.",
    ),
    Column(
        "effective_number",
        "effective number",
        "qD",
        "camps",
        "[1, k]",
        "As many equal, fully conflicting camps are as diverse; of order 2 it is 1 / (1 - V).",
    ),
    Column(
        "fractionalisation",
        "fractionalisation",
        "1 - sum p^2",
        "probability",
        SHARE,
        "ELF: chance that two holders of a goal hold different ones, however these conflict.",
    ),
    Column(
        "rice",
        "Rice",
        "|p_1 - p_2|",
        "probability",
        SHARE,
        "Lead of the larger of two sides among those who took one; 1 is unanimous.",
    ),
    Column(
        "agreement_index",
        "agreement index",
        "",
        "probability",
        SHARE,
        "Lead of the largest of three options, no goal being one; 1 is unanimous.",
    ),
    Column(
        "reynal_querol",
        "Reynal-Querol",
        "",
        "probability",
        SHARE,
        "Polarisation: 1 for two equal groups, less for more.",
    ),
    Column(
        "esteban_ray",
        "Esteban-Ray",
        "",
        "index",
        "[0, 0.5]",
        "Polarisation with conflict as distance; largest for two equal, opposed groups.",
    ),
    Column(
        "van_der_eijk",
        "van der Eijk's A",
        "A",
        "difference",
        "[-1, 1]",
        "Agreement on ordered levels: 1 one level, 0 all equally, -1 half at each end.",
    ),
)
