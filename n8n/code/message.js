// One text for people, in French and English. Receivers such as Slack, Mattermost and Rocket.Chat read `text`.
const { json } = $input.first();
if (json.execution) {
  const { workflow, execution } = json;
  const where = execution.url ?? `n8n #${execution.id}`;
  return [{ json: { text: `« ${workflow.name} » a échoué / failed: ${execution.error?.message ?? '?'}\n${where}`, failed: [] } }];
}
const { workflow = 'Essai / Test', sent = 0, counts = {}, failed = [], run = '' } = json;
const shown = 20;
const lines = failed.slice(0, shown).map(({ index, name, outcome, reasons }) => {
  const why = reasons.map(({ field, code, detail }) => [field, code, detail].filter(Boolean).join(': ')).join('; ');
  return `${index + 1}. ${name || '?'} · ${outcome}${why ? ` · ${why}` : ''}`;
});
const count = Math.max((counts.rejected ?? 0) + (counts.duplicate_suspected ?? 0), failed.length);
const more = count > lines.length ? [`… +${count - lines.length}`] : [];
const head = `« ${workflow} » : ${count} fiche(s) sur ${sent} à revoir / ${count} of ${sent} records to look at`;
return [{ json: { text: [head, ...lines, ...more].join('\n'), workflow, run, counts, failed } }];
