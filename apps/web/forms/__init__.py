"""Forms of pages: they check shapes; rules are in the services."""
