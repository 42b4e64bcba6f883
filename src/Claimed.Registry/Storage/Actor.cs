namespace Claimed.Registry.Storage;

/// <summary>In whose name changes are made, for the audit.</summary>
/// <param name="Name">Of a user or a token; <c>registry</c> for what it does by itself.</param>
/// <param name="Address">Where the request came from.</param>
public sealed record Actor(string Name, string? Address, long? TokenId)
{
    private static readonly Actor Registry = new("registry", null, null);
    private static readonly AsyncLocal<Actor?> Flowing = new();

    /// <summary>Flows with the work that a request starts.</summary>
    public static Actor Current
    {
        get => Flowing.Value ?? Registry;
        set => Flowing.Value = value;
    }
}
