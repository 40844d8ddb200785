from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, object]:
    """What every page may say of this installation; ``demo`` is whether it is one."""
    return {"marketplace_name": settings.MARKETPLACE_NAME, "help_url": settings.HELP_URL, "demo": settings.DEMO}
