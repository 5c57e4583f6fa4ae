// What the server said, and whether and when to send the same again. A connection that broke has no status.
const call = $('Attempt').item.json;
const { statusCode: status = 0, headers = {}, body, data: text } = $json;
// n8n reads application/json only; a refusal is application/problem+json, and a proxy may answer anything.
let answer = body;
if (text) {
  try {
    answer = JSON.parse(text);
  } catch {
    answer = { detail: text.slice(0, 300) };
  }
}
const asked = Number(headers['retry-after']) || 0;
// Who is told when to come back may do so for an hour and a half; other failures pass in two minutes or not at all.
const again = (status === 0 || [408, 409, 425, 429].includes(status) || status >= 500) && call.attempt < (asked ? 90 : 8);
const { api_base } = $('Settings').first().json;
const location = (headers.location ?? '').replace(/^(?=\/)/, api_base);
// Waits of more than a minute would be parked in n8n's database, which `n8n execute` does not come back from.
const wait = Math.min(asked || 2 ** (call.attempt - 1), 60);
// The records are kept for the next attempt only.
const { body: _records, ...rest } = call;
return { json: { ...(again ? call : rest), status, again, wait, location, answer } };
