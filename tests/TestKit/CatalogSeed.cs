using Claimed.Components;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Claimed.TestKit;

/// <summary>A version to put into the catalog without a publish: for readers of the catalog, which only see rows.</summary>
public sealed record SeedVersion
{
    public string Namespace { get; init; } = "acme";

    public string Name { get; init; } = "filter";

    public string Number { get; init; } = "1.0.0";

    public string State { get; init; } = VersionState.Ready;

    public string Kind { get; init; } = ComponentKind.Component;

    public string DisplayName { get; init; } = "Filter";

    public string Description { get; init; } = "";

    public string? Category { get; init; }

    public string? Group { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public SourceLanguage Language { get; init; } = SourceLanguage.Python;

    public IReadOnlyList<Port> Inputs { get; init; } = [];

    public IReadOnlyList<Port> Outputs { get; init; } = [];

    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Forms that exist; their bytes do not.</summary>
    public IReadOnlyList<string> Forms { get; init; } = ["component.yaml", "elyra.yaml", "operator.py", "Dockerfile"];

    public string? Reason { get; init; }

    public bool Yanked { get; init; }

    public string? YankReason { get; init; }

    public bool Deprecated { get; init; }

    public string? Successor { get; init; }

    public string? Message { get; init; }

    public string? Repository { get; init; }

    /// <summary>A channel that the publisher sets to this version.</summary>
    public string? Channel { get; init; }

    /// <summary>State of its only build; null when nothing is built.</summary>
    public string? BuildState { get; init; }

    /// <summary>Pieces of the build's log.</summary>
    public IReadOnlyList<string> Log { get; init; } = [];
}

/// <summary>Fills a catalog row by row.</summary>
public static class CatalogSeed
{
    /// <summary>Adds the version; the presentation of its component becomes what the version says. Visible to readers when this returns.</summary>
    public static Task SeedAsync(this RegistryHost host, SeedVersion seed) =>
        host.Services.GetRequiredService<RegistryDatabase>().ChangeAsync(async change =>
        {
            var component = await ComponentAsync(change, seed);
            component.Kind = seed.Kind;
            component.DisplayName = seed.DisplayName;
            component.Description = seed.Description;
            component.Category = seed.Category;
            component.GroupName = seed.Group;
            component.Tags = Json.Write(seed.Tags);
            var version = Version(seed, change.Now);
            component.Versions.Add(version);
            if (seed.Channel is { } channel)
                component.Channels.Add(new Channel { Name = channel, Version = version, Revision = 1, UpdatedAt = change.Now });
            await change.Db.SaveChangesAsync();
            foreach (var (index, text) in seed.Log.Index())
                change.Db.BuildLogParts.Add(new BuildLogPart { BuildId = version.Builds.Single().Id, Part = index + 1, Text = text });
            change.Tell("version.published", $"{seed.Namespace}/{seed.Name}", new { version = seed.Number });
        }, CancellationToken.None);

    private static async Task<Component> ComponentAsync(Change change, SeedVersion seed)
    {
        var space = await change.Db.Namespaces.SingleOrDefaultAsync(row => row.Name == seed.Namespace)
            ?? change.Db.Namespaces.Add(new Namespace { Name = seed.Namespace, CreatedAt = change.Now }).Entity;
        var known = await change.Db.Components.SingleOrDefaultAsync(row => row.Namespace!.Name == seed.Namespace && row.Name == seed.Name);
        return known ?? change.Db.Components.Add(new Component
        {
            Namespace = space,
            Name = seed.Name,
            CreatedAt = change.Now,
            UpdatedAt = change.Now,
        }).Entity;
    }

    private static ComponentVersion Version(SeedVersion seed, long now)
    {
        var ready = seed.State == VersionState.Ready;
        var definition = new Definition
        {
            Name = seed.Name,
            DisplayName = seed.DisplayName,
            Description = seed.Description,
            Language = seed.Language,
            MainFile = seed.Name + ".py",
            Inputs = seed.Inputs,
            Outputs = seed.Outputs,
        };
        return new ComponentVersion
        {
            Number = seed.Number,
            State = seed.State,
            Reason = seed.Reason,
            BundleDigest = DigestOf(seed, "bundle"),
            BundleBlob = DigestOf(seed, "blob"),
            DefinitionDigest = DigestOf(seed, "definition"),
            Definition = DefinitionJson.Write(definition),
            Options = "{}",
            Findings = Json.Write(seed.Findings),
            ImageDigest = ready ? DigestOf(seed, "image") : null,
            Image = ready ? $"localhost:8080/{seed.Namespace}/{seed.Name}@{DigestOf(seed, "image")}" : null,
            Yanked = seed.Yanked,
            YankReason = seed.YankReason,
            Deprecated = seed.Deprecated,
            Successor = seed.Successor,
            Message = seed.Message,
            Repository = seed.Repository,
            CreatedAt = now,
            ReadyAt = ready ? now : null,
            Builds = seed.BuildState is null ? [] : [Build(seed.BuildState, seed.Reason, now)],
            Renditions = ready ? [.. seed.Forms.Select(form => Rendition(seed, form, now))] : [],
        };
    }

    private static Build Build(string state, string? reason, long now)
    {
        var ended = BuildState.HasEnded(state);
        return new Build
        {
            State = state,
            Reason = reason,
            Attempt = state == BuildState.Queued ? 0 : 1,
            QueuedAt = now,
            StartedAt = state == BuildState.Queued ? null : now,
            EndedAt = ended ? now + 4200 : null,
        };
    }

    private static Rendition Rendition(SeedVersion seed, string form, long now) =>
        new() { Form = form, Revision = 1, Digest = DigestOf(seed, form), Size = 100, CreatedAt = now };

    private static string DigestOf(SeedVersion seed, string what) =>
        Digest.Of(System.Text.Encoding.UTF8.GetBytes($"{seed.Namespace}/{seed.Name}/{seed.Number}/{what}"));
}
