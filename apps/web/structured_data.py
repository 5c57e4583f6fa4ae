"""An entry as schema.org says it (https://schema.org/LocalBusiness, /Dataset, /WebAPI, /GovernmentService)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def _address(data: Mapping[str, Any]) -> dict[str, Any]:
    parts = {
        "streetAddress": data["address_line1"] or (data["quarter"] or {}).get("name"),
        "addressLocality": (data["city"] or {}).get("name"),
        "addressRegion": (data["region"] or {}).get("name"),
        "postOfficeBoxNumber": data["po_box"],
        "addressCountry": data["country"],
    }
    return {"@type": "PostalAddress", **{name: value for name, value in parts.items() if value}}


def _hours(hours: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Night hours stay one span; a closed day is 00:00 to 00:00, as search engines ask."""
    return [
        {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": f"https://schema.org/{_DAYS[row['day_of_week']]}",
            "opens": "00:00" if row["is_closed"] else row["open_time"],
            "closes": "00:00" if row["is_closed"] else ("23:59" if row["close_time"] == row["open_time"] else row["close_time"]),
        }
        for row in hours
    ]


def resource_json_ld(data: Mapping[str, Any], *, url: str, schema_type: str) -> dict[str, Any]:
    """Structured data of an entry's page, of facts that the page shows.

    :param data: the detail JSON of the API.
    :param schema_type: schema.org type of the entry's category, "" for the general one.
    """
    known = {"@id": url, "url": url, "name": data["name"], "description": data["description"] or data["summary"]}
    if data["image"]:
        known["image"] = data["image"]["url"]
    kind = data["resource_type"]
    made = _business(data, schema_type) if kind == "business" else _MAKERS[kind](data)
    return {name: value for name, value in {**made, **known}.items() if value not in (None, "", [], {})}


def _business(data: Mapping[str, Any], schema_type: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "@type": schema_type or "LocalBusiness",
        "address": _address(data),
        "email": data["email"],
        "sameAs": data["website"],
        "openingHoursSpecification": _hours(data["hours"]),
    }
    if not data["is_fictional"]:
        made["telephone"] = data["phone"]
    if data["latitude"] is not None:
        made["geo"] = {"@type": "GeoCoordinates", "latitude": data["latitude"], "longitude": data["longitude"]}
    return made


def _service(data: Mapping[str, Any]) -> dict[str, Any]:
    profile = data["profile"] or {}
    made: dict[str, Any] = {"@type": "Service", "serviceType": data["category"]["name"], "areaServed": data["country"]}
    if profile.get("provider"):
        made["provider"] = {"@type": "Organization", "name": profile["provider"]}
    if profile.get("online_url"):
        made["availableChannel"] = {"@type": "ServiceChannel", "serviceUrl": profile["online_url"]}
    return made


def _dataset(data: Mapping[str, Any]) -> dict[str, Any]:
    profile = data["profile"] or {}
    made: dict[str, Any] = {
        "@type": "Dataset",
        "license": profile.get("licence_url") or profile.get("licence"),
        "spatialCoverage": profile.get("spatial_coverage"),
    }
    if profile.get("publisher"):
        made["creator"] = {"@type": "Organization", "name": profile["publisher"]}
    if profile.get("temporal_start"):
        made["temporalCoverage"] = f"{profile['temporal_start']}/{profile.get('temporal_end') or '..'}"
    if profile.get("download_url"):
        made["distribution"] = [
            {"@type": "DataDownload", "contentUrl": profile["download_url"], "encodingFormat": name}
            for name in profile.get("formats") or ["application/octet-stream"]
        ]
    return made


def _web_api(data: Mapping[str, Any]) -> dict[str, Any]:
    profile = data["profile"] or {}
    made: dict[str, Any] = {"@type": "WebAPI", "documentation": profile.get("documentation_url")}
    if profile.get("provider"):
        made["provider"] = {"@type": "Organization", "name": profile["provider"]}
    return made


_MAKERS = {"service": _service, "data": _dataset, "api": _web_api}
