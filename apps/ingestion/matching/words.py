"""Words of names in Cameroon, in French and English: whose, which part or number, what a chain is called, and what says nothing.

Names are compared without them; what they say is compared by itself.
"""

from __future__ import annotations

import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Whose: of a faith, of the state, private. One word for each.
OWNERS: dict[str, str] = {
    **dict.fromkeys(("catholique", "catholic", "cath", "catho"), "catholic"),
    **dict.fromkeys(("protestant", "protestante", "presbyterien", "presbyterienne", "presbyterian", "presbytarian", "epc", "eec",
    "evangelique", "evangelical", "lutherien", "lutherienne", "lutheran", "pcc", "adlucem"), "protestant"),
    **dict.fromkeys(("baptist", "baptiste", "cbc", "ubc"), "baptist"),
    **dict.fromkeys(("islamique", "islamic", "musulman", "musulmane", "muslim", "coranique", "franco arabe"), "islamic"),
    **dict.fromkeys(("adventiste", "adventist"), "adventist"),
    **dict.fromkeys(("militaire", "military", "garnison", "gendarmerie", "police"), "army"),
    **dict.fromkeys(("prive", "privee", "private", "pr", "laic", "laique", "lay", "laics", "confessionnel", "confessionnelle"),
    "private"),
    **dict.fromkeys(("public", "publique", "publics", "publiques", "government", "goverment", "govt", "gouvernementale", "etat",
    "state"), "public"),
}  # fmt: skip
FAITHS = _set(
    """
    catholic protestant baptist islamic adventist army
    """
)

# Parts and directions: two of them at one address are two places.
MARKERS: dict[str, str] = {
    "nord": "north", "north": "north", "sud": "south", "south": "south", "est": "east", "east": "east", "ouest": "west", "west": "west",
    "annexe": "annex", "annex": "annex", "succursale": "branch", "haut": "upper", "upper": "upper", "bas": "lower", "lower": "lower",
    "nouveau": "new", "nouvelle": "new", "new": "new", "ancien": "old", "ancienne": "old", "old": "old", "petit": "small", "petite":
    "small",
    "grand": "big", "grande": "big", "anglophone": "english", "francophone": "french", "garcons": "boys", "filles": "girls",
    "urgences": "emergency", "morgue": "morgue", "pediatrie": "paediatrics",
}  # fmt: skip

