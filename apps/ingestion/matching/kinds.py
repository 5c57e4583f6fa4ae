"""Sorts of place: which phrases of names and which categories mean one, and which of them sources mix up."""

from __future__ import annotations

import re

# Phrases of folded names → sort of place. The first that fits wins, so longer ones come first.
_PHRASES: tuple[tuple[str, str], ...] = (
    (
        (
            r"centres? medical (?:d )?arr?ondissements?|centres? medica\w* d arr?on\w*|cma|"
            r"sub ?divisional (?:hospital|medical cent(?:er|re))|medical(?:ised|ized) health cent(?:er|re)"
        ),
        "cma",
    ),
    (
        (
            r"centr(?:e|en|es|er) de sante\s*s?(?:integree?s?|intergree?s?|intregree?s?|int\.?)"
            r"(?: de sante)?|integrated health cent(?:er|re)|"
            r"csi|c s i|ihc|i h c"
        ),
        "csi",
    ),
    (r"centres? medico sociale?|centre social de sante|cms", "csi"),
    (r"centres? hospitaliers? universitaires?|chu|university teaching hospital", "chu"),
    (r"hopita(?:l|ux) de district|district hospital|hopital du district|hd", "hopital_district"),
    (r"hopita(?:l|ux) (?:provincial|regional)e?s?|(?:regional|provincial) hospital|hr", "hopital_regional"),
    (r"hopita(?:l|ux) (?:general|central|centrale)|(?:general|central) hospital", "hopital_central"),
    (r"district (?:de |of )?(?:sante|health)|(?:service de |health )district(?: de sante)?|district health service", "district_sante"),
    (r"hopita(?:l|ux)|hosp|hospitals?|hospitalier|hopitale|hop", "hopital"),
    (r"poly ?cliniques?|poly ?clinics?", "clinique"),
    (
        (
            r"cliniques? veterinaires?|"
            r"(?:cabinet|centre|poste|delegation|clinique|pharmacie)?\s*(?:zootechnique )?"
            r"(?:veterinary|veterinaires?)(?: clinic| center| centre)?"
        ),
        "veterinaire",
    ),
    (
        (
            r"cabinets? dentaires?|clinique dentaire|dental (?:clinic|cabinet|cent(?:er|re)|care)|dentistes?|dentists?|"
            r"centre dentaire"
        ),
        "dentiste",
    ),
    (r"laboratoires?(?: d analyses?)?(?: medicales?)?|laborator(?:y|ies)|labo|medical lab|lab", "laboratoire"),
    (r"cabinets? (?:de )?soins?(?: infirmiers?| de sante)?|cabinets? medica(?:l|ux|le)s?|cabinets? (?:de )?sante", "cabinet"),
    (
        (
            r"centres? (?:de )?(?:soins|sante)|health cent(?:er|re)s?|healthcare cent(?:er|re)|centres? medica(?:l|ux|le)s?|"
            r"medical cent(?:er|re)s?|health (?:facility|post|unit|clinic)|cs|c s|poste de sante|hc|health care"
        ),
        "centre_sante",
    ),
    (r"dispensaires?|dispensary|infirmerie", "centre_sante"),
    (r"cliniques?|clinics?|clinical|clinical cent(?:er|re)|surgery", "clinique"),
    (r"maternites?|maternity", "maternite"),
    (r"complexe? medico chirurgical|centre medico chirurgical|complexe medical|chirurgical medical complex", "clinique"),
    (
        (
            r"pharmac(?:ies?|y|ie)|phamarc(?:ie|y)|phamac(?:ie|y)|pharmacie?s|pharmarcie|pharamacie|phcie|pharm|phie|pharmacia|"
            r"propharmac(?:ie|y)|pro pharmac(?:ie|y)|officine|drug ?store|chemist"
        ),
        "pharmacie",
    ),
    (
        (
            r"ecoles? maternelles?|maternelles?|nursery(?: schools?)?|kindergarten|pre ?school|ecoles? prescolaires?|creche|"
            r"garderie|em|day ?care|jardin d enfants?"
        ),
        "maternelle",
    ),
    (r"(?:government|goverment|govt|gov) bilingual (?:high school|secondary school)|gbhs|gbss", "lycee_bilingue"),
    (r"lycees? bilingues?|bilingual high school", "lycee_bilingue"),
    (r"lycees? tech?ni(?:que|c)s?|(?:government )?technical high school|gths|lycee (?:de )?technique", "lycee_technique"),
    (r"lycees? (?:classiques?|general|d enseignement general)", "lycee"),
    (
        (
            r"(?:government|goverment|govt|gov) technical (?:college|school)|gtc|cetics?|technical college|"
            r"college d enseignement technique(?: industriel et commercial)?"
        ),
        "cetic",
    ),
    (r"(?:government|goverment|govt|gov) high school|ghs|lycees?|high schools?", "lycee"),
    (r"(?:government|goverment|govt|gov) secondary school|gss|ces|college d enseignement secondaire|secondary schools?", "ces"),
    (
        (
            r"(?:government|goverment|govt|gov) (?:bilingual )?primary(?: schools?)?|(?:government|goverment|govt|gov) schools?|gps|"
            r"gbps|g s"
        ),
        "primaire",
    ),
    (
        (
            r"ecoles? (?:publiques? )?primaires?|primary (?:schools?|public school|ecole)|primaires?|primary|ecoles? publiques?|ep|"
            r"epp|public schools?|ecoles? elementaires?"
        ),
        "primaire",
    ),
    (r"universit(?:e|y|es|aire)|facult(?:e|y)|campus", "universite"),
    (
        (
            r"(?:centre|center) de formation(?: professionnelle?)?|formation professionnelle|sar sm|sar|training cent(?:er|re)|"
            r"vocational"
        ),
        "formation",
    ),
    (r"instituts?|institutes?|academ(?:y|ie)|ecole normale|enieg|eniet", "institut"),
    (r"colleges?", "college"),
    (r"groupes? scolaires?|gsb|complexes? scolaires?|scholar group|school complex|complexe educatif|gs", "groupe_scolaire"),
    (r"ecoles?|schools?|comprehensive", "ecole"),
    (r"stades?|stadium|terrain de (?:foot\w*|sport|jeux?)|sports cent(?:er|re)|sports ground", "stade"),
    (r"refugie?s? camp|camp (?:de |des )?refugie?s?|refugees? camp", "camp"),
    (r"morgues?|morques?|mortuary", "morgue"),
    (r"mosques?|mosquees?|masjid", "mosquee"),
    (r"eglises?|churchs?|churches|paroisses?|parish|chapelles?|chapels?|cathedrales?|cathedral|temple", "eglise"),
    (r"banques?|banks?|microfinance|credit union|mufid|caisse populaire", "banque"),
    (r"stations? services?|station d essence|petrol station|filling station|carburants?", "carburant"),
    (r"hotels?|auberges?|motels?|guest ?house|residence hoteliere", "hotel"),
    (r"restaurants?|resto", "restaurant"),
    (r"snack ?bars?|bars?|buvette|cave|pub|drinking spot|off licence|lounge|nightclub|night club", "bar"),
    (r"boulangeries?(?: patisseries?)?|bakery|patisseries?", "boulangerie"),
    (r"super ?marches?|supermarkets?|alimentations?|superette|provision store|mini ?prix", "supermarche"),
    (r"marches?|markets?", "marche"),
    (r"salons? de coiffure|coiffures?|hair (?:saloon|salon|dressing)|saloon|barbing|barber", "coiffure"),
    (r"bureaux? de poste|post offices?|campost|postes?$|la poste", "poste"),
    (r"postes? agricoles?|delegation d agriculture", "agricole"),
    (r"commissariats?(?: de police)?|police(?: station)?|poste de police", "police"),
    (r"gendarmeries?|brigade de gendarmerie", "gendarmerie"),
    (
        r"ambassades?|embass(?:y|ies)|high commission|haut commissariat|consulats?(?: general)?|consulate|nonciature|nunciature",
        "ambassade",
    ),
    (r"aeroports?|airports?|aerodromes?|airstrip|airfield", "aeroport"),
    (r"mairies?|hotel de ville|council|commune|town ?hall|communaute urbaine", "mairie"),
    (r"boutiques?|shops?|stores?|magasins?|quincailleries?|kiosques?|depots?|vente de|ventes?", "boutique"),
    (r"garages?|ateliers?|workshop|soudure|menuiserie|vulcanisateur", "atelier"),
    (r"pressings?|blanchisserie|laundry|dry ?cleaning", "pressing"),
    (r"coutures?|tailoring|tailor", "couture"),
    (r"agences? de voyages?|voyages?|travel agency|bus station|gare routiere", "voyage"),
)  # fmt: skip
# One pass over a name finds them all: leftmost first, and of two that begin at one word the one that stands higher here.
KIND_PHRASES = re.compile(r"\b(?:" + "|".join(f"(?P<{kind}_{index}>{pattern})" for index, (pattern, kind) in enumerate(_PHRASES)) + r")\b")

