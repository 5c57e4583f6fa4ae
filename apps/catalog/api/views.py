"""Lists, details and parts of the catalogue's entries. Each path is one class; `writes` has what changes something."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils import timezone
from drf_spectacular.utils import extend_schema

from apps.accounts.callers import ANONYMOUS, caller_of
from apps.catalog import selectors
from apps.catalog.api import schema
from apps.catalog.api.answers import card_tag
from apps.catalog.api.questions import ListQuestion
from apps.catalog.api.writes import AddImage, CreateResource, EditHours, EditImage, EditResource
from apps.catalog.choices import ResourceType
from apps.catalog.policies import READ_SCOPE
from apps.core.api.answers import answer, content_tag, list_body, project
from apps.core.api.pagination import Keyset, link_header, page_urls
from apps.core.api.params import Params
from apps.core.api.views import PlainReadView, has_credentials
from apps.core.exceptions import Gone, NotFound


class ResourceListView(PlainReadView, CreateResource):
    """Published entries: featured first, then newest."""

    read_scope = READ_SCOPE
    reads_query = True

    @extend_schema(**schema.LIST)
    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of entries that meet the filters."""
        question = ListQuestion.of(request, resource_type=self.fixed_type)
        at = timezone.now()
        page = selectors.list_cards(
            question.chosen, language=self.language, at=at, limit=question.limit, offset=question.offset,
            after=question.after, before=question.before, is_newest=question.is_newest, is_fresh=has_credentials(request),
        )  # fmt: skip
        following, preceding = page_urls(
            request,
            limit=question.limit,
            following=_keyset(page.next_key, is_backward=False),
            preceding=_keyset(page.previous_key, is_backward=True),
        )
        more: dict[str, Any] = {}
        if question.is_counted:
            more["count"] = question.count(self.language)
        items, shown = page.render(at)
        if question.fields:
            items = [project(item, question.fields) for item in items]
        tag = content_tag(shown, msgspec.json.encode([following, preceding, more, question.fields, self.language]))
        response = answer(request, list_body(items, following=following, preceding=preceding, **more), tag=tag)
        links = link_header(following, preceding)
        if links:
            response["Link"] = links
        return response


