"""Outlines: a shape for each kind of node, so that a store is not taken for a service, and one for each status."""

from dashboards.frame.marks import Status


def outline(kind: str, x: float, y: float, w: float, h: float) -> str:
    """Return the outline of a node as a path: services are boxes, gateways pointed, stores drums, topics barred, and
    what is outside is round.
    """
    right, bottom = x + w, y + h
    if kind == "gateway":
        tip = min(9.0, h / 3)
        return (
            f"M{x + tip:.1f} {y:.1f}H{right - tip:.1f}L{right:.1f} {y + h / 2:.1f}L{right - tip:.1f} {bottom:.1f}"
            f"H{x + tip:.1f}L{x:.1f} {y + h / 2:.1f}Z"
        )
    if kind == "database":
        bow = 6.0
        arc = f"A{bow} {h / 2:.1f} 0 0"
        return (
            f"M{x + bow:.1f} {y:.1f}H{right - bow:.1f}{arc} 1 {right - bow:.1f} {bottom:.1f}H{x + bow:.1f}"
            f"{arc} 1 {x + bow:.1f} {y:.1f}ZM{right - bow:.1f} {y:.1f}{arc} 0 {right - bow:.1f} {bottom:.1f}"
        )
    radius = h / 2 if kind in ("external", "unresolved") else min(8.0, h / 3)
    box = rounded(x, y, w, h, radius)
    if kind == "messaging":
        box += "".join(f"M{right - inset:.1f} {y:.1f}V{bottom:.1f}" for inset in (6.0, 11.0))
    return box


def rounded(x: float, y: float, w: float, h: float, radius: float) -> str:
    """Return a box with round corners as a path."""
    r = f"{radius:.1f}"
    corner = f"a{r} {r} 0 0 1"
    return (
        f"M{x + radius:.1f} {y:.1f}h{w - 2 * radius:.1f}{corner} {r} {r}v{h - 2 * radius:.1f}{corner} -{r} {r}"
        f"h-{w - 2 * radius:.1f}{corner} -{r} -{r}v-{h - 2 * radius:.1f}{corner} {r} -{r}Z"
    )


def sign(status: Status, x: float, y: float, r: float) -> str:
    """Return the sign of a status around a point as a path: a disc, a diamond, a triangle or a ring."""
    if status == "warn":
        d = r * 1.25
        return f"M{x:.1f} {y - d:.1f}L{x + d:.1f} {y:.1f}L{x:.1f} {y + d:.1f}L{x - d:.1f} {y:.1f}Z"
    if status == "bad":
        d = r * 1.2
        return f"M{x:.1f} {y - d:.1f}L{x + d * 1.1:.1f} {y + d * 0.85:.1f}H{x - d * 1.1:.1f}Z"
    return f"M{x - r:.1f} {y:.1f}a{r:.1f} {r:.1f} 0 1 0 {2 * r:.1f} 0a{r:.1f} {r:.1f} 0 1 0 -{2 * r:.1f} 0Z"
