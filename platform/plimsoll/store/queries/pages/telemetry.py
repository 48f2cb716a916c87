"""What telemetry says about places, whatever the window."""

from plimsoll.store.models import Edge


def names_environment(name: str) -> bool:
    """Whether any call was told to be in an environment; where none was, telemetry does not say where it is."""
    return Edge.objects.filter(environment=name).exists()
