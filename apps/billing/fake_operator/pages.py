"""The page of Orange on which a person confirms or cancels. It needs no script.

Its sentences are the operator's, not ours: they are written in French here and are in no catalogue.
"""

from __future__ import annotations

from html import escape

from apps.billing.fake_operator import orange_web
from apps.billing.fake_operator.operator import Call, Operator
from apps.billing.fake_operator.outcomes import NEVER_ENDS, full_number
from apps.billing.fake_operator.truth import Movement, State
from apps.billing.fake_operator.wire import Answer, Refused, html_answer

_STYLE = """
body{margin:0;background:#f4f4f4;color:#141414;font:1rem/1.5 system-ui,sans-serif}
main{max-width:28rem;margin:2rem auto;padding:1.5rem;background:#fff;border-top:.5rem solid #f16e00}
h1{font-size:1.4rem;margin:0 0 1rem}dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem}dt{color:#4d4d4d}dd{margin:0}
label{display:block;margin-top:1rem}input{box-sizing:border-box;width:100%;padding:.6rem;font:inherit;border:1px solid #595959}
button{margin:1rem .5rem 0 0;padding:.7rem 1.2rem;font:inherit;border:1px solid #141414;background:#fff;cursor:pointer}
button.main{background:#141414;color:#fff}table{border-collapse:collapse;margin-top:.5rem}td,th{padding:.2rem .8rem .2rem 0;text-align:left}
.error{color:#b30000}
"""
_MEANINGS = {
    "6789": "payé",
    NEVER_ENDS: "ne se termine jamais",
    "6019": "plafond atteint",
    "6029": "numéro sans compte",
    "6039": "refusé par le payeur",
    "6049": "solde insuffisant",
    "6069": "échec sans raison",
}
_ENDED = {
    State.PENDING: "Paiement en cours de traitement.",
    State.SUCCEEDED: "Paiement effectué.",
    State.FAILED: "Le paiement a échoué.",
    State.EXPIRED: "La demande a expiré.",
}


def _page(status: int, title: str, content: str) -> Answer:
    return html_answer(
        status,
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main><h1>{escape(title)}</h1>{content}</main></body></html>",
    )


def _numbers() -> str:
    rows = "".join(f"<tr><td>69345{last}</td><td>{escape(meaning)}</td></tr>" for last, meaning in _MEANINGS.items())
    return (
        "<details><summary>Numéros d’essai</summary><table><thead><tr><th>Numéro</th><th>Résultat</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></details>"
    )


def _find(operator: Operator, call: Call) -> Movement:
    movement = operator.truth.find(orange_web.RAIL, call.groups["id"])
    if movement is None:
        raise Refused(_page(404, "Page introuvable", "<p>Ce lien de paiement n’existe pas.</p>"))
    return movement


def show(operator: Operator, call: Call) -> Answer:
    """The form, or how it ended."""
    return _form(_find(operator, call))


def _form(movement: Movement, error: str = "", number: str = "693456789") -> Answer:
    if movement.status is not State.INITIATED:
        back = escape(movement.details["return_url"], quote=True)
        return _page(200, "Orange Money", f'<p>{_ENDED[movement.status]}</p><p><a href="{back}">Retourner chez le marchand</a></p>')
    amount = f"{movement.amount:,}".replace(",", "\u202f")
    currency = "F CFA" if movement.currency == "XAF" else movement.currency
    complaint = f'<p class="error" id="error" role="alert">{escape(error)}</p>' if error else ""
    return _page(
        422 if error else 200,
        "Payer avec Orange Money",
        f"<dl><dt>Marchand</dt><dd>{escape(movement.details['reference'])}</dd><dt>Commande</dt><dd>{escape(movement.order_id)}</dd>"
        f"<dt>Montant</dt><dd>{amount} {currency}</dd></dl>"
        f'<form method="post">{complaint}<label for="msisdn">Votre numéro Orange</label>'
        f'<input id="msisdn" name="msisdn" inputmode="tel" autocomplete="tel" value="{escape(number, quote=True)}"'
        f"{' aria-describedby=error aria-invalid=true' if error else ''}>"
        '<label for="otp">Code temporaire (#150*4*4#) : n’importe lequel</label>'
        '<input id="otp" name="otp" inputmode="numeric" autocomplete="one-time-code" value="123456">'
        '<button class="main" name="action" value="confirm">Confirmer</button><button name="action" value="cancel">Annuler</button></form>'
        f"{_numbers()}",
    )


def act(operator: Operator, call: Call) -> Answer:
    """The payer pressed a button. Cancelling leaves the payment as it was: it has no status of its own."""
    movement = _find(operator, call)
    form = call.request.form()
    if form.get("action") == "cancel":
        return _to(movement.details["cancel_url"])
    number = full_number(form.get("msisdn", ""))
    if not number.startswith("2376") or len(number) != 12:
        return _form(movement, "Écrivez un numéro de 9 chiffres qui commence par 6.", form.get("msisdn", ""))
    confirm(operator, call, movement, number)
    return _to(movement.details["return_url"])


def confirm(operator: Operator, call: Call, movement: Movement, number: str) -> Movement:
    """The payer confirms; too late, it expires, and pressing twice does nothing more."""
    if movement.status is not State.INITIATED:
        return movement
    if operator.clock.now() > movement.created_at + orange_web.PAGE_S:
        return operator.truth.decide(movement.token, State.EXPIRED, "EXPIRED", silently=True) or movement
    plan = operator.plan(call, number, movement.amount)
    return operator.accept(call, movement, plan, by_payer_from=State.INITIATED, msisdn=number)


def _to(url: str) -> Answer:
    return html_answer(303, "", {"Location": url})
