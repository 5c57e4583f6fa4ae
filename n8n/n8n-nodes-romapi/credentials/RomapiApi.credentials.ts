import type { IAuthenticateGeneric, Icon, ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

export class RomapiApi implements ICredentialType {
	name = 'romapiApi';

	displayName = 'ROMAPI API';

	icon: Icon = { light: 'file:../icons/romapi.svg', dark: 'file:../icons/romapi.dark.svg' };

	documentationUrl = 'https://ecosyste.example/developpeurs/';

	properties: INodeProperties[] = [
		{
			displayName: 'Address',
			name: 'baseUrl',
			type: 'string',
			default: 'https://ecosyste.example',
			placeholder: 'https://ecosyste.example',
			description: 'Of the site, without /api',
			required: true,
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			placeholder: 'romapi_live_…',
			description: 'Sending records needs a key to which the team granted ingest:write',
			required: true,
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { 'X-API-Key': '={{$credentials.apiKey}}' } },
	};

	// Any valid key may ask, whatever its scopes.
	test: ICredentialTestRequest = {
		request: { baseURL: '={{$credentials.baseUrl}}', url: '/api/v1/me/limits' },
	};
}
