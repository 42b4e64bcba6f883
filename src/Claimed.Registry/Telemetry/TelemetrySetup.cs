using Claimed.Registry.Access;
using MassTransit.Logging;
using MassTransit.Monitoring;
using Npgsql;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Claimed.Registry.Telemetry;

/// <summary>
/// <c>/metrics</c> in Prometheus form, always; traces and metrics over OTLP when the standard variables
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> (or <c>…_TRACES_ENDPOINT</c>, <c>…_METRICS_ENDPOINT</c>) name a collector.
/// </summary>
public static class TelemetrySetup
{
    public static void AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<RegistryMetrics>();
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService("claimed-registry", serviceVersion: typeof(TelemetrySetup).Assembly.GetName().Version?.ToString(3))
                // Again, so that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
                .AddEnvironmentVariableDetector())
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(RegistryMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http",
                        InstrumentationOptions.MeterName)
                    .AddNpgsqlInstrumentation()
                    .AddRuntimeInstrumentation()
                    // Room for two thousand combinations of labels is taken for each instrument; only routes have so many.
                    .AddView(instrument => instrument.Name == "http.server.request.duration" ? null : new MetricStreamConfiguration { CardinalityLimit = 200 })
                    // One name, one meter: the label would only widen every query.
                    .AddPrometheusExporter(prometheus => prometheus.ScopeInfoEnabled = false);
                if (HasCollector(configuration, "METRICS"))
                    metrics.AddOtlpExporter(options => UseOwnSettings(options, configuration, "METRICS"));
            });
        // Without a collector there is no tracing at all, so that requests pay nothing for it.
        if (HasCollector(configuration, "TRACES"))
            telemetry.WithTracing(traces => traces
                .AddSource(RegistryTraces.SourceName, DiagnosticHeaders.DefaultListenerName)
                .AddAspNetCoreInstrumentation(options => options.Filter = context => !IsProbe(context.Request.Path))
                .AddHttpClientInstrumentation()
                .AddNpgsql()
                .AddProcessor(new WithoutPolls())
                .AddOtlpExporter(options => UseOwnSettings(options, configuration, "TRACES")));
    }

    public static void MapTelemetry(this IEndpointRouteBuilder routes) => routes.MapPrometheusScrapingEndpoint("/metrics").Open()
        .WithMetadata(new HttpMethodMetadata([HttpMethods.Get]));

    private static bool IsProbe(PathString path) => path.StartsWithSegments("/health") || path.StartsWithSegments("/metrics");

    private static bool HasCollector(IConfiguration configuration, string signal) =>
        (configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"]) is { Length: > 0 };

    /// <summary>The exporter reads the variables for all signals; those for one signal are for us to read.</summary>
    private static void UseOwnSettings(OtlpExporterOptions options, IConfiguration configuration, string signal)
    {
        string? Own(string name) => configuration[$"OTEL_EXPORTER_OTLP_{signal}_{name}"] is { Length: > 0 } value ? value : null;
        if (Own("ENDPOINT") is { } endpoint)
            options.Endpoint = new Uri(endpoint);
        if (Own("PROTOCOL") is { } protocol)
            options.Protocol = protocol == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        if (Own("HEADERS") is { } headers)
            options.Headers = headers;
    }
}
