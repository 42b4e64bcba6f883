using Claimed.Components.Sources;

namespace Claimed.Components.Runners;

/// <summary>The files that start a source inside its container.</summary>
public static class RunnerFiles
{
    /// <summary>The files of <c>/opt/claimed</c> in the image: the launcher <c>run</c>, the language's runner and <c>component.json</c> with the declared ports.</summary>
    public static IReadOnlyList<SourceFile> For(Definition definition) => throw new NotImplementedException();
}
