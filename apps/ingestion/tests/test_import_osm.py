"""`import_osm` on a small extract that the test makes."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import osmium
import pytest
from django.core.management import CommandError, call_command
from osmium.osm import mutable

from apps.catalog.models import Resource

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    """Two named places, a way around a building, and what a directory leaves out."""
    path = tmp_path / "small.osm.pbf"
    writer = osmium.SimpleWriter(str(path))
    pharmacy = {"name": "Pharmacie de la Gare", "amenity": "pharmacy", "phone": "+237 233 42 00 00", "opening_hours": "24/7"}
    writer.add_node(mutable.Node(id=1, location=(9.70, 4.05), tags=pharmacy))
    writer.add_node(mutable.Node(id=2, location=(9.71, 4.06), tags={"name": "Banc", "amenity": "bench"}))
    writer.add_node(mutable.Node(id=3, location=(9.72, 4.07), tags={"amenity": "bank"}))
    writer.add_node(mutable.Node(id=4, location=(2.35, 48.85), tags={"name": "Trop loin", "shop": "bakery"}))
    for number, place in enumerate([(11.50, 3.86), (11.52, 3.86), (11.52, 3.88), (11.50, 3.88)], 10):
        writer.add_node(mutable.Node(id=number, location=place))
    school = {"name": "Lycée d’essai", "amenity": "school", "addr:city": "Yaoundé"}
    writer.add_way(mutable.Way(id=20, nodes=[10, 11, 12, 13, 10], tags=school))
    writer.close()
    return path


def test_it_works(extract: Path) -> None:
    out = StringIO()
    call_command("import_osm", str(extract), stdout=out, stderr=StringIO())
    assert "created=2 updated=0 unchanged=0 rejected=1" in out.getvalue()
    pharmacy = Resource.objects.get(source="osm", source_id="n1")
    assert (pharmacy.name, pharmacy.hours_kind) == ("Pharmacie de la Gare", "always")
    school = Resource.objects.get(source_id="w20")
    assert float(school.latitude or 0) == pytest.approx(3.87)
    assert float(school.longitude or 0) == pytest.approx(11.51)
    assert school.provenance.get(field="name").source_url == "https://www.openstreetmap.org/way/20"


def test_a_second_run_changes_nothing(extract: Path) -> None:
    call_command("import_osm", str(extract), stdout=StringIO(), stderr=StringIO())
    out = StringIO()
    call_command("import_osm", str(extract), stdout=out, stderr=StringIO())
    assert "created=0 updated=0 unchanged=2 rejected=1" in out.getvalue()


def test_a_file_that_is_no_extract_names_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "not.osm.pbf"
    path.write_bytes(b"not a protobuf")
    with pytest.raises(CommandError, match="not a readable OpenStreetMap extract"):
        call_command("import_osm", str(path))
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_osm", str(tmp_path / "none.osm.pbf"))