# Raw categories and our own category slugs, folded → sort of place; the first that is found in it wins.
CATEGORY_PARTS: tuple[tuple[str, str], ...] = (
    ("pharmac", "pharmacie"), ("chemist", "pharmacie"), ("veterin", "veterinaire"), ("dentis", "dentiste"), ("laborat", "laboratoire"),
    ("sante integre", "csi"), ("centre medical d arrondissement", "cma"), ("hopital de district", "hopital_district"),
    ("hopital regional", "hopital_regional"), ("hopital", "hopital"), ("hopitaux", "hopital"), ("hospital", "hopital"),
    ("geonames hsp", "hopital"), ("health facility", "sante"), ("health centre", "centre_sante"), ("dispensaire", "centre_sante"),
    ("centres de sante", "centre_sante"), ("clini", "clinique"), ("doctors", "cabinet"), ("healthcare", "sante"),
    ("kindergarten", "maternelle"), ("prescolaire", "maternelle"), ("maternelle", "maternelle"), ("ecole primaire", "primaire"),
    ("ecoles primaires", "primaire"), ("lycees colleges", "secondaire"), ("driving school", "auto_ecole"), ("auto ecole", "auto_ecole"),
    ("amenity school", "enseignement"), ("ecole", "enseignement"), ("geonames sch", "enseignement"), ("amenity college", "enseignement"),
    ("universit", "universite"), ("geonames univ", "universite"), ("formation professionnelle", "formation"),
    ("place of worship", "culte"), ("eglises", "eglise"), ("mosquees", "mosquee"), ("bank", "banque"), ("banques", "banque"),
    ("microfinance", "banque"), ("fuel", "carburant"), ("stations service", "carburant"), ("hotel", "hotel"), ("geonames htl", "hotel"),
    ("restaurant", "restaurant"), ("fast food", "restaurant"), ("nightclub", "bar"), ("amenity bar", "bar"), ("amenity pub", "bar"),
    ("bakery", "boulangerie"), ("pastry", "boulangerie"), ("boulangeries", "boulangerie"), ("supermark", "supermarche"),
    ("supermarches", "supermarche"), ("marketplace", "marche"), ("marches", "marche"), ("hairdresser", "coiffure"),
    ("coiffure", "coiffure"),
    ("post office", "poste"), ("bureau de poste", "poste"), ("postes", "poste"), ("poste agricole", "agricole"), ("police", "police"),
    ("embassy", "ambassade"), ("high commission", "ambassade"), ("ambassade", "ambassade"), ("nunciature", "ambassade"), ("consul",
    "ambassade"),
    ("aerodrome", "aeroport"), ("geonames air", "aeroport"), ("aeroport", "aeroport"), ("townhall", "mairie"), ("mairies", "mairie"),
    ("car repair", "atelier"), ("craft", "atelier"), ("dry cleaning", "pressing"), ("laundry", "pressing"), ("tailor", "couture"),
    ("travel agency", "voyage"), ("bus station", "voyage"), ("shop", "boutique"),
)  # fmt: skip

