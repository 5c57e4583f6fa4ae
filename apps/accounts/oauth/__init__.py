"""The OAuth2 and OpenID provider for partners: six rules of ours around allauth's provider (docs/decisions/0005)."""
