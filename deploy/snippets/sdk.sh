# Any OpenTelemetry SDK: set these where your service runs.
export OTEL_SERVICE_NAME=my-service
export OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=production
export OTEL_TRACES_EXPORTER=otlp
export OTEL_EXPORTER_OTLP_PROTOCOL=grpc
export OTEL_EXPORTER_OTLP_ENDPOINT="http://<otlp>"
export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20<token>"