# Sort → the group that it shares with sorts which sources mix up.
GROUPS: dict[str, str] = {
    **dict.fromkeys(
        ("cma", "csi", "chu", "hopital_district", "hopital_regional", "hopital_central", "hopital", "clinique", "cabinet", "centre_sante",
         "maternite", "sante", "district_sante", "dentiste", "laboratoire"), "sante"),
    **dict.fromkeys(
        ("maternelle", "primaire", "ecole", "groupe_scolaire", "lycee", "lycee_bilingue", "lycee_technique", "cetic", "ces", "college",
         "enseignement", "institut", "universite", "formation", "secondaire"), "enseignement"),
    **dict.fromkeys(("restaurant", "bar"), "restauration"),
    **dict.fromkeys(("eglise", "mosquee", "culte"), "culte"),
    **dict.fromkeys(("boutique", "supermarche", "marche", "boulangerie", "coiffure", "atelier", "couture", "pressing"), "commerce"),
    **dict.fromkeys(("police", "gendarmerie"), "ordre"),
}  # fmt: skip

# Sorts that say no more than their group, and so never contradict another one of it.
VAGUE = frozenset(("sante", "centre_sante", "enseignement", "ecole", "culte", "boutique", "secondaire", "groupe_scolaire", "institut"))
# Sorts of one group that one place is often called by turns.
ALIKE: tuple[frozenset[str], ...] = (
    frozenset({"csi", "centre_sante", "cma", "maternite"}),
    frozenset({"cma", "hopital", "hopital_district"}),
    frozenset({"hopital", "hopital_district", "hopital_regional", "hopital_central", "chu"}),
    frozenset({"clinique", "cabinet", "centre_sante", "hopital", "maternite"}),
    frozenset({"lycee", "lycee_bilingue", "secondaire"}),
    frozenset({"lycee", "ces", "college", "secondaire"}),
    frozenset({"lycee_technique", "cetic", "secondaire"}),
    frozenset({"college", "institut", "secondaire", "groupe_scolaire"}),
    frozenset({"universite", "institut"}),
    frozenset({"formation", "institut", "college"}),
    frozenset({"primaire", "maternelle", "groupe_scolaire"}),
)
_LEVELS = {
    "maternelle": "nursery", "primaire": "primary", "lycee": "secondary", "lycee_bilingue": "secondary", "lycee_technique": "technical",
    "cetic": "technical", "ces": "secondary", "college": "secondary", "universite": "higher", "secondaire": "secondary",
}  # fmt: skip


def levels(kinds: frozenset[str]) -> frozenset[str]:
    """School levels that sorts of place name."""
    return frozenset(_LEVELS[kind] for kind in kinds if kind in _LEVELS)
