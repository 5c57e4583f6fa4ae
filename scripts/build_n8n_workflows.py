"""Write `n8n/workflows/*.json` from `n8n/code/*.js` and what stands here: every workflow can be imported alone, yet all send alike.

    python scripts/build_n8n_workflows.py

A test compares the files with what this writes. To change one in n8n: change it there, look at the export, and carry it over.
"""

from __future__ import annotations

import itertools
import json
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CODE, OUT = ROOT / "n8n" / "code", ROOT / "n8n" / "workflows"
NAMESPACE = uuid.UUID("5d6e2b1c-0f5f-4d52-9f0a-6a7c3d0e9b11")
API_BASE = "http://127.0.0.1:8000"
KEY = {"httpHeaderAuth": {"id": "romapiKey0000001", "name": "ROMAPI key"}}
MESSAGES = "romapiFailedRecords"
# `$execution.id` starts again in a new database of n8n, hence the time.
RUN = "={{ $workflow.id }}-{{ $execution.id }}-{{ $now.toMillis() }}"

Json = dict[str, Any]


class Workflow:
    """Nodes, what leads from one to the next, and notes."""

    def __init__(self, key: str, name: str) -> None:
        self.key, self.name = key, name
        self.nodes: list[Json] = []
        self.connections: dict[str, Json] = {}
        self.settings: Json = {"executionOrder": "v1", "timezone": "Africa/Douala"}

    def add(self, name: str, kind: str, version: float, parameters: Json, at: tuple[int, int], **more: Any) -> None:
        """A node of n8n's own; `more` stands on the node itself."""
        node = {
            "id": str(uuid.uuid5(NAMESPACE, f"{self.key}/{name}")), "name": name, "type": f"n8n-nodes-base.{kind}",
            "typeVersion": version, "position": list(at), "parameters": parameters, **more,
        }  # fmt: skip
        if kind == "wait":
            node["webhookId"] = str(uuid.uuid5(NAMESPACE, f"{self.key}/{name}/webhook"))
        self.nodes.append(node)

    def code(self, name: str, file: str, at: tuple[int, int], *, each: bool = False) -> None:
        """A Code node, once for all items or once for each."""
        mode = "runOnceForEachItem" if each else "runOnceForAllItems"
        script = (CODE / f"{file}.js").read_text(encoding="utf-8")
        self.add(name, "code", 2, {"mode": mode, "language": "javaScript", "jsCode": script}, at)

    def choose(self, name: str, expression: str, at: tuple[int, int]) -> None:
        """An If node: output 0 when the expression is true, else output 1."""
        condition = {
            "id": str(uuid.uuid5(NAMESPACE, f"{self.key}/{name}/condition")), "leftValue": f"={{{{ {expression} }}}}", "rightValue": "",
            "operator": {"type": "boolean", "operation": "true", "singleValue": True},
        }  # fmt: skip
        options = {"caseSensitive": True, "leftValue": "", "typeValidation": "strict", "version": 2}
        self.add(name, "if", 2.2, {"conditions": {"options": options, "conditions": [condition], "combinator": "and"}, "options": {}}, at)

    def set(self, name: str, values: dict[str, Any], at: tuple[int, int], *, keep: bool = False) -> None:
        """A Set node; the type of each value follows from it."""
        kinds = {str: "string", int: "number", list: "array", dict: "object"}
        rows = [
            {"id": str(uuid.uuid5(NAMESPACE, f"{self.key}/{name}/{key}")), "name": key, "type": kinds[type(value)], "value": value}
            if not isinstance(value, tuple)
            else {"id": str(uuid.uuid5(NAMESPACE, f"{self.key}/{name}/{key}")), "name": key, "type": value[0], "value": value[1]}
            for key, value in values.items()
        ]
        more = {"includeOtherFields": True} if keep else {}
        self.add(name, "set", 3.4, {"assignments": {"assignments": rows}, **more, "options": {}}, at)

    def note(self, french: str, english: str, at: tuple[int, int], size: tuple[int, int], color: int = 7) -> None:
        """A sticky note in both languages."""
        parameters = {"content": f"{french}\n\n---\n\n{english}", "width": size[0], "height": size[1], "color": color}
        self.add(f"Note {sum(node['type'].endswith('stickyNote') for node in self.nodes) + 1}", "stickyNote", 1, parameters, at)

    def lead(self, *names: str, output: int = 0) -> None:
        """From the given output of the first to the second; from there on by output 0."""
        for source, target in itertools.pairwise(names):
            outputs = self.connections.setdefault(source, {"main": []})["main"]
            outputs += [[] for _ in range(output + 1 - len(outputs))]
            outputs[output].append({"node": target, "type": "main", "index": 0})
            output = 0

    def save(self, file: str) -> None:
        """As n8n exports it."""
        body = {
            "id": self.key, "name": self.name, "nodes": self.nodes, "connections": self.connections, "settings": self.settings,
            "active": False,
        }  # fmt: skip
        (OUT / file).write_text(json.dumps(body, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def triggers(flow: Workflow, *, rule: Json) -> None:
    """By hand, and by the clock once the workflow is published."""
    flow.add("By hand", "manualTrigger", 1, {}, (-240, 0))
    flow.add("By the clock", "scheduleTrigger", 1.2, {"rule": {"interval": [rule]}}, (-240, 180))
    flow.lead("By hand", "Settings")
    flow.lead("By the clock", "Settings")


def read(flow: Workflow, name: str, url: str, at: tuple[int, int], response: Json, **more: Any) -> None:
    """GET of a page or file. A failure is tried three times, then it ends the run."""
    parameters = {"url": url, "options": {"response": {"response": response}, "timeout": 60000}}
    parameters |= more.pop("parameters", {})
    flow.add(name, "httpRequest", 4.5, parameters, at, **more)


def send(flow: Workflow, source: str, x: int, *, last: str | None = None, headers: Json | None = None) -> None:
    """From records to answers: calls of `batch_size`, one after another, each repeated until the server has dealt with it."""
    sent_headers = [{"name": "Idempotency-Key", "value": "={{ $json.key }}"}]
    sent_headers += [{"name": name, "value": value} for name, value in (headers or {}).items()]
    own = {"authentication": "genericCredentialType", "genericAuthType": "httpHeaderAuth"}
    whole = {"fullResponse": True, "neverError": True, "responseFormat": "autodetect"}
    flow.code("Calls", "batches", (x, 0))
    flow.add("Each call", "splitInBatches", 3, {"batchSize": 1, "options": {}}, (x + 220, 0))
    flow.set("Attempt", {"attempt": ("number", "={{ ($json.attempt ?? 0) + 1 }}")}, (x + 440, 180), keep=True)
    flow.add("Send", "httpRequest", 4.5, {
        "method": "POST", "url": "={{ $('Settings').first().json.api_base }}/api/v1/{{ $('Settings').first().json.endpoint }}/ingest",
        **own, "sendHeaders": True, "headerParameters": {"parameters": sent_headers},
        "sendBody": True, "contentType": "raw", "rawContentType": "application/json", "body": "={{ $json.body }}",
        "options": {"response": {"response": whole}, "timeout": 120000},
    }, (x + 660, 180), credentials=KEY, onError="continueRegularOutput")  # fmt: skip
    flow.code("Answer", "answer", (x + 880, 180), each=True)
    flow.choose("Try again?", "$json.again", (x + 1100, 180))
    flow.add("Wait", "wait", 1.1, {"amount": "={{ $json.wait }}"}, (x + 880, 380))
    flow.choose("Taken for later?", "$json.status === 202", (x + 1320, 180))
    flow.add("Wait for the batch", "wait", 1.1, {"amount": 2}, (x + 1540, 380))
    flow.add("Read the batch", "httpRequest", 4.5, {
        "url": "={{ $json.location }}", **own, "options": {"response": {"response": whole}, "timeout": 60000},
    }, (x + 1760, 380), credentials=KEY, onError="continueRegularOutput")  # fmt: skip
    flow.code("Batch", "batch", (x + 1980, 380), each=True)
    flow.choose("Finished?", "$json.finished", (x + 2200, 380))
    for step, (name, outcome) in enumerate({"Refused": "rejected", "Doubtful": "duplicate_suspected"}.items()):
        flow.add(name, "httpRequest", 4.5, {
            "url": f"={{{{ $('Batch').item.json.location }}}}?outcome={outcome}&limit=100", **own, "options": {"timeout": 60000},
        }, (x + 2420 + 220 * step, 380), credentials=KEY, retryOnFail=True, maxTries=5, waitBetweenTries=5000)  # fmt: skip
    flow.code("Batch with its records", "batch-records", (x + 2860, 380), each=True)
    flow.code("Result", "result", (x + 440, -160))
    flow.choose("To look at?", "$json.failed.length > 0", (x + 660, -160))
    flow.add("Tell", "executeWorkflow", 1.2, {
        "workflowId": {"__rl": True, "mode": "id", "value": MESSAGES}, "options": {"waitForSubWorkflow": True},
    }, (x + 880, -260))  # fmt: skip
    flow.choose("All sent?", "$('Result').first().json.unsent.length === 0", (x + 1100, -160))
    flow.add("Done", "noOp", 1, {}, (x + 1540, -260))
    flow.add("Not all sent", "stopAndError", 1, {
        "errorMessage": "={{ $('Result').first().json.unsent.length }} call(s) did not get through: "
                        "{{ JSON.stringify($('Result').first().json.unsent) }}",
    }, (x + 1320, -60))  # fmt: skip
    flow.lead(source, "Calls", "Each call")
    flow.lead("Each call", "Attempt", "Send", "Answer", "Try again?", "Wait", "Attempt", output=1)
    flow.lead("Try again?", "Taken for later?", output=1)
    flow.lead(
        "Taken for later?",
        "Wait for the batch",
        "Read the batch",
        "Batch",
        "Finished?",
        "Refused",
        "Doubtful",
        "Batch with its records",
        "Each call",
    )
    flow.lead("Taken for later?", "Each call", output=1)
    flow.lead("Finished?", "Wait for the batch", output=1)
    flow.lead("Each call", "Result", "To look at?", "Tell", "All sent?")
    flow.lead("To look at?", "All sent?", output=1)
    flow.lead("All sent?", *([last] if last else []), "Done")
    flow.lead("All sent?", "Not all sent", output=1)
    flow.settings["errorWorkflow"] = MESSAGES
    flow.note(
        "## Envoyer sans rien perdre\nUn appel après l’autre. Chaque appel a sa `Idempotency-Key` : répété après une coupure, il "
        "ne fait rien deux fois. `Retry-After` est respecté (429, 503) ; sans lui, 1, 2, 4… secondes. Un lot accepté pour plus "
        "tard (202) est suivi jusqu’à sa fin. Si un appel ne passe pas, l’exécution échoue et le dit.",
        "## Send without losing anything\nOne call after another. Each has its `Idempotency-Key`: repeated after a broken connection "
        "it does nothing twice. `Retry-After` is honoured (429, 503), else 1, 2, 4… seconds. A batch taken for later (202) is "
        "followed to its end. If a call does not get through, the run fails and says so.",
        (x + 420, 560), (900, 320), 5,
    )  # fmt: skip
    flow.note(
        "Les fiches refusées ou douteuses partent au flux « ROMAPI · Messages » : importez-le aussi.",
        "Refused or doubtful records go to the workflow “ROMAPI · Messages”: import it, too.",
        (x + 820, -520), (420, 220), 5,
    )  # fmt: skip


def pages(flow: Workflow, source: str, x: int) -> str:
    """From a page's HTML (field `html`) to one record a block; returns the last node's name."""
    text = ("name", "address", "phone", "category", "description")
    values = [{"key": key, "cssSelector": f".business-{key}", "returnValue": "text"} for key in text]
    values.append({"key": "website", "cssSelector": ".business-website", "returnValue": "attribute", "attribute": "href"})
    block = {"key": "block", "cssSelector": ".business-item", "returnValue": "html", "returnArray": True}
    extract = {"operation": "extractHtmlContent", "extractionValues": {"values": [block]}, "options": {}}
    flow.add("Blocks", "html", 1.2, {**extract, "dataPropertyName": "html"}, (x, 0))
    flow.choose("Any?", "!!$json.block?.length", (x + 220, 0))
    flow.add("Nothing found", "stopAndError", 1, {
        "errorMessage": "=No .business-item in the page: has it changed? {{ JSON.stringify($('Settings').first().json) }}",
    }, (x + 440, 180))  # fmt: skip
    flow.add("Each block", "splitOut", 1, {"fieldToSplitOut": "block", "options": {}}, (x + 440, 0))
    flow.add("Fields", "html", 1.2, {
        "operation": "extractHtmlContent", "dataPropertyName": "block", "extractionValues": {"values": values},
        "options": {"trimValues": True, "cleanUpText": True},
    }, (x + 660, 0))  # fmt: skip
    flow.lead(source, "Blocks", "Any?", "Each block", "Fields")
    flow.lead("Any?", "Nothing found", output=1)
    return "Fields"


def scrape_listing() -> None:
    flow = Workflow("romapiScrapeListing", "ROMAPI · Scrape a listing page")
    triggers(flow, rule={"field": "weeks", "triggerAtDay": [1], "triggerAtHour": 3})
    settings = {
        "api_base": API_BASE, "endpoint": "businesses", "source_url": "https://annuaire.example/douala", "batch_size": 200, "run": RUN,
    }  # fmt: skip
    flow.set("Settings", settings, (0, 0))
    flow.lead("Settings", "Page")
    html = {"responseFormat": "text", "outputPropertyName": "html"}
    read(flow, "Page", "={{ $json.source_url }}", (220, 0), html, retryOnFail=True, maxTries=3, waitBetweenTries=5000)
    last = pages(flow, "Page", 440)
    flow.set("Record", {"source_url": "={{ $('Settings').first().json.source_url }}"}, (1320, 0), keep=True)
    flow.lead(last, "Record")
    send(flow, "Record", 1540)
    flow.note(
        "## Lire une page de liste\n1. Dans **Settings** : l’adresse de la page (`source_url`) et celle de l’API (`api_base`).\n"
        "2. Dans **Blocks** et **Fields** : les sélecteurs CSS de cette page.\n3. Une information absente part vide : "
        "l’API le comprend. Vérifiez que vous avez le droit de lire cette page.",
        "## Read a listing page\n1. In **Settings**: the page's address (`source_url`) and the API's (`api_base`).\n"
        "2. In **Blocks** and **Fields**: the CSS selectors of that page.\n3. What is missing is sent empty: the API understands. "
        "Make sure that you may read this page.",
        (-260, -440), (620, 380),
    )  # fmt: skip
    flow.save("scrape-listing.json")


def import_csv() -> None:
    flow = Workflow("romapiImportCsv", "ROMAPI · Import a CSV file or a Google sheet")
    triggers(flow, rule={"field": "days", "daysInterval": 1, "triggerAtHour": 4})
    settings = {
        "api_base": API_BASE, "endpoint": "api-resources", "csv_url": "https://files.example/commerces.csv", "delimiter": ",",
        "batch_size": 200, "run": RUN,
    }  # fmt: skip
    flow.set("Settings", settings, (0, 0))
    flow.lead("Settings", "File", "Rows", "Records")
    read(flow, "File", "={{ $json.csv_url }}", (220, 0), {"responseFormat": "file"}, retryOnFail=True, maxTries=3, waitBetweenTries=5000)
    options = {"delimiter": "={{ $('Settings').first().json.delimiter }}", "enableBOM": True, "headerRow": True}
    flow.add("Rows", "extractFromFile", 1, {"operation": "csv", "binaryPropertyName": "data", "options": options}, (440, 0))
    flow.code("Records", "csv-records", (660, 0))
    send(flow, "Records", 880)
    flow.note(
        "## Importer un fichier CSV\nDans **Settings** : `csv_url` et `delimiter` (`,` ou `;`). Pour une feuille Google partagée en "
        "lecture : `https://docs.google.com/spreadsheets/d/<ID>/export?format=csv&gid=0`.\nTitres reconnus : nom, adresse, téléphone, "
        "catégorie, description, site, courriel, ville, quartier, horaires, latitude, longitude, id. Une colonne `id` stable permet "
        "de corriger une fiche au lieu d’en créer une seconde.",
        "## Import a CSV file\nIn **Settings**: `csv_url` and `delimiter` (`,` or `;`). For a Google sheet that is shared for reading: "
        "the address above. Titles may be in French or in the API's own names. A stable `id` column lets a record be corrected "
        "rather than created a second time.",
        (-260, -520), (760, 460),
    )  # fmt: skip
    flow.save("import-csv.json")


def nightly_refresh() -> None:
    flow = Workflow("romapiNightlyRefresh", "ROMAPI · Nightly refresh of listing pages")
    triggers(flow, rule={"field": "days", "daysInterval": 1, "triggerAtHour": 2, "triggerAtMinute": 15})
    settings = {
        "api_base": API_BASE, "endpoint": "businesses", "batch_size": 200, "run": RUN,
        "pages": ["https://annuaire.example/douala", "https://annuaire.example/yaounde"],
    }  # fmt: skip
    flow.set("Settings", settings | {"pages": ("array", json.dumps(settings["pages"]))}, (0, 0))
    flow.code("Pages", "pages", (220, 0))
    whole = {"fullResponse": True, "neverError": True, "responseFormat": "text", "outputPropertyName": "html"}
    asking = {"sendHeaders": True, "specifyHeaders": "json", "jsonHeaders": "={{ JSON.stringify($json.headers) }}"}
    read(flow, "Page", "={{ $json.url }}", (440, 0), whole, parameters=asking, onError="continueRegularOutput")
    flow.choose("Changed?", "$json.statusCode === 200", (660, 0))
    flow.choose("Not changed?", "$json.statusCode === 304", (880, 200))
    flow.add("Nothing to do", "noOp", 1, {}, (1100, 140))
    flow.add("Not read", "stopAndError", 1, {
        "errorMessage": "={{ $('Pages').item.json.url }} could not be read: "
                        "{{ $json.statusCode ?? $json.error?.message ?? 'no answer' }}",
    }, (1100, 300))  # fmt: skip
    flow.lead("Settings", "Pages", "Page", "Changed?")
    flow.lead("Changed?", "Not changed?", "Nothing to do", output=1)
    flow.lead("Not changed?", "Not read", output=1)
    last = pages(flow, "Changed?", 1100)
    flow.set("Record", {"source_url": "={{ $('Pages').item.json.url }}"}, (1980, 0), keep=True)
    flow.lead(last, "Record")
    send(flow, "Record", 2200, last="Remember")
    flow.code("Remember", "remember", (3520, -260))
    flow.note(
        "## Relire chaque nuit ce qui a changé\nDans **Settings** : la liste `pages`. Chaque page est demandée avec l’`ETag` et la date "
        "reçus la dernière fois (gardés par n8n, une fois tout envoyé) : une réponse 304 ne fait rien. Publiez le flux pour que "
        "l’horloge le lance ; lancé à la main dans l’éditeur, il relit tout.",
        "## Read again each night what has changed\nIn **Settings**: the list `pages`. Each page is asked for with the `ETag` and date "
        "of last time (kept by n8n once all is sent): a 304 does nothing. Publish the workflow so that the clock starts it; "
        "started by hand in the editor it reads everything.",
        (-260, -460), (760, 400),
    )  # fmt: skip
    flow.save("nightly-refresh.json")


def import_places() -> None:
    flow = Workflow("romapiImportPlaces", "ROMAPI · Import an NDJSON file of places")
    flow.add("By hand", "manualTrigger", 1, {}, (-240, 0))
    settings = {
        "api_base": API_BASE, "endpoint": "api-resources", "file_url": "https://files.example/places.ndjson.gz", "batch_size": 2000,
        "run": RUN,
    }  # fmt: skip
    flow.set("Settings", settings, (0, 0))
    flow.lead("By hand", "Settings", "File", "Compressed?", "Decompress", "Text", "Lines")
    read(flow, "File", "={{ $json.file_url }}", (220, 0), {"responseFormat": "file", "outputPropertyName": "data"},
         retryOnFail=True, maxTries=3, waitBetweenTries=5000)  # fmt: skip
    flow.choose("Compressed?", "$('Settings').first().json.file_url.endsWith('.gz')", (440, 0))
    flow.add(
        "Decompress", "compression", 1.1, {"operation": "decompress", "binaryPropertyName": "data", "outputPrefix": "file_"}, (660, -100)
    )
    flow.add("Text", "extractFromFile", 1, {
        "operation": "text", "binaryPropertyName": "={{ $binary.file_0 ? 'file_0' : 'data' }}", "destinationKey": "text", "options": {},
    }, (880, 0))  # fmt: skip
    flow.lead("Compressed?", "Text", output=1)
    flow.code("Lines", "lines", (1100, 0))
    send(flow, "Lines", 1320, headers={"Prefer": "respond-async"})
    flow.note(
        "## Importer un fichier de lieux\nUn objet JSON par ligne, comprimé (`.gz`) ou non. Par lots de 2 000 : l’API répond 202 et "
        "travaille ; le flux attend la fin de chaque lot avant d’envoyer le suivant. Relancé, il ne crée rien deux fois.",
        "## Import a file of places\nOne JSON object a line, compressed (`.gz`) or not. In batches of 2,000: the API answers 202 and "
        "works; the workflow waits for the end of each batch before it sends the next. Started again it creates nothing twice.",
        (-260, -440), (640, 340),
    )  # fmt: skip
    flow.save("import-places.json")


def failed_records() -> None:
    flow = Workflow(MESSAGES, "ROMAPI · Messages")
    flow.add("When another workflow calls", "executeWorkflowTrigger", 1.1, {"inputSource": "passthrough"}, (-240, -180))
    flow.add("When a run fails", "errorTrigger", 1, {}, (-240, 0))
    flow.code("Text", "message", (0, 0))
    flow.set("Settings", {"message_url": "https://messages.example/hooks/romapi"}, (220, 0), keep=True)
    flow.add("Post", "httpRequest", 4.5, {
        "method": "POST", "url": "={{ $json.message_url }}", "sendBody": True, "contentType": "json", "specifyBody": "json",
        "jsonBody": "={{ JSON.stringify({ text: $json.text, run: $json.run, counts: $json.counts, failed: $json.failed }) }}",
        "options": {"timeout": 30000},
    }, (440, 0), retryOnFail=True, maxTries=5, waitBetweenTries=5000)  # fmt: skip
    flow.lead("When another workflow calls", "Text", "Settings", "Post")
    flow.lead("When a run fails", "Text")
    flow.note(
        "## Fiches refusées : un message\nLes autres flux l’appellent avec ce que l’API a refusé ou soupçonne d’être un doublon ; "
        "une exécution qui échoue y arrive aussi. Mettez dans **Settings** l’adresse qui reçoit (Slack, Mattermost, votre programme) : "
        "elle reçoit `text` et les détails. Publiez ce flux ; lancé à la main il envoie un message d’essai.",
        "## Refused records: a message\nThe other workflows call it with what the API refused or takes for a duplicate; a run that "
        "fails arrives here, too. Put the address that receives in **Settings** (Slack, Mattermost, a program of yours): it gets "
        "`text` and the details. Publish this workflow; started by hand it sends a trial message.",
        (-460, -600), (640, 380),
    )  # fmt: skip
    flow.save("failed-records.json")


def main() -> None:
    """Write all of them."""
    OUT.mkdir(exist_ok=True)
    for write in (scrape_listing, import_csv, nightly_refresh, import_places, failed_records):
        write()


if __name__ == "__main__":
    main()
