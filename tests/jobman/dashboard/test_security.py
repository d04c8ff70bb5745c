"""Who may see the page, and what a response allows it."""

import html

import pytest

from pylearn2_jobman import open_table
from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.dashboard.app import make_app
from pylearn2_jobman.jobman.dashboard.context import Settings
from pylearn2_jobman.jobman.dashboard.security import Access, is_loopback

TOKEN = "correct horse battery staple"


@pytest.fixture
def client(sqlite_url, request):
    with open_table(sqlite_url) as table:
        table.insert({"a": 1})
        yield make_app(table, Settings(**getattr(request, "param", {}))).server.test_client()


with_token = pytest.mark.parametrize("client", [{"token": TOKEN, "host": "0.0.0.0"}], indirect=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1", "[::1]"])
def test_these_addresses_only_this_machine_reaches(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "example.org", ""])
def test_these_addresses_others_reach(host, sqlite_url):
    assert not is_loopback(host)
    with open_table(sqlite_url) as table, pytest.raises(UsageError, match="--token"):
        make_app(table, Settings(host=host))


def test_a_token_that_can_be_guessed_is_refused(sqlite_url):
    with open_table(sqlite_url) as table, pytest.raises(UsageError, match="at least 16"):
        make_app(table, Settings(token="x" * 15))
    assert Access("0.0.0.0", "x" * 16).accepts("x" * 16)


def test_without_a_token_the_page_answers_to_names_of_this_machine_alone(client):
    assert client.get("/", headers={"Host": "localhost:8050"}).status_code == 200
    refused = client.get("/", headers={"Host": "evil.example:8050"})
    assert refused.status_code == 403
    assert "evil.example" in refused.text


def test_a_name_that_is_refused_is_shown_as_text(client):
    refused = client.get("/", headers={"Host": "a'b"})
    assert refused.status_code in (400, 403)
    assert "a'b" not in refused.text or html.escape("a'b") in refused.text


@pytest.mark.parametrize("client", [{}, {"allow_actions": True}], indirect=True)
def test_only_with_leave_can_the_page_change_jobs(client, request):
    allowed = bool(request.node.callspec.params["client"])
    assert ("Retry" in client.get("/_dash-layout").text) == allowed
    assert ("submit_n_clicks" in client.get("/_dash-dependencies").text) == allowed


@with_token
def test_nothing_is_shown_without_the_token(client):
    for path in ("/", "/job/1", "/_dash-layout", "/_dash-dependencies", "/files/1/stdout"):
        answer = client.get(path)
        assert answer.status_code == 401
        assert "Token" in answer.text
    assert client.post("/_dash-update-component", json={}).status_code == 401
    with client.get("/assets/dashboard.css") as style:  # the form's
        assert style.status_code == 200


@with_token
def test_a_wrong_token_is_told_and_opens_nothing(client):
    for answer in (client.get("/?token=wrong"), client.post("/login", data={"token": "wr\xf6ng"})):
        assert answer.status_code == 401
        assert "not the token" in answer.text
        assert "Set-Cookie" not in answer.headers
    assert client.get("/").status_code == 401


@with_token
@pytest.mark.parametrize("way", ["link", "form"])
def test_the_token_gives_a_cookie_that_opens_the_page(client, way):
    answer = (
        client.get("/", query_string={"token": TOKEN})
        if way == "link"
        else client.post("/login", data={"token": TOKEN}, headers={"Origin": "http://localhost"})
    )
    assert answer.status_code == 200
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Max-Age=2592000" in cookie  # 30 days
    assert TOKEN not in cookie
    assert client.get("/_dash-layout").status_code == 200


@with_token
def test_a_made_up_cookie_opens_nothing(client):
    client.set_cookie("jobman_80", TOKEN)
    assert client.get("/_dash-layout").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:1234"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_sites_page_cannot_call(client, headers):
    answer = client.post("/_dash-update-component", json={}, headers=headers)
    assert answer.status_code == 403


def test_answers_forbid_foreign_scripts_frames_and_guessing(client):
    headers = client.get("/").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in scripts
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
