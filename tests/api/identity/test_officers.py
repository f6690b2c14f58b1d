"""Officers sign in by OpenID Connect; here with the demo's provider, over the same HTTP as any other."""

import asyncio
import base64
import hashlib
import json
import re
import time
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from api.app import create_app
from api.identity import demo_provider, officers
from api.identity.officers import FLOW_COOKIE, SESSION_COOKIE
from api.runtime import Runtime, build_runtime
from api.settings import Settings
from fund.clock import system_clock
from fund.conversations.models import Officer, OfficerSession

PUBLIC = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def built() -> Runtime:
    return build_runtime(Settings(seam_secret="s" * 40, database_url="sqlite://", file_database_url="sqlite://"))


@pytest.fixture
def runtime(database, built) -> Runtime:
    return replace(built, tools=replace(built.tools, database=database))


@pytest.fixture
def browser(runtime) -> TestClient:
    return TestClient(create_app(runtime), base_url=PUBLIC, follow_redirects=False, headers={"Accept-Language": "nl"})


def start(browser: TestClient, *, back: str = "/desk") -> dict[str, str]:
    """Go to the provider; gives what the desk asks of it."""
    answer = browser.get("/desk/sign-in", params={"back": back})
    assert answer.status_code == 302
    url = urlsplit(answer.headers["location"])
    assert url._replace(query="").geturl() == f"{PUBLIC}/demo/oidc/authorize"
    return {name: values[0] for name, values in parse_qs(url.query).items()}


def choose(browser: TestClient, asked: dict[str, str], officer: str = "liantis-an"):
    """Choose an officer on the provider's page; gives the way back to the desk."""
    page = browser.get("/demo/oidc/authorize", params=asked)
    assert page.status_code == 200
    assert f'value="{officer}"' in page.text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    answer = browser.post("/demo/oidc/authorize", data={**fields, "officer": officer})
    assert answer.status_code == 303
    return answer.headers["location"]


def sign_in(browser: TestClient, officer: str = "liantis-an", *, back: str = "/desk"):
    return browser.get(choose(browser, start(browser, back=back), officer))


def client_of(browser: TestClient):
    """The desk's OpenID client in this app."""
    return officers._client(SimpleNamespace(app=browser.app), browser.app.state.runtime)


def sessions(runtime) -> int:
    with runtime.tools.database.read() as session:
        return session.query(OfficerSession).count()


# --- the whole way ---


def test_an_officer_signs_in_and_comes_back_to_where_they_wanted(browser, runtime):
    sent = browser.get("/desk/conversations/abc")
    assert sent.status_code == 303
    assert sent.headers["location"] == f"{PUBLIC}/desk/sign-in?back=/desk/conversations/abc"
    answer = sign_in(browser, back="/desk/conversations/abc")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/conversations/abc")
    cookies = answer.headers.get_list("set-cookie")
    kept = next(cookie for cookie in cookies if cookie.startswith(SESSION_COOKIE))
    assert "HttpOnly" in kept
    assert "SameSite=lax" in kept
    assert "Path=/desk" in kept
    assert browser.cookies.get(FLOW_COOKIE) is None, "what was needed on the way is gone"
    page = browser.get("/desk")
    assert page.status_code == 200
    assert "Aangemeld als An Peeters" in page.text
    with runtime.tools.database.read() as session:
        officer = session.query(Officer).one()
    assert (officer.id, officer.name, officer.fund) == ("liantis-an", "An Peeters", "liantis")
    assert (officer.languages, officer.roles, officer.desk_language) == (["nl"], ["officer"], "nl")
    assert officer.seen_at is not None


def test_the_desk_asks_with_state_nonce_and_pkce_anew_each_time(browser):
    first, second = start(browser), start(browser)
    for asked in (first, second):
        assert asked["response_type"] == "code"
        assert asked["redirect_uri"] == f"{PUBLIC}/desk/callback"
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["code_challenge"]) == 43
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
        assert len(first[name]) >= 20


def test_the_choice_of_another_fund_and_of_roles_is_kept(browser, runtime):
    sign_in(browser, "securex-karim")
    with runtime.tools.database.read() as session:
        officer = session.get_one(Officer, "securex-karim")
    assert (officer.fund, officer.languages, officer.roles) == ("securex", ["nl", "fr"], ["supervisor"])
    assert "Loket van Securex" in browser.get("/desk").text


def test_who_does_not_work_at_the_desk_is_told_so_and_not_counted_as_present(browser, runtime):
    sign_in(browser, "liantis-inge")
    page = browser.get("/desk")
    assert page.status_code == 403
    assert "Je rol geeft geen toegang" in page.text
    with runtime.tools.database.read() as session:
        assert session.get_one(Officer, "liantis-inge").seen_at is None
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text).group(1)
    assert browser.post("/desk/sign-out", data={"csrf": csrf}).status_code == 303
    assert sessions(runtime) == 0


