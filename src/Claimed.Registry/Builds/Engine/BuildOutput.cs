using System.Text;
using System.Text.RegularExpressions;

namespace Claimed.Registry.Builds.Engine;

/// <summary>Follows what an engine tells of a build or a push: the log, the step that is under way, and what came of it.</summary>
/// <param name="dockerfile">What the engine was sent, so that lines that a step prints are not taken for steps; null where it is not known.</param>
internal sealed partial class BuildOutput(Action<string> log, string? dockerfile = null)
{
    private const int MostTail = 4096;
    private const int MostOthers = 100;
    private readonly StringBuilder _tail = new();
    private readonly SentSteps? _sent = dockerfile is null ? null : new SentSteps(dockerfile);

    // Each instruction once, in the order of their last announcements; and what looks like steps and was not sent, of which engines might word something anew.
    private readonly List<AnnouncedStep> _steps = [];
    private readonly Queue<AnnouncedStep> _others = new();
    private AnnouncedStep? _failed;

    public string? Error { get; private set; }

    public string? ImageId { get; private set; }

    /// <summary>Digest of the manifest that was pushed.</summary>
    public string? Pushed { get; private set; }

    /// <summary>The last step that began, or the one that the error names, such as <c>Step 3/8 : RUN make</c>, at Podman <c>[2/2] STEP 3/8: RUN make</c> where there are several stages.</summary>
    public string? Step => Current?.Title;

    /// <summary>The container in which that step runs; Podman names none.</summary>
    public string? Container => Current?.Container;

    /// <summary>Told of each <see cref="Container"/>.</summary>
    public Action<string>? ContainerMade { get; init; }

    /// <summary>The end of what the last step wrote.</summary>
    public string Tail => _tail.ToString();

    public void Report(EngineMessage message)
    {
        if (message.Error is { } error)
        {
            Error = error.Trim();
            if (NamedStep.In(Error) is { } name)
                _failed = Named(name, _steps) ?? Named(name, _others);
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
            if (Announced.IsMatch(text) && Begins(text.TrimEnd()))
                _tail.Clear();
            // The engine says it before the command runs: what follows, the command says itself, of any container it likes.
            else if (Current is { Container: null } step && Running.Match(text) is { Success: true } running)
                ContainerMade?.Invoke(step.Container = running.Groups["id"].Value);
            else
                Remember(text);
            return text;
        }
        if (message.Status is not { } status || message.IsProgress)
            return "";
        return message.Layer is { } layer ? $"{layer}: {status}\n" : status + "\n";
    }

    private AnnouncedStep? Current => _failed ?? _steps.LastOrDefault() ?? _others.LastOrDefault();

    /// <summary>The step that the error names. Of equal commands the last one, as that of an earlier one has not failed.</summary>
    private static AnnouncedStep? Named(NamedStep name, IEnumerable<AnnouncedStep> steps) =>
        steps.Reverse().Select(step => (Step: step, Length: name.Of(step.Title))).Where(one => one.Length > 0).MaxBy(one => one.Length).Step;

    private bool Begins(string title)
    {
        if (_sent?.Has(title) == false)
        {
            _others.Enqueue(new AnnouncedStep(title));
            if (_others.Count > MostOthers)
                _others.Dequeue();
            return false;
        }
        // Where the Dockerfile is not known, a step may print any number of them.
        _steps.RemoveAll(step => _sent is null || step.Title == title);
        _steps.Add(new AnnouncedStep(title));
        return true;
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

    private sealed class AnnouncedStep(string title)
    {
        public string Title => title;

        public string? Container { get; set; }
    }
}
