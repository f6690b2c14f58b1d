"""Officers' sign-in: OpenID Connect (authorization code with PKCE), then a session that the server keeps and ends."""

import hmac
import logging
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import anyio.to_thread
import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from api.desk.pages import PageError, PageRoute, SignInNeeded, is_part, show_page, sign_in_address
from api.identity.demo_provider import CLIENT_ID as DEMO_CLIENT_ID
from api.identity.demo_provider import demo_issuer, provider_of
from api.runtime import Runtime, runtime_of
from fund.conversations import service
from fund.conversations.models import Officer, OfficerSession
from fund.phrases import LANGUAGES

log = logging.getLogger("relais.officers")

SESSION_COOKIE = "relais_desk"
FLOW_COOKIE = "relais_desk_sign_in"
IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
FLOW_LIFETIME = timedelta(minutes=10)
NOTE_EVERY = timedelta(seconds=25)
"""How often an open page's requests move presence and idle time on; in between they only read."""
LEEWAY = 30
"""Seconds that the provider's clock may differ from ours."""
ROLES = ("officer", "supervisor", "editor", "operator")
DESK_ROLES = frozenset({"officer", "supervisor"})
SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")

DESK_PATH = re.compile(r"/desk(/[A-Za-z0-9_-]+)*")

router = APIRouter(prefix="/desk", route_class=PageRoute, tags=["officers"])
RuntimeHere = Annotated[Runtime, Depends(runtime_of)]


@dataclass(frozen=True)
class Visit:
    """An officer who is signed in, as the routes see them."""

    session_id: str
    officer_id: str
    name: str
    fund: str
    languages: tuple[str, ...]
    roles: frozenset[str]
    language: str
    """The language of the desk, which the officer chooses."""
    csrf: str


# --- the session ---


def open_session(session: Session, *, officer_id: str, now: datetime) -> str:
    """A new session of an officer; gives the secret for the cookie. Sessions that are over are forgotten."""
    session.execute(delete(OfficerSession).where(OfficerSession.expires_at <= now))
    secret = secrets.token_urlsafe(32)
    session.add(
        OfficerSession(
            id=service.fingerprint(secret),
            officer_id=officer_id,
            csrf_token=secrets.token_urlsafe(32),
            created_at=now,
            idle_until=now + IDLE,
            expires_at=now + LONGEST,
        )
    )
    session.flush()
    return secret


def find_session(session: Session, session_id: str, *, now: datetime) -> tuple[OfficerSession, Officer] | None:
    """The session and its officer, or None when it is unknown, ended, expired or idle too long."""
    found = session.get(OfficerSession, session_id)
    if found is None or found.expires_at <= now or found.idle_until <= now:
        return None
    return found, session.get_one(Officer, found.officer_id)


def note_activity(runtime: Runtime, session_id: str, *, by_person: bool) -> Visit | None:
    """The visit of a session, or None; notes that the desk is open, and that the officer does something."""
    now = runtime.tools.clock()
    with runtime.tools.database.read() as session:
        found = find_session(session, session_id, now=now)
    if found is None:
        return None
    kept, officer = found
    works_here = bool(DESK_ROLES & set(officer.roles))
    arrives = works_here and (officer.seen_at is None or officer.seen_at + NOTE_EVERY <= now)
    moves = by_person and kept.idle_until + NOTE_EVERY <= now + IDLE
    if arrives or moves:
        with runtime.tools.database.write() as session:
            if arrives:
                service.note_presence(session, officer_id=officer.id, now=now)
            if moves:
                session.execute(
                    update(OfficerSession).where(OfficerSession.id == session_id).values(idle_until=now + IDLE)
                )
    return Visit(
        session_id=session_id,
        officer_id=officer.id,
        name=officer.name,
        fund=officer.fund,
        languages=tuple(officer.languages),
        roles=frozenset(officer.roles),
        language=officer.desk_language,
        csrf=kept.csrf_token,
    )


async def signed_in(request: Request, runtime: RuntimeHere) -> Visit:
    """Whoever is signed in (a FastAPI dependency). SignInNeeded, or 403 when a form does not come from our own page."""
    secret = request.cookies.get(SESSION_COOKIE)
    if not secret:
        raise SignInNeeded
    visit = await anyio.to_thread.run_sync(
        lambda: note_activity(runtime, service.fingerprint(secret), by_person=not _asks_by_itself(request))
    )
    if visit is None:
        raise SignInNeeded
    request.state.visit = visit
    if request.method not in ("GET", "HEAD"):
        given = (await request.form()).get("csrf")
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), visit.csrf.encode()):
            raise PageError(403, "not_from_here")
    return visit


