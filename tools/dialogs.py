"""Dialogs of a product that does not exist.

Owns what each dialog of "Coldframe" shows. It must not know file names or formats.
"""

from __future__ import annotations

from tools.drawing import LIGHT, Canvas
from tools.screens import dashboard
from tools.widgets import SCREEN, button, checkmark, dialog, field, leaf


def sign_in() -> Canvas:
    """Draw the sign-in dialog."""
    width, height = SCREEN
    canvas = Canvas(width, height, LIGHT.side)
    canvas.blend_down("#1d6146", "#0d2b20")
    for x, y, size in ((60, 430, 250), (940, -50, 300), (1010, 540, 130), (190, 130, 90)):
        leaf(canvas, (x, y), size, "#1f6549", "#174d39")
    left, top = 370, 80
    canvas.shadow((left, top, 460, 590), radius=20, blur=26, strength=0.5)
    canvas.box((left, top, 460, 590), LIGHT.surface, radius=20)
    leaf(canvas, (left + 209, top + 34), 42, LIGHT.accent, LIGHT.surface)
    canvas.text(
        (600, top + 118), "Sign in to Coldframe", LIGHT.ink, size=29, bold=True, align="middle"
    )
    canvas.text((600, top + 156), "Willow Lane Nursery", LIGHT.muted, size=19, align="middle")
    name = "maria@example.org"
    field(canvas, LIGHT, (left + 40, top + 188), 380, label="E-mail address", value=name)
    field(canvas, LIGHT, (left + 40, top + 288), 380, label="Password", value="")
    for dot in range(10):
        canvas.circle((left + 64 + 17 * dot, top + 345), 5, LIGHT.ink)
    canvas.box((left + 40, top + 394, 26, 26), LIGHT.accent, radius=7)
    checkmark(canvas, (left + 53, top + 407), LIGHT.surface)
    canvas.text((left + 78, top + 407), "Keep me signed in for 30 days", LIGHT.ink, size=19)
    button(canvas, LIGHT, (left + 40, top + 446, 380, 56), "Sign in")
    canvas.text((600, top + 544), "Forgot your password?", LIGHT.accent, size=19, align="middle")
    return canvas


def alert_rule() -> Canvas:
    """Draw the dialog for a new alert rule, over the dimmed dashboard."""
    canvas = dashboard(LIGHT)
    canvas.veil("#0b1a13", 0.62)
    left, top, width = 300, 96, 600
    dialog(canvas, LIGHT, (left, top, width, 558), "New alert rule")
    x, inner = left + 36, width - 72
    half = (inner - 20) / 2
    second = x + half + 20
    field(canvas, LIGHT, (x, top + 88), inner, label="Name", value="Frost in the nursery")
    field(canvas, LIGHT, (x, top + 188), half, label="When", value="Air temperature", choice=True)
    field(canvas, LIGHT, (second, top + 188), half, label="Zone", value="Nursery", choice=True)
    field(canvas, LIGHT, (x, top + 288), half, label="Falls below", value="3.0 °C")
    at = (second, top + 288)
    field(canvas, LIGHT, at, half, label="For at least", value="10 minutes", choice=True)
    canvas.text((x, top + 399), "Tell", LIGHT.muted, bold=True)
    for name, offset, size in (("Maria", 0, 92), ("Night shift", 104, 132)):
        canvas.box((x + offset, top + 418, size, 38), LIGHT.accent_soft, radius=19)
        canvas.text(
            (x + offset + size / 2, top + 437), name, LIGHT.accent, bold=True, align="middle"
        )
    button(canvas, LIGHT, (x + inner - 320, top + 482, 140, 50), "Cancel", kind="plain")
    button(canvas, LIGHT, (x + inner - 160, top + 482, 160, 50), "Create rule")
    return canvas


def gateway_offline() -> Canvas:
    """Draw the message of a gateway that stopped answering."""
    canvas = Canvas(900, 460, "#dfe6df")
    area = (60, 50, 780, 350)
    dialog(canvas, LIGHT, area, "")
    canvas.circle((134, 128), 36, LIGHT.warning_soft)
    canvas.path([(134, 110), (134, 131)], LIGHT.warning, width=6)
    canvas.circle((134, 145), 4, LIGHT.warning)
    canvas.text((194, 112), "Gateway east-wing is offline", LIGHT.ink, size=28, bold=True)
    canvas.text((194, 150), "Last contact today at 06:17", LIGHT.muted, size=20)
    lines = (
        "Check its power supply and its network cable.",
        "Readings are kept on the gateway for seven days",
        "and arrive when it is back.",
    )
    for row, line in enumerate(lines):
        canvas.text((98, 212 + 32 * row), line, LIGHT.ink, size=21)
    canvas.text((98, 348), "Error CF-1204", LIGHT.muted, size=19)
    button(canvas, LIGHT, (500, 322, 150, 52), "Dismiss", kind="plain")
    button(canvas, LIGHT, (664, 322, 142, 52), "Try again")
    return canvas
