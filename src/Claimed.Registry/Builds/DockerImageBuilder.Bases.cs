using Claimed.Registry.Builds.Bases;
using Claimed.Registry.Builds.Engine;
using Claimed.Registry.Images;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Claimed.Registry.Builds;

/// <content>The images that builds begin with.</content>
public sealed partial class DockerImageBuilder
{
    // What registries and engines say of an image that another attempt will not find either. All else may pass.
    private static readonly string[] NotThere =
    [
        "manifest unknown", "name unknown", "not found", "does not exist", "no matching manifest", "no image found in", "denied", "unauthorized", "authentication required",
        "repository name not known", "invalid reference", "unsupported media type", "unsupported schema",
    ];

    private const int MostTriggers = 1000;
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, IReadOnlyList<string>> _triggers = new(StringComparer.Ordinal);

    public async Task<HeldImage?> FindAsync(string reference, CancellationToken cancellation)
    {
        ImageInspectResponse? found = null;
        try
        {
            await CallAsync(async () =>
            {
                try
                {
                    found = await _client.Images.InspectImageAsync(reference, cancellation);
                }
                catch (DockerApiException missing) when (missing.StatusCode == System.Net.HttpStatusCode.NotFound)
                {
                    // The answer is that there is none.
                }
            });
        }
        catch (BuildFailedException refused)
        {
            throw new EngineUnavailableException(refused.Message, refused);
        }
        if (found is null)
            return null;
        var platform = string.IsNullOrEmpty(found.Variant) ? $"{found.Os}/{found.Architecture}" : $"{found.Os}/{found.Architecture}/{found.Variant}";
        return new HeldImage(found.ID.Contains(':', StringComparison.Ordinal) ? found.ID : $"sha256:{found.ID}", [.. found.RepoDigests ?? []], [.. found.RepoTags ?? []], platform);
    }

    public async Task PullAsync(string reference, string? platform, PushAccount? account, Action<string> log, CancellationToken cancellation)
    {
        var watch = new PullOutput(log);
        // With a tag of its own the engine would otherwise fetch all of them.
        var name = ImageName.TryParse(reference, out var parsed) ? parsed.ToString() : reference;
        var auth = account is null ? new AuthConfig() : new AuthConfig { Username = account.Username, Password = account.Password, ServerAddress = parsed!.Host };
        if (_isPodman && parsed is not null && IsLoopback(parsed.Host))
        {
            await PullHereAsync(name, platform, account, log, cancellation);
            return;
        }
        try
        {
            await _client.Images.CreateImageAsync(new ImagesCreateParameters { FromImage = name, Platform = platform }, auth, watch, cancellation);
        }
        catch (DockerApiException refused)
        {
            throw Refusal(MessageOf(refused), refused);
        }
        catch (Exception fault) when (IsConnectionFault(fault))
        {
            throw new EngineUnavailableException($"The container engine went away or failed: {Innermost(fault)}", fault);
        }
        if (watch.Error is { } error)
            throw Refusal(error, null);
    }

    /// <summary>From this machine by plain HTTP, which Docker does by itself and Podman only by its own API. That tells nothing of a layer until all of it is there.</summary>
    private async Task PullHereAsync(string name, string? platform, PushAccount? account, Action<string> log, CancellationToken cancellation)
    {
        var parts = platform?.Split('/') ?? [];
        var wish = parts.Length < 2 ? "" : $"&OS={parts[0]}&Arch={parts[1]}" + (parts.Length > 2 ? $"&Variant={parts[2]}" : "");
        var watch = new BuildOutput(log);
        try
        {
            await using var alive = WatchSilent(log, cancellation);
            await alive.GuardAsync(() => _engine.FollowAsync($"v4.0.0/libpod/images/pull?reference={Uri.EscapeDataString(name)}&tlsVerify=false{wish}", null,
                account is null ? null : AuthOf(account, name[..name.IndexOf('/')]), watch.Report, alive.Token));
        }
        catch (EngineRefusedException refused)
        {
            throw Refusal(refused.Message, refused);
        }
        catch (Exception fault) when (IsConnectionFault(fault))
        {
            throw new EngineUnavailableException($"The container engine went away or failed: {Innermost(fault)}", fault);
        }
        if (watch.Error is { } error)
            throw Refusal(error, null);
    }

