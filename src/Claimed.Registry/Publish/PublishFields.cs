using Claimed.Components;
using Claimed.Components.Sources;

namespace Claimed.Registry.Publish;

/// <summary>The form fields of a publish.</summary>
public sealed record PublishFields
{
    /// <summary>Palette category; Elyra shows 18 characters.</summary>
    public string? Category { get; init; }

    /// <summary>Group within the category.</summary>
    public string? Group { get; init; }

    /// <summary>Comma-separated words.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    public string? DisplayName { get; init; }

    /// <summary>Channels that are set to this version when it becomes ready, as a comma list: sorted, each once.</summary>
    public string? Channel { get; init; }

    /// <summary>Which file is the source.</summary>
    public string? Main { get; init; }

    /// <summary>Base image of the generated Dockerfile.</summary>
    public string? BaseImage { get; init; }

    /// <summary>An image that exists: nothing is built.</summary>
    public string? Image { get; init; }

    /// <summary>Platforms of the image, for example <c>linux/amd64,linux/arm64</c>: sorted, each once. Several make one index.</summary>
    public string? Platform { get; init; }

    /// <summary>The value of <see cref="Breaking"/>.</summary>
    public const string AllowBreaking = "allow";

    /// <summary><c>allow</c> publishes a breaking change knowingly.</summary>
    public string? Breaking { get; init; }

    /// <summary><c>grid:INPUT</c> runs the source once per file, with the file in that input.</summary>
    public string? Wrap { get; init; }

    /// <summary><c>keep</c> keeps notebook outputs.</summary>
    public string? Outputs { get; init; }

    /// <summary>After how long a pre-release goes by itself: <c>12h</c>, <c>14d</c>.</summary>
    public string? Expires { get; init; }

    public string? Repository { get; init; }

    public string? Revision { get; init; }

    public string? Path { get; init; }

    public string? Message { get; init; }

    private const int MaxChannels = 16;
    private const string Grid = "grid:";
    private static readonly TimeSpan ShortestLife = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(365);

