"""The methods that change entries: parse, authorise, call one service, answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request

from apps.accounts.callers import caller_of
from apps.catalog.api import write_schema
from apps.catalog.api.answers import detail_response
from apps.catalog.exceptions import ImageRefused
from apps.catalog.models import Resource, ResourceImage
from apps.catalog.policies import WRITE_SCOPE, editable_resource
from apps.catalog.services import deletion, hours, images, resources
from apps.catalog.services import member_rules as rules
from apps.catalog.services.resource_input import read_input
from apps.core.api.conditional import require_if_match
from apps.core.api.parsers import BodyTooLarge, JsonParser, MergePatchParser
from apps.core.api.views import ApiView
from apps.core.clock import now
from apps.core.exceptions import FieldsInvalid, NotFound
from apps.core.idempotency import answer_once

FORM_OVERHEAD_BYTES = 64 * 1024


class WriteView(ApiView):
    """What every writing view knows of its path."""

    parser_classes: list[type[BaseParser]] = [JsonParser, MergePatchParser]  # noqa: RUF012  DRF's class attribute
    fixed_type: str | None = None

    def editable(self, request: Request, identifier: str) -> Resource:
        """The entry of the path, when the caller may edit it."""
        return editable_resource(caller_of(request), identifier, resource_type=self.fixed_type)


class CreateResource(WriteView):
    """POST on a list of entries."""

    @extend_schema(**write_schema.CREATE)
    def post(self, request: Request) -> HttpResponse:
        """Create an entry; `Idempotency-Key` makes it safe to send again."""
        caller = caller_of(request)
        user = caller.require(WRITE_SCOPE)
        at = now()
        data = request.data
        raw: bytes = request._request.body if hasattr(request._request, "_body") else repr(data).encode()  # noqa: SLF001

        def answer() -> HttpResponse:
            checked = read_input(data, language=self.language, is_new=True, resource_type=self.fixed_type)
            resource = resources.create_resource(owner=user, data=checked, at=at, livemode=caller.livemode)
            response = detail_response(resource, language=self.language, at=at, status=201)
            response["Location"] = request.build_absolute_uri(f"{request.path.rstrip('/')}/{resource.pk}")
            return response

        return answer_once(request._request, caller=caller.identity, body=raw, at=at, answer=answer)  # noqa: SLF001


class EditResource(WriteView):
    """PUT, PATCH and DELETE on an entry."""

    @extend_schema(**write_schema.REPLACE)
    def put(self, request: Request, identifier: str) -> HttpResponse:
        """Make the entry exactly what the body says."""
        return self._update(request, identifier, replace=True)

    @extend_schema(**write_schema.UPDATE)
    def patch(self, request: Request, identifier: str) -> HttpResponse:
        """Change the members that the body names; null clears one."""
        return self._update(request, identifier, replace=False)

    def _update(self, request: Request, identifier: str, *, replace: bool) -> HttpResponse:
        resource = self.editable(request, identifier)
        versions = require_if_match(request._request)  # noqa: SLF001  DRF's way to Django's request
        at = now()
        body = request.data
        if isinstance(body, dict) and "quarter" in body and "city" not in body and not replace:
            body = {**body, "city": resource.city.slug if resource.city else None}
        checked = read_input(body, language=self.language, is_new=replace, resource_type=resource.resource_type)
        checked.fields.pop("resource_type", None)
        resource = resources.update_resource(resource_id=resource.pk, data=checked, at=at, expected_versions=versions, replace=replace)
        return detail_response(resource, language=self.language, at=at)

    @extend_schema(**write_schema.DELETE)
    def delete(self, request: Request, identifier: str) -> HttpResponse:
        """Hide the entry; staff can restore it for 30 days."""
        resource = self.editable(request, identifier)
        versions = require_if_match(request._request)  # noqa: SLF001  DRF's way to Django's request
        deletion.delete_resource(resource_id=resource.pk, at=now(), expected_versions=versions)
        return HttpResponse(status=204)


class EditHours(WriteView):
    """PUT on an entry's hours."""

    @extend_schema(**write_schema.SET_HOURS)
    def put(self, request: Request, identifier: str) -> HttpResponse:
        """Make the hours exactly what the body says."""
        resource = self.editable(request, identifier)
        versions = require_if_match(request._request)  # noqa: SLF001  DRF's way to Django's request
        at = now()
        resource = hours.set_hours(resource_id=resource.pk, data=hours.read_hours(request.data), at=at, expected_versions=versions)
        return detail_response(resource, language=self.language, at=at)


