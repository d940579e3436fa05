"""How a colour looks in grey, and to people who lack one kind of cone.

Source: Machado, Oliveira & Fernandes (2009), IEEE Transactions on Visualization and Computer Graphics 15(6), table 1 at
full severity, applied to linear RGB; lightness as in CIE 1976 (L*).
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

VISION = MappingProxyType(
    {
        "usual": np.eye(3),
        "protanopia": np.array(
            [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
        ),
        "deuteranopia": np.array(
            [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
        ),
    }
)
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # of linear sRGB


def linear(rgb: ArrayLike) -> NDArray[np.float64]:
    """sRGB in [0, 1] as linear light, (..., 3)."""
    value = np.asarray(rgb, float)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def encoded(light: ArrayLike) -> NDArray[np.float64]:
    """Linear light as sRGB in [0, 1], (..., 3)."""
    value = np.clip(np.asarray(light, float), 0, 1)
    return np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055)


def seen_with(vision: str, rgb: ArrayLike) -> NDArray[np.float64]:
    """sRGB as somebody with this vision sees it, (..., 3)."""
    return encoded(linear(rgb) @ VISION[vision].T)


def lightness(rgb: ArrayLike) -> NDArray[np.float64]:
    """L* of sRGB: 0 black, 100 white, (...)."""
    luminance = linear(rgb) @ LUMINANCE
    return np.where(luminance <= 216 / 24389, luminance * 24389 / 27, 116 * np.cbrt(luminance) - 16)
