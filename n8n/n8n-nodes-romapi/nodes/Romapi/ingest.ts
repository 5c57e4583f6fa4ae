import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { send, split } from './calls';

interface Line {
	index: number;
	outcome: string;
	id: string | null;
	reasons: IDataObject[];
}

/** All input items as records, in as few calls as the server allows; one output item a record, with what became of it. */
export async function ingest(node: IExecuteFunctions): Promise<INodeExecutionData[]> {
	const records = node.getInputData().map((item) => item.json);
	const path = node.getNodeParameter('kind', 0) === 'business' ? 'businesses' : 'api-resources';
	const run = await runKey(node);
	const output: INodeExecutionData[] = [];
	for (const { first, body } of split(records)) {
		const key = `${run}-${await digest(body)}`;
		const answer = await send(node, { method: 'POST', path: `/api/v1/${path}/ingest`, body, key }, first);
		// A single record of more than a megabyte is taken for later.
		const lines = (answer.items ?? [{ index: 0, outcome: 'accepted', id: null, reasons: [] }]) as unknown as Line[];
		for (const { index, outcome, id, reasons } of lines) {
			const item = first + index;
			const name = records[item]?.name ?? '';
			output.push({ json: { index: item, name, outcome, id, reasons, batch_id: answer.batch_id }, pairedItem: { item } });
		}
	}
	return output;
}

/**
 * What all calls of one turn of this node have in common. It is the same when "Retry On Fail" runs the node again, and another
 * in the next execution, which must be told anew what became of its records.
 */
async function runKey(node: IExecuteFunctions): Promise<string> {
	const turn = node.evaluateExpression('{{ $runIndex }}', 0);
	return `${node.getWorkflow().id}-${node.getExecutionId()}-${node.getNode().id.slice(0, 8)}-${String(turn)}`;
}

/** Numbers of executions start again in a new database of n8n: what is sent is part of the key, too. */
async function digest(text: string): Promise<string> {
	const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
	return Buffer.from(bytes).toString('hex').slice(0, 24);
}
