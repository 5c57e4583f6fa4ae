"""Reference data in the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest

from apps.catalog.models import City, Department, PublicHoliday, Quarter, Region
from apps.catalog.services import places as place_services
from apps.core.admin_lists import BoundedPaginator
from apps.core.admin_references import References

if TYPE_CHECKING:
    RegionBase = admin.ModelAdmin[Region]
    DepartmentBase = admin.ModelAdmin[Department]
    CityBase = admin.ModelAdmin[City]
    QuarterBase = admin.ModelAdmin[Quarter]
    HolidayBase = admin.ModelAdmin[PublicHoliday]
else:
    RegionBase = DepartmentBase = CityBase = QuarterBase = HolidayBase = admin.ModelAdmin


@admin.register(Region)
class RegionAdmin(RegionBase):
    """Ten rows; their names can be corrected."""

    list_display = ("name_fr", "name_en", "code", "slug")
    search_fields = ("name_fr", "name_en", "slug")
    readonly_fields = ("slug", "code", "country")

    def save_model(self, request: HttpRequest, obj: Region, form: object, change: bool) -> None:
        """Save through the service, which has the cards rewritten."""
        place_services.save_place(place=obj)


@admin.register(Department)
class DepartmentAdmin(DepartmentBase):
    """Departments."""

    list_display = ("name_fr", "name_en", "region")
    list_filter = ("region",)
    list_select_related = ("region",)
    search_fields = ("name_fr", "name_en", "slug")
    readonly_fields = ("slug",)


@admin.register(City)
class CityAdmin(References, CityBase):
    """Towns with their spellings."""

    list_display = ("name_fr", "name_en", "region", "department", "population")
    list_filter = ("region",)
    list_select_related = ("region", "department")
    search_fields = ("name_fr", "name_en", "slug")
    autocomplete_fields = ("region", "department")

    def save_model(self, request: HttpRequest, obj: City, form: object, change: bool) -> None:
        """Save through the service, which has the cards rewritten."""
        place_services.save_place(place=obj)


@admin.register(Quarter)
class QuarterAdmin(References, QuarterBase):
    """Quarters with their spellings."""

    list_display = ("name", "city", "latitude", "longitude")
    list_filter = (("city", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("city",)
    search_fields = ("name", "slug")
    autocomplete_fields = ("city",)
    paginator = BoundedPaginator

    def save_model(self, request: HttpRequest, obj: Quarter, form: object, change: bool) -> None:
        """Save through the service, which has the cards rewritten."""
        place_services.save_place(place=obj)


@admin.register(PublicHoliday)
class PublicHolidayAdmin(HolidayBase):
    """Public holidays; the estimated ones are confirmed here when the decree is out."""

    list_display = ("date", "name_fr", "name_en", "status")
    list_filter = ("status",)
    list_editable = ("status",)
    date_hierarchy = "date"
