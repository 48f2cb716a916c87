"""Which environments' telemetry a page shows."""

from django.utils.translation import gettext as _

from dashboards.frame.page import Visit
from plimsoll.store.queries.classes import heard_of_production


def environments(visit: Visit) -> tuple[str, ...]:
    """Return the environments that are chosen, else those of production; none of them means all (`everywhere=1`)."""
    if visit.filters.environments:
        return visit.filters.environments
    if visit.request.GET.get("everywhere") == "1":
        visit.notices.append(_("The calls of all environments are shown."))
        return ()
    names = [option.label for option in visit.bar.menus["env"].options if option.is_name]
    production = heard_of_production(names)
    if names and not production:
        visit.notices.append(_("No traffic says that it is production, so the calls of all environments are shown."))
    return production
