"""Settings of the API, from `RELAIS_…` variables (the two databases and Redis under their usual names)."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Every setting; a setting without a safe default has none and is asked for in production."""

    model_config = SettingsConfigDict(env_prefix="RELAIS_", env_file=None, populate_by_name=True)

    mode: Literal["demo", "production"] = "demo"
    """`demo` brings its own sign-in provider and invented members; it refuses to run with production settings."""
    fund: str = "liantis"
    """The fund this installation serves: the name of a profile in `data/funds/`."""
    host: str = "127.0.0.1"
    """Address the public doors listen on."""
    port: int = Field(8000, ge=0, le=65535)
    """Port of the public doors."""
    public_url: str | None = None
    """Address under which members and officers reach Relais; default `http://host:port`."""
    now: datetime | None = None
    """Sets the clock at start, in demo mode only (ISO 8601; a time without zone is UTC)."""
    now_since: datetime | None = None
    """The real moment at which it was `now`; `up` sets it, so that a process started again does not turn time back."""

    database_url: str = Field(
        f"sqlite:///{ROOT / 'var' / 'relais.db'}", validation_alias=AliasChoices("DATABASE_URL", "database_url")
    )
    """Conversations, hand-overs, requests, audit."""
    file_database_url: str = Field(
        f"sqlite:///{ROOT / 'var' / 'file.db'}", validation_alias=AliasChoices("FILE_DATABASE_URL", "file_database_url")
    )
    """The members' file: the fund's own data, read-only to Relais."""
    redis_url: str | None = Field(None, validation_alias=AliasChoices("REDIS_URL", "redis_url"))
    """Bus between several API processes; not needed for one."""

    rasa_url: str = "http://127.0.0.1:5005"
    """Where Rasa listens (loopback or a private network)."""
    rasa_timeout: float = Field(10.0, gt=0)
    """Seconds after which a silent Rasa means an apology and a hand-over."""
    actions_host: str = "127.0.0.1"
    """Private address of the action route; never a public one."""
    actions_port: int = Field(5055, ge=0, le=65535)
    """Private port of the action route."""
    seam_secret: SecretStr | None = None
    """Shared secret of both sides of the seam between API and Rasa; at least 32 characters."""
    session_secret: SecretStr | None = None
    """Signs the cookie of an officer's sign-in under way (the session itself lies on the server); 32 characters."""

    turns_at_once: int = Field(16, ge=1, le=200)
    """How many turns one API process works on at the same time."""

    portal_issuer: str | None = None
    """Issuer of the portal's sign-in tokens; in demo mode the demo provider."""
    portal_audience: str = "relais"
    """Audience that a portal token must name."""
    portal_jwks_url: str | None = None
    """Where the portal publishes its signing keys (JWKS)."""
    oidc_issuer: str | None = None
    """OpenID Connect issuer for officers; in demo mode the demo provider."""
    oidc_client_id: str | None = None
    """Client id of the desk at that issuer."""
    oidc_client_secret: SecretStr | None = None
    """Client secret of the desk at that issuer."""

    @field_validator("seam_secret", "session_secret")
    @classmethod
    def _strong_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            text = secret.get_secret_value()
            if len(text) < 32 or "${" in text:
                raise ValueError(
                    "must be a random text of at least 32 characters, not empty and not an unexpanded ${…}"
                )
        return secret

    @field_validator("now", "now_since")
    @classmethod
    def _zone(cls, now: datetime | None) -> datetime | None:
        return now.replace(tzinfo=UTC) if now is not None and now.tzinfo is None else now

    @field_validator("public_url")
    @classmethod
    def _no_slash(cls, url: str | None) -> str | None:
        return url.rstrip("/") if url else url

    @model_validator(mode="after")
    def _modes_do_not_mix(self) -> "Settings":
        provider = self.portal_issuer or self.portal_jwks_url or self.oidc_issuer or self.oidc_client_id
        if self.mode == "demo" and (self.public_url or "").startswith("https:"):
            raise ValueError("demo mode has a desk without a password and refuses a public https address")
        if self.mode == "demo" and provider:
            raise ValueError(
                "demo mode refuses a real sign-in provider: set RELAIS_MODE=production or drop the provider"
            )
        if self.mode == "production":
            if self.now is not None:
                raise ValueError("RELAIS_NOW is for demo and tests only")
            needed = (
                "session_secret", "public_url", "portal_issuer", "portal_jwks_url",
                "oidc_issuer", "oidc_client_id", "oidc_client_secret",
            )  # fmt: skip
            missing = [f"RELAIS_{name.upper()}" for name in needed if getattr(self, name) is None]
            missing += [
                name.upper() for name in ("database_url", "file_database_url") if name not in self.model_fields_set
            ]
            if missing:
                raise ValueError(f"production needs {', '.join(missing)}")
        return self

    @property
    def local_address(self) -> str:
        """Where this machine reaches its own public doors."""
        return f"http://{'127.0.0.1' if self.host == '0.0.0.0' else self.host}:{self.port}"

    @property
    def address(self) -> str:
        """The address under which people reach Relais."""
        return self.public_url or self.local_address


@cache
def load_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
