"""Accounts, holds, captures and statements: append-only double entry, each command applied once."""
