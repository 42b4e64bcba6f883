namespace Claimed.Registry.Words;

/// <summary>One thing that the program can be told to do, by the first word of its command line.</summary>
/// <param name="Summary">One line for <c>help</c>.</param>
/// <param name="RunAsync">Does it and returns the exit code: 0 done, 1 not, 2 wrong settings.</param>
public sealed record Word(string Name, string Summary, Func<WordCall, Task<int>> RunAsync)
{
    /// <summary>Its own options, as <c>help</c> shows them: <c>--dry-run</c>, or <c>--grace=1.00:00:00</c> for one that takes a value.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Whether it takes one more argument, such as a folder.</summary>
    public bool TakesArgument { get; init; }
}

/// <summary>What stood behind the word.</summary>
/// <param name="Settings">Settings of the registry, such as <c>--Registry:DataPath=data</c>.</param>
/// <param name="Options">Options of the word by name, without <c>--</c>; empty text for one without a value.</param>
/// <param name="Argument">The one argument that is neither.</param>
public sealed record WordCall(string[] Settings, IReadOnlyDictionary<string, string> Options, string? Argument);
