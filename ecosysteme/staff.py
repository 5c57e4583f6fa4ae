"""The administration of Django with our own door."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    """Django's, with `StaffSite` as `admin.site`."""

    default_site = "apps.accounts.staff_site.StaffSite"
