// One item for each call: its body, and a key that stays the same however often the call is repeated.
const { run, batch_size: size } = $('Settings').first().json;
const records = $input.all().map((item) => item.json);
const calls = [];
for (let first = 0; first < records.length; first += size) {
  const items = records.slice(first, first + size);
  calls.push({ json: { key: `${run}-${calls.length}`, first, sent: items.length, body: JSON.stringify({ items }) } });
}
return calls;
