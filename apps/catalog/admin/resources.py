"""Entries in the admin: search, filters, moderation with reasons, previews and history."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from simple_history.admin import SimpleHistoryAdmin

from apps.catalog.admin.position import position_preview
from apps.catalog.choices import ModerationReason
from apps.catalog.forms import ContactForm, ContactRows, HoursRows, ImageRows, ResourceForm, SpecialDayRows
from apps.catalog.models import (
    ApiProfile,
    BusinessProfile,
    ContactPoint,
    DatasetProfile,
    FieldProvenance,
    ModerationDecision,
    OpeningInterval,
    PendingResource,
    Resource,
    ResourceImage,
    ServiceProfile,
    SpecialDay,
)
from apps.catalog.services import deletion, images, moderation, staff
from apps.core.admin_actions import for_each
from apps.core.admin_lists import BoundedPaginator
from apps.core.admin_references import References
from apps.core.clock import now

if TYPE_CHECKING:
    from django.contrib.admin.options import InlineModelAdmin

    TabularBase = admin.TabularInline[Any, Any]
    StackedBase = admin.StackedInline[Any, Any]
else:
    TabularBase, StackedBase = admin.TabularInline, admin.StackedInline

ACTION_MAX = 500


class ReasonForm(forms.Form):
    """Why staff moves entries."""

    reason = forms.ChoiceField(label=_("Motif"), choices=ModerationReason.choices)
    note = forms.CharField(
        label=_("Explication"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Montrée au propriétaire de la fiche."),
    )  # fmt: skip


class ContactInline(TabularBase):
    """Contacts."""

    model = ContactPoint
    form = ContactForm
    formset = ContactRows
    extra = 0


class HoursInline(TabularBase):
    """Ordinary week."""

    model = OpeningInterval
    formset = HoursRows
    extra = 0


class SpecialDayInline(TabularBase):
    """Days that differ."""

    model = SpecialDay
    formset = SpecialDayRows
    extra = 0


class ImageInline(TabularBase):
    """Pictures, with a preview; files are added by their owner or the API, which check them."""

    model = ResourceImage
    formset = ImageRows
    extra = 0
    fields = ("preview", "alt_text", "alt_text_en", "is_primary", "order_index", "state")
    readonly_fields = ("preview", "state")

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Uploads go through the service that decodes them."""
        return False

    @admin.display(description=_("aperçu"))
    def preview(self, image: ResourceImage) -> str | SafeString:
        """The smallest size."""
        url = images.image_url(image)
        return format_html('<img src="{}" alt="{}" width="120" loading="lazy">', url, image.alt_text) if url else "–"


class ReadOnlyInline(TabularBase):
    """Rows that nobody edits."""

    extra = 0
    can_delete = False

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """No."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """No."""
        return False


class ProvenanceInline(ReadOnlyInline):
    """Where imported fields came from."""

    model = FieldProvenance
    fields = ("field", "source", "raw_value", "observed_at", "confidence", "locked_by_owner")


class DecisionInline(ReadOnlyInline):
    """Who moved the entry, and why."""

    model = ModerationDecision
    fields = ("created_at", "from_status", "to_status", "reason", "note", "actor")


class _ProfileInline(StackedBase):
    """The profile of the entry's type."""

    extra = 0
    max_num = 1
    can_delete = False


class BusinessInline(_ProfileInline):
    """Business."""

    model = BusinessProfile


class ServiceInline(_ProfileInline):
    """Service."""

    model = ServiceProfile


class DatasetInline(_ProfileInline):
    """Data set."""

    model = DatasetProfile


class ApiInline(_ProfileInline):
    """API."""

    model = ApiProfile


_PROFILE_INLINES = {"business": BusinessInline, "service": ServiceInline, "data": DatasetInline, "api": ApiInline}
Move = Callable[..., Resource]


