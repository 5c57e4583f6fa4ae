"""Every error of the API is a problem (RFC 9457), whoever makes it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from apps.core.api.problem_types import problem_types

pytestmark = pytest.mark.urls("apps.core.tests.api_urls")


@pytest.fixture
def api() -> Client:
    """A client that shows a crash as its caller sees it."""
    return Client(raise_request_exception=False)


def problem_of(response: Any, status: int, code: str) -> dict[str, Any]:
    """The body, after what every problem must have."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(response.content)
    assert {"type", "title", "status", "detail", "instance", "code", "request_id"} <= set(body)
    assert (body["status"], body["code"]) == (status, code)
    assert body["request_id"] == response["X-Request-ID"]
    assert body["title"]
    assert body["detail"]
    slug = body["type"].removeprefix("http://testserver/problems/")
    assert slug in problem_types()
    assert response["Content-Language"] in {"fr", "en"}
    return body


def test_it_works(api: Client) -> None:
    body = problem_of(api.get("/api/v1/failing/404"), 404, "not_found")
    assert body["type"] == "http://testserver/problems/not-found"
    assert body["instance"] == "/api/v1/failing/404"
    assert body["title"] == "Introuvable"


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("401", 401, "authentication_required"), ("403", 403, "permission_refused"), ("409", 409, "conflict"), ("410", 410, "gone"),
        ("422", 422, "validation_failed"), ("429", 429, "rate_limited"), ("500", 500, "internal_error"), ("503", 503, "unavailable"),
        ("data", 422, "validation_failed"), ("suspicious", 400, "malformed_request"),
    ],
)  # fmt: skip
def test_each_error_of_a_view(api: Client, how: str, status: int, code: str) -> None:
    problem_of(api.get(f"/api/v1/failing/{how}"), status, code)


def test_a_crash_outside_the_framework(api: Client) -> None:
    problem_of(api.get("/api/plain"), 500, "internal_error")


def test_a_crash_of_a_page_is_no_problem(api: Client) -> None:
    answer = api.get("/crash/")
    assert answer.status_code == 500
    assert answer["Content-Type"].startswith("text/html")
    assert b"ZeroDivisionError" not in answer.content
    assert answer["X-Request-ID"]


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/nothing/", "/api/", "/api/v1/%FF%FE", "/api/v1/a%00b"])
def test_an_unknown_path(api: Client, path: str) -> None:
    problem_of(api.get(path), 404, "not_found")
    # Without a CSRF token, as any program calls it.
    problem_of(Client(enforce_csrf_checks=True, raise_request_exception=False).post(path), 404, "not_found")


def test_the_path_in_a_problem_is_a_uri(api: Client) -> None:
    assert problem_of(api.get("/api/v1/caf%C3%A9 noir"), 404, "not_found")["instance"] == "/api/v1/caf%C3%A9%20noir"


def test_a_method_that_the_path_does_not_have(api: Client) -> None:
    answer = api.delete("/api/v1/thing")
    problem_of(answer, 405, "method_not_allowed")
    assert {"GET", "PATCH", "PUT"} <= set(answer["Allow"].split(", "))


def test_a_format_that_nobody_makes(api: Client) -> None:
    problem_of(api.get("/api/v1/thing", headers={"Accept": "application/xml"}), 406, "not_acceptable")
    assert api.get("/api/v1/thing", headers={"Accept": "text/html;q=0.5, application/json"}).status_code == 200


def test_a_content_type_that_nobody_reads(api: Client) -> None:
    problem_of(api.post("/api/v1/things", data="a=1", content_type="application/x-www-form-urlencoded"), 415, "unsupported_media_type")
    problem_of(api.post("/api/v1/things", data="a", content_type="text/plain"), 415, "unsupported_media_type")


def test_a_missing_login_says_how_to_log_in(api: Client) -> None:
    assert api.get("/api/v1/failing/401")["WWW-Authenticate"] == 'Bearer realm="api"'


def test_too_many_requests_say_when_to_come_back(api: Client) -> None:
    assert api.get("/api/v1/failing/429")["Retry-After"] == "13"
    assert int(api.get("/api/v1/failing/503")["Retry-After"]) > 0


def test_details_of_fields_are_pointers(api: Client) -> None:
    body = problem_of(api.get("/api/v1/failing/422"), 422, "validation_failed")
    assert body["errors"] == [{"pointer": "/contacts/0/value", "code": "phone_invalid", "detail": "Numéro non valide"}]
    answer = api.put("/api/v1/thing", data={"tags": ["ok", "too long"]}, content_type="application/json")
    errors = problem_of(answer, 422, "validation_failed")["errors"]
    assert {error["pointer"]: error["code"] for error in errors} == {"/name": "required", "/tags/1": "max_length"}
    answer = api.put("/api/v1/thing", data=["not an object"], content_type="application/json")
    assert problem_of(answer, 422, "validation_failed")["errors"][0]["pointer"] == ""


@pytest.mark.parametrize(
    ("query", "headers", "language", "title"),
    [
        ("", {}, "fr", "Introuvable"),
        ("", {"Accept-Language": "en-GB,en;q=0.9"}, "en", "Not found"),
        ("", {"Accept-Language": "de, *;q=0.1"}, "fr", "Introuvable"),
        ("?lang=en", {"Accept-Language": "fr"}, "en", "Not found"),
    ],
)
def test_problems_speak_the_callers_language(api: Client, query: str, headers: dict[str, str], language: str, title: str) -> None:
    for path in ("/api/v1/failing/404", "/api/v1/nothing"):
        answer = api.get(path + query, headers=headers)
        assert answer["Content-Language"] == language
        assert problem_of(answer, 404, "not_found")["title"] == title
    assert "Accept-Language" in api.get("/api/v1/failing/404" + query, headers=headers)["Vary"]


def test_a_language_that_we_do_not_have(api: Client) -> None:
    answer = api.get("/api/v1/thing?lang=de", headers={"Accept-Language": "en"})
    assert problem_of(answer, 400, "invalid_parameter")["errors"][0]["parameter"] == "lang"
    assert answer["Content-Language"] == "en"


def test_a_host_that_is_not_ours_gets_djangos_answer(api: Client) -> None:
    answer = api.get("/api/v1/thing", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert b"evil" not in answer.content


@pytest.mark.django_db
def test_who_is_not_logged_in_needs_no_token() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/api/v1/things", data={}, content_type="application/json").status_code == 201


@pytest.mark.django_db
def test_a_logged_in_browser_without_its_token_is_refused(django_user_model: Any) -> None:
    user = django_user_model.objects.create_user(email="a@example.com", password="a long password")
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    problem_of(client.post("/api/v1/things", data={}, content_type="application/json"), 403, "csrf_failed")


def test_head_and_options(api: Client) -> None:
    answer = api.head("/api/v1/thing")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["ETag"]
    answer = api.options("/api/v1/thing")
    assert (answer.status_code, answer.content) == (204, b"")
    assert set(answer["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "PATCH", "PUT"}


def test_every_type_has_its_page() -> None:
    for slug, kind in problem_types().items():
        assert slug == kind.code.replace("_", "-")
        assert 400 <= kind.status < 600
        assert all(str(text).strip() for text in (kind.title, kind.cause, kind.remedy))
