"""Services that somebody names before anything was seen of them."""

from django.db import IntegrityError, transaction

from plimsoll.errors import BadSetting, PlimsollError
from plimsoll.store.models import Service
from plimsoll.store.teams import team_named

_LONGEST = 200


def add_service(name: str, *, namespace: str = "", team: str = "", tier: str = "") -> Service:
    """Make a service that a team owns, and return it; `team` is a slug.

    PlimsollError when there is one already: of the same name and namespace, or, without a namespace, of the name alone
    (deliveries and the mesh would find that one).
    """
    name, namespace, tier = name.strip(), namespace.strip(), tier.strip()
    if not name or "/" in name or not f"{name}{namespace}{tier}".isprintable() or len(name) > _LONGEST:
        raise BadSetting(f"{name[:60]!r} is no name of a service: write it as it is deployed, such as checkout.")
    owner = team_named(team) if team else None
    if not namespace and Service.every.filter(name=name).exists():
        raise PlimsollError(f"There is already a service {name!r}; give it a namespace if this is another one.")
    try:
        with transaction.atomic():
            return Service.every.create(namespace=namespace, name=name, team=owner, tier=tier, state="owned")
    except IntegrityError as error:
        raise PlimsollError(f"There is already a service {namespace}/{name}.") from error
