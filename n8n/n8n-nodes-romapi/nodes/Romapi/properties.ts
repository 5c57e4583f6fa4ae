import type { INodeProperties } from 'n8n-workflow';

const only = (...operation: string[]) => ({ show: { operation } });

export const properties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Get',
				value: 'get',
				description: 'One entry by its ID or short name',
				action: 'Get an entry',
			},
			{
				name: 'Search',
				value: 'search',
				description: 'Published entries by words, town and category',
				action: 'Search entries',
			},
			{
				name: 'Send Records',
				value: 'ingest',
				description: 'All input items, answered for one by one',
				action: 'Send records',
			},
		],
		default: 'ingest',
	},
	{
		displayName: 'Kind',
		name: 'kind',
		type: 'options',
		displayOptions: only('ingest'),
		options: [
			{ name: 'As the Record Says', value: 'any', description: 'Its field resource_type; without it a business' },
			{ name: 'Business', value: 'business' },
		],
		default: 'business',
		description: 'What the records are',
	},
	{
		displayName:
			'Fields: name, address, phone, category, description, website, source_url; also source_id, email, city, quarter, lat, lon, opening_hours. An empty text means absent.',
		name: 'notice',
		type: 'notice',
		displayOptions: only('ingest'),
		default: '',
	},
	{
		displayName: 'ID or Short Name',
		name: 'id',
		type: 'string',
		displayOptions: only('get'),
		default: '',
		required: true,
		description: 'The entry to read',
	},
	{
		displayName: 'Query',
		name: 'query',
		type: 'string',
		displayOptions: only('search'),
		default: '',
		placeholder: 'pharmacie akwa',
		description: 'Words as a person would write them',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		displayOptions: only('search'),
		default: 50,
		description: 'Max number of results to return',
	},
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add Filter',
		displayOptions: only('search'),
		default: {},
		options: [
			{ displayName: 'Category', name: 'category', type: 'string', default: '', description: 'Short name, such as pharmacie' },
			{ displayName: 'City', name: 'city', type: 'string', default: '', description: 'Short name, such as douala' },
			{
				displayName: 'Language',
				name: 'lang',
				type: 'options',
				options: [
					{ name: 'English', value: 'en' },
					{ name: 'French', value: 'fr' },
				],
				default: 'fr',
				description: 'Language of the texts',
			},
			{ displayName: 'Region', name: 'region', type: 'string', default: '', description: 'Short name, such as littoral' },
		],
	},
];
