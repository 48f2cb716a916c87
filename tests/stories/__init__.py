"""Whole situations, told through the front doors: webhooks, OTLP over gRPC and the catalog file."""