def test_a_new_sign_in_ends_the_browsers_old_session(browser, runtime):
    sign_in(browser)
    old = browser.cookies.get(SESSION_COOKIE)
    sign_in(browser, "liantis-sarah")
    assert sessions(runtime) == 1
    browser.cookies.set(SESSION_COOKIE, old, path="/desk")
    assert browser.get("/desk", headers={"Cookie": f"{SESSION_COOKIE}={old}"}).status_code == 303


@pytest.mark.parametrize(
    "back",
    ["https://evil.example/", "//evil.example", "/desk/../../x", "/desk?x=1", "/deskx", "/api", "/desk/" + "a" * 300],
)
def test_nobody_is_sent_elsewhere_after_the_sign_in(browser, back):
    assert sign_in(browser, back=back).headers["location"] == "/desk"


# --- what is refused ---


def assert_refused(answer, runtime, *, status: int = 400) -> None:
    assert answer.status_code == status
    assert "Het aanmelden is niet gelukt" in answer.text
    assert not any(cookie.startswith(f"{SESSION_COOKIE}=") for cookie in answer.headers.get_list("set-cookie"))
    assert sessions(runtime) == 0


def test_a_way_back_that_was_not_begun_here_is_refused(browser, runtime):
    way_back = choose(browser, start(browser))
    stranger = TestClient(browser.app, base_url=PUBLIC, follow_redirects=False, headers={"Accept-Language": "nl"})
    assert_refused(stranger.get(way_back), runtime)


def test_a_way_back_with_another_state_is_refused(browser, runtime):
    way_back = choose(browser, start(browser))
    assert_refused(browser.get(re.sub(r"state=[^&]+", "state=invented", way_back)), runtime)


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?error=access_denied&state=x"])
def test_an_incomplete_way_back_is_refused(browser, runtime, query):
    start(browser)
    assert_refused(browser.get(f"/desk/callback{query}"), runtime)


def test_a_code_is_good_once(browser, runtime):
    asked = start(browser)
    flow = browser.cookies.get(FLOW_COOKIE)
    way_back = choose(browser, asked)
    assert browser.get(way_back).status_code == 303
    again = TestClient(browser.app, base_url=PUBLIC, follow_redirects=False)
    answer = again.get(way_back, headers={"Cookie": f"{FLOW_COOKIE}={flow}"})
    assert answer.status_code == 400
    assert sessions(runtime) == 1


def test_a_sign_in_under_way_is_forgotten_after_ten_minutes(database, built):
    now = system_clock()
    clock = [now]
    runtime = replace(built, tools=replace(built.tools, database=database, clock=lambda: clock[0]))
    browser = TestClient(
        create_app(runtime), base_url=PUBLIC, follow_redirects=False, headers={"Accept-Language": "nl"}
    )
    way_back = choose(browser, start(browser))
    clock[0] = now + timedelta(minutes=10, seconds=1)
    assert_refused(browser.get(way_back), runtime)


def test_a_forged_cookie_of_a_sign_in_under_way_is_refused(browser, runtime):
    way_back = choose(browser, start(browser))
    flow = {f"_state_desk_{parse_qs(urlsplit(way_back).query)['state'][0]}": {"data": {"nonce": "n"}}}
    claims = {"flow": flow, "exp": int(time.time()) + 60}
    for forged in (
        jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(b"another key, but long enough for HS256")),
        base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=") + ".e30.",
        "nonsense",
    ):
        stranger = TestClient(browser.app, base_url=PUBLIC, follow_redirects=False, headers={"Accept-Language": "nl"})
        assert_refused(stranger.get(way_back, headers={"Cookie": f"{FLOW_COOKIE}={forged}"}), runtime)


OTHER_KEY = ECKey.generate_key("P-256", parameters={"kid": "other"}, auto_kid=False)


def saying(changed: dict):
    """Signs like the provider, but with some claims changed, or left out when None."""

    def encode(header, claims, key):
        said = {name: value for name, value in {**claims, **changed}.items() if value is not None}
        return jwt.encode(header, said, key)

    return encode


def unsigned(claims: dict) -> str:
    def part(value: dict) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part(claims)}."


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://login.elsewhere.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": ["another-client", "third"]},
        {"aud": None},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"azp": "another-client"},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"sub": None},
    ],
    ids=str,
)
def test_an_id_token_with_a_wrong_claim_is_refused(browser, runtime, monkeypatch, wrong):
    monkeypatch.setattr(demo_provider, "jwt", SimpleNamespace(encode=saying(wrong)))
    assert_refused(sign_in(browser), runtime)