class BusinessListView(ResourceListView):
    """The same, of businesses."""

    fixed_type = ResourceType.BUSINESS.value

    @extend_schema(**schema.BUSINESSES)
    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of businesses that meet the filters."""
        return super().get(request)


class ResourceView(PlainReadView, EditResource):
    """One entry, by id or address."""

    read_scope = READ_SCOPE
    reads_query = True

    @extend_schema(**schema.DETAIL)
    def get(self, request: HttpRequest, identifier: str) -> HttpResponse:
        """The entry; a former address redirects, a deleted entry is gone."""
        params = Params(request.GET)
        fields = params.words("fields")
        params.finish()
        found = find_entry(request, identifier, language=self.language)
        if isinstance(found, selectors.Moved):
            return _moved(request, identifier, found.slug)
        card, is_public = found
        at = timezone.now()
        body = card.detail_json(at)
        if self.fixed_type and msgspec.json.decode(body, type=_Typed).resource_type != self.fixed_type:
            raise NotFound
        if fields:
            body = project(body, fields)
        tag = card_tag(card, self.language, at, *fields)
        return answer(request, body, tag=tag, is_public=is_public)


class BusinessView(ResourceView):
    """One business."""

    fixed_type = ResourceType.BUSINESS.value

    @extend_schema(**schema.BUSINESS)
    def get(self, request: HttpRequest, identifier: str) -> HttpResponse:
        """The business; a former address redirects, a deleted one is gone."""
        return super().get(request, identifier)


class HoursView(PlainReadView, EditHours):
    """The opening hours of an entry."""

    read_scope = READ_SCOPE

    @extend_schema(**schema.HOURS)
    def get(self, request: HttpRequest, identifier: str) -> HttpResponse:
        """The week, the particular days, and whether it is open now."""
        found = find_entry(request, identifier, language=self.language)
        if isinstance(found, selectors.Moved):
            return _moved(request, identifier, found.slug)
        card, is_public = found
        at = timezone.now()
        body = msgspec.json.encode(selectors.hours_data(card, at=at))
        return answer(request, body, tag=card_tag(card, self.language, at, "hours"), is_public=is_public)


class ImagesView(PlainReadView, AddImage):
    """The pictures of an entry."""

    read_scope = READ_SCOPE

    @extend_schema(**schema.IMAGES)
    def get(self, request: HttpRequest, identifier: str) -> HttpResponse:
        """Pictures in their order."""
        found = _images(request, identifier, language=self.language)
        if isinstance(found, selectors.Moved):
            return _moved(request, identifier, found.slug)
        images, is_public = found
        body = list_body((msgspec.json.encode(image) for image in images), following=None, preceding=None)
        return answer(request, body, tag=content_tag(body), is_public=is_public)


class ImageView(PlainReadView, EditImage):
    """One picture, where the answer to an upload says that it is."""

    read_scope = READ_SCOPE

    @extend_schema(**schema.IMAGE)
    def get(self, request: HttpRequest, identifier: str, image_id: uuid.UUID) -> HttpResponse:
        """The picture; until its sizes are made, who edits the entry sees its state."""
        found = _images(request, identifier, language=self.language)
        if isinstance(found, selectors.Moved):
            return _moved(request, identifier, found.slug)
        images, is_public = found
        image = next((image for image in images if str(image["id"]) == str(image_id)), None)
        if image is None:
            raise NotFound
        body = msgspec.json.encode(image)
        return answer(request, body, tag=content_tag(body), is_public=is_public)


class CategoryListView(PlainReadView):
    """The tree of categories."""

    read_scope = READ_SCOPE

    @extend_schema(**schema.CATEGORIES)
    def get(self, request: HttpRequest) -> HttpResponse:
        """Root categories with their descendants and the number of entries in each."""
        items = [msgspec.json.encode(node) for node in selectors.category_tree(self.language)]
        body = list_body(items, following=None, preceding=None)
        return answer(request, body, tag=content_tag(body))


class CategoryView(PlainReadView):
    """One category."""

    read_scope = READ_SCOPE

    @extend_schema(**schema.CATEGORY)
    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """The category with its descendants and the number of entries in each."""
        node = selectors.find_node(selectors.category_tree(self.language), slug)
        if node is None:
            raise NotFound
        body = msgspec.json.encode(node)
        return answer(request, body, tag=content_tag(body))


class _Typed(msgspec.Struct):
    resource_type: str


def find_entry(request: HttpRequest, identifier: str, *, language: str) -> tuple[selectors.Card, bool] | selectors.Moved:
    """The entry as the caller may see it, and whether everybody may.

    Owners see their own in every state, staff see all. Who has a session or key is never answered from memory.

    :raises NotFound: there is none, or not for this caller. :raises Gone: it is deleted.
    """
    is_known = has_credentials(request)
    found = selectors.get_card(identifier, language=language, is_fresh=is_known)
    if isinstance(found, selectors.Card):
        return found, True
    if isinstance(found, selectors.Moved):
        return found
    caller = caller_of(request) if is_known else ANONYMOUS
    if caller.user is not None:
        own = selectors.get_visible_card(identifier, caller=caller, language=language)
        if own is not None:
            return own, False
    if isinstance(found, selectors.Removed):
        raise Gone
    raise NotFound


def _images(request: HttpRequest, identifier: str, *, language: str) -> tuple[list[dict[str, Any]], bool] | selectors.Moved:
    """The pictures that the caller may see, and whether everybody may see just these."""
    found = find_entry(request, identifier, language=language)
    if isinstance(found, selectors.Moved):
        return found
    card, is_public = found
    is_editor = has_credentials(request) and selectors.is_editable(card, caller_of(request))
    return selectors.images_data(card, language=language, is_editor=is_editor), is_public and not is_editor


def _moved(request: HttpRequest, identifier: str, slug: str) -> HttpResponse:
    path = request.get_full_path().replace(f"/{identifier}", f"/{slug}", 1)
    return HttpResponsePermanentRedirect(path)


def _keyset(key: selectors.CardKey | None, *, is_backward: bool) -> Keyset | None:
    return None if key is None else Keyset(key.plan_rank, key.published_at, key.id, is_backward)
