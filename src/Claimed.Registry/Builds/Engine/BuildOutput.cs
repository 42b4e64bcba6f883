using System.Text;
using System.Text.RegularExpressions;

namespace Claimed.Registry.Builds.Engine;

/// <summary>Follows what an engine tells of a build or a push: the log, the step that is under way, and what came of it.</summary>
internal sealed partial class BuildOutput(Action<string> log)
{
    private const int MostTail = 4096;
    private readonly StringBuilder _tail = new();

    public string? Error { get; private set; }

    public string? ImageId { get; private set; }

    /// <summary>Digest of the manifest that was pushed.</summary>
    public string? Pushed { get; private set; }

    /// <summary>The last step that began, such as <c>Step 3/8 : RUN make</c>, at Podman <c>[2/2] STEP 3/8: RUN make</c> where there are several stages.</summary>
    public string? Step { get; private set; }

    /// <summary>The container in which the last step runs; Podman names none.</summary>
    public string? Container { get; private set; }

    /// <summary>Told of each <see cref="Container"/>.</summary>
    public Action<string>? ContainerMade { get; init; }

    /// <summary>The end of what the last step wrote.</summary>
    public string Tail => _tail.ToString();

    public void Report(EngineMessage message)
    {
        if (message.Error is { } error)
        {
            Error = error.Trim();
            log(Error + "\n");
        }
        ImageId = message.ImageId ?? ImageId;
        if (message.Digest is { } pushed && Storage.Digest.IsKnown(pushed))
            Pushed = pushed;
        log(Follow(message));
    }

    /// <summary>The step with what is known of its failure; null when none was under way.</summary>
    public FailedStep? Failed(bool isOutOfMemory) => Step is not { } step ? null
        : new FailedStep(step, Colon.Split(step, 2) is [_, var instruction] ? instruction : step, EngineFaults.ExitCodeOf(Error ?? ""), isOutOfMemory);

    /// <summary>The line for the log; empty for what is only a sign of life.</summary>
    private string Follow(EngineMessage message)
    {
        if (message.Text is { } text)
        {
            if (Announced.IsMatch(text))
                (Step, Container, _) = (text.TrimEnd(), null, _tail.Clear());
            // The engine says it before the command runs: what follows, the command says itself, of any container it likes.
            else if (Step is not null && Container is null && Running.Match(text) is { Success: true } running)
                ContainerMade?.Invoke(Container = running.Groups["id"].Value);
            else
                Remember(text);
            return text;
        }
        if (message.Status is not { } status || message.IsProgress)
            return "";
        return message.Layer is { } layer ? $"{layer}: {status}\n" : status + "\n";
    }

    private void Remember(string text)
    {
        _tail.Append(text);
        if (_tail.Length > 2 * MostTail)
            _tail.Remove(0, _tail.Length - MostTail);
    }

    [GeneratedRegex(@"\A(Step \d{1,6}/\d{1,6} : |(\[\d{1,6}/\d{1,6}\] )?STEP \d{1,6}/\d{1,6}: )", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Announced { get; }

    [GeneratedRegex(" ?: ", RegexOptions.CultureInvariant)]
    private static partial Regex Colon { get; }

    [GeneratedRegex(@"\A ---> Running in (?<id>[0-9a-f]{12,64})\s*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Running { get; }
}
