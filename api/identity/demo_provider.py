"""The demo's own sign-in: a small OpenID provider with invented officers, and the page where a demo member signs in.

Only for demo mode. It is a real provider (discovery, authorization code with PKCE, signed tokens), so that the demo and
the tests walk the same way as production; it merely asks no password.
"""

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import yaml
from fastapi import APIRouter, Depends, FastAPI, Form, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import ECKey

from api.desk.pages import PageError, PageRoute, show_page
from api.identity.portal import mint_demo_token
from api.runtime import Runtime, runtime_of
from api.settings import ROOT, Settings

CLIENT_ID = "relais-desk"
CODE_LIFETIME = 60.0
TOKEN_LIFETIME = 300
MOST_CODES = 1000
MEMBERS = ROOT / "data" / "demo" / "members.yml"

RuntimeHere = Annotated[Runtime, Depends(runtime_of)]


@dataclass(frozen=True)
class DemoOfficer:
    """An invented officer."""

    name: str
    languages: tuple[str, ...]
    role: str


OFFICERS = {
    "an": DemoOfficer("An Peeters", ("nl",), "officer"),
    "sarah": DemoOfficer("Sarah Dubois", ("fr",), "officer"),
    "karim": DemoOfficer("Karim El Amrani", ("nl", "fr"), "supervisor"),
    "inge": DemoOfficer("Inge Claeys", ("nl",), "editor"),
    "hugo": DemoOfficer("Hugo Thiry", ("fr",), "operator"),
}
"""The same people work at every fund of the demo; who they are at the provider is `<fund>-<key>`."""


@dataclass
class DemoProvider:
    """What the provider of one running app keeps: its key, its client's secret, the codes it has given out."""

    key: ECKey = field(
        default_factory=lambda: ECKey.generate_key("P-256", parameters={"kid": secrets.token_hex(8)}, auto_kid=False)
    )
    client_secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def give_code(self, **grant: Any) -> str:
        """A code that is good once, for a minute."""
        now = time.monotonic()
        self.codes = {code: kept for code, kept in self.codes.items() if kept["until"] > now}
        while len(self.codes) >= MOST_CODES:
            self.codes.pop(next(iter(self.codes)))
        code = secrets.token_urlsafe(32)
        self.codes[code] = {**grant, "until": now + CODE_LIFETIME}
        return code

    def take_code(self, code: str) -> dict[str, Any] | None:
        """What the code stands for; None when it is unknown, used or too old."""
        kept = self.codes.pop(code, None)
        return kept if kept is not None and kept["until"] > time.monotonic() else None


def provider_of(app: FastAPI) -> DemoProvider:
    """The provider of this app, made when it is first asked for."""
    if not hasattr(app.state, "demo_provider"):
        app.state.demo_provider = DemoProvider()
    return app.state.demo_provider


def demo_issuer(settings: Settings) -> str:
    """The issuer's address."""
    return f"{settings.address}/demo/oidc"


def only_in_demo(runtime: RuntimeHere) -> None:
    """404 outside demo mode, wherever this router may be mounted."""
    if runtime.settings.mode != "demo":
        raise PageError(404, "not_found")


router = APIRouter(prefix="/demo", route_class=PageRoute, dependencies=[Depends(only_in_demo)], tags=["demo"])


# --- the OpenID provider ---


@router.get("/oidc/.well-known/openid-configuration")
def discovery(runtime: RuntimeHere) -> JSONResponse:
    """What the provider can do and where (OpenID Connect Discovery)."""
    issuer = demo_issuer(runtime.settings)
    return JSONResponse(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/jwks",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "scopes_supported": ["openid", "profile"],
            "claims_supported": ["sub", "name", "roles", "languages", "fund"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
        }
    )


@router.get("/oidc/jwks")
def published_keys(request: Request) -> JSONResponse:
    """The key that checks our signatures."""
    key = provider_of(request.app).key.as_dict(private=False)
    return JSONResponse({"keys": [{**key, "use": "sig", "alg": "ES256"}]})


@router.get("/oidc/authorize")
def choose_officer(request: Request, runtime: RuntimeHere) -> Response:
    """The page where one of the invented officers is chosen, instead of a password."""
    asked = _checked_request(request.query_params, runtime)
    if isinstance(asked, Response):
        return asked
    funds = runtime.tools.content.profiles
    own = runtime.settings.fund
    return show_page(
        request,
        "demo_officers.html",
        asked=asked,
        officers=[(f"{own}-{key}", officer) for key, officer in OFFICERS.items()],
        others=[(f"{fund}-karim", profile.name, OFFICERS["karim"]) for fund, profile in funds.items() if fund != own],
    )


@router.post("/oidc/authorize")
async def officer_chosen(request: Request, runtime: RuntimeHere) -> Response:
    """Back to the desk with a code for the chosen officer."""
    form = await request.form()
    asked = _checked_request(form, runtime)
    if isinstance(asked, Response):
        return asked
    subject = str(form.get("officer", ""))
    if _officer_of(subject, runtime) is None:
        raise PageError(400, "demo_wrong_request")
    code = provider_of(request.app).give_code(
        subject=subject,
        redirect_uri=asked["redirect_uri"],
        nonce=asked["nonce"],
        challenge=asked["code_challenge"],
        chosen_at=int(time.time()),
    )
    return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 303)


