"""Members' sign-in by a short-lived signed token of the fund's portal (JWT): proven first, then used once."""

import asyncio
import contextlib
import json
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from api.settings import ROOT, Settings

ALGORITHMS = ["ES256", "RS256", "PS256", "EdDSA"]
LONGEST_LIFE = timedelta(minutes=5)
LEEWAY = timedelta(seconds=10)
"""How far the portal's clock may differ from ours."""
KEYS_FRESH_FOR = 600.0
KEYS_ASKED_AT_MOST_EVERY = 10.0
DEMO_ISSUER = "relais-demo-portal"
DEMO_KEY_FILE = ROOT / "var" / "demo-portal-key.json"


class TokenRefused(ValueError):
    """The token is not one of our portal for us now. The reason is for the log, never for the sender."""


@dataclass(frozen=True)
class PortalToken:
    """What a good token says."""

    member_id: str
    id: str
    expires_at: datetime


class Keys(Protocol):
    """Where the portal's public keys come from."""

    async def key_set(self, *, renew: bool) -> KeySet:
        """The keys; asked anew when `renew` (a key id that we do not know)."""


@dataclass(frozen=True)
class PortalKeys:
    """What we ask of a portal token: its issuer, that it is meant for us, and a signature by one of the keys."""

    issuer: str
    audience: str
    keys: Keys

    async def verify(self, token: str, *, now: datetime) -> PortalToken:
        """The member that the token names. TokenRefused unless everything about it is right."""
        if len(token) > 8_192 or token.count(".") != 2:
            raise TokenRefused("not a token")
        claims = None
        for renew in (False, True):
            try:
                claims = jwt.decode(token, await self.keys.key_set(renew=renew), algorithms=ALGORITHMS).claims
                break
            except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
                if renew:
                    raise TokenRefused(type(error).__name__) from error
        return self._check(claims, now=now)

    def _check(self, claims: dict, *, now: datetime) -> PortalToken:
        audience = claims.get("aud")
        if claims.get("iss") != self.issuer:
            raise TokenRefused("another issuer")
        if self.audience not in (audience if isinstance(audience, list) else [audience]):
            raise TokenRefused("another audience")
        member, id = _name(claims, "sub", most=64), _name(claims, "jti", most=128)
        issued_at, expires_at = _moment(claims, "iat"), _moment(claims, "exp")
        if expires_at - issued_at > LONGEST_LIFE or issued_at > now + LEEWAY:
            raise TokenRefused("lives too long or comes from the future")
        if "nbf" in claims and _moment(claims, "nbf") > now + LEEWAY:
            raise TokenRefused("not valid yet")
        if expires_at <= now:
            raise TokenRefused("expired")
        return PortalToken(member_id=member, id=id, expires_at=expires_at)


def _name(claims: dict, name: str, *, most: int) -> str:
    value = claims.get(name)
    if not (isinstance(value, str) and 0 < len(value) <= most and value.isprintable()):
        raise TokenRefused(f"no {name}")
    return value


def _moment(claims: dict, name: str) -> datetime:
    value = claims.get(name)
    if type(value) not in (int, float):
        raise TokenRefused(f"no {name}")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise TokenRefused(f"{name} is no moment") from error


class RemoteKeys:
    """Keys published by the portal (JWKS): kept for a while, asked anew for an unknown key, so that they may rotate."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: KeySet | None = None
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def key_set(self, *, renew: bool) -> KeySet:
        """The keys. TokenRefused when the portal does not give any."""
        async with self._asking:  # who comes while the portal is being asked waits for its answer
            age = time.monotonic() - self._asked_at
            if age > (KEYS_ASKED_AT_MOST_EVERY if renew or self._keys is None else KEYS_FRESH_FOR):
                self._asked_at = time.monotonic()
                # A portal that does not answer leaves us with the keys that we have.
                with contextlib.suppress(httpx.HTTPError, JoseError, ValueError, KeyError, TypeError, RecursionError):
                    self._keys = await self._ask()
        if self._keys is None:
            raise TokenRefused("no keys")
        return self._keys

    async def _ask(self) -> KeySet:
        async with httpx.AsyncClient(timeout=3.0) as client:
            response = await client.get(self._url)
        response.raise_for_status()
        return KeySet.import_key_set(response.json())


class OwnKeys:
    """The demo portal's key, which lies beside the demo data."""

    def __init__(self, key: ECKey) -> None:
        self._keys = KeySet([key])

    async def key_set(self, *, renew: bool) -> KeySet:
        """The one key."""
        return self._keys


def remote_portal(settings: Settings) -> PortalKeys:
    """The fund's real portal."""
    return PortalKeys(settings.portal_issuer, settings.portal_audience, RemoteKeys(settings.portal_jwks_url))


def demo_portal(settings: Settings, *, key_file: Path = DEMO_KEY_FILE) -> PortalKeys:
    """The portal of the demo. ValueError with production settings."""
    return PortalKeys(DEMO_ISSUER, settings.portal_audience, OwnKeys(_demo_key(settings, key_file)))


def mint_demo_token(settings: Settings, member_id: str, *, key_file: Path = DEMO_KEY_FILE) -> str:
    """A portal token for a demo member, good for five minutes and one use. ValueError with production settings."""
    now = int(time.time())
    claims = {
        "iss": DEMO_ISSUER,
        "aud": settings.portal_audience,
        "sub": member_id,
        "jti": secrets.token_urlsafe(16),
        "iat": now,
        "exp": now + int(LONGEST_LIFE.total_seconds()),
    }
    key = _demo_key(settings, key_file)
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)


def _demo_key(settings: Settings, file: Path) -> ECKey:
    if settings.mode != "demo":
        raise ValueError("the demo portal is for demo mode only")
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        key = ECKey.generate_key("P-256", parameters={"kid": secrets.token_hex(8)}, private=True, auto_kid=False)
        draft = file.with_suffix(f".{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(key.as_dict(private=True)))
        try:
            file.hardlink_to(draft)  # the first of two processes wins, the other takes its key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return ECKey.import_key(json.loads(file.read_text()))
