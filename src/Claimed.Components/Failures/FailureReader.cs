using System.Text;
using System.Text.RegularExpressions;
using Claimed.Components.Renditions;
using Claimed.Components.Sources;
using Claimed.Components.Sources.Dockerfiles;

namespace Claimed.Components.Failures;

/// <summary>Tells from what an engine said which step failed, why, and which line of the published files asked for it.</summary>
public static partial class FailureReader
{
    private const int TailLines = 20;
    private const int TailLength = 4000;
    private const int CommandLength = 2000;

    public static BuildFailure Read(FailedBuild build)
    {
        try
        {
            return Explained(build);
        }
        catch (RegexMatchTimeoutException)
        {
            // A step may print what patterns take for ever with; then its output says why it failed.
            var unknown = FailureCauses.Unknown(build.ExitCode);
            return new BuildFailure(null, null, build.ExitCode, null, null, null, null, unknown.Code, unknown.Message + ".", unknown.Hint, LastLines(FailureCauses.End(build.Tail)));
        }
    }

    private static BuildFailure Explained(FailedBuild build)
    {
        var title = build.Title is { } announced ? StepTitle.Read(announced.Trim()) : null;
        var (step, command) = (title?.Step, title?.Command);
        var tail = SinceStep(build);
        var keyword = command?.Split((char[]?)null, 2)[0].ToUpperInvariant();
        var imports = Asked(build, command).Exists(package => package.IsImport);
        var cause = FailureCauses.Find(keyword, $"{tail}\n{build.Error}", build.ExitCode, build.IsOutOfMemory, imports);
        var at = build.OwnDockerfile is { } own ? InDockerfile(own, title, build) : InSource(build, command, cause, tail);
        if (OwnWords(build, title, cause) is { } words)
            cause = cause with { Message = words.TrimEnd('.') };
        return new BuildFailure(step, command is null ? null : Bounded(command), build.ExitCode, at?.File, Shown(at?.Line), Shown(at?.Cell), Shown(at?.CellLine), cause.Code, cause.Message + ".", cause.Hint, LastLines(tail));
    }

    /// <summary>What the registry itself says, where it knows more than the words of a cause: of what is refused before or after all steps, of memory, and of what has no known cause.</summary>
    private static string? OwnWords(FailedBuild build, StepTitle? title, FailureCause cause)
    {
        if (build.IsOutOfMemory && Untitled(build) is var why && why != build.Error)
            return why;
        if (title is not null)
            return build.ExitCode is null && cause.Code == FailureCauses.NotKnown ? $"{cause.Message}: {Bounded(Untitled(build))}" : null;
        // Of a Dockerfile that nobody published its line says nothing.
        return InLine.Match(build.Error) is { Success: true } refused ? refused.Groups["what"].Value : cause.Code == FailureCauses.Refused ? build.Error : null;
    }

    /// <summary>The error without the step that it names.</summary>
    private static string Untitled(FailedBuild build) =>
        build.Title is { } title && build.Error.StartsWith(title + " — ", StringComparison.Ordinal) ? build.Error[(title.Length + 3)..] : build.Error;

    /// <summary>What the step wrote: after the engine announced it, without the engine's own words.</summary>
    private static string SinceStep(FailedBuild build)
    {
        var text = Colours.Replace(build.Tail, "");
        var title = (build.TitleInLog ?? build.Title)?.Trim();
        var begin = title is null ? -1 : text.LastIndexOf(title, StringComparison.Ordinal);
        return OfEngine.Replace(FailureCauses.End(begin < 0 ? text : text[(begin + title!.Length)..]), "");
    }

    private static string LastLines(string tail)
    {
        var lines = tail.Trim('\n', '\r').Split('\n');
        var text = string.Join('\n', lines.TakeLast(TailLines));
        return text.Length <= TailLength ? text : text[WholeText.Cut(text, 0, text.Length - TailLength)..];
    }

    /// <summary>The instruction of a published Dockerfile. What was built may have other images and more arguments in it, so its text counts first, then its number.</summary>
    private static SourcePosition? InDockerfile(string dockerfile, StepTitle? title, FailedBuild build)
    {
        if (title is null)
            return new[] { BadLine, InLine }.Select(pattern => pattern.Match(build.Error)).FirstOrDefault(match => match.Success) is { } bad
                ? new SourcePosition(RenditionForm.Dockerfile, int.Parse(bad.Groups["line"].ValueSpan)) : null;
        var instructions = DockerfileReading.Read(dockerfile).Instructions;
        var (command, number) = (StepTitle.Words(title.Command), title.Number - 1);
        // As the engine counts them, with what the registry wrote; Podman counts anew in each of several stages.
        var counted = new List<(DockerfileInstruction One, int Number)>();
        var stages = new List<int>();
        foreach (var (index, one) in instructions.Index())
        {
            counted.Add((one, index + (build.Added * stages.Count)));
            if (one.Keyword == "FROM")
                stages.Add(counted[^1].Number);
        }
        if (title.Stage is { } stage)
            number += stages.ElementAtOrDefault(stage - 1);
        var near = counted.OrderBy(one => Math.Abs(one.Number - number)).Select(one => one.One).ToList();
        var found = near.Find(one => StepTitle.Words($"{one.Keyword} {one.Text}") == command)
            ?? near.Find(one => one.Keyword == command.Split(' ', 2)[0].ToUpperInvariant());
        return found is null ? null : new SourcePosition(RenditionForm.Dockerfile, found.Line);
    }