def _asks_by_itself(request: Request) -> bool:
    return request.method == "GET" and is_part(request)


async def at_the_desk(visit: Annotated[Visit, Depends(signed_in)]) -> Visit:
    """An officer with a role that works at the desk, else 403."""
    if not visit.roles & DESK_ROLES:
        raise PageError(403, "not_for_your_role")
    return visit


# --- the way in and out ---


@router.get("/sign-in")
async def start_sign_in(request: Request, runtime: RuntimeHere, back: str = "/desk") -> Response:
    """To the sign-in provider, with state, nonce and PKCE; they lie in a short-lived signed cookie meanwhile."""
    request.scope["session"] = {"back": back if len(back) <= 200 and DESK_PATH.fullmatch(back) else "/desk"}
    client = _client(request, runtime)
    try:
        await _read_metadata(client, issuer=_issuer(runtime))
        response = await client.authorize_redirect(request, _callback_address(runtime))
    except (httpx.HTTPError, ValueError, KeyError, TypeError, RuntimeError) as error:
        log.error("the sign-in provider for officers does not answer: %s", type(error).__name__)
        return _refuse(request, "sign_in_no_provider", status=503)
    _set_cookie(
        response, runtime, FLOW_COOKIE, _sign(runtime, request.session), seconds=int(FLOW_LIFETIME.total_seconds())
    )
    return response


@router.get("/callback")
async def finish_sign_in(request: Request, runtime: RuntimeHere) -> Response:
    """Back from the provider: check everything, keep what it says of the officer, open the session."""
    request.scope["session"] = flow = _read(runtime, request.cookies.get(FLOW_COOKIE))
    back = flow.get("back", "/desk")
    client = _client(request, runtime)
    try:
        await _read_metadata(client, issuer=_issuer(runtime))
        token = await client.authorize_access_token(
            request,
            claims_options={
                "iss": {"essential": True, "value": _issuer(runtime)},
                "aud": {"essential": True, "value": client.client_id},
                "exp": {"essential": True},
            },
            leeway=LEEWAY,
        )
        claims = token["userinfo"]
    except httpx.HTTPError as error:
        log.error("the sign-in provider for officers does not answer: %s", type(error).__name__)
        return _refuse(request, "sign_in_no_provider", status=503)
    except (AuthlibBaseError, JoseError, ValueError, KeyError, TypeError, RuntimeError) as error:
        log.warning("an officer's sign-in was refused: %s", type(error).__name__)
        return _refuse(request, "sign_in_failed_explained", status=400)
    said = _what_is_said(claims, funds=runtime.funds)
    if said is None:
        log.warning("an officer's sign-in was refused: no known fund, language or role in the claims")
        return _refuse(request, "sign_in_not_allowed", status=403)

    def keep() -> str:
        now = runtime.tools.clock()
        with runtime.tools.database.write() as session:
            _forget(session, request)
            service.save_officer(session, now=now, **said)
            session.flush()
            if not DESK_ROLES & set(said["roles"]):
                service.note_absence(session, officer_id=said["officer_id"])  # nobody who helps members
            return open_session(session, officer_id=said["officer_id"], now=now)

    secret = await anyio.to_thread.run_sync(keep)
    response = RedirectResponse(back, 303)
    _set_cookie(response, runtime, SESSION_COOKIE, secret, seconds=int(LONGEST.total_seconds()))
    response.delete_cookie(FLOW_COOKIE, path="/desk")
    return response


@router.post("/sign-out")
async def sign_out(request: Request, visit: Annotated[Visit, Depends(signed_in)], runtime: RuntimeHere) -> Response:
    """End the session here on the server, and the officer's presence; what they still held waits for a colleague."""

    def leave() -> list[str]:
        with runtime.tools.database.write() as session:
            _forget(session, request)
            service.note_absence(session, officer_id=visit.officer_id)
            return service.requeue_held(session, officer_id=visit.officer_id, now=runtime.tools.clock())

    requeued = await anyio.to_thread.run_sync(leave)
    await runtime.bus.publish(f"desk:{visit.fund}", *(f"conversation:{id}" for id in requeued))
    response = RedirectResponse("/desk/signed-out", 303)
    response.delete_cookie(SESSION_COOKIE, path="/desk")
    return response


