"""The web application for any ASGI server. On a laptop `manage.py up` serves it together with everything else."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcm.settings")

application = get_asgi_application()
