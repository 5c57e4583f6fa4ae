// What the server said, and whether and when to send the same again. A connection that broke has no status.
const call = $('Attempt').item.json;
const { statusCode: status = 0, headers = {}, body } = $json;
// n8n reads application/json only; a refusal is application/problem+json, and a proxy may answer anything.
let answer = body;
if (typeof body === 'string') {
  try {
    answer = JSON.parse(body);
  } catch {
    answer = { detail: body.slice(0, 300) };
  }
}
const asked = Number(headers['retry-after']) || 0;
// Who is told when to come back may do so for an hour and a half; other failures pass in two minutes or not at all.
const again = (status === 0 || [408, 409, 425, 429].includes(status) || status >= 500) && call.attempt < (asked ? 90 : 8);
const { api_base } = $('Settings').first().json;
const location = (headers.location ?? '').replace(/^(?=\/)/, api_base);
// Waits of more than a minute would be parked in n8n's database, which `n8n execute` does not come back from.
return { json: { ...call, status, again, wait: Math.min(asked || 2 ** (call.attempt - 1), 60), location, answer } };
