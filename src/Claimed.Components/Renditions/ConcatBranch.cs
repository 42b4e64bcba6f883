namespace Claimed.Components.Renditions;

/// <summary>Within a concat the KFP v2 SDK takes a branch of an if that is one element alone, and everywhere else a list.</summary>
internal static class ConcatBranch
{
    public static CommandPart Of(IReadOnlyList<CommandPart> parts) =>
        parts.All(part => part is CommandPart.Text) ? new CommandPart.Text(string.Concat(parts.OfType<CommandPart.Text>().Select(part => part.Value)))
        : parts is [not CommandPart.If and var only] ? only
        : new CommandPart.Concat(parts);
}