@admin.register(Resource)
class ResourceAdmin(References, SimpleHistoryAdmin):
    """All entries. Search reads the address, so accents and case do not matter; ids, phones and e-mails are exact."""

    form = ResourceForm
    list_display: Any = ("name", "resource_type", "category", "city", "status", "operating_status", "plan", "verified", "updated_at")
    list_filter: Any = ("status", "resource_type", "plan", "verified", "operating_status", "is_demo", "city__region")
    list_select_related: Any = ("category", "city")
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    ordering: Any = ("-created_at", "-id")
    search_fields = ("slug",)
    search_help_text = _("Nom, identifiant, téléphone ou e-mail")
    autocomplete_fields = ("category", "city", "quarter")
    raw_id_fields = ("user",)
    readonly_fields = (
        "id", "slug", "resource_type", "status", "plan", "source", "source_id", "version", "created_at", "updated_at", "published_at",
        "deleted_at", "position",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": (("name", "name_en"), ("resource_type", "category"), ("status", "operating_status", "verified"), "user")}),
        (_("Textes"), {"fields": ("description_fr", "description_en", "meta_title", "meta_description")}),
        (
            _("Lieu"),
            {"fields": (
                ("city", "quarter"), ("address_line1", "address_line2"), ("po_box", "postal_code"), ("landmark_fr", "landmark_en"),
                ("directions_fr", "directions_en"), ("latitude", "longitude", "accuracy_m"), "position",
            )},
        ),
        (_("Horaires et attributs"), {"fields": ("hours_kind", "holiday_policy", "attributes")}),
        (
            _("Suivi"),
            {"fields": ("id", "slug", "plan", ("source", "source_id"), "version",
                        ("created_at", "updated_at", "published_at", "deleted_at"))},
        ),
    )  # fmt: skip
    actions: Any = ("publish", "reject", "suspend", "delete_softly", "restore")

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Deletion is soft, by an action, and can be undone."""
        return False

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Entries come from owners, imports and the API, which check them."""
        return False

    def get_inlines(self, _request: HttpRequest, obj: Any) -> list[type[InlineModelAdmin[Any, Any]]]:
        """The profile of the entry's type, and what every type has."""
        profile = [_PROFILE_INLINES[obj.resource_type]] if obj else []
        return [*profile, ContactInline, HoursInline, SpecialDayInline, ImageInline, DecisionInline, ProvenanceInline]

    def get_search_results(self, _request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        """Entries that a term means; see the class."""
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            return queryset.filter(pk=uuid.UUID(term)), False
        except ValueError:
            pass
        digits = re.sub(r"[\s().-]", "", term)
        if "@" in term or re.fullmatch(r"\+?\d{8,15}", digits):
            value = term if "@" in term else digits
            value = f"+237{value}" if re.fullmatch(r"\d{9}", value) else value
            return queryset.filter(pk__in=ContactPoint.objects.filter(value=value).values("resource")), False
        return queryset.filter(slug__contains=slugify(term)[:100]), False

    @admin.display(description=_("plan"))
    def position(self, resource: Resource) -> str | SafeString:
        """The country with the entry's place on it."""
        return position_preview(resource)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the changed fields through the service."""
        staff.save_fields(resource=obj, fields=list(form.changed_data), at=now())

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save the rows of an inline through the service."""
        saved = formset.save(commit=False)
        staff.save_rows(resource_id=form.instance.pk, saved=saved, deleted=formset.deleted_objects, at=now())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Contacts, hours and the rest, then the card."""
        super().save_related(request, form, formsets, change)
        staff.finish_edit(resource_id=form.instance.pk)

    @admin.action(description=_("Publier"))
    def publish(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Publish, with a reason."""
        return self._move(request, queryset, "publish", _("Publier"), moderation.publish_resource)

    @admin.action(description=_("Refuser…"))
    def reject(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Reject, with a reason."""
        return self._move(request, queryset, "reject", _("Refuser"), moderation.reject_resource)

    @admin.action(description=_("Suspendre…"))
    def suspend(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Suspend, with a reason."""
        return self._move(request, queryset, "suspend", _("Suspendre"), moderation.suspend_resource)

    @admin.action(description=_("Supprimer (peut être annulé)"))
    def delete_softly(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Hide; `restore` undoes it."""
        self._each(request, queryset, lambda resource: deletion.delete_resource(resource_id=resource.pk, at=now()))

    @admin.action(description=_("Restaurer les fiches supprimées"))
    def restore(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Undo a deletion."""
        self._each(request, queryset, lambda resource: deletion.restore_resource(resource_id=resource.pk, at=now()))

    def _move(self, request: HttpRequest, queryset: QuerySet[Any], action: str, title: object, move: Move) -> HttpResponse | None:
        """Ask why on a page of its own, then call the service for each entry."""
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            context = {
                **self.admin_site.each_context(request), "title": title, "form": form, "action": action,
                "resources": queryset[:ACTION_MAX], "opts": self.opts, "media": self.media,
            }  # fmt: skip
            return TemplateResponse(request, "admin/catalog/moderate.html", context)
        self._each(
            request,
            queryset,
            lambda resource: move(
                resource_id=resource.pk,
                actor=request.user,
                reason=form.cleaned_data["reason"],
                note=form.cleaned_data["note"],
                at=now(),
            ),
        )
        return None

    def _each(self, request: HttpRequest, queryset: QuerySet[Any], call: Callable[[Resource], object]) -> None:
        """Call a service for each chosen entry and report; one refusal does not stop the others."""
        if done := for_each(self, request, queryset[:ACTION_MAX], call):
            text = ngettext("%(count)s fiche traitée.", "%(count)s fiches traitées.", done) % {"count": done}
            self.message_user(request, text, messages.SUCCESS)


@admin.register(PendingResource)
class PendingResourceAdmin(ResourceAdmin):
    """The moderation queue, oldest first."""

    list_display: Any = ("name", "resource_type", "category", "city", "user", "source", "created_at")
    list_filter: Any = ("resource_type", "source", "city__region")
    list_select_related: Any = ("category", "city", "user")
    ordering: Any = ("created_at",)
    actions: Any = ("publish", "reject")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Entries that wait."""
        queryset: QuerySet[Any] = super().get_queryset(request).awaiting_moderation()
        return queryset
