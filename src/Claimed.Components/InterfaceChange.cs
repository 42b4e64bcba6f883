using Claimed.Components.Renditions;
using Semver;

namespace Claimed.Components;

/// <summary>What breaks those who use a component when they move from one version to a later one that promises not to.</summary>
public static class InterfaceChange
{
    // A value of each is also one of the next: who passes 3 may go on when 0.5 is taken, too.
    private static readonly string[] Widening = [PortTypes.Integer, PortTypes.Float, PortTypes.String];

    /// <summary>The changes of ports that break; empty when pipelines of the earlier version go on with the later one. Descriptions never break.</summary>
    /// <param name="number">The earlier version, for the messages.</param>
    /// <param name="right">The version that the later one could have as it is.</param>
    public static IReadOnlyList<Finding> Breaks(Definition earlier, SemVersion number, Definition later, SemVersion right)
    {
        var (whole, than) = (new SourcePosition(later.MainFile), number.ToString());
        return
        [
            .. Inputs(earlier, later, whole, than).Concat(Outputs(earlier, later, whole, than))
                .Select(broken => Finding.Error(broken.Code, broken.Position, broken.Message, $"{broken.Fix}, or publish this as {right}.")),
        ];
    }

    /// <summary>The version that may break what was there up to <paramref name="newest"/>: the next major, while there is none yet the next minor.</summary>
    public static SemVersion NextBreaking(SemVersion newest) =>
        newest.Major == 0 ? new SemVersion(0, newest.Minor + 1, 0) : new SemVersion(newest.Major + 1, 0, 0);

    /// <summary>Whether npm's <c>^earlier</c> moves on to the later version: the leftmost number that is not 0 stays.</summary>
    public static bool IsInCaretOf(SemVersion earlier, SemVersion later) => earlier.ComparePrecedenceTo(later) < 0 && earlier.Major == later.Major
        && (earlier.Major > 0 || (earlier.Minor == later.Minor && earlier.Minor > 0));

    private sealed record Broken(string Code, SourcePosition Position, string Message, string Fix);

    private static IEnumerable<Broken> Inputs(Definition earlier, Definition later, SourcePosition whole, string than)
    {
        var added = Missing(later.Inputs, earlier.Inputs);
        foreach (var gone in Missing(earlier.Inputs, later.Inputs))
            yield return new("interface-input-removed", whole, $"The input {Shown(gone)} of {than} is gone{Renamed(gone, added)}.", "Keep it, if need be without use");
        foreach (var port in added.Where(IsRequired))
            yield return new("interface-input-added", port.Position, $"The input {Shown(port)} is new and required: pipelines with {than} do not give it.", "Give it a default");
        foreach (var (before, now) in Kept(earlier.Inputs, later.Inputs))
        {
            if (before.Passing != now.Passing)
                yield return Passing("input", before, now, than);
            else if (!Widens(before, now))
                yield return new("interface-type-narrowed", now.Position, $"The input {Shown(now)} is {Type(before)} in {than} and {Type(now)} now; only Integer to Float to String widens.", "Keep the type");
            // The registry keeps no default of a secret; the source has it still.
            if (before.Default is not null && now.Default is null && !now.Secret)
                yield return new("interface-default-removed", now.Position, $"The input {Shown(now)} has no default any more: pipelines with {than} may leave it out.", "Keep a default");
            else if (!IsRequired(before) && IsRequired(now))
                yield return new("interface-input-required", now.Position, $"The input {Shown(now)} is required now: pipelines with {than} may leave it out.", "Give it a default");
        }
    }

    private static IEnumerable<Broken> Outputs(Definition earlier, Definition later, SourcePosition whole, string than)
    {
        var added = Missing(later.Outputs, earlier.Outputs);
        foreach (var gone in Missing(earlier.Outputs, later.Outputs))
            yield return new("interface-output-removed", whole, $"The output {Shown(gone)} of {than} is gone{Renamed(gone, added)}.", "Keep it");
        foreach (var (before, now) in Kept(earlier.Outputs, later.Outputs))
        {
            if (before.Passing != now.Passing)
                yield return Passing("output", before, now, than);
            else if (Type(before) != Type(now))
                yield return new("interface-output-type-changed", now.Position, $"The output {Shown(now)} is {Type(before)} in {than} and {Type(now)} now: the inputs that it feeds expect the former.", "Keep the type");
        }
    }

    private static Broken Passing(string direction, Port before, Port now, string than) => new("interface-passing-changed", now.Position,
        $"The {direction} {Shown(now)} is a {before.Passing.ToString().ToLowerInvariant()} in {than} and a {now.Passing.ToString().ToLowerInvariant()} now.", "Pass it as before");

    private static List<Port> Missing(IReadOnlyList<Port> ports, IReadOnlyList<Port> others)
    {
        var names = others.Select(port => port.Name).ToHashSet(StringComparer.Ordinal);
        return [.. ports.Where(port => !names.Contains(port.Name))];
    }

    private static IEnumerable<(Port Before, Port Now)> Kept(IReadOnlyList<Port> earlier, IReadOnlyList<Port> later)
    {
        var before = earlier.DistinctBy(port => port.Name).ToDictionary(port => port.Name, StringComparer.Ordinal);
        return later.Where(port => before.ContainsKey(port.Name)).Select(port => (before[port.Name], port));
    }

    // Mostly a port that goes and one of its kind that comes are one that was renamed.
    private static string Renamed(Port gone, List<Port> added) =>
        added.Find(port => port.Passing == gone.Passing && Type(port) == Type(gone)) is { } renamed ? $"; if it is {Shown(renamed)} now, pipelines still use the old name" : "";

    private static bool Widens(Port before, Port now)
    {
        var (from, to) = (Type(before), Type(now));
        return from == to || (Array.IndexOf(Widening, from) is >= 0 and var low && Array.IndexOf(Widening, to) > low);
    }

    private static bool IsRequired(Port port) => !port.Optional && port.Default is null && !port.Secret;

    private static string Type(Port port) => port.Passing == PortPassing.Value ? PortValues.ValueType(port.Type) ?? port.Type : port.Type;

    private static string Shown(Port port) => $"'{NameChecks.Shown(port.Name)}'";
}