    /// <summary>All of them, as the form names them.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "category", "group", "tags", "displayName", "channel", "main", "baseImage", "image", "platform", "wrap", "outputs", "breaking",
        "expires", "repository", "revision", "path", "message",
    ];

    /// <summary>The version whose files these are, published anew by the registry for a newer base image. No publisher says so: it keeps the two from being the same bundle.</summary>
    public string? Rebuilds { get; private init; }

    /// <summary>The category that the folders of a library give a component whose source names none. It counts for a new version and changes no other.</summary>
    internal string? FolderCategory { get; init; }

    /// <summary>The fields of a version that is published anew.</summary>
    /// <param name="shaping">What <see cref="Shaping"/> of that version was.</param>
    internal static PublishFields Again(IReadOnlyDictionary<string, string> shaping, string version) => new()
    {
        BaseImage = shaping.GetValueOrDefault("baseImage"),
        Image = shaping.GetValueOrDefault("image"),
        Main = shaping.GetValueOrDefault("main"),
        // The bundle is as it was kept, with outputs or without.
        Outputs = shaping.GetValueOrDefault("outputs"),
        Platform = shaping.GetValueOrDefault("platform"),
        Wrap = shaping.GetValueOrDefault("wrap"),
        Rebuilds = version,
    };

    /// <summary>The value of <see cref="Expires"/>; null for a version that stays.</summary>
    public TimeSpan? Lifetime => Expires is null ? null : Http.Durations.Read(Expires);

    public SourceOptions Source => new(Main, Image);

    /// <summary>The channels of <see cref="Channel"/>.</summary>
    public IReadOnlyList<string> ChannelNames => Channels.ChannelRows.ReadList(Channel);

    /// <summary>A field that was given and is about how an image is made; null when none was.</summary>
    internal string? ForImages => (BaseImage, Image, Platform, Wrap) switch
    {
        (not null, _, _, _) => "baseImage",
        (_, not null, _, _) => "image",
        (_, _, not null, _) => "platform",
        (_, _, _, not null) => "wrap",
        _ => null,
    };

    /// <summary>The input that the grid wrapper sets; null without a wrapper.</summary>
    public string? GridInput => Wrap?[Grid.Length..];

    /// <summary>The options that shape the result and so belong to the bundle digest; only those that were given.</summary>
    public IReadOnlyDictionary<string, string> Shaping => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["baseImage"] = BaseImage,
        ["image"] = Image,
        ["main"] = Main,
        ["outputs"] = Outputs,
        ["platform"] = Platform,
        ["rebuilds"] = Rebuilds,
        ["wrap"] = Wrap,
    }.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value!, StringComparer.Ordinal);

    public static bool IsOne(string name) => Names.Contains(name, StringComparer.Ordinal);

    internal static Http.RefusedException Unknown(string name) => Unknown(name, UploadForm.Publish);

    internal static Http.RefusedException Unknown(string name, UploadForm form) =>
        Bad(name, $"is not a field of a publish. Known are: {string.Join(", ", form.Fields)}{(form.HasFiles ? $"; files go into parts named {form.FileParts}" : "")}.");

    public static PublishFields From(IReadOnlyDictionary<string, string> fields)
    {
        foreach (var (name, value) in fields)
        {
            if (!IsOne(name))
                throw Unknown(name);
            if (value.Length > Http.JsonBody.MaxText)
                throw Bad(name, $"has {value.Length} characters; {Http.JsonBody.MaxText} are the most.");
            if (name != "message" && value.Any(char.IsControl))
                throw Bad(name, "has control characters.");
            if (value.Contains('\0'))
                throw Bad(name, "has a NUL character.");
        }
        string? Field(string name) => fields.TryGetValue(name, out var value) && value.Trim() is { Length: > 0 } text ? text : null;
        var result = new PublishFields
        {
            Category = Field("category"),
            Group = Field("group"),
            Tags = Field("tags")?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            DisplayName = Field("displayName"),
            Channel = Field("channel") is { } channels ? Channels.ChannelRows.WriteList(channels) : null,
            Main = Field("main"),
            BaseImage = Field("baseImage"),
            Image = Field("image"),
            Platform = Field("platform") is { } platforms ? ReadPlatforms(platforms) : null,
            Breaking = Field("breaking"),
            Wrap = Field("wrap"),
            Outputs = Field("outputs"),
            Expires = Field("expires"),
            Repository = Field("repository"),
            Revision = Field("revision"),
            Path = Field("path"),
            Message = Field("message"),
        };
        result.Check();
        return result;
    }

    // One way to write them, so that the same list in another order is the same bundle.
    private static string ReadPlatforms(string list) =>
        Platforms.Read(list) is { } platforms ? Platforms.Write(platforms) : throw Bad("platform", $"is not {Platforms.Rule}.");

    private void Check()
    {
        if (ChannelNames.FirstOrDefault(name => !ChannelName.IsValid(name)) is { } odd)
            throw Bad("channel", $"has \"{UploadRefusal.Printable(odd)}\", which is not a channel name: {ChannelName.Rule}.");
        if (ChannelNames.Count > MaxChannels)
            throw Bad("channel", $"names {ChannelNames.Count} channels; {MaxChannels} at a time are the most.");
        if (Expires is not null && (Lifetime is not { } life || life < ShortestLife || life > LongestLife))
            throw Bad("expires", $"is no duration from 1m to {LongestLife.Days}d: write {Http.Durations.Rule}.");
        if (Expires is not null && ChannelNames.Contains(Storage.Snapshot.ComponentEntry.Latest))
            throw Bad("expires", "makes no sense beside the channel latest, which is for versions that stay. Use another channel.");
        if (Outputs is not (null or "keep"))
            throw Bad("outputs", "can only be \"keep\".");
        if (Breaking is not (null or AllowBreaking))
            throw Bad("breaking", "can only be \"allow\".");
        if (Wrap is not null && (!Wrap.StartsWith(Grid, StringComparison.Ordinal) || Wrap.Length == Grid.Length))
            throw Bad("wrap", "can only be \"grid:\" and the name of an input. Work is shared out in a folder; there is no wrapper for object stores.");
        if (Wrap is not null && Image is not null)
            throw Bad("wrap", "makes no sense beside image: the wrapper goes into an image that the registry builds.");
        if (Image is not null && BaseImage is not null)
            throw Bad("baseImage", "makes no sense beside image: an image that exists is not built.");
        if (Repository is not null && HasUser(Repository))
            throw Bad("repository", "has a user or a secret before the host. Everyone can read where a version comes from: leave that part out, and withdraw the secret if it was one.");
        foreach (var (name, reference) in (ReadOnlySpan<(string, string?)>)[("image", Image), ("baseImage", BaseImage)])
        {
            if (reference is not null && !ImageReference.IsValid(reference))
                throw Bad(name, "is not an image reference, such as registry.example.org/team/tool:1.2 or …@sha256:<64 hex>.");
        }
    }

    /// <summary>Whether an address names somebody, such as <c>https://ada:secret@host/x</c>; <c>git@host:x</c> is everyone's.</summary>
    private static bool HasUser(string address)
    {
        var text = address.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? address[(scheme + 3)..] : address;
        var end = text.AsSpan().IndexOfAny('/', '?', '#');
        var authority = end < 0 ? text : text[..end];
        return authority.LastIndexOf('@') is >= 0 and var at && authority[..at] != "git";
    }

    internal static Http.RefusedException Bad(string name, string why) =>
        UploadRefusal.Unprocessable("bad-field", "A form field is not right.", $"The field \"{UploadRefusal.Printable(name)}\" {why}");
}