    /// <summary>The line that asked for the package that failed; when nobody says which it was, the line that asked for all of them, if one did.</summary>
    private static SourcePosition? InSource(FailedBuild build, string? command, FailureCause cause, string tail)
    {
        var installed = Asked(build, command);
        if (installed.Count == 0)
            return null;
        foreach (var name in Suspects(cause, tail))
        {
            // Of sklearn.linear_model it may be sklearn that is missing.
            if (installed.Find(package => RequirementName.Of(package.Package) is var known && (known == name || (package.IsImport && known.StartsWith(name + "-", StringComparison.Ordinal)))) is { } package)
                return Refined(package, build.Files);
        }
        return installed.Select(package => Refined(package, build.Files)).Distinct().ToList() is [var one] ? one
            : installed.Select(package => package.Position.File).Distinct().ToList() is [var file] ? new SourcePosition(file) : null;
    }

    /// <summary>What the step was there for.</summary>
    private static List<InstalledPackage> Asked(FailedBuild build, string? command) =>
        build.Installed.Where(package => command is not null && StepTitle.Words(package.Instruction) == StepTitle.Words(command)).ToList();

    /// <summary>Names of packages, the likeliest first: what the cause names, what asked for that, what was worked on last.</summary>
    private static IEnumerable<string> Suspects(FailureCause cause, string tail)
    {
        if (cause.Subject is { } subject)
            yield return RequirementName.Of(subject);
        foreach (var pattern in new[] { AskedFor, Failed, WorkedOn })
        {
            foreach (var match in pattern.Matches(tail).Reverse())
            {
                foreach (var name in match.Groups["name"].Captures.Reverse())
                    yield return RequirementName.Of(name.Value);
            }
        }
    }

    /// <summary>Of a file that lists requirements the line of this one.</summary>
    private static SourcePosition Refined(InstalledPackage package, IReadOnlyList<SourceFile> files)
    {
        var at = package.Position;
        if (at.Cell > 0 || at.Line > 1 || files.FirstOrDefault(file => file.Path == at.File) is not { Extension: ".txt" or ".in" } file)
            return at;
        var lines = Encoding.UTF8.GetString(file.Content.Span).Split('\n');
        var line = Array.FindIndex(lines, line => line.Trim().StartsWith(package.Package, StringComparison.Ordinal));
        if (line < 0)
            line = Array.FindIndex(lines, line => RequirementName.Of(line.Trim()) == RequirementName.Of(package.Package));
        return line < 0 ? at : at with { Line = line + 1 };
    }

    private static string Bounded(string command) => command.Length <= CommandLength ? command : command[..WholeText.Cut(command, 0, CommandLength)] + "…";

    private static int? Shown(int? number) => number is > 0 ? number : null;

    [GeneratedRegex(@"parse error( on)? line (?<line>\d{1,6})", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, FailureCauses.MostMilliseconds)]
    private static partial Regex BadLine { get; }

    [GeneratedRegex(@"\ADockerfile, line (?<line>\d{1,6}): (?<what>.+)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline, FailureCauses.MostMilliseconds)]
    private static partial Regex InLine { get; }

    // "No matching distribution found for inner==2 (from outer)": of what a requirement wants itself, the requirement.
    [GeneratedRegex(@"\(from (?<name>[A-Za-z0-9][A-Za-z0-9._-]*)[^)]*\)|The conflict is caused by:\s+(?<name>[A-Za-z0-9][A-Za-z0-9._-]*)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, FailureCauses.MostMilliseconds)]
    private static partial Regex AskedFor { get; }

    [GeneratedRegex(@"(Failed building wheel for|Failed to build|Encountered error while [^\n]*\n╰─>) (?<name>[A-Za-z0-9][A-Za-z0-9._-]*)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, FailureCauses.MostMilliseconds)]
    private static partial Regex Failed { get; }

    [GeneratedRegex(@"satisfies the requirement (?<name>[A-Za-z0-9][A-Za-z0-9._-]*)|^\s*Collecting (?<name>[A-Za-z0-9][A-Za-z0-9._-]*)|/simple/(?<name>[A-Za-z0-9][A-Za-z0-9._-]*)/", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline, FailureCauses.MostMilliseconds)]
    private static partial Regex WorkedOn { get; }

    [GeneratedRegex(@"\x1B\[[0-9;]*[A-Za-z]", RegexOptions.CultureInvariant, FailureCauses.MostMilliseconds)]
    private static partial Regex Colours { get; }

    [GeneratedRegex(@"^( ?--->|-->) [^\n]*\n|^Removing intermediate container [^\n]*\n?", RegexOptions.CultureInvariant | RegexOptions.Multiline, FailureCauses.MostMilliseconds)]
    private static partial Regex OfEngine { get; }
}
