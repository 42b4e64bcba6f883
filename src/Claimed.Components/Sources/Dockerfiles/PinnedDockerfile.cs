using System.Text;

namespace Claimed.Components.Sources.Dockerfiles;

/// <summary>What an engine gets in place of a Dockerfile.</summary>
/// <param name="Reference">What stands for each image; that of <c># syntax=</c> is left out, since classic builders do not read it.</param>
/// <param name="Declared">Build arguments that every stage is to know.</param>
/// <param name="Undeclared">Arguments that engines hand to every step by themselves and leave out of an image's history, unless a line declares them: those lines go.</param>
public sealed record DockerfilePinning(
    Func<DockerfileBase, string> Reference, IReadOnlyCollection<string> Declared, IReadOnlyCollection<string> Undeclared);

/// <summary>
/// Writes a Dockerfile anew with exactly the images that were found for it. Lines keep their places, but for the arguments that follow each FROM;
/// what was read is what the engine reads, since nothing is left in it that engines read differently.
/// </summary>
public static class PinnedDockerfile
{
    public static string Write(string text, DockerfileReading reading, DockerfilePinning pinning)
    {
        var lines = text.TrimStart('\uFEFF').Split('\n');
        // Older engines know the directive only in the first line.
        for (var at = 0; at < reading.Directives; at++)
            lines[at] = at == 0 && reading.Escape != '\\' ? $"# escape={reading.Escape}" : "#";
        foreach (var instruction in reading.Instructions)
        {
            if (Changed(instruction, reading, pinning) is not { } changed)
                continue;
            lines[instruction.Line - 1] = changed;
            for (var at = instruction.Line; at < instruction.EndLine; at++)
                lines[at] = "";
        }
        return string.Join('\n', lines);
    }

    /// <summary>The instruction on one line; null when it stays as it is.</summary>
    private static string? Changed(DockerfileInstruction instruction, DockerfileReading reading, DockerfilePinning pinning)
    {
        reading.Named.TryGetValue(instruction, out var image);
        if (reading.Stages.TryGetValue(instruction, out var stage))
            return From(stage, image is null ? stage.Source : pinning.Reference(image), pinning.Declared);
        if (image is not null)
            return Copy(instruction, pinning.Reference(image));
        return instruction.Keyword == "ARG" ? Arg(instruction, reading.Escape, pinning.Undeclared) : null;
    }

    private static string From(DockerfileStage stage, string source, IEnumerable<string> declared)
    {
        var text = new StringBuilder("FROM ");
        if (stage.Platform is not null)
            text.Append("--platform=").Append(stage.Platform).Append(' ');
        text.Append(source);
        if (stage.Name is not null)
            text.Append(" AS ").Append(stage.Name);
        foreach (var argument in declared)
            text.Append("\nARG ").Append(argument);
        return text.ToString();
    }

    private static string Copy(DockerfileInstruction copy, string source) =>
        string.Join(' ', ["COPY", .. copy.Flags.Select(flag => flag.Name == "from" ? $"--from={source}" : flag.Written), copy.Arguments]);

    private static string? Arg(DockerfileInstruction arg, char escape, IReadOnlyCollection<string> undeclared)
    {
        var words = new DockerfileVariables(escape).Words(arg.Arguments).ToList();
        var kept = words.Where(word => !undeclared.Contains(Name(word))).ToList();
        return kept.Count == words.Count ? null : kept.Count == 0 ? "#" : $"ARG {string.Join(' ', kept)}";

        // Engines take quotes off the name, too.
        string Name(string word) => string.Concat(word.Split('=')[0].Where(c => c is not ('"' or '\'') && c != escape));
    }
}
