"""Paths of the catalogue, below `/api/v1/` and `/api/` alike."""

from __future__ import annotations

from django.urls import path

from apps.catalog.api import views

urlpatterns = [
    path("api-resources", views.ResourceListView.as_view(), name="resource_list"),
    path("api-resources/<str:identifier>", views.ResourceView.as_view(), name="resource"),
    path("api-resources/<str:identifier>/hours", views.HoursView.as_view(), name="resource_hours"),
    path("api-resources/<str:identifier>/images", views.ImagesView.as_view(), name="resource_images"),
    path("api-resources/<str:identifier>/images/<uuid:image_id>", views.ImageView.as_view(), name="resource_image"),
    path("businesses", views.BusinessListView.as_view(), name="business_list"),
    path("businesses/<str:identifier>", views.BusinessView.as_view(), name="business"),
    path("categories", views.CategoryListView.as_view(), name="category_list"),
    path("categories/<str:slug>", views.CategoryView.as_view(), name="category"),
]
