"""A real n8n, on PostgreSQL and without a network, against our real server. `make test-n8n` installs it and runs these."""
