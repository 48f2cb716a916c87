"""Which environments' telemetry a page shows."""

from django.utils.translation import gettext as _

from dashboards.frame.page import Visit
from plimsoll.store.queries.classes import of_class


def environments(visit: Visit) -> tuple[str, ...]:
    """Return the environments that are chosen, else those of production; none of them means all.

    An environment that only telemetry names is of the class that its name suggests: a mesh may be heard before the
    first deployment. What says no environment may be of any.
    """
    if visit.filters.environments:
        return visit.filters.environments
    names = [option.label for option in visit.bar.menus["env"].options if option.is_name]
    production = of_class("production", names)
    if names and not production:
        visit.notices.append(_("No traffic says that it is production, so the calls of all environments are shown."))
    return (*production, "") if production else ()
