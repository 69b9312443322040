"""Signing in by an identity provider of one's own, after OpenID Connect: the code flow with PKCE."""