    public async Task<IReadOnlyList<string>> TriggersAsync(string id, CancellationToken cancellation)
    {
        if (_triggers.TryGetValue(id, out var known))
            return known;
        IReadOnlyList<string> triggers = [];
        await CallAsync(async () =>
        {
            // Podman runs them, and tells of them only where it gives the whole image.
            if (_isPodman)
            {
                await using var archive = await _engine.OpenAsync($"images/{id}/get", cancellation);
                triggers = await ImageTriggers.ReadAsync(archive, cancellation);
            }
            else
                triggers = [.. (await _client.Images.InspectImageAsync(id, cancellation)).Config?.OnBuild ?? []];
        });
        if (_triggers.Count >= MostTriggers)
            _triggers.Clear();
        return _triggers[id] = triggers;
    }

    public Task NameAsync(string reference, string name, CancellationToken cancellation)
    {
        var colon = name.LastIndexOf(':');
        var (repository, tag) = colon > name.LastIndexOf('/') ? (name[..colon], name[(colon + 1)..]) : (name, "latest");
        return CallAsync(() => _client.Images.TagImageAsync(reference, new ImageTagParameters { RepositoryName = repository, Tag = tag }, cancellation));
    }

    public async Task<System.Net.IPAddress?> BridgeAsync(string? network, CancellationToken cancellation)
    {
        // Docker's own network, then Podman's.
        foreach (var name in network is null ? ["bridge", "podman"] : (string[])[network])
        {
            try
            {
                var found = await _client.Networks.InspectNetworkAsync(name, cancellation);
                if (found.IPAM?.Config?.FirstOrDefault(part => !string.IsNullOrEmpty(part.Gateway)) is { } place && System.Net.IPAddress.TryParse(place.Gateway, out var address))
                    return address;
            }
            catch (DockerApiException)
            {
                // The engine has none of this name.
            }
            catch (Exception fault) when (IsConnectionFault(fault))
            {
                throw new EngineUnavailableException($"The container engine went away or failed: {Innermost(fault)}", fault);
            }
        }
        return null;
    }

    /// <summary>What the engine said, out of the JSON that it said it in.</summary>
    private static string MessageOf(DockerApiException refused)
    {
        try
        {
            return System.Text.Json.Nodes.JsonNode.Parse(refused.ResponseBody ?? "null")?["message"]?.GetValue<string>() ?? refused.Message;
        }
        catch (Exception other) when (other is System.Text.Json.JsonException or InvalidOperationException)
        {
            return refused.Message;
        }
    }

    private static Exception Refusal(string message, Exception? cause) => NotThere.Any(word => message.Contains(word, StringComparison.OrdinalIgnoreCase))
        ? new BaseNotFoundException(message.Trim().TrimEnd('.'))
        : new EngineUnavailableException($"The engine could not fetch a base image: {message.Trim()}", cause);

    /// <summary>Follows a pull; a bar that moves is a sign of life and no line.</summary>
    private sealed class PullOutput(Action<string> log) : IProgress<JSONMessage>
    {
        public string? Error { get; private set; }

        public void Report(JSONMessage value)
        {
            if (value.Error?.Message is { Length: > 0 } error)
                Error = error;
            var isMoving = value.Progress is { Total: > 0 } or { Current: > 0 };
            log(isMoving || value.Status is not { Length: > 0 } status ? "" : value.ID is { Length: > 0 } layer ? $"{layer}: {status}\n" : status + "\n");
        }
    }
}
