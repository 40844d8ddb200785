from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, object]:
    """What every page may say of this installation; ``demo`` is whether it is one."""
    values: dict[str, object] = {
        "marketplace_name": settings.MARKETPLACE_NAME,
        "help_url": settings.HELP_URL,
        "demo": settings.DEMO,
    }
    if settings.DEMO:
        from safet_portal.demo.people import PEOPLE

        values["demo_people"] = [{"email": p.email, "words": f"{p.name}, {p.what}"} for p in PEOPLE]
    return values