@pytest.mark.parametrize(
    "sign",
    [
        lambda claims, key: jwt.encode({"alg": "ES256", "kid": "other"}, claims, OTHER_KEY),
        lambda claims, key: jwt.encode({"alg": "ES256", "kid": key.kid}, claims, OTHER_KEY),
        lambda claims, key: unsigned(claims),
        lambda claims, key: jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(key.as_pem(private=False))),
        lambda claims, key: "nonsense",
    ],
    ids=["another key", "another key under our key's id", "none", "the public key as a shared secret", "no token"],
)
def test_an_id_token_that_the_provider_did_not_sign_is_refused(browser, runtime, monkeypatch, sign):
    forge = SimpleNamespace(encode=lambda header, claims, key: sign(claims, key))
    monkeypatch.setattr(demo_provider, "jwt", forge)
    assert_refused(sign_in(browser), runtime)


def test_even_a_provider_that_offers_no_signature_is_held_to_one(browser, runtime, monkeypatch):
    client = client_of(browser)
    offered = json.loads(demo_provider.discovery(runtime).body)
    offered["id_token_signing_alg_values_supported"] = ["none", "HS256", "ES256"]
    client.server_metadata.update(offered, _loaded_at=time.time())
    forge = SimpleNamespace(encode=lambda header, claims, key: unsigned(claims))
    monkeypatch.setattr(demo_provider, "jwt", forge)
    assert_refused(sign_in(browser), runtime)
    assert client.server_metadata["id_token_signing_alg_values_supported"] == ["ES256"]


@pytest.mark.parametrize(
    "claims",
    [
        {"roles": []},
        {"roles": ["janitor"]},
        {"roles": None},
        {"languages": ["de"]},
        {"languages": None},
        {"fund": "unknown"},
        {"fund": None},
        {"fund": ["liantis"]},
    ],
    ids=str,
)
def test_who_has_no_known_fund_language_or_role_stays_outside(browser, runtime, monkeypatch, claims):
    monkeypatch.setattr(demo_provider, "jwt", SimpleNamespace(encode=saying(claims)))
    answer = sign_in(browser)
    assert_refused(answer, runtime, status=403)
    assert "bij welk fonds" in answer.text


def test_another_issuers_discovery_document_is_refused(browser, runtime):
    client = client_of(browser)
    client.server_metadata.update(issuer="https://login.elsewhere.example", _loaded_at=time.time())
    answer = browser.get("/desk/sign-in")
    assert_refused(answer, runtime, status=503)


# --- the provider itself ---


def token_request(browser: TestClient, *, code: str, verifier: str, secret: str | None = None, **changed: str):
    provider = demo_provider.provider_of(browser.app)
    fields = {
        "grant_type": "authorization_code", "code": code, "code_verifier": verifier,
        "redirect_uri": f"{PUBLIC}/desk/callback", **changed,
    }  # fmt: skip
    return browser.post("/demo/oidc/token", data=fields, auth=("relais-desk", secret or provider.client_secret))


@pytest.fixture
def code(browser) -> tuple[str, str]:
    """A code and the verifier that belongs to it."""
    verifier = "v" * 64
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "client_id": "relais-desk", "redirect_uri": f"{PUBLIC}/desk/callback", "response_type": "code",
        "scope": "openid", "state": "s", "nonce": "n", "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    way_back = choose(browser, asked)
    return parse_qs(urlsplit(way_back).query)["code"][0], verifier


def test_the_provider_gives_a_token_once_for_code_and_verifier(browser, code):
    given, verifier = code
    first = token_request(browser, code=given, verifier=verifier)
    assert first.status_code == 200
    assert first.headers["cache-control"] == "no-store"
    assert first.json()["token_type"] == "Bearer"
    second = token_request(browser, code=given, verifier=verifier)
    assert (second.status_code, second.json()) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"verifier": "w" * 64}, 400, "invalid_grant"),
        ({"verifier": ""}, 400, "invalid_grant"),
        ({"code": "invented"}, 400, "invalid_grant"),
        ({"redirect_uri": f"{PUBLIC}/elsewhere"}, 400, "invalid_grant"),
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({"secret": "guessed"}, 401, "invalid_client"),
    ],
    ids=str,
)
def test_the_provider_gives_no_token_for_anything_else(browser, code, changed, status, error):
    answer = token_request(browser, **{"code": code[0], "verifier": code[1], **changed})
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_code_grows_old(browser, code, monkeypatch):
    monkeypatch.setattr(demo_provider.time, "monotonic", lambda: time.perf_counter() + 10**9)
    assert token_request(browser, code=code[0], verifier=code[1]).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    "changed",
    [{"redirect_uri": "https://evil.example/"}, {"redirect_uri": f"{PUBLIC}/desk/callback/x"}, {"client_id": "x"}],
)
def test_the_provider_sends_nobody_to_a_stranger(browser, changed):
    asked = {**start(browser), **changed}
    answer = browser.get("/demo/oidc/authorize", params=asked)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert browser.post("/demo/oidc/authorize", data={**asked, "officer": "liantis-an"}).status_code == 400


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_the_provider_insists_on_code_openid_and_pkce(browser, changed, error):
    answer = browser.get("/demo/oidc/authorize", params={**start(browser), **changed})
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.headers["location"]).query)["error"] == [error]


