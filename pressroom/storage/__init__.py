"""ObjectStore adapters: a local folder, MinIO or S3."""
