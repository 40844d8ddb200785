"""docker-compose.yml and Dockerfile, read: no engine is needed to see that they hold together."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from django.test import override_settings

from claims.files import virus_check
from claims.files.check import KINDS
from safet_portal.queues import BEFORE, QUEUES
from tests.environment import BASE_DIR
from tests.servers import EICAR, running_clamd

COMPOSE: dict[str, Any] = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
PORTAL = {name for name, service in SERVICES.items() if service.get("image") == "safet-portal"}
WORKERS = [f"worker-{queue}" for queue in QUEUES]
TEXT = (BASE_DIR / "docker-compose.yml").read_text()
DOCKERFILE = (BASE_DIR / "Dockerfile").read_text()
OPERATIONS = (BASE_DIR / "docs" / "operations.md").read_text()


def variables(text: str) -> dict[str, str]:
    """Name → what stands after it, of each ${…}."""
    return dict(re.findall(r"(?<!\$)\$\{(\w+)([^}]*)\}", text))


def test_services_are_the_portal_and_what_it_needs() -> None:
    assert set(SERVICES) == PORTAL | {"postgres", "redis", "storage", "mail", "clamav"}
    assert {"web", *WORKERS, "beat", "prepare"} == PORTAL


def test_every_queue_has_a_worker_and_each_worker_its_own_queues() -> None:
    """What waits in the one queue of earlier versions is taken, too."""
    taken = [SERVICES[name]["command"][SERVICES[name]["command"].index("-Q") + 1].split(",") for name in WORKERS]
    assert sorted(queue for queues in taken for queue in queues) == sorted([*QUEUES, BEFORE])


@pytest.mark.parametrize("name", sorted(PORTAL))
def test_portal_reaches_every_service_by_its_name(name: str) -> None:
    addresses = " ".join(str(value) for value in SERVICES[name]["environment"].values())
    named = set(re.findall(r"(?://|@)([a-z]+):\d+", addresses))
    assert named == set(SERVICES) - PORTAL


@pytest.mark.parametrize("name", ["web", *WORKERS, "beat"])
def test_portal_waits_for_what_it_needs(name: str) -> None:
    needs = {other: need["condition"] for other, need in SERVICES[name]["depends_on"].items()}
    healthy = dict.fromkeys(set(SERVICES) - PORTAL, "service_healthy")
    healthy["clamav"] = "service_started"  # its first signatures take minutes: files wait for them, nobody else does
    assert needs == healthy | {"prepare": "service_completed_successfully"}


def test_every_service_that_stays_has_a_health_check() -> None:
    without = {name for name, service in SERVICES.items() if not service.get("healthcheck", {}).get("test")}
    assert without == {"prepare"}


def test_images_have_exact_versions_and_docs_name_the_same() -> None:
    images = {service["image"] for name, service in SERVICES.items() if name not in PORTAL}
    images |= set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.M))
    assert [image for image in images if not re.search(r":v?\d+\.\d+(\.\d+)?(-\w+)*$", image)] == []
    assert images == set(re.findall(r"^\| [^|]+ \| `([a-z/]+:v?\d[\w.-]+)` \|", OPERATIONS, re.M))


def test_the_scanner_reads_the_largest_file_to_its_end(clamd_binary: str, tmp_path: Path) -> None:
    """With the settings that compose gives it; only its places, its user and its virus are ours."""
    settings = dict(line.split(maxsplit=1) for line in COMPOSE["configs"]["clamd"]["content"].splitlines())
    assert "clamd" in {config["source"] for config in SERVICES["clamav"]["configs"]}
    url = urlsplit(SERVICES["worker-files"]["environment"]["CLAMD_URL"])
    assert (url.hostname, str(url.port)) == ("clamav", settings["TCPSocket"])
    places = {"User", "TCPSocket", "LocalSocket", "DatabaseDirectory"}
    kept = {name: value for name, value in settings.items() if name not in places}
    with running_clamd(clamd_binary, tmp_path, options=kept) as address, override_settings(CLAMD_URL=address):
        largest = max(kind.max_bytes for kind in KINDS.values())
        virus = EICAR.encode()
        assert virus_check.scan(BytesIO(bytes(largest - len(virus)) + virus)) == "Test.Eicar.UNOFFICIAL"
        with pytest.raises(virus_check.NotScanned):
            virus_check.scan(BytesIO(bytes(64 * 1024 * 1024 + 1)))


def test_every_secret_comes_from_the_environment_and_must_be_given() -> None:
    secret = re.compile(r"KEY|SECRET|PASSWORD|TOKEN")
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if secret.search(variable):
                assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", str(value)), f"{name}: {variable}"
    for variable, rest in variables(TEXT).items():
        if secret.search(variable):
            assert rest.startswith(":?"), variable
    credentials = re.findall(r"//[^\s/@]*:([^\s/@]+)@", TEXT)
    assert [found for found in credentials if not found.startswith("${")] == []


def test_env_example_names_exactly_what_compose_asks_for_and_gives_nothing() -> None:
    example = (BASE_DIR / ".env.example").read_text()
    lines = re.findall(r"^(#?)([A-Z0-9_]+)=(.*)$", example, re.M)
    must = {name for name, rest in variables(TEXT).items() if rest.startswith(":?")}
    assert {name for optional, name, _ in lines if not optional} == must
    assert {name for optional, name, _ in lines if optional} == set(variables(TEXT)) - must
    assert {value for _, _, value in lines} == {""}


def test_volumes_and_ports_are_used_and_open_on_this_machine_only() -> None:
    mounted = {mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])}
    assert mounted == set(COMPOSE["volumes"])
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_portal_runs_without_rights() -> None:
    for name in PORTAL:
        service = SERVICES[name]
        rights = (service["read_only"], service["cap_drop"], service["security_opt"])
        assert rights == (True, ["ALL"], ["no-new-privileges:true"]), name


def test_dockerfile_runs_as_nobody_special_and_leaves_the_tools_behind() -> None:
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.M)[1:]
    last = stages[-1]
    users = re.findall(r"^USER (\S+)", last, re.M)
    assert users
    assert users[-1] not in {"root", "0"}
    assert last.index("USER ") < last.index('CMD ["gunicorn"]')
    assert "apt-get" not in DOCKERFILE
    assert "requirements/base.txt" in stages[0]
    assert "--require-hashes" in stages[0]


def test_image_holds_no_secret_of_the_checkout() -> None:
    ignored = (BASE_DIR / ".dockerignore").read_text().splitlines()
    assert {".*", "var"} <= set(ignored)  # .env, .git and the demo's key stay out


def test_every_variable_the_settings_read_is_in_the_docs() -> None:
    settings = (BASE_DIR / "safet_portal" / "settings.py").read_text()
    read = set(re.findall(r"env\.\w+\(\"(\w+)\"", settings))
    documented = set(re.findall(r"^\| `(\w+)` \|", OPERATIONS, re.M))
    assert read - documented == set()