def test_the_published_key_is_public(browser):
    (key,) = browser.get("/demo/oidc/jwks").json()["keys"]
    assert key["kty"] == "EC"
    assert "d" not in key


# --- the members' demo sign-in ---


@pytest.mark.parametrize(("language", "title"), [("nl", "Aanmelden bij Liantis"), ("fr", "Se connecter chez Liantis")])
def test_a_demo_member_signs_in_for_the_page_that_asked(browser, runtime, language, title):
    asked = {"return_origin": "http://localhost:8000", "language": language}
    page = browser.get("/demo/sign-in", params=asked)
    assert page.status_code == 200
    assert f"<h1>{title}</h1>" in page.text
    assert f'<html lang="{language}">' in page.text
    members = demo_provider.demo_members()
    assert len(members) >= 10
    for member in members:
        assert member.name in page.text
    done = browser.post("/demo/sign-in", data={**asked, "member": members[0].id})
    assert done.status_code == 200
    assert 'data-origin="http://localhost:8000"' in done.text
    token = re.search(r'data-token="([^"]+)"', done.text).group(1)
    verified = asyncio.run(runtime.portal.verify(token, now=system_clock()))
    assert verified.member_id == members[0].id
    assert "demo_sign_in.js" in done.text


@pytest.mark.parametrize(
    "origin", ["", "https://evil.example", "http://127.0.0.1:8000/", "http://127.0.0.1:80", "null", "*"]
)
def test_no_token_for_a_website_that_is_not_the_funds(browser, origin):
    member = demo_provider.demo_members()[0].id
    assert browser.get("/demo/sign-in", params={"return_origin": origin}).status_code == 400
    answer = browser.post("/demo/sign-in", data={"return_origin": origin, "member": member})
    assert answer.status_code == 400
    assert "data-token" not in answer.text


def test_no_token_for_an_invented_member(browser):
    answer = browser.post("/demo/sign-in", data={"return_origin": PUBLIC, "member": "M999999"})
    assert answer.status_code == 404


def test_without_the_demos_members_the_page_says_so(browser, monkeypatch):
    monkeypatch.setattr(demo_provider, "demo_members", tuple)
    page = browser.get("/demo/sign-in", params={"return_origin": PUBLIC})
    assert "Er zijn geen demoleden" in page.text


# --- in earnest ---


@pytest.fixture
def earnest(database, built) -> TestClient:
    settings = Settings(
        database_url="sqlite://",
        file_database_url="sqlite://",
        mode="production", public_url="https://relais.example", seam_secret="s" * 40, session_secret="t" * 40,
        portal_issuer="https://portal.example", portal_jwks_url="https://portal.example/jwks",
        oidc_issuer="http://127.0.0.1:9", oidc_client_id="desk", oidc_client_secret="secret",
    )  # fmt: skip
    runtime = replace(built, settings=settings, tools=replace(built.tools, database=database))
    app = create_app(runtime)
    app.include_router(demo_provider.router)  # even if somebody mounts it by mistake
    return TestClient(app, base_url="https://relais.example", follow_redirects=False, headers={"Accept-Language": "fr"})


def test_the_demos_provider_does_not_exist_in_earnest(earnest):
    for path in (
        "/demo/oidc/.well-known/openid-configuration",
        "/demo/oidc/jwks",
        "/demo/oidc/authorize",
        "/demo/sign-in",
    ):
        assert earnest.get(path).status_code == 404
    for path in ("/demo/oidc/token", "/demo/oidc/authorize", "/demo/sign-in"):
        assert earnest.post(path).status_code == 404


def test_a_silent_provider_is_told_plainly(earnest):
    answer = earnest.get("/desk/sign-in")
    assert answer.status_code == 503
    assert "Le service de connexion ne répond pas" in answer.text
    assert 'href="https://relais.example/desk/sign-in?back=/desk"' in answer.text


def test_cookies_travel_encrypted_in_earnest(earnest):
    client = client_of(earnest)
    client.server_metadata.update(
        issuer="http://127.0.0.1:9", authorization_endpoint="https://login.example/authorize", _loaded_at=time.time()
    )
    answer = earnest.get("/desk/sign-in")
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("https://login.example/authorize?")
    assert parse_qs(urlsplit(answer.headers["location"]).query)["redirect_uri"] == [
        "https://relais.example/desk/callback"
    ]
    cookie = answer.headers["set-cookie"]
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
