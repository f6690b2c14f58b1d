"""Settings: every one is documented in the README, demo and production do not mix, secrets are real."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from api.settings import Settings

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
PRODUCTION = {
    "mode": "production", "session_secret": "s" * 40, "public_url": "https://relais.example.be/",
    "portal_issuer": "https://portal.example.be", "portal_jwks_url": "https://portal.example.be/keys",
    "oidc_issuer": "https://id.example.be", "oidc_client_id": "desk", "oidc_client_secret": "secret",
    "database_url": "sqlite://", "file_database_url": "sqlite://",
}  # fmt: skip


def test_every_setting_is_in_the_readme():
    shared = {"database_url": "DATABASE_URL", "file_database_url": "FILE_DATABASE_URL", "redis_url": "REDIS_URL"}
    names = [shared.get(name, f"RELAIS_{name.upper()}") for name in Settings.model_fields]
    assert [name for name in names if f"`{name}`" not in README] == []


def test_production_is_complete_or_refused():
    assert Settings(**PRODUCTION).address == "https://relais.example.be"
    for name in PRODUCTION.keys() - {"mode"}:
        with pytest.raises(ValidationError, match=name.upper()):
            Settings(**{key: value for key, value in PRODUCTION.items() if key != name})
    with pytest.raises(ValidationError, match="RELAIS_NOW"):
        Settings(**PRODUCTION, now="2026-01-01T00:00:00")


@pytest.mark.parametrize(
    "change",
    [
        {"portal_issuer": "https://portal.example.be"},
        {"oidc_client_id": "desk"},
        {"public_url": "https://relais.example.be"},
    ],
)
def test_demo_refuses_what_belongs_to_production(change):
    with pytest.raises(ValidationError, match="demo mode"):
        Settings(mode="demo", **change)


@pytest.mark.parametrize("secret", ["", "short", "${RELAIS_SEAM_SECRET}${RELAIS_SEAM_SECRET}"])
@pytest.mark.parametrize("name", ["seam_secret", "session_secret"])
def test_a_secret_is_long_and_expanded(name, secret):
    with pytest.raises(ValidationError, match="random text"):
        Settings(**{name: secret})
