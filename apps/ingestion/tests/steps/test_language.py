"""Language of descriptions."""

from __future__ import annotations

import pytest

from apps.ingestion.steps.language import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Restaurant situé au cœur de la ville, ouvert tous les jours.", "fr"),
        ("A quiet hotel near the beach, with a swimming pool and a bar.", "en"),
        ("Hotel Akwa Palace", "fr"),
        ("", "fr"),
        ("Vente de pieces auto et entretien de vehicules", "fr"),
        ("We sell building materials and deliver to your site.", "en"),
        ("Fresh fish every day", "en"),
        ("Poisson frais chaque jour, face à la poste", "fr"),
        ("The best ndolé of Yaoundé is served in this café by the lycée.", "en"),
        ("Wey dey sell correct chop for junction na we", "en"),
    ],
)
def test_it_works(text: str, language: str) -> None:
    assert detect(text) == language
