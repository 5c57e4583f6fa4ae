// A batch that the server works through later: its state now. An answer that says nothing is asked for again, for two hours.
const call = $('Wait for the batch').item.json;
const { statusCode: status = 0, body: answer = {} } = $json;
const started = call.started ?? Date.now();
const waiting = status === 0 || status === 429 || status >= 500 || ['queued', 'running'].includes(answer.state);
const late = Date.now() - started > 2 * 3600 * 1000;
return { json: { ...call, started, status: waiting ? 0 : status, answer, finished: late || !waiting } };