def _checked_request(given: Any, runtime: Runtime) -> dict[str, str] | Response:
    """The parameters of the request; a page when it is not from the desk, back to the desk when it is incomplete."""
    names = (
        "client_id", "redirect_uri", "response_type", "scope",
        "state", "nonce", "code_challenge", "code_challenge_method",
    )  # fmt: skip
    asked = {name: str(given.get(name) or "") for name in names}
    # Without these two right, nobody is sent anywhere: the address could be an attacker's.
    if asked["client_id"] != CLIENT_ID or asked["redirect_uri"] != f"{runtime.settings.address}/desk/callback":
        raise PageError(400, "demo_wrong_request")
    error = None
    if asked["response_type"] != "code":
        error = "unsupported_response_type"
    elif "openid" not in asked["scope"].split():
        error = "invalid_scope"
    elif asked["code_challenge_method"] != "S256" or len(asked["code_challenge"]) != 43:
        error = "invalid_request"
    if error is not None:
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'error': error, 'state': asked['state']})}", 303)
    return asked


@router.post("/oidc/token")
async def give_token(request: Request, runtime: RuntimeHere) -> JSONResponse:
    """The signed id token for a code, once, to the client that can prove itself and its PKCE verifier."""
    provider = provider_of(request.app)
    form = await request.form()
    if not _is_client(request.headers.get("authorization", ""), provider):
        return _token_error("invalid_client", status=401)
    if form.get("grant_type") != "authorization_code":
        return _token_error("unsupported_grant_type")
    grant = provider.take_code(str(form.get("code", "")))
    verifier = str(form.get("code_verifier", ""))
    challenge = _unpadded(hashlib.sha256(verifier.encode()).digest())
    if (
        grant is None
        or form.get("redirect_uri") != grant["redirect_uri"]
        or not hmac.compare_digest(challenge.encode(), grant["challenge"].encode())
    ):
        return _token_error("invalid_grant")
    officer = _officer_of(grant["subject"], runtime)
    access_token = secrets.token_urlsafe(32)
    now = int(time.time())
    claims = {
        "iss": demo_issuer(runtime.settings),
        "sub": grant["subject"],
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + TOKEN_LIFETIME,
        "auth_time": grant["chosen_at"],
        "nonce": grant["nonce"],
        "at_hash": _unpadded(hashlib.sha256(access_token.encode()).digest()[:16]),
        "name": officer.name,
        "languages": list(officer.languages),
        "roles": [officer.role],
        "fund": _fund_of(grant["subject"]),
    }
    return JSONResponse(
        {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": TOKEN_LIFETIME,
            "id_token": jwt.encode({"alg": "ES256", "kid": provider.key.kid}, claims, provider.key),
        }
    )


def _is_client(authorization: str, provider: DemoProvider) -> bool:
    expected = base64.b64encode(f"{CLIENT_ID}:{provider.client_secret}".encode()).decode()
    return hmac.compare_digest(authorization.encode(), f"Basic {expected}".encode())


def _token_error(code: str, *, status: int = 400) -> JSONResponse:
    headers = {"WWW-Authenticate": "Basic"} if status == 401 else None
    return JSONResponse({"error": code}, status_code=status, headers=headers)


def _officer_of(subject: str, runtime: Runtime) -> DemoOfficer | None:
    fund, _, key = subject.partition("-")
    return OFFICERS.get(key) if fund in runtime.tools.content.profiles else None


def _fund_of(subject: str) -> str:
    return subject.partition("-")[0]


def _unpadded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


# --- the members' sign-in ---


@dataclass(frozen=True)
class DemoMember:
    """An invented member: the id in the file, the name, and which story the file tells."""

    id: str
    name: str
    language: str
    story: str


@cache
def demo_members() -> tuple[DemoMember, ...]:
    """The members with a story, as they stand in `data/demo/members.yml`; none when there is no such file."""
    if not MEMBERS.exists():
        return ()
    stories = yaml.safe_load(MEMBERS.read_text(encoding="utf-8"))["stories"]
    return tuple(
        DemoMember(id=told["member_id"], name=" ".join(told["name"]), language=told["language"], story=story)
        for story, told in stories.items()
    )


@router.get("/sign-in")
def choose_member(
    request: Request,
    runtime: RuntimeHere,
    return_origin: Annotated[str, Query(max_length=200)] = "",
    language: Literal["nl", "fr"] = "nl",
) -> Response:
    """The window of the chat's sign-in button: one of the demo members is chosen, instead of a password."""
    _check_origin(return_origin, runtime)
    texts = runtime.tools.content.phrases.texts[language]
    return _member_page(
        request,
        language,
        members=[(member, texts.get(f"desk.demo_story_{member.story}")) for member in demo_members()],
        return_origin=return_origin,
    )


@router.post("/sign-in")
def member_chosen(
    request: Request,
    runtime: RuntimeHere,
    member: Annotated[str, Form(max_length=64)] = "",
    return_origin: Annotated[str, Form(max_length=200)] = "",
    language: Annotated[Literal["nl", "fr"], Form()] = "nl",
) -> Response:
    """A portal token for the chosen member, handed to the window that opened this one and to no other origin."""
    _check_origin(return_origin, runtime)
    chosen = next((one for one in demo_members() if one.id == member), None)
    if chosen is None:
        raise PageError(404, "demo_member_unknown")
    token = mint_demo_token(runtime.settings, chosen.id)
    return _member_page(request, language, members=None, chosen=chosen, token=token, return_origin=return_origin)


def _check_origin(origin: str, runtime: Runtime) -> None:
    if origin not in (*runtime.profile.allowed_origins, runtime.settings.address):
        raise PageError(400, "demo_member_origin")


def _member_page(request: Request, language: str, **values: Any) -> Response:
    runtime = runtime_of(request)
    voice = runtime.tools.content.voice(fund=runtime.settings.fund, language=language)
    return show_page(request, "demo_member.html", say=voice, language=language, **values)
