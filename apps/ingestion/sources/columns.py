"""Columns of a table that somebody uploads: which field each probably is, and rows with our names. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from apps.catalog.gazetteer import fold

# In the order in which they are offered.
COLUMN_FIELDS = (
    "name", "category", "phone", "whatsapp", "email", "website", "address", "po_box", "landmark", "quarter", "city", "region",
    "lat", "lon", "position", "opening_hours", "description", "name_en", "source_id", "source_url",
)  # fmt: skip
# Left out, or kept among the further attributes of a record.
LEFT_OUT, KEPT = "", "extra"
# Several columns may fill one of these; of the others the first that says something counts.
_JOINED = {"phone": "; ", "whatsapp": "; ", "email": "; ", "website": " ", "address": ", ", "opening_hours": "; ", "description": "\n"}

# Folded headers → field, beside the fields' own names.
_HEADERS: dict[str, str] = {
    **{fold(field.replace("_", " ")): field for field in COLUMN_FIELDS},
    **dict.fromkeys(
        ("nom", "name fr", "title", "titre", "raison sociale", "denomination", "denomination sociale", "enseigne", "etablissement",
         "nom de l etablissement", "nom etablissement", "nom commercial", "designation", "libelle", "entreprise", "nom de l entreprise",
         "business name", "company", "company name"), "name"),
    **dict.fromkeys(
        ("categorie", "categories", "activite", "activites", "secteur", "secteur d activite", "domaine", "type", "type d etablissement",
         "rubrique", "sector", "activity"), "category"),
    **dict.fromkeys(
        ("telephone", "telephones", "tel", "tels", "phones", "phone number", "numero de telephone", "contact", "contacts", "mobile",
         "portable", "fixe", "gsm", "cell", "cellulaire", "numero"), "phone"),
    **dict.fromkeys(("numero whatsapp", "whatsapp number"), "whatsapp"),
    **dict.fromkeys(("e mail", "mail", "mails", "emails", "courriel", "adresse e mail", "adresse email", "adresse mail"), "email"),
    **dict.fromkeys(("site", "site web", "site internet", "url", "web", "page web"), "website"),
    **dict.fromkeys(
        ("adresse", "full address", "address line1", "street", "rue", "localisation", "situation", "emplacement", "adresse physique",
         "situation geographique"), "address"),
    **dict.fromkeys(("boite postale", "bp", "b p", "p o box"), "po_box"),
    **dict.fromkeys(("repere", "point de repere", "lieu dit"), "landmark"),
    **dict.fromkeys(("quartier", "neighborhood", "neighbourhood", "zone"), "quarter"),
    **dict.fromkeys(("ville", "town", "localite", "commune"), "city"),
    **dict.fromkeys(("latitude", "y"), "lat"),
    **dict.fromkeys(("longitude", "lng", "long", "x"), "lon"),
    **dict.fromkeys(("location", "geo", "coordinates", "coordonnees", "coordonnees gps", "gps", "geolocalisation"), "position"),
    **dict.fromkeys(("hours", "horaires", "heures", "heures d ouverture", "horaires d ouverture", "ouverture"), "opening_hours"),
    **dict.fromkeys(("presentation", "details", "descriptif", "description fr", "a propos"), "description"),
    **dict.fromkeys(("nom en anglais", "nom anglais", "english name"), "name_en"),
    **dict.fromkeys(("id", "identifiant", "code", "reference", "ref", "matricule", "external id", "identifiant externe"), "source_id"),
    **dict.fromkeys(("lien", "page", "fiche", "lien de la fiche"), "source_url"),
}  # fmt: skip
_COUNTED = re.compile(r"\s*\(?\d{1,2}\)?$")


def column_key(name: str) -> str:
    """What a column is remembered by: its name without case, accents and marks."""
    return fold(re.sub(r"[_.:/°*]+", " ", name))


def guess(names: Sequence[str], remembered: Mapping[str, str]) -> dict[str, str]:
    """The field of each column, by name: as was decided for the source before, else by its header. Only some fields come twice."""
    guessed: dict[str, str] = {}
    for name in names:
        key = column_key(name)
        field = remembered.get(key)
        if field is None or field not in {*COLUMN_FIELDS, LEFT_OUT, KEPT}:
            field = _HEADERS.get(key) or _HEADERS.get(_COUNTED.sub("", key), LEFT_OUT)
        guessed[name] = LEFT_OUT if field in guessed.values() and field not in {*_JOINED, LEFT_OUT, KEPT} else field
    return guessed


def to_record(row: Mapping[str, Any], mapping: Mapping[str, str]) -> dict[str, Any]:
    """A row with our names of fields; what is empty, or in a column that is left out, is not there."""
    record: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for name, field in mapping.items():
        value = row.get(name)
        if value is None or value == "" or field == LEFT_OUT:
            continue
        if field == KEPT:
            extra[name] = value
        elif field not in record:
            record[field] = value
        elif field in _JOINED and isinstance(value, str | int | float) and isinstance(record[field], str | int | float):
            record[field] = f"{record[field]}{_JOINED[field]}{value}"
    return {**record, KEPT: extra} if extra else record
