import n8n from '@n8n/eslint-plugin-community-nodes';
import tseslint from 'typescript-eslint';

export default tseslint.config(
	{ ignores: ['dist/'] },
	{ files: ['**/*.ts'], extends: [tseslint.configs.recommended, n8n.configs.recommended] },
	{
		files: ['package.json'],
		extends: [n8n.configs.recommended],
		languageOptions: { parser: tseslint.parser, parserOptions: { extraFileExtensions: ['.json'] } },
	},
);
