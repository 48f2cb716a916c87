"""The namespaces that services were seen in."""

from plimsoll.store.models import Node


def namespaces() -> list[str]:
    """Return the namespaces of all workloads, in order."""
    rows = Node.objects.filter(identity_class="workload").exclude(namespace="")
    return sorted(rows.values_list("namespace", flat=True).distinct())
