// The batch with those of its records that somebody should look at, at most a hundred of each kind.
const call = $('Batch').item.json;
const items = [...$('Refused').item.json.items, ...$json.items];
return { json: { ...call, answer: { ...call.answer, items } } };
