"""The JavaScript of the page on webhooks, run by the Node that this part of the suite installs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from apps.notifications.services.webhooks import signing
from apps.web import webhook_samples
from apps.web.tests.signed_messages import cases
from scripts.install_n8n import node_bin
from tests.n8n.engine import CACHE

pytestmark = pytest.mark.n8n


def test_it_works(tmp_path: Path) -> None:
    secret = signing.new_secret()
    expected = cases(secret)
    (tmp_path / "verify.mjs").write_text(webhook_samples.JAVASCRIPT)
    (tmp_path / "cases.json").write_text(json.dumps([[headers, body.decode()] for _name, headers, body, _is_good in expected]))
    (tmp_path / "try.mjs").write_text(
        'import { readFileSync } from "node:fs";\nimport { verify } from "./verify.mjs";\n'
        'const cases = JSON.parse(readFileSync("cases.json"));\n'
        f"console.log(JSON.stringify(cases.map(([headers, body]) => verify({json.dumps(secret)}, headers, Buffer.from(body)))));\n"
    )
    done = subprocess.run([node_bin(CACHE) / "node", "try.mjs"], cwd=tmp_path, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert dict(zip([one[0] for one in expected], found, strict=True)) == {name: is_good for name, _headers, _body, is_good in expected}
