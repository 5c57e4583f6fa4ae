import type { IDataObject, IExecuteFunctions, IHttpRequestMethods, IN8nHttpFullResponse, JsonObject } from 'n8n-workflow';
import { NodeApiError, sleep } from 'n8n-workflow';

// The server answers so much at once; more would become a batch to wait for.
const RECORDS_MAX = 500;
const BYTES_MAX = 900_000;
// An hour and a half for who is told when to come back; two minutes for other failures.
const TRIES_WHEN_TOLD = 90;
const TRIES = 8;
const WAIT_MAX_S = 60;
const PASSING = [408, 409, 425, 429];

export interface Call {
	method: IHttpRequestMethods;
	path: string;
	query?: IDataObject;
	body?: string;
	key?: string;
}

export interface Chunk {
	first: number;
	body: string;
}

/** Bodies of at most 500 records and 900 kB, in order. `first` is the place of a body's first record among all. */
export function split(records: IDataObject[]): Chunk[] {
	const chunks: Chunk[] = [];
	let parts: string[] = [];
	let bytes = 0;
	let first = 0;
	const close = (): void => {
		if (parts.length) chunks.push({ first, body: `{"items":[${parts.join(',')}]}` });
		first += parts.length;
		parts = [];
		bytes = 0;
	};
	for (const record of records) {
		const part = JSON.stringify(record);
		const size = Buffer.byteLength(part) + 1;
		if (parts.length === RECORDS_MAX || bytes + size > BYTES_MAX) close();
		parts.push(part);
		bytes += size;
	}
	close();
	return chunks;
}

/**
 * Send until the server has dealt with it. `Retry-After` is honoured; a broken connection and what passes by itself are tried
 * again, with the same key, so that nothing happens twice.
 * @throws NodeApiError with the server's own sentence
 */
export async function send(node: IExecuteFunctions, call: Call, itemIndex: number): Promise<IDataObject> {
	const { baseUrl } = await node.getCredentials<{ baseUrl: string }>('romapiApi', itemIndex);
	for (let attempt = 1; ; attempt += 1) {
		const answer = await once(node, call, baseUrl.replace(/\/+$/, ''));
		const { statusCode, headers, body } = answer;
		if (statusCode >= 200 && statusCode < 300) return parse(body);
		const told = Number(headers['retry-after']) || 0;
		const passes = statusCode === 0 || PASSING.includes(statusCode) || statusCode >= 500;
		if (!passes || attempt >= (told ? TRIES_WHEN_TOLD : TRIES)) throw failure(node, answer, itemIndex);
		await sleep(Math.min(told || 2 ** (attempt - 1), WAIT_MAX_S) * 1000);
	}
}

async function once(node: IExecuteFunctions, call: Call, baseURL: string): Promise<IN8nHttpFullResponse> {
	const headers: IDataObject = { Accept: 'application/json' };
	if (call.body !== undefined) headers['Content-Type'] = 'application/json';
	if (call.key) headers['Idempotency-Key'] = call.key;
	try {
		return (await node.helpers.httpRequestWithAuthentication.call(node, 'romapiApi', {
			method: call.method,
			baseURL,
			url: call.path,
			qs: call.query,
			headers,
			body: call.body,
			// Parsed here, so that an error of type application/problem+json is read as well.
			json: false,
			encoding: 'text',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			timeout: 120_000,
		})) as IN8nHttpFullResponse;
	} catch (error) {
		// Without an answer there is nothing to judge but that the connection broke; the last try throws this sentence.
		return { statusCode: 0, headers: {}, body: JSON.stringify({ detail: (error as Error).message }) };
	}
}

function parse(body: unknown): IDataObject {
	if (typeof body !== 'string') return (body ?? {}) as IDataObject;
	try {
		return JSON.parse(body) as IDataObject;
	} catch {
		return { detail: body.slice(0, 300) };
	}
}

function failure(node: IExecuteFunctions, answer: IN8nHttpFullResponse, itemIndex: number): NodeApiError {
	const problem = parse(answer.body);
	const message = String(problem.detail ?? problem.title ?? 'The server did not answer');
	const httpCode = answer.statusCode ? String(answer.statusCode) : undefined;
	return new NodeApiError(node.getNode(), problem as JsonObject, { message, httpCode, itemIndex });
}
