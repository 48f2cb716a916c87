"""What people said about where services stand."""

from plimsoll.store.models import Node


def declared() -> dict[int, str]:
    """Return the tier of each node whose service has one."""
    rows = Node.objects.exclude(service=None).exclude(service__tier="").values_list("pk", "service__tier")
    return dict(rows)
