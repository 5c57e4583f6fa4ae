// Only now that all is sent: a page whose records did not arrive is read in full again.
const data = $getWorkflowStaticData('global');
data.pages = { ...data.pages };
for (const { json, pairedItem } of $('Changed?').all()) {
  const { etag, 'last-modified': last_modified } = json.headers;
  data.pages[$('Pages').all()[pairedItem.item].json.url] = { etag, last_modified };
}
return $input.all();