@router.get("/signed-out")
def signed_out(request: Request) -> Response:
    """Where a sign-out ends: a page that does not sign in again by itself."""
    return show_page(request, "signed_out.html", link=sign_in_address(request, back="/desk"))


def _forget(session: Session, request: Request) -> None:
    secret = request.cookies.get(SESSION_COOKIE)
    if secret:
        session.execute(delete(OfficerSession).where(OfficerSession.id == service.fingerprint(secret)))


def _refuse(request: Request, key: str, *, status: int) -> Response:
    response = show_page(
        request, "sign_in_failed.html", status=status, key=key, link=sign_in_address(request, back="/desk")
    )
    response.delete_cookie(FLOW_COOKIE, path="/desk")
    return response


def _what_is_said(claims: dict[str, Any], *, funds: Any) -> dict[str, Any] | None:
    """What the provider says of the officer, or None when it does not say fund, language and role."""
    subject, fund = claims.get("sub"), claims.get("fund")
    languages = [one for one in _list(claims.get("languages")) if one in LANGUAGES]
    roles = [one for one in _list(claims.get("roles")) if one in ROLES]
    if not (isinstance(subject, str) and subject and isinstance(fund, str) and fund in funds and languages and roles):
        return None
    name = claims.get("name")
    return {
        "officer_id": subject if len(subject) <= 64 else service.fingerprint(subject),
        "name": (name if isinstance(name, str) and name.strip() else subject)[:128],
        "fund": fund,
        "languages": languages,
        "roles": roles,
    }


def _list(claim: Any) -> list[str]:
    items = claim if isinstance(claim, list) else [claim]
    return [item for item in items if isinstance(item, str)]


# --- the provider ---


def _issuer(runtime: Runtime) -> str:
    settings = runtime.settings
    return demo_issuer(settings) if settings.mode == "demo" else settings.oidc_issuer


def _callback_address(runtime: Runtime) -> str:
    return f"{runtime.settings.address}/desk/callback"


def _client(request: Request, runtime: Runtime) -> StarletteOAuth2App:
    """Authlib's client, one per app; in demo mode the provider is this very app, asked without the network."""
    client = getattr(request.app.state, "officers_provider", None)
    if client is not None:
        return client
    settings = runtime.settings
    issuer = _issuer(runtime)
    options: dict[str, Any] = {"scope": "openid profile", "code_challenge_method": "S256", "timeout": 10.0}
    if settings.mode == "demo":
        client_id, client_secret = DEMO_CLIENT_ID, provider_of(request.app).client_secret
        options["transport"] = httpx.ASGITransport(request.app)
    else:
        client_id, client_secret = settings.oidc_client_id, settings.oidc_client_secret.get_secret_value()
    client = OAuth().register(
        "desk",
        client_id=client_id,
        client_secret=client_secret,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs=options,
    )
    request.app.state.officers_provider = client
    return client


async def _read_metadata(client: StarletteOAuth2App, *, issuer: str) -> None:
    """Read the provider's discovery document once. ValueError when it is another provider's."""
    metadata = await client.load_server_metadata()
    if metadata.get("issuer") != issuer:
        client.server_metadata.pop("_loaded_at", None)
        raise ValueError("the discovery document names another issuer")
    # Only signatures by the provider's published keys count, whatever else it may offer ("none", a shared secret).
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = [one for one in offered if one in SIGNATURES]


# --- cookies ---


def _set_cookie(response: Response, runtime: Runtime, name: str, value: str, *, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/desk",
        secure=runtime.settings.address.startswith("https://"),
        httponly=True,
        samesite="lax",
    )


_KEY_OF_THIS_PROCESS = secrets.token_bytes(32)


def _key(runtime: Runtime) -> OctKey:
    secret = runtime.settings.session_secret
    return OctKey.import_key(secret.get_secret_value().encode() if secret else _KEY_OF_THIS_PROCESS)


def _sign(runtime: Runtime, values: dict[str, Any]) -> str:
    claims = {"flow": values, "exp": int((runtime.tools.clock() + FLOW_LIFETIME).timestamp())}
    return jwt.encode({"alg": "HS256"}, claims, _key(runtime))


def _read(runtime: Runtime, cookie: str | None) -> dict[str, Any]:
    """What the cookie of a sign-in under way holds; nothing when it is missing, forged or too old."""
    try:
        claims = jwt.decode(cookie or "", _key(runtime), algorithms=["HS256"]).claims
    except (JoseError, ValueError):
        return {}
    return claims["flow"] if claims["exp"] > runtime.tools.clock().timestamp() else {}