class AddImage(WriteView):
    """POST on an entry's pictures."""

    parser_classes: list[type[BaseParser]] = [MultiPartParser, JsonParser]  # noqa: RUF012  DRF's class attribute

    @extend_schema(**write_schema.ADD_IMAGE)
    def post(self, request: Request, identifier: str) -> HttpResponse:
        """Add a picture: a file of a form, or `external_url`. A worker makes its sizes."""
        resource = self.editable(request, identifier)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > images.UPLOAD_MAX_BYTES + FORM_OVERHEAD_BYTES:
            raise BodyTooLarge(images.too_large())
        members = _image_members(request.data, is_new=True)
        upload = request.FILES.get("file") if isinstance(request.FILES, dict) else None
        if upload is None and not members.get("external_url"):
            raise ImageRefused
        at = now()
        image = images.add_image(resource_id=resource.pk, at=at, content=upload.read() if upload is not None else b"", **members)
        resource.refresh_from_db()
        response = detail_response(resource, language=self.language, at=at, status=201)
        response["Location"] = request.build_absolute_uri(f"{request.path.rstrip('/')}/{image.pk}")
        return response


class EditImage(WriteView):
    """PATCH and DELETE on one picture."""

    @extend_schema(**write_schema.EDIT_IMAGE)
    def patch(self, request: Request, identifier: str, image_id: Any) -> HttpResponse:
        """Change its texts, its place, or make it primary."""
        resource = self.editable(request, identifier)
        at = now()
        try:
            images.update_image(resource_id=resource.pk, image_id=image_id, changes=_image_members(request.data, is_new=False), at=at)
        except ResourceImage.DoesNotExist as error:
            raise NotFound from error
        resource.refresh_from_db()
        return detail_response(resource, language=self.language, at=at)

    @extend_schema(**write_schema.REMOVE_IMAGE)
    def delete(self, request: Request, identifier: str, image_id: Any) -> HttpResponse:
        """Remove it; the next one becomes primary."""
        resource = self.editable(request, identifier)
        images.remove_image(resource_id=resource.pk, image_id=image_id, at=now())
        return HttpResponse(status=204)


def _image_members(data: Any, *, is_new: bool) -> dict[str, Any]:
    """Checked members of a picture; a form sends everything as text."""
    if not hasattr(data, "get"):
        raise FieldsInvalid([("", "not_an_object", _("Le corps doit être un objet JSON."))])
    rules_of: dict[str, Callable[[object], Any]] = {
        "alt_text": lambda value: rules.line(value, 255),
        "alt_text_en": lambda value: rules.line(value, 255),
    }
    rules_of |= {"is_primary": _boolean} | ({"external_url": _https_url} if is_new else {"order_index": _order})
    errors: list[tuple[str, str, Any]] = []
    checked: dict[str, Any] = {}
    for name in data:
        if name == "file" and is_new:
            continue
        if name not in rules_of:
            errors.append((f"/{rules.pointer(name)}", "unknown_member", rules.one_of(sorted(rules_of))))
            continue
        try:
            checked[name] = rules_of[name](data.get(name))
        except rules.Refused as refusal:
            errors.append((f"/{name}", refusal.code, refusal.detail))
    if errors:
        raise FieldsInvalid(errors)
    return checked


def _boolean(value: object) -> bool:
    if value in (True, "true", "1"):
        return True
    if value in (False, None, "false", "0", ""):
        return False
    raise rules.Refused("invalid", rules.one_of(["true", "false"]))


def _order(value: object) -> int:
    return rules.integer(value, 0, 1000) or 0


def _https_url(value: object) -> str:
    text = rules.string(value, 500).strip()
    if text and not (text.startswith("https://") and "." in text[8:] and not any(c in text for c in ' "<>\\')):
        raise rules.Refused("url_invalid", _("Une adresse complète en https:// est attendue."))
    return text
