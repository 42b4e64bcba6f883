using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>Settings <c>Bus__…</c>: what carries the calls to builders.</summary>
public sealed record BusOptions
{
    /// <summary><c>InMemory</c> (one process) or <c>RabbitMq</c>.</summary>
    public string Transport { get; init; } = "InMemory";

    /// <summary>Address of the broker, such as <c>amqp://user:password@host:5672/vhost</c>; <c>amqps</c> for TLS.</summary>
    public string? Uri { get; init; }

    public bool IsRabbitMq => Transport.Equals("RabbitMq", StringComparison.OrdinalIgnoreCase);

    /// <summary>Where the broker is, without its password; for people.</summary>
    public string Address => new UriBuilder(Uri ?? "amqp://localhost") { UserName = "", Password = "" }.Uri.ToString();
}

/// <summary>Says at start what is wrong with <see cref="BusOptions"/>.</summary>
public sealed class BusOptionsCheck : IValidateOptions<BusOptions>
{
    public ValidateOptionsResult Validate(string? name, BusOptions options)
    {
        if (!options.IsRabbitMq)
            return options.Transport.Equals("InMemory", StringComparison.OrdinalIgnoreCase)
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail($"Bus__Transport is \"{options.Transport}\": use InMemory or RabbitMq");
        // The address may hold a password, so it is not repeated.
        return Uri.TryCreate(options.Uri, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps"
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("Bus__Uri is needed with Bus__Transport=RabbitMq, such as amqp://user:password@host:5672/");
    }
}
