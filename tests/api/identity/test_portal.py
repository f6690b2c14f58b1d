"""The portal's token: one way to be right, every way to be wrong, with real keys and a real key server."""

import asyncio
import base64
import hmac
import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey

from api.identity import portal as portal_module
from api.identity.portal import (
    DEMO_ISSUER,
    LEEWAY,
    LONGEST_LIFE,
    OwnKeys,
    PortalKeys,
    PortalToken,
    RemoteKeys,
    TokenRefused,
    demo_portal,
    mint_demo_token,
    remote_portal,
)
from api.settings import Settings

NOW = datetime(2025, 11, 20, 10, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
ISSUER, AUDIENCE = "https://portal.example.be", "relais"
SECOND = timedelta(seconds=1)


def ec_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", parameters={"kid": kid}, private=True)


KEY, STRANGER = ec_key("portal-1"), ec_key("portal-1")
RSA = RSAKey.generate_key(2048, parameters={"kid": "portal-rsa"}, private=True)
CLAIMS = {"iss": ISSUER, "aud": AUDIENCE, "sub": "m-1", "jti": "once-1", "iat": AT, "exp": AT + 300}
PORTAL = PortalKeys(ISSUER, AUDIENCE, OwnKeys(KEY))


def token(key=KEY, *, header: dict | None = None, without: tuple[str, ...] = (), **claims) -> str:
    """A token as the portal writes it, and what is different about it."""
    said = {name: value for name, value in (CLAIMS | claims).items() if name not in without}
    protected = {"alg": "ES256", "kid": key.kid, **(header or {})}
    return jws.serialize_compact(
        protected, json.dumps(said).encode(), key, algorithms=["ES256", "RS256", "PS256", "HS256", "EdDSA"]
    )


def part(content: dict | bytes) -> str:
    """One part of a token written by hand."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def verify(text: str, *, portal: PortalKeys = PORTAL, now: datetime = NOW) -> PortalToken:
    return asyncio.run(portal.verify(text, now=now))


def refused(text: str, *, portal: PortalKeys = PORTAL, now: datetime = NOW) -> str:
    """The reason why a token is refused."""
    with pytest.raises(TokenRefused) as refusal:
        verify(text, portal=portal, now=now)
    return str(refusal.value)


class TestClaims:
    def test_a_good_token_names_the_member_once(self):
        assert verify(token()) == PortalToken("m-1", "once-1", NOW + timedelta(minutes=5))

    @pytest.mark.parametrize(
        "change",
        [
            {"aud": [AUDIENCE]},
            {"aud": ["another", AUDIENCE]},
            {"exp": AT + 1},
            {"exp": AT + 0.5},
            {"iat": AT - 290, "exp": AT + 10},
            {"iat": AT + 10, "exp": AT + 310},
            {"nbf": AT},
            {"nbf": AT + 10},
            {"name": "An Peeters", "extra": {"more": [1]}},
            {"sub": "m" * 64, "jti": "j" * 128},
        ],
    )
    def test_what_may_differ_does_no_harm(self, change):
        assert verify(token(**change)).member_id == change.get("sub", "m-1")

    @pytest.mark.parametrize(
        "change",
        [
            {"iss": "https://elsewhere.example.be"},
            {"iss": ISSUER + "/"},
            {"iss": [ISSUER]},
            {"iss": None},
            {"iss": ""},
            {"aud": "another"},
            {"aud": AUDIENCE.upper()},
            {"aud": ["another"]},
            {"aud": []},
            {"aud": [[AUDIENCE]]},
            {"aud": {AUDIENCE: True}},
            {"aud": None},
            {"sub": ""},
            {"sub": "m" * 65},
            {"sub": 1},
            {"sub": ["m-1"]},
            {"sub": None},
            {"sub": "m\x00"},
            {"sub": "m\ud800"},
            {"jti": ""},
            {"jti": "j" * 129},
            {"jti": 7},
            {"jti": None},
            {"exp": AT},
            {"exp": AT - 1},
            {"exp": AT + 301},
            {"exp": str(AT + 300)},
            {"exp": True},
            {"exp": None},
            {"exp": [AT + 300]},
            {"iat": AT + 11, "exp": AT + 200},
            {"iat": AT - 1, "exp": AT + 300},
            {"iat": AT - 3600},
            {"iat": 0},
            {"iat": False},
            {"iat": None},
            {"iat": str(AT)},
            {"iat": 10**20, "exp": 10**20 + 5},
            {"iat": -(10**20)},
            {"iat": float("nan"), "exp": float("nan")},
            {"exp": float("inf")},
            {"iat": float("-inf")},
            {"nbf": AT + 11},
            {"nbf": None},
            {"nbf": "soon"},
        ],
    )
    def test_anything_wrong_in_it_is_refused(self, change):
        refused(token(**change))

    @pytest.mark.parametrize("name", ["iss", "aud", "sub", "jti", "iat", "exp"])
    def test_anything_missing_is_refused(self, name):
        refused(token(without=(name,)))

    def test_it_expires_at_its_moment_and_not_before(self):
        text = token()
        assert verify(text, now=NOW + timedelta(minutes=5) - timedelta(microseconds=1))
        refused(text, now=NOW + timedelta(minutes=5))

    def test_it_lives_five_minutes_at_most(self):
        assert timedelta(minutes=5) == LONGEST_LIFE
        assert verify(token(exp=AT + 300))
        refused(token(exp=AT + 300.001))

    def test_a_clock_a_little_ahead_is_borne(self):
        text = token(iat=AT + 60, exp=AT + 360)
        refused(text)
        refused(text, now=NOW + timedelta(minutes=1) - LEEWAY - SECOND)
        assert verify(text, now=NOW + timedelta(minutes=1) - LEEWAY)

    @pytest.mark.parametrize("payload", [b"", b"[]", b"null", b'"m-1"', b"1", b"{", b"\xff", b"[" * 3000])
    def test_a_signed_payload_that_is_no_object_is_refused(self, payload):
        refused(jws.serialize_compact({"alg": "ES256", "kid": "portal-1"}, payload, KEY))


class TestSignature:
    def test_another_key_under_the_same_name_is_refused(self):
        refused(token(STRANGER))

    def test_a_changed_claim_is_refused(self):
        header, _, signature = token().split(".")
        refused(f"{header}.{part({**CLAIMS, 'sub': 'm-2'})}.{signature}")

    def test_a_signature_of_another_token_is_refused(self):
        header, payload, _ = token().split(".")
        refused(f"{header}.{payload}.{token(jti='once-2').split('.')[2]}")

    @pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None])
    @pytest.mark.parametrize("signature", ["", "AAAA"])
    def test_an_unsigned_token_is_refused(self, alg, signature):
        refused(f"{part({'alg': alg, 'kid': 'portal-1'})}.{part(CLAIMS)}.{signature}")
        refused(f"{part({'alg': alg})}.{part(CLAIMS)}.{signature}")

    @pytest.mark.parametrize("key", [KEY, RSA], ids=["ec", "rsa"])
    @pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
    def test_the_public_key_is_no_shared_secret(self, key, alg):
        """The old confusion: signed with the public key as if it were a password."""
        portal = PortalKeys(ISSUER, AUDIENCE, OwnKeys(key))
        public = [key.as_pem(private=False), key.as_der(private=False), json.dumps(key.as_dict(private=False)).encode()]
        for secret in public:
            signed = f"{part({'alg': alg, 'kid': key.kid})}.{part(CLAIMS)}"
            signature = hmac.digest(secret, signed.encode(), f"sha{alg.removeprefix('HS')}")
            refused(f"{signed}.{part(signature)}", portal=portal)

    def test_a_key_that_travels_in_the_token_is_not_believed(self):
        for header in ({"jwk": STRANGER.as_dict(private=False)}, {"jku": "http://127.0.0.1:1/keys"}, {"kid": "../x"}):
            refused(token(STRANGER, header=header))

    @pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
    @pytest.mark.parametrize(
        "header",
        [
            b"",
            b"null",
            b"[]",
            b"{}",
            b"1",
            b'"ES256"',
            b"\xff\xfe",
            b"[" * 5000,
            b'{"alg": "ES256"',
            b'{"alg": ["ES256"], "kid": "portal-1"}',
            b'{"alg": "ES256", "kid": ["portal-1"]}',
            b'{"alg": "ES256", "kid": "portal-1", "crit": ["b64"], "b64": false}',
            b'{"alg": "RS256", "kid": "portal-1"}',
            b'{"alg": "EdDSA", "kid": "portal-1"}',
            b'{"alg": "ES512", "kid": "portal-1"}',
            b'{"alg": "ES256", "alg": "none", "kid": "portal-1"}',
        ],
    )
    def test_a_header_that_is_not_the_portals_is_refused(self, header):
        _, payload, signature = token().split(".")
        refused(f"{part(header)}.{payload}.{signature}")

    @pytest.mark.parametrize(
        "text",
        ["", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d", "a.b.c.d.e", "é.é.é", "\ud800.a.b", "\x00", "x" * 9000],
    )
    def test_what_is_no_token_is_refused(self, text):
        refused(text)

    def test_a_token_longer_than_any_portal_writes_is_refused_unread(self):
        assert refused(token(filler="x" * 8192)) == "not a token"

    def test_an_encrypted_token_is_refused(self):
        refused("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA")

    @pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
    @pytest.mark.parametrize(
        ("key", "alg"),
        [(RSA, "RS256"), (RSA, "PS256"), (OKPKey.generate_key("Ed25519", parameters={"kid": "ed"}), "EdDSA")],
        ids=["RS256", "PS256", "EdDSA"],
    )
    def test_other_signatures_that_portals_use_are_read(self, key, alg):
        assert verify(token(key, header={"alg": alg}), portal=PortalKeys(ISSUER, AUDIENCE, OwnKeys(key)))

    @given(st.data())
    def test_no_change_to_a_token_makes_another_member_of_it(self, data):
        text = token()
        place = data.draw(st.integers(0, len(text) - 1))
        letter = data.draw(st.characters())
        changed = text[:place] + letter + text[place + 1 :]
        try:
            found = verify(changed)
        except TokenRefused:
            return
        assert found == verify(text)  # base64 has bits to spare at the end: another spelling of the same token


class KeyServer:
    """The portal's key server on a port of its own: what it answers, and how often it was asked."""

    def __init__(self, *keys) -> None:
        self.asked, self.status, self.body, self.stopped = 0, 200, b"", False
        self.publish(*keys)
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked += 1
                self.send_response(server.status)
                self.send_header("Content-Length", str(len(server.body)))
                self.end_headers()
                self.wfile.write(server.body)

            def log_message(self, *_) -> None:
                """No lines between the tests."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/keys"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def publish(self, *keys) -> None:
        self.body = json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()

    def stop(self) -> None:
        if not self.stopped:
            self.http.shutdown()
            self.http.server_close()
            self.stopped = True


@pytest.fixture
def server():
    server = KeyServer(KEY)
    yield server
    server.stop()


@pytest.fixture
def portal(server) -> PortalKeys:
    return PortalKeys(ISSUER, AUDIENCE, RemoteKeys(server.url))


@pytest.fixture
def impatient(monkeypatch):
    """The pause between two questions to the portal is over."""
    monkeypatch.setattr(portal_module, "KEYS_ASKED_AT_MOST_EVERY", -1.0)


class TestRemoteKeys:
    def test_the_keys_are_asked_once_and_kept(self, server, portal):
        for number in range(3):
            assert verify(token(jti=f"once-{number}"), portal=portal).id == f"once-{number}"
        assert server.asked == 1

    def test_they_are_asked_again_when_they_are_old(self, server, portal, monkeypatch):
        verify(token(), portal=portal)
        monkeypatch.setattr(portal_module, "KEYS_FRESH_FOR", -1.0)
        verify(token(), portal=portal)
        assert server.asked == 2

    def test_a_rotated_key_is_found_without_a_restart(self, server, portal, impatient):
        verify(token(), portal=portal)
        new = ec_key("portal-2")
        server.publish(KEY, new)
        assert verify(token(new), portal=portal)
        assert server.asked == 2
        assert verify(token(KEY), portal=portal)
        server.publish(new)
        asyncio.run(portal.keys.key_set(renew=True))
        refused(token(KEY), portal=portal)
        assert verify(token(new), portal=portal)

    def test_a_key_that_was_replaced_under_its_name_is_found(self, server, portal, impatient):
        verify(token(), portal=portal)
        server.publish(STRANGER)
        assert verify(token(STRANGER), portal=portal)

    def test_unknown_keys_do_not_make_us_pester_the_portal(self, server, portal):
        verify(token(), portal=portal)
        for number in range(20):
            refused(token(ec_key(f"stranger-{number}")), portal=portal)
            refused(token(STRANGER), portal=portal)
        assert server.asked == 1

    def test_many_sign_ins_at_the_start_ask_once_and_all_succeed(self, server, portal):
        async def all_at_once() -> list[PortalToken]:
            return await asyncio.gather(*(portal.verify(token(jti=str(n)), now=NOW) for n in range(10)))

        assert [found.id for found in asyncio.run(all_at_once())] == [str(n) for n in range(10)]
        assert server.asked == 1

    def test_many_sign_ins_with_a_new_key_ask_once_and_all_succeed(self, server, portal):
        verify(token(), portal=portal)
        new = ec_key("portal-2")
        server.publish(new)
        portal.keys._asked_at -= portal_module.KEYS_ASKED_AT_MOST_EVERY + 1

        async def all_at_once() -> list[PortalToken]:
            return await asyncio.gather(*(portal.verify(token(new, jti=str(n)), now=NOW) for n in range(10)))

        assert len(asyncio.run(all_at_once())) == 10
        assert server.asked == 2

    def test_a_portal_that_is_down_refuses_and_is_asked_again_later(self, server, portal, monkeypatch):
        server.status = 503
        assert refused(token(), portal=portal) == "TokenRefused"
        refused(token(), portal=portal)
        assert server.asked == 1
        server.status = 200
        monkeypatch.setattr(portal_module, "KEYS_ASKED_AT_MOST_EVERY", -1.0)
        assert verify(token(), portal=portal)

    def test_a_portal_that_goes_down_leaves_the_keys_that_we_have(self, server, portal, impatient, monkeypatch):
        verify(token(), portal=portal)
        server.stop()
        monkeypatch.setattr(portal_module, "KEYS_FRESH_FOR", -1.0)
        assert verify(token(), portal=portal)
        refused(token(ec_key("portal-2")), portal=portal)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<html>",
            b"null",
            b"[]",
            b"{}",
            b'{"keys": null}',
            b'{"keys": []}',
            b'{"keys": [1]}',
            b'{"keys": ["x"]}',
            b'{"keys": [{}]}',
            b'{"keys": [{"kty": "EC"}]}',
            b'{"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}',
            b'{"keys": [{"kty": "RSA", "n": "AA"}]}',
            b'{"keys": [{"kty": "OKP", "crv": "X", "x": "AA"}]}',
            b"\xff",
            b"[" * 100_000,
        ],
    )
    def test_an_answer_that_holds_no_keys_is_none(self, server, portal, body, impatient):
        server.body = body
        refused(token(), portal=portal)
        server.publish(KEY)
        assert verify(token(), portal=portal)

    def test_a_key_of_a_kind_that_is_new_to_us_does_not_hide_the_others(self, server, portal):
        row = {"kty": "AKP", "kid": "future", "alg": "ML-DSA-44", "pub": "AAAA"}
        server.body = json.dumps({"keys": [row, KEY.as_dict(private=False)]}).encode()
        assert verify(token(), portal=portal)

    def test_a_shared_secret_among_the_keys_signs_nothing(self, server, portal):
        secret = OctKey.generate_key(256, parameters={"kid": "shared"})
        server.body = json.dumps(KeySet([KEY, secret]).as_dict(private=True)).encode()
        refused(token(secret, header={"alg": "HS256"}), portal=portal)
        assert verify(token(), portal=portal)

    def test_a_redirect_is_not_followed(self, server, portal):
        server.status = 302
        refused(token(), portal=portal)


class TestDemo:
    @pytest.fixture
    def file(self, tmp_path):
        return tmp_path / "var" / "key.json"

    def test_a_minted_token_signs_in_at_the_demo_portal(self, file):
        settings = Settings(mode="demo")
        found = verify(
            mint_demo_token(settings, "demo-7", key_file=file),
            portal=demo_portal(settings, key_file=file),
            now=datetime.now(UTC),
        )
        assert found.member_id == "demo-7"
        assert (
            found.id
            != verify(
                mint_demo_token(settings, "demo-7", key_file=file),
                portal=demo_portal(settings, key_file=file),
                now=datetime.now(UTC),
            ).id
        )

    def test_the_key_is_made_once_and_only_its_owner_reads_it(self, file):
        settings = Settings(mode="demo")
        mint_demo_token(settings, "demo-7", key_file=file)
        first = file.read_text()
        mint_demo_token(settings, "demo-7", key_file=file)
        assert file.read_text() == first
        assert file.stat().st_mode & 0o077 == 0
        assert [path.name for path in file.parent.iterdir()] == [file.name]

    def test_two_processes_that_start_together_use_one_key(self, file):
        settings, portals = Settings(mode="demo"), []
        threads = [
            threading.Thread(target=lambda: portals.append(demo_portal(settings, key_file=file))) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        text = mint_demo_token(settings, "demo-7", key_file=file)
        assert len(portals) == 8
        assert all(verify(text, portal=portal, now=datetime.now(UTC)) for portal in portals)

    def test_production_has_no_demo_portal(self, file):
        settings = production()
        with pytest.raises(ValueError, match="demo"):
            demo_portal(settings, key_file=file)
        with pytest.raises(ValueError, match="demo"):
            mint_demo_token(settings, "demo-7", key_file=file)
        assert not file.exists()

    def test_a_demo_token_means_nothing_to_the_real_portal(self, file, server):
        settings = production(portal_jwks_url=server.url, portal_issuer=ISSUER)
        portal = remote_portal(settings)
        assert verify(token(), portal=portal)
        refused(mint_demo_token(Settings(mode="demo"), "demo-7", key_file=file), portal=portal, now=datetime.now(UTC))
        refused(token(iss=DEMO_ISSUER), portal=portal)


def production(**changes) -> Settings:
    plain = {
        "mode": "production", "session_secret": "s" * 40, "public_url": "https://relais.example.be",
        "portal_issuer": ISSUER, "portal_jwks_url": "http://127.0.0.1:1/keys", "oidc_issuer": "https://id.example.be",
        "oidc_client_id": "desk", "oidc_client_secret": "secret",
        "database_url": "sqlite://", "file_database_url": "sqlite://",
    }  # fmt: skip
    return Settings(**(plain | changes))
