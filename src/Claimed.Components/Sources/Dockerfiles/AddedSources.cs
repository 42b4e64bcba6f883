using System.Text.Json;

namespace Claimed.Components.Sources.Dockerfiles;

/// <summary>
/// What ADD adds. An address is fetched by the engine itself, from its own network and whatever network the steps get, so it would reach services
/// that answer this machine alone.
/// </summary>
internal static class AddedSources
{
    /// <summary>Why this registry does not take the arguments of an ADD; null when all of it are files of the upload.</summary>
    public static (DockerfileProblemKind Kind, string Message)? Problem(string arguments, DockerfileVariables variables)
    {
        if (Words(arguments) is not { } words)
            return (DockerfileProblemKind.Unclear, "Engines differ in whether ADD has a list in JSON here.");
        foreach (var source in words.SkipLast(1))
        {
            if (IsAddress(source))
                return (DockerfileProblemKind.Refused, "ADD names an address, which the engine itself would fetch, past the network of the build. A RUN may fetch it.");
            if (source.Contains('$', StringComparison.Ordinal))
                return (DockerfileProblemKind.Unclear, "A source of ADD has a variable, so it may be an address. COPY takes one.");
            try
            {
                if (IsAddress(variables.Expand(source)))
                    return (DockerfileProblemKind.Refused, "ADD names an address, which the engine itself would fetch, past the network of the build. A RUN may fetch it.");
            }
            catch (DockerfileWordException unclear)
            {
                return (DockerfileProblemKind.Unclear, $"A source of ADD cannot be read: {unclear.Message}.");
            }
        }
        return null;
    }

    private static bool IsAddress(string source) =>
        source.Contains("://", StringComparison.Ordinal) || source.TrimStart().StartsWith("git@", StringComparison.OrdinalIgnoreCase);

    /// <summary>As engines do: a list of strings in JSON, else words at white space. Null when readers of JSON may differ.</summary>
    private static string[]? Words(string arguments)
    {
        if (arguments.StartsWith('[') && arguments.Contains('"', StringComparison.Ordinal))
        {
            try
            {
                var list = JsonSerializer.Deserialize<string?[]>(arguments) ?? [];
                return list.Contains(null) ? null : [.. list.OfType<string>()];
            }
            catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
            {
                return null;
            }
        }
        return arguments.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }
}
