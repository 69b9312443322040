"""Who hears of events: logs and OpenTelemetry. Prefect hears of them through `tasks/`."""
