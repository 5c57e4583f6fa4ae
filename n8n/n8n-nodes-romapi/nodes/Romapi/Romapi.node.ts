import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription, JsonObject } from 'n8n-workflow';
import { NodeApiError, NodeConnectionTypes } from 'n8n-workflow';

import { send } from './calls';
import { ingest } from './ingest';
import { properties } from './properties';

export class Romapi implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'ROMAPI',
		name: 'romapi',
		icon: { light: 'file:../../icons/romapi.svg', dark: 'file:../../icons/romapi.dark.svg' },
		group: ['input'],
		version: 1,
		subtitle: '={{ $parameter["operation"] }}',
		description: 'Search and read the directory of Cameroon, or send records to it',
		defaults: { name: 'ROMAPI' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'romapiApi', required: true }],
		properties,
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const operation = this.getNodeParameter('operation', 0) as string;
		if (operation === 'ingest') {
			try {
				return [await ingest(this)];
			} catch (error) {
				if (!this.continueOnFail()) throw new NodeApiError(this.getNode(), error as JsonObject);
				return [[{ json: { message: (error as Error).message }, pairedItem: this.getInputData().map((_, item) => ({ item })) }]];
			}
		}
		const output: INodeExecutionData[] = [];
		for (let item = 0; item < this.getInputData().length; item += 1) {
			try {
				const found = operation === 'search' ? await search(this, item) : [await read(this, item)];
				output.push(...found.map((json) => ({ json, pairedItem: { item } })));
			} catch (error) {
				if (!this.continueOnFail()) throw new NodeApiError(this.getNode(), error as JsonObject, { itemIndex: item });
				output.push({ json: { message: (error as Error).message }, pairedItem: { item } });
			}
		}
		return [output];
	}
}

async function read(node: IExecuteFunctions, item: number): Promise<IDataObject> {
	const id = node.getNodeParameter('id', item) as string;
	return await send(node, { method: 'GET', path: `/api/v1/api-resources/${encodeURIComponent(id)}` }, item);
}

/** Up to `limit` hits, over as many pages as that takes. */
async function search(node: IExecuteFunctions, item: number): Promise<IDataObject[]> {
	const limit = node.getNodeParameter('limit', item) as number;
	const filters = node.getNodeParameter('filters', item) as IDataObject;
	const query: IDataObject = { ...filters, limit: Math.min(limit, 100) };
	const text = node.getNodeParameter('query', item) as string;
	if (text) query.q = text;
	const hits: IDataObject[] = [];
	let path = '/api/v1/search';
	let asked: IDataObject | undefined = query;
	while (hits.length < limit) {
		const page: IDataObject = await send(node, { method: 'GET', path, query: asked }, item);
		hits.push(...(page.data as IDataObject[]));
		if (!page.next) break;
		// The address of the next page holds the whole question; only its path is taken, the host stays the credential's.
		path = (page.next as string).replace(/^https?:\/\/[^/]+/, '');
		asked = undefined;
	}
	return hits.slice(0, limit);
}
