// Column titles in French or English become the names of our API; a title that is not listed goes along under its own name.
const names = {
  nom: 'name', adresse: 'address', telephone: 'phone', tel: 'phone', categorie: 'category', site: 'website', 'site web': 'website',
  courriel: 'email', mail: 'email', 'e-mail': 'email', ville: 'city', quartier: 'quarter', horaires: 'opening_hours',
  latitude: 'lat', longitude: 'lon', id: 'source_id', reference: 'source_id', source: 'source_url',
};
const { csv_url } = $('Settings').first().json;
const plain = (title) => title.normalize('NFD').replace(/\p{M}/gu, '').trim().toLowerCase();
return $input
  .all()
  .map(({ json }) => Object.entries(json).map(([title, value]) => [names[plain(title)] ?? plain(title), String(value ?? '').trim()]))
  .filter((pairs) => pairs.some(([, value]) => value))
  .map((pairs) => ({ json: { source_url: csv_url, ...Object.fromEntries(pairs) } }));