# Says nothing: little words, legal forms, the country, and words that come with any name of their sort.
EMPTY_WORDS = _set(
    """
    a au aux d de des du en et l la le les of s the and un une pour par sur chez dans in at for qu t o n e il y to ets etablissement
    etablissements sarl sa sas sarlu gic ltd limited plc inc co cie ste company societe enterprise entreprise cameroun cameroon
    cameroonian camerounaise camerounais cmr cm centre center central centrale sante health care medical medicale medicaux medico
    integre integree integres integrated bilingue bilingual billingue biligual bilangual scolaire mixte mixed primaire primary
    publique public general generale comprehensive complexe complex prof professionnel professionnelle polyvalent group groupe gpe grp
    gr gp amp apos quot service services facility soins nbsp garde fondation foundation unite international internationale moderne
    modern unnamed inconnu unknown nom sans
    """
)
# Of these, those that are a name where nothing else is: "Pharmacie Centrale".
WEAK_WORDS = _set(
    """
    centre center centrale central generale general internationale international moderne modern fondation foundation unite
    """
)
# Landmarks, saints' titles and wishes: in so many names that they tell two of them apart only when nothing else is there.
COMMON_WORDS = _set(
    """
    saint notre dame carrefour marche gare cite espoir grace dieu bon docteur union marie coeur paix vie camp village quartier rond
    point entree face mission camerounaise mayo ouro wouro nkol mvog elig secours main mere enfant enfants famille etoile lumiere
    amour providence reference communal communale communautaire merveilles victoire sagesse renaissance soleil lune palmier fleur
    liberte perseverance patience misericorde benediction joie bonheur charite solidarite progres avenir gloire trinite sauveur
    samaritain anges amis succes foi seigneur roi reine joseph jean paul pierre andre therese michel marc luc martin anne jude
    francois antoine jacques etienne philippe laurent daniel david moise rose claire esprit maison blanc noir vert or
    plus mondial national nationale sciences technique polytechnique excellence hopital ecole lycee mont nouvelle new
    jeune
    """
)
# Goods and trades: names of stalls that are no names. A name of nothing else is generic.
GOODS = _set(
    """
    vente ventes vrnte varnte accessoires accessoire telephone telephones appareils appareil electronique electroniques electromenager
    vetement vetements chaussure chaussures sac sacs matelas fauteuil fauteuils meuble meubles tapis ustensiles cuisine carburant
    carburants essence gaz alimentation boisson boissons pain beignetariat beignets poisson viande boucherie poissonnerie legumes
    fruits divers garage auto automobile automobiles moto motos mecanique mecanicien menuiserie menuisier soudure soudeur plomberie
    electricite tailleur retoucherie cordonnerie cordonnier coiffure coiffeur salon beaute esthetique homme hommes femme femmes
    enfants dames secretariat bureautique bureuatique photocopie cyber internet call box mobile phone money materiel bureau articles
    produits librairie papeterie quincaillerie tap forage fontaine puits moulin lavage laverie vulcanisateur pneus pieces detachees
    decoration tapisserie brocante parfumerie depot ciment orangemoney orange_money quincaillerie shopping bazar prix normal
    toilettes foyer communautaire hall community chefferie fashion mode pret
    porter
    """
)
# Chains: many places of one name, so that the name proves nothing by itself.
CHAINS = _set(
    """
    express union exchange total totalenergies mrs tradex oilibya ola bocom neptune blessing corlay green oil bicec afriland first
    bank banque scb ecobank uba cca acep sgbc sgc societe generale atlantique western moneygram pmuc parifoot premier bet 1xbet orange
    mtn nexttel camtel canal tecno upowa emi money ria wari credit sahel communautaire microfinance mufid campost dovv carrefour
    mahima santa lucia casino spar zepol garanti general voyages touristique buca bucavoyages finexs pos gab dab atm ad lucem croix
    rouge
    """
)
# Large towns that are put behind names: no difference as long as a name remains.
TOWNS = _set(
    """
    douala yaounde garoua maroua bamenda bafoussam ngaoundere bertoua buea limbe kribi ebolowa nkongsamba edea kumba dschang
    """
)
# Other words for the same, so that names in two languages meet.
SAME_WORDS: dict[str, str] = {
    "hospital": "hopital", "market": "marche", "church": "eglise", "school": "ecole", "airport": "aeroport", "university": "universite",
    "mosque": "mosquee", "college": "college", "bank": "banque", "st": "saint", "ste": "saint", "sainte": "saint", "saints":
    "saint", "saintes": "saint", "santa": "saint", "our": "notre",
    "lady": "dame", "hope": "espoir", "esperance": "espoir", "peace": "paix", "good": "bon", "holy": "saint", "spirit": "esprit",
    "providence": "providence", "mercy": "misericorde", "life": "vie", "vita": "vie", "light": "lumiere", "lumieres": "lumiere",
    "sacred": "sacre", "heart": "coeur", "family": "famille", "familly": "famille", "mary": "marie", "maria": "marie", "joseph": "joseph",
    "john": "jean", "peter": "pierre", "paul": "paul", "theresa": "therese", "teresa": "therese", "grace": "grace", "star": "etoile",
    "stars": "etoile", "love": "amour", "charity": "charite", "solidarity": "solidarite", "progress": "progres", "future": "avenir",
    "victory": "victoire", "glory": "gloire", "trinity": "trinite", "cross": "croix", "red": "rouge", "children": "enfant",
    "enfants": "enfant", "mother": "mere", "women": "femme", "agriculture": "agricole", "agricultural": "agricole", "agronomie":
    "agricole",
    "agronomy": "agricole", "commercial": "commerce", "technology": "technologie", "science": "sciences", "higher": "superieur",
    "superieure": "superieur", "village": "village", "quarter": "quartier", "junction": "carrefour", "city": "cite", "station": "station",
    "samaritan": "samaritain", "angels": "anges", "ange": "anges", "angel": "anges", "friends": "amis", "friend": "amis",
    "wisdom": "sagesse", "success": "succes", "faith": "foi", "god": "dieu", "lord": "seigneur", "king": "roi", "queen": "reine",
    "united": "uni", "states": "etats", "france": "france", "germany": "allemagne", "spain": "espagne", "italy": "italie",
    "brazil": "bresil", "japan": "japon", "china": "chine", "morocco": "maroc", "tunisia": "tunisie", "egypt": "egypte",
    "dr": "docteur", "doctor": "docteur", "pr": "prive", "prince": "princes", "mont": "mont", "mount": "mont", "african": "afrique",
    "africaine": "afrique", "africain": "afrique", "africa": "afrique",
    "one": "1", "two": "2", "1er": "1", "1ere": "1", "2e": "2", "2eme": "2",
    "un": "1", "deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "six": "6", "sept": "7", "huit": "8", "neuf": "9", "dix": "10",
    "seven": "7", "three": "3", "deuxieme": "2",
    "apostolic": "apostolique", "apostles": "apotres", "prophet": "prophete", "shepherd": "berger", "divine": "divin", "eternal": "eternel",
    "immaculate": "immaculee", "nativity": "nativite", "rosary": "rosaire", "assumption": "assomption", "blessing": "benediction",
    "james": "jacques", "mark": "marc", "luke": "luc", "matthew": "matthieu", "mathieu": "matthieu",
    "stephen": "etienne", "andrew": "andre", "anthony": "antoine", "francis": "francois", "lawrence": "laurent", "michael": "michel",
    "philip": "philippe", "ann": "anne", "elizabeth": "elisabeth", "katherine": "catherine", "lucy": "lucie",
    "veronica": "veronique", "monica": "monique", "clara": "claire", "clare": "claire", "sun": "soleil", "moon": "lune",
    "palm": "palmier", "palms": "palmier", "palmiers": "palmier", "garden": "jardin", "gardens": "jardin", "jardins": "jardin",
    "beach": "plage", "river": "riviere", "sea": "mer", "mountain": "montagne", "hill": "colline", "bridge": "pont", "house": "maison",
    "home": "maison", "palace": "palais", "golden": "or", "gold": "or", "white": "blanc", "blanche": "blanc", "black": "noir",
    "noire": "noir", "green": "vert", "verte": "vert", "blue": "bleu", "bleue": "bleu", "bread": "pain", "water": "eau",
    "youth": "jeunesse", "freedom": "liberte", "liberty": "liberte", "unity": "unite", "joy": "joie", "happiness": "bonheur",
    "eagle": "aigle", "eagles": "aigle", "aigles": "aigle", "lions": "lion", "flower": "fleur",
    "flowers": "fleur", "fleurs": "fleur", "kings": "roi", "rois": "roi", "stadium": "stade", "library": "bibliotheque",
    "orphanage": "orphelinat", "embassy": "ambassade", "council": "commune", "roundabout": "rond", "airways": "air",
}  # fmt: skip

# Words that are left out of the comparison of whole names.
LITTLE_WORDS = _set("a au aux d de des du en et l la le les of s the and un une o n e y to")

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10, "iia": 2, "iib": 2}
# "A3", "K8": the number of a block or a line, which is no word.
_CODE = re.compile(r"^([a-z])(\d{1,2})$")
_GLUED = re.compile(r"^(?:g|gr|gp|gpe|grp|groupe|group|ecole|hopital)(\d{1,2}|i{1,3}|iv|v)$")


def number_of(token: str, *, is_first: bool) -> int | None:
    """The number a folded token stands for: `2`, `II`, `GrII`; None when it is a word, or a long number as in a phone."""
    if token.isdigit():
        return int(token) if len(token) <= 4 else None
    if not is_first and token in _ROMAN:
        return _ROMAN[token]
    glued = _GLUED.match(token)
    if glued:
        return int(glued[1]) if glued[1].isdigit() else _ROMAN.get(glued[1])
    code = _CODE.match(token)
    return 1000 * ord(code[1]) + int(code[2]) if code else None
