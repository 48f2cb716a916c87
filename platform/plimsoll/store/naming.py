"""What tells a service from others of its name."""


def whole_name(namespace: str | None, name: str) -> str:
    """Return a service's name with its namespace before it, which may be empty."""
    return f"{namespace or ''}/{name}"


def may_be(namespace: str, name: str | None) -> frozenset[str]:
    """Return the whole names that a service may be meant by: nobody may have said which of its name it is."""
    return frozenset() if name is None else frozenset((f"{namespace}/{name}", f"/{name}"))
