// Every page to read, with what its server said when it was last sent to us in full. This memory is kept by n8n for runs that a
// trigger started; a run by hand in the editor reads everything anew.
const { pages } = $('Settings').first().json;
const known = $getWorkflowStaticData('global').pages ?? {};
return pages.map((url) => {
  const { etag, last_modified } = known[url] ?? {};
  const headers = { Accept: 'text/html' };
  if (etag) headers['If-None-Match'] = etag;
  if (last_modified) headers['If-Modified-Since'] = last_modified;
  return { json: { url, headers } };
});
