"""The web process: pages, REST and webhooks behind one ASGI application."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plimsoll.settings")
application = get_asgi_application()
