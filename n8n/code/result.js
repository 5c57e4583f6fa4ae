// All calls together: counts, the records that somebody should look at, and the calls that never got through.
const calls = $input.all().map((item) => item.json);
const counts = {};
const failed = [];
const unsent = [];
for (const call of calls) {
  if (call.status !== 200 || call.answer.state === 'failed') {
    unsent.push({ key: call.key, records: call.sent, status: call.status, error: call.answer?.detail ?? call.answer?.failure ?? '' });
    continue;
  }
  for (const [outcome, count] of Object.entries(call.answer.counts)) counts[outcome] = (counts[outcome] ?? 0) + count;
  const suspects = call.answer.items.filter((item) => ['rejected', 'duplicate_suspected'].includes(item.outcome));
  const { body } = suspects.length ? $('Calls').all().find(({ json }) => json.key === call.key).json : { body: '{"items":[]}' };
  const records = JSON.parse(body).items;
  for (const { index, ...rest } of suspects) failed.push({ index: call.first + index, name: records[index]?.name ?? '', ...rest });
}
const { run } = $('Settings').first().json;
return [{ json: { workflow: $workflow.name, run, sent: calls.reduce((sum, call) => sum + call.sent, 0), counts, failed, unsent } }];
