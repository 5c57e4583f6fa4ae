"""How a program verifies a webhook, ready to paste; each takes the secret, the headers in lower case, and the body as it came."""

from __future__ import annotations

import json

from django.utils.translation import gettext_lazy as _

from apps.notifications.webhook_types import WEBHOOK_TYPES, sample_message
from apps.web.samples import Sample

PYTHON = """\
import base64
import hashlib
import hmac
import time


def verify(secret: str, headers: dict[str, str], body: bytes) -> bool:
    sent_at = headers.get("webhook-timestamp", "")
    if not sent_at.isdecimal() or abs(time.time() - int(sent_at)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers.get('webhook-id')}.{sent_at}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
    given = headers.get("webhook-signature", "").encode().split(b" ")
    return any(hmac.compare_digest(expected, one) for one in given)
"""
JAVASCRIPT = """\
import { createHmac, timingSafeEqual } from "node:crypto";

// body: a Buffer, not an object that was parsed
export function verify(secret, headers, body) {
  const sentAt = headers["webhook-timestamp"] ?? "";
  if (!/^\\d+$/.test(sentAt) || Math.abs(Date.now() / 1000 - Number(sentAt)) > 300) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signed = createHmac("sha256", key).update(`${headers["webhook-id"]}.${sentAt}.`).update(body);
  const expected = Buffer.from("v1," + signed.digest("base64"));
  return (headers["webhook-signature"] ?? "").split(" ").some((one) => {
    const given = Buffer.from(one);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}
"""
PHP = """\
<?php
// $body: file_get_contents('php://input')
function verify(string $secret, array $headers, string $body): bool
{
    $sentAt = $headers['webhook-timestamp'] ?? '';
    if (!ctype_digit($sentAt) || abs(time() - (int) $sentAt) > 300) {
        return false;
    }
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret));
    $signed = ($headers['webhook-id'] ?? '') . ".$sentAt.$body";
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', $signed, $key, true));
    foreach (explode(' ', $headers['webhook-signature'] ?? '') as $given) {
        if (hash_equals($expected, $given)) {
            return true;
        }
    }
    return false;
}
"""
JAVA = """\
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

final class Webhook {
    static boolean verify(String secret, Map<String, String> headers, byte[] body) throws GeneralSecurityException {
        String sentAt = headers.getOrDefault("webhook-timestamp", "");
        if (!sentAt.matches("\\\\d{1,12}") || Math.abs(System.currentTimeMillis() / 1000 - Long.parseLong(sentAt)) > 300) {
            return false;
        }
        byte[] key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        mac.update((headers.get("webhook-id") + "." + sentAt + ".").getBytes(StandardCharsets.UTF_8));
        byte[] expected = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body))).getBytes(StandardCharsets.UTF_8);
        for (String given : headers.getOrDefault("webhook-signature", "").split(" ")) {
            if (MessageDigest.isEqual(expected, given.getBytes(StandardCharsets.UTF_8))) {
                return true;
            }
        }
        return false;
    }
}
"""
GO = """\
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Verify takes the body as it came: io.ReadAll(request.Body).
func Verify(secret string, headers http.Header, body []byte) bool {
	sentAt := headers.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(sentAt, 10, 64)
	if err != nil || time.Since(time.Unix(seconds, 0)).Abs() > 5*time.Minute {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(headers.Get("webhook-id") + "." + sentAt + "."))
	mac.Write(body)
	expected := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	for _, given := range strings.Fields(headers.Get("webhook-signature")) {
		if hmac.Equal(expected, []byte(given)) {
			return true
		}
	}
	return false
}
"""
RUBY = """\
require "openssl"

# body: request.body.read, not parameters that were parsed
def verify(secret, headers, body)
  sent_at = headers.fetch("webhook-timestamp", "")
  return false unless sent_at.match?(/\\A\\d+\\z/) && (Time.now.to_i - sent_at.to_i).abs <= 300

  key = secret.delete_prefix("whsec_").unpack1("m")
  signed = "#{headers["webhook-id"]}.#{sent_at}.".b + body.b
  expected = "v1," + [OpenSSL::HMAC.digest("SHA256", key, signed)].pack("m0")
  headers.fetch("webhook-signature", "").split(" ").any? do |given|
    given.bytesize == expected.bytesize && OpenSSL.fixed_length_secure_compare(given, expected)
  end
end
"""
_LANGUAGES = (
    ("python", "Python", PYTHON), ("node", "JavaScript", JAVASCRIPT), ("php", "PHP", PHP), ("java", "Java", JAVA), ("go", "Go", GO),
    ("ruby", "Ruby", RUBY),
)  # fmt: skip

HEADERS = (
    ("webhook-id", _("L’identifiant de l’événement : le même à chaque essai. Retenez-le pour ne rien traiter deux fois.")),
    ("webhook-timestamp", _("Le moment de l’envoi, en secondes Unix. Refusez ce qui s’en écarte de plus de cinq minutes.")),
    ("webhook-signature", _("Une ou plusieurs signatures, séparées par des espaces : une seule bonne suffit.")),
)
STEPS = (
    _("Lisez le corps en octets, tel qu’il arrive : un JSON analysé puis récrit n’a plus la même signature."),
    _("Refusez un message dont l’heure s’écarte de la vôtre de plus de cinq minutes."),
    _("Calculez HMAC-SHA-256 de « webhook-id.webhook-timestamp.corps » avec le secret décodé, et comparez en temps constant."),
    _("Rangez le message dans une file, répondez 204 aussitôt, traitez ensuite : vous avez quinze secondes."),
)
EXAMPLE = """\
POST /webhooks HTTP/1.1
content-type: application/json; charset=utf-8
webhook-id: 0193510c-5f2a-7c11-9d0e-2f6a4b7c8d99
webhook-timestamp: 1795712441
webhook-signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=

""" + json.dumps(sample_message(WEBHOOK_TYPES["payment.succeeded"], with_object=False), ensure_ascii=False, separators=(",", ":"))


def verification() -> list[Sample]:
    """The same check in six languages."""
    return [Sample(name, title, code.rstrip()) for name, title, code in _LANGUAGES]
