namespace Claimed.Components.Sources;

/// <summary>Finds the source among uploaded files and reads it into a definition.</summary>
public static class SourceReader
{
    /// <summary>Never throws for any content: what is wrong comes back as findings, all together.</summary>
    public static SourceReading Read(IReadOnlyList<SourceFile> files, SourceOptions options) => throw new NotImplementedException();
}
