# The one door for developers. `just` comes with the development tools: `uv run just check`.

# List what there is to do.
default:
    @just --list

# Make .venv with everything that is locked, development tools included.
install:
    uv sync --locked

# Style, format, types and the layering: everything but the tests.
check:
    uv run ruff check
    uv run ruff format --check
    uv run mypy
    uv run lint-imports

# Run the tests; arguments go to pytest: `just test tests/storage -x`.
test *arguments:
    uv run pytest {{arguments}}

# Run the tests with a real MinIO and PostgreSQL, as CI does.
test-servers *arguments:
    uv run python tests/servers.py uv run pytest {{arguments}}

# Start MinIO and PostgreSQL for tests, print the variables to export, stop them with Ctrl-C.
serve-test-servers:
    uv run python tests/servers.py

# Mend style and format where a tool can.
fix:
    uv run ruff check --fix
    uv run ruff format

# Write the generated parts of the documentation anew.
docs:
    uv run python docs/generate.py

# Run the benchmarks, or some of them: `just bench storage plan`.
bench *names:
    uv run python -m benchmarks {{names}}

# Ask the HTTP API whatever its document allows, for so many minutes (schemathesis, all checks): on SQLite, and on PostgreSQL
# where PRESSROOM_TEST_POSTGRES_URL or `just serve-test-servers` has one.
fuzz-api minutes="30":
    uv run python tests/servers.py uv run python -m benchmarks.fuzz_api {{minutes}}

# Start the local Prefect server of this folder and say where its pages are.
serve:
    uv run pressroom up

# Start the production stack as plain processes: PostgreSQL, MinIO, Prefect server, simulator, two workers. Ctrl-C ends it.
stack:
    uv run python tests/servers.py uv run python deployments/stack.py

# End the stack that runs.
stack-down:
    uv run python deployments/stack.py --down
