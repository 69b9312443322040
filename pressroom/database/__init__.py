"""The SQL schema, the engine recipe for SQLite and PostgreSQL, and the migrations."""
