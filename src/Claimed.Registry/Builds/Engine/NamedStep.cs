using System.Text.Json;
using System.Text.RegularExpressions;
using Claimed.Components.Failures;

namespace Claimed.Registry.Builds.Engine;

/// <summary>The step that an engine's error names: Docker by the whole command with the shell before it, Podman as it stands in the Dockerfile.</summary>
/// <param name="Command">Of Docker.</param>
/// <param name="Rest">Of Podman: from the instruction on.</param>
internal sealed partial record NamedStep(string? Command, string? Rest)
{
    /// <summary>Null when the error names none.</summary>
    public static NamedStep? In(string error) => FailedCommand.Match(error) is { Success: true } failed ? new NamedStep(StepTitle.Words(failed.Groups["command"].Value), null)
        : FailedStep.Match(error) is { Success: true } at ? new NamedStep(null, StepTitle.Words(at.Groups["rest"].Value) + " ") : null;

    /// <summary>How many characters of an announced step are in the name; 0 when it is another step.</summary>
    public int Of(string title)
    {
        if (SentSteps.InstructionOf(title)?.Split(' ', 2) is not [var keyword, var arguments])
            return 0;
        foreach (var command in new[] { arguments, ListOf(arguments) }.OfType<string>())
        {
            if (Command is { } whole ? whole == command || whole.EndsWith(" " + command, StringComparison.Ordinal) : Rest!.StartsWith($"{keyword} {command}\": ", StringComparison.OrdinalIgnoreCase))
                return command.Length;
        }
        return 0;
    }

    /// <summary>The words of a command that is a list in JSON.</summary>
    private static string? ListOf(string arguments)
    {
        if (!arguments.StartsWith('['))
            return null;
        try
        {
            return JsonSerializer.Deserialize<string[]>(arguments) is { } words ? StepTitle.Words(string.Join(' ', words)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\AThe command '(?<command>.+)' returned a non-zero code: \d+\s*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex FailedCommand { get; }

    [GeneratedRegex(@"\A(error )?building at STEP ""(?<rest>.+)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex FailedStep { get; }
}
