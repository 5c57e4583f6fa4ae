"""What happens to entries. The key of each event is the entry's id unless said otherwise."""

from __future__ import annotations

from apps.core.events import Event

# resource_id: str. The entry became visible to the public.
resource_published = Event("catalog.resource_published")
# resource_id: str. A visible entry changed.
resource_updated = Event("catalog.resource_updated")
# resource_id: str. The entry is no longer visible: suspended, archived or deleted.
resource_hidden = Event("catalog.resource_hidden")
# resource_id: str, reason: str, note: str. Staff refused an entry.
resource_rejected = Event("catalog.resource_rejected")
# resource_ids: at most 1,000 str. Many entries were written at once; key is the source.
resources_changed = Event("catalog.resources_changed")
# resource_id: str. Its moderation, its deletion or its closing for good changed, seen by the public or not.
resource_standing_changed = Event("catalog.resource_standing_changed")
# image_id: str, resource_id: str. A picture waits for its sizes.
image_uploaded = Event("catalog.image_uploaded")
# kind: region, city or quarter; place_id: str. A place's name or town changed; key is the place's id.
place_changed = Event("catalog.place_changed")
# category_id: str. A category's name, place in the tree or icon changed; key is the category's id.
category_changed = Event("catalog.category_changed")
# survivor_id, absorbed_id: str. One entry went into another, whose id it answers with; key is the survivor's id.
resource_merged = Event("catalog.resource_merged")
# survivor_id, absorbed_id: str. A merge was undone; key is the survivor's id.
resource_unmerged = Event("catalog.resource_unmerged")
# resource_id: str. Staff checked that the place exists and that its contacts answer.
resource_verified = Event("catalog.resource_verified")
